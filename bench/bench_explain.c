/*
 * bench_explain: lists of 10, and what it takes to explain them; prints one
 * line of JSON.
 *
 *     bench_explain BUNDLE
 *
 * Users are taken in turn, each list is asked for before it is explained.
 */

#include "recs_explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_stats.h"


#define BENCH_LISTS  4000
#define BENCH_COUNT  10


int
main(int argc, char **argv)
{
    double                started, *list_us, *explain_us;
    uint32_t              i, n, n_users;
    uint64_t              n_seen;
    recs_query_t          query;
    recs_error_t          err;
    recs_answer_t         answer;
    recs_bundle_t        *bundle;
    recs_explain_t       *explain;
    recs_scratch_t       *scratch;
    recs_kept_out_t       kept_out;
    recs_answer_item_t    items[BENCH_COUNT];
    recs_explanation_t    explanations[BENCH_COUNT];

    if (argc != 2 || recs_bundle_open(&bundle, argv[1], 0, &err) != RECS_OK) {
        bench_die("usage: bench_explain BUNDLE");
    }

    n_users = recs_bundle_view(bundle)->n_users;

    if (n_users == 0
        || recs_scratch_create(&scratch, bundle, &err) != RECS_OK
        || recs_explain_create(&explain, bundle, &err) != RECS_OK)
    {
        bench_die("no users, or no memory");
    }

    list_us = bench_alloc(BENCH_LISTS * sizeof(double));
    explain_us = bench_alloc(BENCH_LISTS * sizeof(double));
    memset(&query, 0, sizeof(recs_query_t));
    query.count = BENCH_COUNT;
    query.exclude_seen = 1;
    answer.items = items;
    n_seen = 0;

    for (i = 0; i < BENCH_LISTS; i++) {
        query.user = recs_record_id(recs_bundle_user_record(bundle,
                         (uint32_t) ((uint64_t) i * 7919 % n_users)));

        started = (double) bench_now_ns();
        recs_recommend(bundle, scratch, &query, &answer);
        list_us[i] = ((double) bench_now_ns() - started) / 1e3;

        started = (double) bench_now_ns();
        (void) recs_explain(explain, scratch, &query, &answer, explanations,
                            &kept_out);
        explain_us[i] = ((double) bench_now_ns() - started) / 1e3;

        (void) recs_bundle_seen(bundle, recs_bundle_user(bundle, query.user),
                                &n);
        n_seen += n;
    }

    printf("{\"factors\":%u,\"items_of_a_user\":%.0f,"
           "\"list\":{\"median_us\":%.2f,\"p99_us\":%.2f},"
           "\"explain\":{\"median_us\":%.2f,\"p99_us\":%.2f}}\n",
           recs_bundle_view(bundle)->n_factors,
           (double) n_seen / BENCH_LISTS,
           bench_quantile(list_us, BENCH_LISTS, 0.5),
           bench_quantile(list_us, BENCH_LISTS, 0.99),
           bench_quantile(explain_us, BENCH_LISTS, 0.5),
           bench_quantile(explain_us, BENCH_LISTS, 0.99));

    free(list_us);
    free(explain_us);
    recs_explain_destroy(explain);
    recs_scratch_destroy(scratch);
    recs_bundle_close(bundle);

    return 0;
}
