/*
 * bench_slate: choosing 10 of 200 candidates as a whole; prints one line of
 * JSON.
 *
 *     bench_slate BUNDLE
 *
 * The candidates are those of the bundle's users, taken in turn.
 */

#include "recs_slate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_stats.h"


#define BENCH_USERS       200
#define BENCH_ROUNDS      20
#define BENCH_CANDIDATES  200
#define BENCH_COUNT       10


static recs_topk_entry_t   candidates[BENCH_USERS][BENCH_CANDIDATES];
static uint32_t            n_candidates[BENCH_USERS];


static void
bench_ask(const recs_bundle_t *bundle)
{
    uint32_t                    i, j, n_users;
    recs_query_t                query;
    recs_error_t                err;
    recs_answer_t               answer;
    recs_scratch_t             *scratch;
    recs_answer_item_t          items[BENCH_CANDIDATES];
    const recs_bundle_view_t   *view;

    view = recs_bundle_view(bundle);
    n_users = view->n_users;

    if (n_users == 0
        || recs_scratch_create(&scratch, bundle, &err) != RECS_OK)
    {
        bench_die("no users, or no memory");
    }

    answer.items = items;

    for (i = 0; i < BENCH_USERS; i++) {
        memset(&query, 0, sizeof(recs_query_t));
        query.user = recs_record_id(
                         recs_bundle_user_record(bundle, i * 7919 % n_users));
        query.count = BENCH_CANDIDATES;
        query.exclude_seen = 1;

        recs_recommend(bundle, scratch, &query, &answer);
        n_candidates[i] = answer.n;

        for (j = 0; j < answer.n; j++) {
            candidates[i][j].item = items[j].item;
            candidates[i][j].score = items[j].score;
            candidates[i][j].order = view->item_order[items[j].item];
        }
    }

    recs_scratch_destroy(scratch);
}


int
main(int argc, char **argv)
{
    double              started, *us;
    uint32_t            i, j, n;
    recs_topk_t         found;
    recs_query_t        query;
    recs_error_t        err;
    recs_slate_t       *slate;
    recs_bundle_t      *bundle;
    recs_topk_entry_t   entries[BENCH_CANDIDATES];

    if (argc != 2 || recs_bundle_open(&bundle, argv[1], 0, &err) != RECS_OK) {
        bench_die("usage: bench_slate BUNDLE");
    }

    bench_ask(bundle);

    slate = recs_slate_create();
    us = bench_alloc(BENCH_ROUNDS * BENCH_USERS * sizeof(double));
    memset(&query, 0, sizeof(recs_query_t));
    query.diversity = 0.5f;

    for (i = 0, n = 0; i < BENCH_ROUNDS; i++) {
        for (j = 0; j < BENCH_USERS; j++) {
            memcpy(entries, candidates[j], sizeof(entries));
            recs_topk_init(&found, entries, BENCH_CANDIDATES);
            found.n = n_candidates[j];

            started = (double) bench_now_ns();
            recs_slate_clear(slate);
            recs_slate_choose(slate, bundle, &query, BENCH_COUNT, &found);
            us[n++] = ((double) bench_now_ns() - started) / 1e3;
        }
    }

    printf("{\"factors\":%u,\"median_us\":%.2f,\"p99_us\":%.2f}\n",
           recs_bundle_view(bundle)->n_factors,
           bench_quantile(us, n, 0.5), bench_quantile(us, n, 0.99));

    free(us);
    recs_slate_destroy(slate);
    recs_bundle_close(bundle);

    return 0;
}
