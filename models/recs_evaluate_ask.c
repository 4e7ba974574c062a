#include "recs_evaluate_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_rank_contexts.h"


static int
recs_evaluate_by_number(const void *a, const void *b)
{
    uint32_t  x, y;

    x = *(const uint32_t *) a;
    y = *(const uint32_t *) b;

    return x < y ? -1 : x > y;
}


/* The user's test items that the catalogue has, and those of them new. */

static uint32_t
recs_evaluate_wanted(const recs_evaluate_t *e, uint32_t user,
    recs_evaluate_worker_t *worker, uint32_t *n_new)
{
    uint32_t  i, n, item;
    uint64_t  k;

    n = 0;

    for (k = e->test->user_offsets[user];
         k < e->test->user_offsets[user + 1];
         k++)
    {
        item = e->items[e->test->items[k]];

        if (item != RECS_ITEM_NO) {
            worker->wanted[n++] = item;
        }
    }

    qsort(worker->wanted, n, sizeof(uint32_t), recs_evaluate_by_number);

    *n_new = 0;

    for (i = 0; i < n; i++) {
        if (e->catalogue.item_users[worker->wanted[i]]
            <= RECS_EVALUATE_NEW_ITEM)
        {
            worker->new_wanted[(*n_new)++] = worker->wanted[i];
        }
    }

    return n;
}


/* A session, of a user that nobody knows. */

static void
recs_evaluate_session(const recs_evaluate_t *e,
    recs_evaluate_worker_t *worker, recs_str_t id, recs_query_t *query)
{
    uint32_t  n;

    n = recs_evaluate_recent(recs_dataset_view(e->hidden.known),
                             recs_dataset_user(e->hidden.known, id), e->met,
                             worker->met, worker->recent);

    query->strategy = RECS_SOURCE_SESSION;
    query->recent = worker->recent;
    query->n_recent = e->hidden.n_known != 0 && e->hidden.n_known < n
                      ? e->hidden.n_known : n;
    query->exclude = worker->recent;
    query->n_exclude = n;
}


static void
recs_evaluate_show(recs_evaluate_t *e, recs_evaluate_worker_t *worker,
    unsigned question, const recs_answer_t *answer)
{
    uint32_t  i, a, *shown;

    for (a = 0; a < e->n_at; a++) {
        shown = worker->shown[question]
                + (size_t) a * e->catalogue.view->n_items;

        for (i = 0; i < answer->n && i < e->at[a]; i++) {
            shown[answer->items[i].item]++;
        }
    }
}


/* What there is to tell of new items, and of no others. */

static void
recs_evaluate_new_items(const recs_evaluate_t *e,
    recs_evaluate_worker_t *worker, const recs_quality_list_t *all,
    uint32_t n_wanted, uint32_t n_test, double *row)
{
    uint32_t             a;
    recs_quality_list_t  list;

    list = *all;
    list.wanted = worker->new_wanted;
    list.n_wanted = n_wanted;
    list.n_test = n_test;

    for (a = 0; a < e->n_at; a++) {
        recs_quality(&e->catalogue, &list, e->at[a], worker->sum,
                     row + (size_t) a * RECS_QUALITY_COUNT);
    }

    row[e->width - 1] = (double) NAN;
}


/* Of a bundle that does not know what is popular. */

static void
recs_evaluate_unknown(const recs_evaluate_t *e,
    const recs_evaluate_user_t *user, double *row)
{
    double    *new_row;
    uint32_t   i;

    new_row = e->new_rows[RECS_EVALUATE_POPULAR]
              + (size_t) user->new_row * e->width;

    for (i = 0; i < e->width; i++) {
        row[i] = (double) NAN;

        if (user->n_new > 0) {
            new_row[i] = (double) NAN;
        }
    }
}


void
recs_evaluate_ask(recs_evaluate_t *e, recs_evaluate_worker_t *worker,
    uint32_t i)
{
    double                *row;
    unsigned               q;
    uint32_t               a, n_new;
    recs_query_t           query;
    recs_answer_t          answer;
    recs_quality_list_t    list;
    recs_rank_context_t    contexts[RECS_CONTEXTS_MAX];
    recs_evaluate_user_t  *user;

    user = &e->users[i];

    memset(&query, 0, sizeof(recs_query_t));
    query.contexts = contexts;
    query.n_contexts = e->rank != RECS_RANK_NONE
                       ? recs_rank_contexts(e->test, user->index, contexts)
                       : 0;
    query.exclude_seen = 1;
    query.count = e->candidates > e->k_max ? e->candidates : e->k_max;
    query.rank = e->rank;
    query.candidates = e->candidates;
    query.strategy = RECS_SOURCE_PERSONAL;
    query.user = recs_evaluate_id(&e->test->user_entities, user->index);

    if (e->hidden.known != NULL && !e->hidden.trained) {
        recs_evaluate_session(e, worker, query.user, &query);
        query.user.len = 0;
    }

    list.wanted = worker->wanted;
    list.n_wanted = recs_evaluate_wanted(e, user->index, worker, &n_new);
    list.n_test = user->n_test;
    list.items = worker->items;
    answer.items = worker->items;

    for (q = 0; q < RECS_EVALUATE_QUESTIONS; q++) {
        row = e->rows[q] + (size_t) i * e->width;

        if (q == RECS_EVALUATE_POPULAR
            && e->catalogue.view->popular_items == NULL)
        {
            recs_evaluate_unknown(e, user, row);
            break;
        }

        recs_recommend(e->bundle, worker->scratch, &query, &answer);

        if (q == RECS_EVALUATE_MODEL && e->candidates > 0) {
            recs_evaluate_chances(e, i, &answer, worker->wanted,
                                  list.n_wanted);
        }

        list.n = answer.n < e->k_max ? answer.n : e->k_max;
        query.count = e->k_max;

        for (a = 0; a < e->n_at; a++) {
            recs_quality(&e->catalogue, &list, e->at[a], worker->sum,
                         row + (size_t) a * RECS_QUALITY_COUNT);
        }

        if (user->n_new > 0) {
            recs_evaluate_new_items(e, worker, &list, n_new, user->n_new,
                                    e->new_rows[q]
                                    + (size_t) user->new_row * e->width);
        }

        if (user->known) {
            recs_evaluate_show(e, worker, q, &answer);
        }

        row[e->width - 1] = recs_evaluate_auc(e, worker, &query, user->index,
                                              list.n_wanted, user->n_test);

        query.strategy = RECS_SOURCE_POPULAR;
    }
}
