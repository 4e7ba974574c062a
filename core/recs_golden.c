#include "recs_golden.h"
#include "recs_golden_write.h"

#include <string.h>
#include <time.h>

#include "recs_bundle_private.h"
#include "recs_recommend.h"
#include "recs_second.h"


typedef struct {
    const recs_bundle_t  *bundle;
    recs_scratch_t       *scratch;
    int64_t               end;          /* milliseconds */
    uint32_t              row;
    unsigned              n_checked;
    recs_status_t         rc;
    recs_error_t          err;
} recs_golden_half_t;


_Static_assert(RECS_GOLDEN_COUNT == RECS_GOLDEN_ITEMS,
               "a golden row holds the whole answer");


static recs_source_t
recs_golden_strategy(const recs_bundle_view_t *view)
{
    if (view->n_factors == 0 && view->neighbor_id_size == 0) {
        return RECS_SOURCE_POPULAR;
    }

    return view->user_factors.n_rows > 0
           || (view->neighbor_id_size != 0 && view->n_users > 0)
           ? RECS_SOURCE_PERSONAL : RECS_SOURCE_SIMILAR;
}


static void
recs_golden_answer(const recs_bundle_t *bundle, recs_scratch_t *scratch,
    recs_source_t strategy, uint32_t subject, recs_golden_row_t *row)
{
    uint32_t            i;
    recs_query_t        query;
    recs_answer_t       answer;
    recs_answer_item_t  items[RECS_GOLDEN_COUNT];

    memset(&query, 0, sizeof(recs_query_t));
    query.strategy = strategy;
    query.count = RECS_GOLDEN_COUNT;

    if (strategy == RECS_SOURCE_PERSONAL) {
        query.exclude_seen = 1;
        query.user = recs_record_id(recs_bundle_user_record(bundle, subject));
    }

    if (strategy == RECS_SOURCE_SIMILAR) {
        query.item = recs_record_id(recs_bundle_item_record(bundle, subject));
    }

    answer.items = items;
    recs_recommend(bundle, scratch, &query, &answer);

    memset(row, 0, sizeof(recs_golden_row_t));
    row->strategy = strategy;
    row->subject = subject;
    row->n = answer.n;

    for (i = 0; i < answer.n; i++) {
        row->items[i] = items[i].item;
        memcpy(&row->scores[i], &items[i].score, sizeof(uint32_t));
    }
}


static void
recs_golden_fill(void *data, uint64_t row, void *dst)
{
    const recs_golden_row_t  *rows;

    rows = data;
    memcpy(dst, &rows[row], sizeof(recs_golden_row_t));
}


recs_status_t
recs_golden_write(const recs_bundle_t *bundle, recs_bundle_writer_t *writer,
    recs_error_t *err)
{
    uint32_t                   i, n, subjects;
    recs_source_t              strategy;
    recs_status_t              rc;
    recs_scratch_t            *scratch;
    recs_golden_row_t          rows[RECS_GOLDEN_QUERIES];
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    rc = recs_scratch_create(&scratch, bundle, err);
    if (rc != RECS_OK) {
        return rc;
    }

    strategy = recs_golden_strategy(view);

    subjects = 1;

    if (strategy == RECS_SOURCE_PERSONAL) {
        subjects = view->n_users;

    } else if (strategy == RECS_SOURCE_SIMILAR) {
        subjects = view->n_items;
    }

    n = subjects < RECS_GOLDEN_QUERIES ? subjects : RECS_GOLDEN_QUERIES;

    for (i = 0; i < n; i++) {
        recs_golden_answer(bundle, scratch, strategy,
                           (uint32_t) ((uint64_t) i * subjects / n),
                           &rows[i]);
    }

    recs_scratch_destroy(scratch);

    return recs_bundle_writer_table(writer, RECS_TABLE_GOLDEN, n,
                                    sizeof(recs_golden_row_t),
                                    recs_golden_fill, rows, err);
}


static int64_t
recs_golden_now_ms(void)
{
    struct timespec  now;

    clock_gettime(CLOCK_MONOTONIC, &now);

    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}


static recs_status_t
recs_golden_check_row(const recs_bundle_t *bundle, recs_scratch_t *scratch,
    const recs_golden_row_t *expected, uint32_t i, recs_error_t *err)
{
    uint32_t                   limit;
    recs_golden_row_t          got;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    limit = expected->strategy == RECS_SOURCE_PERSONAL ? view->n_users
                                                       : view->n_items;

    if (expected->strategy != recs_golden_strategy(view)
        || expected->subject >= limit)
    {
        return recs_error(err, RECS_CORRUPT, "\"%s\": golden answer %u asks "
                          "for what is not there", bundle->name, i);
    }

    recs_golden_answer(bundle, scratch, expected->strategy, expected->subject,
                       &got);

    if (memcmp(&got, expected, sizeof(recs_golden_row_t)) != 0) {
        return recs_error(err, RECS_CORRUPT,
                          "\"%s\": golden answer %u differs: this machine "
                          "does not score as the bundle's writer did",
                          bundle->name, i);
    }

    return RECS_OK;
}


/* Every second row from the first on, until one differs or time is up. */
static void *
recs_golden_run(void *data)
{
    recs_golden_half_t  *h;
    const recs_table_t  *t;

    h = data;
    t = &h->bundle->tables[RECS_TABLE_GOLDEN].table;

    while (h->row < t->n_rows && recs_golden_now_ms() < h->end) {
        h->rc = recs_golden_check_row(h->bundle, h->scratch,
                                      recs_table_row(t, h->row), h->row,
                                      &h->err);
        if (h->rc != RECS_OK) {
            break;
        }

        h->n_checked++;
        h->row += 2;
    }

    return NULL;
}


/* Rows from 1 on, by two threads; what is wrong is the first wrong row. */
static recs_status_t
recs_golden_check_rest(recs_golden_half_t halves[2], recs_error_t *err)
{
    int                  started;
    pthread_t            thread;
    recs_golden_half_t  *wrong;

    halves[0].row = 1;
    halves[1].row = 2;

    started = recs_second_start(&thread, recs_golden_run, &halves[1]);
    recs_golden_run(&halves[0]);

    if (started) {
        pthread_join(thread, NULL);

    } else {
        recs_golden_run(&halves[1]);
    }

    wrong = halves[0].rc != RECS_OK
            && (halves[1].rc == RECS_OK || halves[0].row < halves[1].row)
            ? &halves[0] : &halves[1];

    if (wrong->rc != RECS_OK && err != NULL) {
        *err = wrong->err;
    }

    return wrong->rc;
}


recs_status_t
recs_golden_check(const recs_bundle_t *bundle, unsigned budget_ms,
    unsigned *n_checked, recs_error_t *err)
{
    recs_status_t        rc;
    const recs_table_t  *t;
    recs_golden_half_t   halves[2];

    t = &bundle->tables[RECS_TABLE_GOLDEN].table;
    *n_checked = 0;

    if (t->n_rows == 0) {
        return recs_error(err, RECS_CORRUPT, "\"%s\" has no golden answers",
                          bundle->name);
    }

    memset(halves, 0, sizeof(halves));
    halves[0].bundle = halves[1].bundle = bundle;
    halves[0].rc = halves[1].rc = RECS_OK;
    halves[0].end = recs_golden_now_ms() + budget_ms;
    halves[1].end = halves[0].end;

    if ((rc = recs_scratch_create(&halves[0].scratch, bundle, err)) != RECS_OK
        || (rc = recs_scratch_create(&halves[1].scratch, bundle, err))
           != RECS_OK
        || (rc = recs_golden_check_row(bundle, halves[0].scratch,
                                       recs_table_row(t, 0), 0, err))
           != RECS_OK)
    {
        goto done;
    }

    /* LMDB's trees were looked into by then: two threads may read them. */
    rc = recs_golden_check_rest(halves, err);
    *n_checked = 1 + halves[0].n_checked + halves[1].n_checked;

done:

    recs_scratch_destroy(halves[1].scratch);
    recs_scratch_destroy(halves[0].scratch);

    return rc;
}
