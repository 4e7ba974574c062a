#include "recs_evaluate_private.h"
#include "recs_threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_EVALUATE_USERS  32          /* per chunk */


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
        recs_evaluate_ask(e, &e->workers[thread], i);
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


/*
 * What training has of a user, or the visitor's session: returns 0 where the
 * user is none of those asked for.
 */

static int
recs_evaluate_history(recs_evaluate_t *e, recs_evaluate_user_t *user)
{
    uint32_t                    at, n;
    recs_str_t                  id;
    const uint32_t             *seen;
    const recs_dataset_view_t  *known;

    id = recs_evaluate_id(&e->test->user_entities, user->index);

    if (e->hidden.known != NULL) {
        known = recs_dataset_view(e->hidden.known);
        at = recs_dataset_user(e->hidden.known, id);
        n = at == UINT32_MAX ? 0 : (uint32_t) (known->user_offsets[at + 1]
                                               - known->user_offsets[at]);
        if (n == 0) {
            return 0;
        }

        e->longest = n > e->longest ? n : e->longest;

        if (!e->hidden.trained) {
            user->known = 1;
            user->history = n;
            return 1;
        }
    }

    at = recs_bundle_user(e->bundle, id);

    if (at != RECS_USER_NO) {
        seen = recs_bundle_seen(e->bundle, at, &n);
        user->known = 1;
        user->history = n;
        user->history_popularity = recs_quality_popularity(&e->catalogue,
                                                           seen, n);
    }

    return 1;
}


/* How many of the user's test items at most a few have met. */

static uint32_t
recs_evaluate_n_new(const recs_evaluate_t *e, uint32_t user)
{
    uint32_t  n, item;
    uint64_t  k;

    n = 0;

    for (k = e->test->user_offsets[user];
         k < e->test->user_offsets[user + 1] && e->catalogue.n_users > 0;
         k++)
    {
        item = e->items[e->test->items[k]];
        n += item == RECS_ITEM_NO
             || e->catalogue.item_users[item] <= RECS_EVALUATE_NEW_ITEM;
    }

    return n;
}


/* Of the users with test items every so many-th is asked. */

static uint32_t
recs_evaluate_step(const recs_evaluate_t *e)
{
    uint32_t  i, n;

    if (e->max_users == 0) {
        return 1;
    }

    for (i = 0, n = 0; i < e->test->n_users; i++) {
        n += e->test->user_offsets[i + 1] > e->test->user_offsets[i];
    }

    return (uint32_t) (((uint64_t) n + e->max_users - 1) / e->max_users);
}


/* Translates ids: of items, and of the test's users. */

static recs_status_t
recs_evaluate_match(recs_evaluate_t *e)
{
    uint32_t               i, met, step;
    uint64_t               n;
    recs_evaluate_user_t  *user;

    met = 0;
    step = recs_evaluate_step(e);

    e->items = recs_evaluate_items(e->bundle, e->test);
    e->users = calloc((size_t) e->test->n_users + 1,
                      sizeof(recs_evaluate_user_t));

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

        if (n == 0 || met++ % step != 0) {
            continue;
        }

        user = &e->users[e->n_users];
        memset(user, 0, sizeof(recs_evaluate_user_t));
        user->index = i;
        user->history_popularity = (double) NAN;

        if (!recs_evaluate_history(e, user)) {
            continue;
        }

        user->n_test = (uint32_t) n;
        user->n_new = recs_evaluate_n_new(e, i);
        user->new_row = e->n_new_rows;
        e->n_new_rows += user->n_new > 0;
        e->n_known += user->known;
        e->n_unknown += !user->known;
        e->longest = n > e->longest ? (uint32_t) n : e->longest;
        e->n_users++;
    }

    return RECS_OK;
}


static recs_status_t
recs_evaluate_rows(recs_evaluate_t *e)
{
    size_t    n, n_new;
    unsigned  q;

    n = (size_t) e->n_users * e->width + 1;
    n_new = (size_t) e->n_new_rows * e->width + 1;

    for (q = 0; q < RECS_EVALUATE_QUESTIONS; q++) {
        e->rows[q] = calloc(n, sizeof(double));
        e->new_rows[q] = calloc(n_new, sizeof(double));

        if (e->rows[q] == NULL || e->new_rows[q] == NULL) {
            return RECS_NOMEM;
        }
    }

    e->histories = calloc((size_t) e->n_users + 1, sizeof(uint32_t));

    return e->histories != NULL ? RECS_OK : RECS_NOMEM;
}


static recs_status_t
recs_evaluate_worker(const recs_evaluate_t *e, recs_evaluate_worker_t *worker,
    recs_error_t *err)
{
    size_t         longest, shown;
    recs_status_t  status;

    status = recs_scratch_create(&worker->scratch, e->bundle, err);
    if (status != RECS_OK) {
        return status;
    }

    longest = (size_t) e->longest + 1;
    shown = (size_t) e->n_at * e->catalogue.view->n_items + 1;

    worker->items = calloc(RECS_COUNT_MAX, sizeof(recs_answer_item_t));
    worker->wanted = calloc(longest, sizeof(uint32_t));
    worker->new_wanted = calloc(longest, sizeof(uint32_t));
    worker->met = calloc(longest, sizeof(recs_evaluate_met_t));
    worker->recent = calloc(longest, sizeof(uint32_t));
    worker->sum = calloc((size_t) e->catalogue.view->n_factors + 1,
                         sizeof(double));
    worker->blocked = calloc(e->words + 1, sizeof(recs_bitmap_word_t));
    worker->taken = calloc(e->words + 1, sizeof(recs_bitmap_word_t));
    worker->shown[RECS_EVALUATE_MODEL] = calloc(shown, sizeof(uint32_t));
    worker->shown[RECS_EVALUATE_POPULAR] = calloc(shown, sizeof(uint32_t));

    if (worker->items == NULL || worker->wanted == NULL
        || worker->new_wanted == NULL || worker->met == NULL
        || worker->recent == NULL || worker->sum == NULL
        || worker->blocked == NULL || worker->taken == NULL
        || worker->shown[RECS_EVALUATE_MODEL] == NULL
        || worker->shown[RECS_EVALUATE_POPULAR] == NULL)
    {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    memset(worker->blocked, 0xff, e->words * sizeof(recs_bitmap_word_t));

    return RECS_OK;
}


static recs_status_t
recs_evaluate_workers(recs_evaluate_t *e, uint32_t n, recs_error_t *err)
{
    uint32_t       i;
    recs_status_t  status;

    e->workers = calloc(n, sizeof(recs_evaluate_worker_t));

    if (e->workers == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    e->n_workers = n;

    for (i = 0; i < n; i++) {
        status = recs_evaluate_worker(e, &e->workers[i], err);
        if (status != RECS_OK) {
            return status;
        }
    }

    return RECS_OK;
}


static void
recs_evaluate_free(recs_evaluate_t *e)
{
    unsigned                 q;
    uint32_t                 i;
    recs_evaluate_worker_t  *worker;

    for (i = 0; i < e->n_workers; i++) {
        worker = &e->workers[i];
        recs_scratch_destroy(worker->scratch);
        free(worker->items);
        free(worker->wanted);
        free(worker->new_wanted);
        free(worker->met);
        free(worker->recent);
        free(worker->sum);
        free(worker->blocked);
        free(worker->taken);

        for (q = 0; q < RECS_EVALUATE_QUESTIONS; q++) {
            free(worker->shown[q]);
        }
    }

    for (q = 0; q < RECS_EVALUATE_QUESTIONS; q++) {
        free(e->rows[q]);
        free(e->new_rows[q]);
    }

    free(e->workers);
    free(e->chances);
    free(e->happened);
    free(e->histories);
    free(e->users);
    free(e->items);
    free(e->met);
    recs_quality_catalogue_free(&e->catalogue);
}


static recs_status_t
recs_evaluate_check_at(recs_evaluate_t *e, recs_error_t *err)
{
    uint32_t  a;

    if (e->n_at == 0 || e->n_at > RECS_EVALUATE_AT_MAX) {
        return recs_error(err, RECS_INVALID, "%u cut-offs, 1 to %d are "
                          "possible", e->n_at, RECS_EVALUATE_AT_MAX);
    }

    for (a = 0; a < e->n_at; a++) {
        if (e->at[a] == 0 || e->at[a] > RECS_COUNT_MAX) {
            return recs_error(err, RECS_INVALID, "cut-off %u is not between "
                              "1 and %d", e->at[a], RECS_COUNT_MAX);
        }

        e->k_max = e->at[a] > e->k_max ? e->at[a] : e->k_max;
    }

    return RECS_OK;
}


/* The rows of the known, one after the other, become the caller's. */

static void
recs_evaluate_give(recs_evaluate_t *e, recs_evaluation_rows_t *rows)
{
    size_t    size;
    uint32_t  i, n, q;

    size = e->width * sizeof(double);
    n = 0;

    for (i = 0; i < e->n_users; i++) {
        if (!e->users[i].known) {
            continue;
        }

        for (q = 0; q < RECS_EVALUATE_QUESTIONS; q++) {
            memmove(e->rows[q] + (size_t) n * e->width,
                    e->rows[q] + (size_t) i * e->width, size);
        }

        e->histories[n++] = e->users[i].index;
    }

    rows->n_users = n;
    rows->width = e->width;
    rows->users = e->histories;
    rows->model = e->rows[RECS_EVALUATE_MODEL];
    rows->popular = e->rows[RECS_EVALUATE_POPULAR];

    e->histories = NULL;
    memset(e->rows, 0, sizeof(e->rows));
}


void
recs_evaluation_rows_free(recs_evaluation_rows_t *rows)
{
    free(rows->users);
    free(rows->model);
    free(rows->popular);
    memset(rows, 0, sizeof(recs_evaluation_rows_t));
}


/* Whom to ask, and room for their answers. */

static recs_status_t
recs_evaluate_prepare(recs_evaluate_t *e, const recs_bundle_t *bundle,
    recs_error_t *err)
{
    recs_status_t  status;

    status = recs_evaluate_check_at(e, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_rank_check(bundle, e->rank, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_quality_catalogue(&e->catalogue, bundle, err);
    if (status != RECS_OK) {
        return status;
    }

    e->width = e->n_at * RECS_QUALITY_COUNT + 1;
    e->words = recs_bitmap_words(e->catalogue.view->n_items);

    if (recs_evaluate_match(e) != RECS_OK
        || recs_evaluate_rows(e) != RECS_OK)
    {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    if (e->n_known == 0) {
        return recs_error(err, RECS_INVALID, "no user of the test set is "
                          "known to the model (%u are not)%s; are the ids "
                          "those of the training data?", e->n_unknown,
                          e->hidden.known != NULL ? " and hidden" : "");
    }

    return RECS_OK;
}


recs_status_t
recs_evaluate(const recs_bundle_t *bundle, const recs_dataset_t *test,
    const recs_evaluate_params_t *params, recs_evaluation_t *evaluation,
    recs_evaluation_rows_t *rows, recs_error_t *err)
{
    recs_status_t     status;
    recs_threads_t   *threads;
    recs_evaluate_t   e;

    memset(&e, 0, sizeof(recs_evaluate_t));
    threads = NULL;

    e.bundle = bundle;
    e.test = recs_dataset_view(test);
    e.at = params->at;
    e.n_at = params->n_at;
    e.rank = params->rank;
    e.candidates = params->rank == RECS_RANK_NONE ? 0
                   : params->candidates > 0 ? params->candidates
                   : RECS_CANDIDATES;
    e.max_users = params->max_users;

    if (params->hidden != NULL) {
        e.hidden = *params->hidden;
    }

    status = recs_evaluate_prepare(&e, bundle, err);
    if (status != RECS_OK) {
        goto done;
    }

    status = recs_threads_create(&threads, params->n_threads, err);
    if (status != RECS_OK) {
        goto done;
    }

    if ((status = recs_evaluate_workers(&e, recs_threads_n(threads), err))
        != RECS_OK
        || (status = recs_evaluate_chances_alloc(&e, err)) != RECS_OK)
    {
        goto done;
    }

    recs_threads_run(threads, (e.n_users + RECS_EVALUATE_USERS - 1)
                              / RECS_EVALUATE_USERS, recs_evaluate_chunk, &e);
    recs_evaluate_sum(&e, evaluation);

    status = recs_evaluate_probability(&e, &evaluation->probability, err);
    if (status != RECS_OK) {
        goto done;
    }

    if (rows != NULL) {
        recs_evaluate_give(&e, rows);
    }

done:

    recs_threads_destroy(threads);
    recs_evaluate_free(&e);

    return status;
}
