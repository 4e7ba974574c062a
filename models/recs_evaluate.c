#include "recs_evaluate.h"
#include "recs_evaluate_recent.h"
#include "recs_recommend.h"
#include "recs_threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_EVALUATE_USERS  32          /* per chunk */


/* What one thread owns. */
typedef struct {
    recs_scratch_t       *scratch;
    recs_answer_item_t   *items;         /* [k_max] */
    uint32_t             *wanted;        /* a user's test items, sorted */
    recs_evaluate_met_t  *met;           /* what is known of a visitor */
    uint32_t             *recent;        /* the same, the last first */
    recs_bitmap_word_t   *shown;         /* [n_at][words]: for coverage */
} recs_evaluate_worker_t;

/* Sums over the users of one chunk. */
typedef struct {
    uint64_t              n_test;
    recs_metrics_t        at[RECS_EVALUATE_AT_MAX];
} recs_evaluate_sums_t;

typedef struct {
    const recs_bundle_t        *bundle;
    const recs_dataset_view_t  *test;
    recs_evaluate_hidden_t      hidden;  /* known is NULL: nobody is */
    const uint32_t             *at;      /* [n_at] */
    uint32_t                    n_at;
    uint32_t                    k_max;
    size_t                      words;   /* of a bitmap of the catalogue */

    uint32_t                   *users;   /* [n_users]: known, with a test */
    uint32_t                    n_users;
    uint32_t                    n_unknown;
    uint32_t                    longest; /* items of a user, at most, in
                                            test and known */
    uint32_t                   *items;   /* [test->n_items] -> in the bundle */
    uint32_t                   *met;     /* [known->n_items] -> the same */

    uint32_t                    n_workers;
    recs_evaluate_worker_t     *workers;
    uint32_t                    n_chunks;
    recs_evaluate_sums_t       *sums;    /* [n_chunks] */
} recs_evaluate_t;


static recs_str_t
recs_evaluate_id(const recs_entities_t *entities, uint32_t index)
{
    return recs_record_id(entities->record(entities->data, index));
}


static int
recs_evaluate_by_number(const void *a, const void *b)
{
    uint32_t  x, y;

    x = *(const uint32_t *) a;
    y = *(const uint32_t *) b;

    return x < y ? -1 : x > y;
}


static int
recs_evaluate_is_wanted(const uint32_t *wanted, uint32_t n, uint32_t item)
{
    return bsearch(&item, wanted, n, sizeof(uint32_t),
                   recs_evaluate_by_number)
           != NULL;
}


/* The user's test items that the catalogue has, sorted; returns how many. */

static uint32_t
recs_evaluate_wanted(const recs_evaluate_t *e, uint32_t user,
    uint32_t *wanted)
{
    uint32_t  n, item;
    uint64_t  k;

    n = 0;

    for (k = e->test->user_offsets[user];
         k < e->test->user_offsets[user + 1];
         k++)
    {
        item = e->items[e->test->items[k]];

        if (item != RECS_ITEM_NO) {
            wanted[n++] = item;
        }
    }

    qsort(wanted, n, sizeof(uint32_t), recs_evaluate_by_number);

    return n;
}


/* The visitor's question: a session, of a user that nobody knows. */
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
recs_evaluate_add(recs_metrics_t *sum, uint32_t k, uint32_t hits,
    double gain, uint32_t n_test)
{
    double    ideal, recall, precision;
    uint32_t  i, n_ideal;

    n_ideal = n_test < k ? n_test : k;
    ideal = 0;

    for (i = 0; i < n_ideal; i++) {
        ideal += 1 / log2(i + 2);
    }

    recall = (double) hits / n_test;
    precision = (double) hits / k;

    sum->recall += recall;
    sum->precision += precision;
    sum->recall_min += (double) hits / n_ideal;
    sum->ndcg += gain / ideal;
    sum->hit_rate += hits > 0;

    if (hits > 0) {
        sum->f1 += 2 * recall * precision / (recall + precision);
    }
}


static void
recs_evaluate_user(const recs_evaluate_t *e, recs_evaluate_worker_t *worker,
    uint32_t user, recs_evaluate_sums_t *sums)
{
    double          gain;
    uint32_t        i, a, hits, n_wanted, n_test;
    recs_str_t      id;
    recs_query_t    query;
    recs_answer_t   answer;

    n_test = (uint32_t) (e->test->user_offsets[user + 1]
                         - e->test->user_offsets[user]);
    n_wanted = recs_evaluate_wanted(e, user, worker->wanted);

    id = recs_evaluate_id(&e->test->user_entities, user);

    memset(&query, 0, sizeof(recs_query_t));
    query.exclude_seen = 1;
    query.count = e->k_max;
    query.rank = e->hidden.rank;
    query.candidates = e->hidden.candidates;

    if (e->hidden.known != NULL && !e->hidden.trained) {
        recs_evaluate_session(e, worker, id, &query);

    } else {
        query.strategy = RECS_SOURCE_PERSONAL;
        query.user = id;
    }

    answer.items = worker->items;

    recs_recommend(e->bundle, worker->scratch, &query, &answer);

    for (a = 0; a < e->n_at; a++) {
        hits = 0;
        gain = 0;

        for (i = 0; i < answer.n && i < e->at[a]; i++) {
            recs_bitmap_set(worker->shown + a * e->words,
                            answer.items[i].item);

            if (recs_evaluate_is_wanted(worker->wanted, n_wanted,
                                        answer.items[i].item))
            {
                hits++;
                gain += 1 / log2(i + 2);
            }
        }

        recs_evaluate_add(&sums->at[a], e->at[a], hits, gain, n_test);
    }

    sums->n_test += n_test;
}


static void
recs_evaluate_chunk(void *data, uint32_t chunk, uint32_t thread)
{
    uint32_t          i, end;
    recs_evaluate_t  *e;

    e = data;
    i = chunk * RECS_EVALUATE_USERS;
    end = e->n_users - i < RECS_EVALUATE_USERS ? e->n_users
                                               : i + RECS_EVALUATE_USERS;

    for ( /* void */ ; i < end; i++) {
        recs_evaluate_user(e, &e->workers[thread], e->users[i],
                           &e->sums[chunk]);
    }
}


static uint32_t *
recs_evaluate_items(const recs_bundle_t *bundle,
    const recs_dataset_view_t *view)
{
    uint32_t  i, *items;

    items = malloc(((size_t) view->n_items + 1) * sizeof(uint32_t));

    for (i = 0; i < view->n_items && items != NULL; i++) {
        items[i] = recs_bundle_item(bundle,
                                    recs_evaluate_id(&view->item_entities,
                                                     i));
    }

    return items;
}


/* Whether the user asks; 0: is not known, -1: is none of those asked for. */

static int
recs_evaluate_asks(recs_evaluate_t *e, uint32_t user)
{
    uint32_t                    at;
    uint64_t                    n;
    recs_str_t                  id;
    const recs_dataset_view_t  *known;

    id = recs_evaluate_id(&e->test->user_entities, user);

    if (e->hidden.known != NULL) {
        known = recs_dataset_view(e->hidden.known);
        at = recs_dataset_user(e->hidden.known, id);
        n = at == UINT32_MAX ? 0 : known->user_offsets[at + 1]
                                   - known->user_offsets[at];
        if (n == 0) {
            return -1;
        }

        e->longest = n > e->longest ? (uint32_t) n : e->longest;

        if (!e->hidden.trained) {
            return 1;
        }
    }

    return recs_bundle_user(e->bundle, id) != RECS_USER_NO;
}


/* Translates ids: of items, and of the test's users that ask. */

static recs_status_t
recs_evaluate_match(recs_evaluate_t *e)
{
    int       asks;
    uint32_t  i;
    uint64_t  n;

    e->items = recs_evaluate_items(e->bundle, e->test);
    e->users = malloc(((size_t) e->test->n_users + 1) * sizeof(uint32_t));

    if (e->items == NULL || e->users == NULL) {
        return RECS_NOMEM;
    }

    if (e->hidden.known != NULL) {
        e->met = recs_evaluate_items(e->bundle,
                                     recs_dataset_view(e->hidden.known));
        if (e->met == NULL) {
            return RECS_NOMEM;
        }
    }

    for (i = 0; i < e->test->n_users; i++) {
        n = e->test->user_offsets[i + 1] - e->test->user_offsets[i];

        if (n == 0) {
            continue;
        }

        asks = recs_evaluate_asks(e, i);

        if (asks > 0) {
            e->users[e->n_users++] = i;
            e->longest = n > e->longest ? (uint32_t) n : e->longest;

        } else {
            e->n_unknown += asks == 0;
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_evaluate_workers(recs_evaluate_t *e, uint32_t n, recs_error_t *err)
{
    uint32_t                 i;
    recs_status_t            status;
    recs_evaluate_worker_t  *worker;

    e->n_chunks = e->n_users / RECS_EVALUATE_USERS + 1;
    e->sums = calloc(e->n_chunks, sizeof(recs_evaluate_sums_t));
    e->workers = calloc(n, sizeof(recs_evaluate_worker_t));

    if (e->sums == NULL || e->workers == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    e->n_workers = n;

    for (i = 0; i < n; i++) {
        worker = &e->workers[i];

        status = recs_scratch_create(&worker->scratch, e->bundle, err);
        if (status != RECS_OK) {
            return status;
        }

        worker->items = calloc(e->k_max, sizeof(recs_answer_item_t));
        worker->wanted = calloc((size_t) e->longest + 1, sizeof(uint32_t));
        worker->met = calloc((size_t) e->longest + 1,
                             sizeof(recs_evaluate_met_t));
        worker->recent = calloc((size_t) e->longest + 1, sizeof(uint32_t));
        worker->shown = calloc(e->n_at * e->words + 1,
                               sizeof(recs_bitmap_word_t));

        if (worker->items == NULL || worker->wanted == NULL
            || worker->met == NULL || worker->recent == NULL
            || worker->shown == NULL)
        {
            return recs_error(err, RECS_NOMEM, "out of memory");
        }
    }

    return RECS_OK;
}


static void
recs_evaluate_free(recs_evaluate_t *e)
{
    uint32_t  i;

    for (i = 0; i < e->n_workers; i++) {
        recs_scratch_destroy(e->workers[i].scratch);
        free(e->workers[i].items);
        free(e->workers[i].wanted);
        free(e->workers[i].met);
        free(e->workers[i].recent);
        free(e->workers[i].shown);
    }

    free(e->workers);
    free(e->sums);
    free(e->users);
    free(e->items);
    free(e->met);
}


static double
recs_evaluate_coverage(const recs_evaluate_t *e, uint32_t a)
{
    size_t              w;
    uint32_t            i;
    uint64_t            n;
    recs_bitmap_word_t  word;

    n = 0;

    for (w = 0; w < e->words; w++) {
        word = 0;

        for (i = 0; i < e->n_workers; i++) {
            word |= e->workers[i].shown[a * e->words + w];
        }

        n += (uint64_t) __builtin_popcountll(word);
    }

    return (double) n / recs_bundle_view(e->bundle)->n_items;
}


/* Sums to means, chunk by chunk, so that threads do not change a digit. */

static void
recs_evaluate_means(const recs_evaluate_t *e, recs_evaluation_t *evaluation)
{
    uint32_t               i, a;
    const recs_metrics_t  *sum;
    recs_metrics_t        *mean;

    memset(evaluation, 0, sizeof(recs_evaluation_t));
    evaluation->n_users = e->n_users;
    evaluation->n_unknown_users = e->n_unknown;
    evaluation->n_at = e->n_at;

    for (i = 0; i < e->n_chunks; i++) {
        evaluation->n_test += e->sums[i].n_test;

        for (a = 0; a < e->n_at; a++) {
            sum = &e->sums[i].at[a];
            mean = &evaluation->at[a];
            mean->recall += sum->recall / e->n_users;
            mean->ndcg += sum->ndcg / e->n_users;
            mean->precision += sum->precision / e->n_users;
            mean->f1 += sum->f1 / e->n_users;
            mean->recall_min += sum->recall_min / e->n_users;
            mean->hit_rate += sum->hit_rate / e->n_users;
        }
    }

    for (a = 0; a < e->n_at; a++) {
        evaluation->at[a].k = e->at[a];
        evaluation->at[a].coverage = recs_evaluate_coverage(e, a);
    }
}


static recs_status_t
recs_evaluate_check_at(const uint32_t *at, uint32_t n_at, uint32_t *k_max,
    recs_error_t *err)
{
    uint32_t  a;

    if (n_at == 0 || n_at > RECS_EVALUATE_AT_MAX) {
        return recs_error(err, RECS_INVALID, "%u cut-offs, 1 to %d are "
                          "possible", n_at, RECS_EVALUATE_AT_MAX);
    }

    *k_max = 0;

    for (a = 0; a < n_at; a++) {
        if (at[a] == 0 || at[a] > RECS_COUNT_MAX) {
            return recs_error(err, RECS_INVALID, "cut-off %u is not between "
                              "1 and %d", at[a], RECS_COUNT_MAX);
        }

        *k_max = at[a] > *k_max ? at[a] : *k_max;
    }

    return RECS_OK;
}


recs_status_t
recs_evaluate(const recs_bundle_t *bundle, const recs_dataset_t *test,
    const uint32_t *at, uint32_t n_at, uint32_t n_threads,
    recs_evaluation_t *evaluation, recs_error_t *err)
{
    recs_evaluate_hidden_t  nobody;

    memset(&nobody, 0, sizeof(recs_evaluate_hidden_t));

    return recs_evaluate_hidden(bundle, test, &nobody, at, n_at, n_threads,
                                evaluation, err);
}


recs_status_t
recs_evaluate_hidden(const recs_bundle_t *bundle, const recs_dataset_t *test,
    const recs_evaluate_hidden_t *hidden, const uint32_t *at, uint32_t n_at,
    uint32_t n_threads, recs_evaluation_t *evaluation, recs_error_t *err)
{
    recs_status_t     status;
    recs_threads_t   *threads;
    recs_evaluate_t   e;

    memset(&e, 0, sizeof(recs_evaluate_t));
    threads = NULL;

    status = recs_evaluate_check_at(at, n_at, &e.k_max, err);

    if (status == RECS_OK) {
        status = recs_rank_check(bundle, hidden->rank, err);
    }

    if (status != RECS_OK) {
        return status;
    }

    e.bundle = bundle;
    e.test = recs_dataset_view(test);
    e.hidden = *hidden;
    e.at = at;
    e.n_at = n_at;
    e.words = recs_bitmap_words(recs_bundle_view(bundle)->n_items);

    status = recs_evaluate_match(&e);
    if (status != RECS_OK) {
        recs_error(err, status, "out of memory");
        goto done;
    }

    if (e.n_users == 0) {
        status = recs_error(err, RECS_INVALID, "no user of the test set is "
                            "known to the model (%u are not)%s; are the ids "
                            "those of the training data?", e.n_unknown,
                            hidden->known != NULL ? " and hidden" : "");
        goto done;
    }

    status = recs_threads_create(&threads, n_threads, err);
    if (status != RECS_OK) {
        goto done;
    }

    status = recs_evaluate_workers(&e, recs_threads_n(threads), err);
    if (status != RECS_OK) {
        goto done;
    }

    recs_threads_run(threads, e.n_chunks, recs_evaluate_chunk, &e);
    recs_evaluate_means(&e, evaluation);

done:

    recs_threads_destroy(threads);
    recs_evaluate_free(&e);

    return status;
}
