/*
 * bench_fold_in: a vector from a handful of items, their rows in the caches.
 *
 *     bench_fold_in [-r ROUNDS]
 *
 * Rows are random, as long as a trained model's; for each number of factors
 * and of items another session in every call, of 64 that take turns.  One
 * line of JSON; microseconds a call, medians over ROUNDS (21) of 2,000 calls.
 */

#include "bench_stats.h"
#include "recs_fold_in.h"
#include "recs_kernel.h"
#include "recs_rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


#define BENCH_ITEMS     256
#define BENCH_SESSIONS  64
#define BENCH_CALLS     2000
#define BENCH_ROUNDS    1000
#define BENCH_COUNTS    6


static const uint32_t  bench_counts[BENCH_COUNTS] = { 1, 3, 5, 10, 20, 50 };


/* A view of BENCH_ITEMS rows, whose Gram is that of 41,000 such items. */
static void
bench_view(recs_bundle_view_t *view, uint32_t d)
{
    float        *rows, *gram;
    uint32_t      i;
    recs_rng_t    rng;
    const char  **shards;

    recs_rng_seed(&rng, d);
    rows = bench_alloc((size_t) BENCH_ITEMS * d * sizeof(float));
    gram = bench_alloc(d * sizeof(float));
    shards = bench_alloc(sizeof(char *));

    for (i = 0; i < BENCH_ITEMS * d; i++) {
        rows[i] = (float) (recs_rng_normal(&rng) / sqrt(d));
    }

    for (i = 0; i < d; i++) {
        gram[i] = 41000.0f / (float) d;
    }

    memset(view, 0, sizeof(recs_bundle_view_t));
    shards[0] = (const char *) rows;
    view->n_items = BENCH_ITEMS;
    view->n_factors = d;
    view->stride = d;
    view->item_factors = (recs_table_t) { shards, BENCH_ITEMS, BENCH_ITEMS,
                                          d * sizeof(float) };
    view->gram = gram;
    view->unobserved_weight = 0.02;
    view->regularization = 0.003;
    view->regularization_exponent = 0.35;
}


/* Microseconds a call. */
static double
bench_calls(recs_fold_in_t *f, const uint32_t *items, uint32_t n,
    float *vector)
{
    uint32_t  i;
    uint64_t  start;

    start = bench_now_ns();

    for (i = 0; i < BENCH_CALLS; i++) {
        recs_fold_in(f, items + (i % BENCH_SESSIONS) * RECS_FOLD_IN_ITEMS_MAX,
                     NULL, n, vector);
    }

    return (double) (bench_now_ns() - start) / 1e3 / BENCH_CALLS;
}


static void
bench_factors(uint32_t d, uint32_t n_rounds)
{
    float               *vector;
    double               us[BENCH_COUNTS][BENCH_ROUNDS];
    uint32_t             i, c, r, *items;
    recs_fold_in_t      *f;
    recs_bundle_view_t   view;

    bench_view(&view, d);
    f = recs_fold_in_create(&view);
    vector = bench_alloc(d * sizeof(float));
    items = bench_alloc(BENCH_SESSIONS * RECS_FOLD_IN_ITEMS_MAX
                        * sizeof(uint32_t));

    if (f == NULL) {
        bench_die("no memory");
    }

    for (i = 0; i < BENCH_SESSIONS * RECS_FOLD_IN_ITEMS_MAX; i++) {
        items[i] = i * 7 % BENCH_ITEMS;
    }

    for (r = 0; r < n_rounds; r++) {
        for (c = 0; c < BENCH_COUNTS; c++) {
            us[c][r] = bench_calls(f, items, bench_counts[c], vector);
        }
    }

    printf("{\"factors\":%u", d);

    for (c = 0; c < BENCH_COUNTS; c++) {
        printf(",\"us_of_%u\":%.3f", bench_counts[c],
               bench_quantile(us[c], n_rounds, 0.5));
    }

    printf("}");
}


int
main(int argc, char **argv)
{
    int       opt;
    uint32_t  i, n_rounds;

    static const uint32_t  factors[] = { 64, 128, 256 };

    n_rounds = 21;

    while ((opt = getopt(argc, argv, "r:")) != -1) {
        n_rounds = opt == 'r' ? (uint32_t) strtoul(optarg, NULL, 10) : 0;

        if (n_rounds == 0 || n_rounds > BENCH_ROUNDS) {
            bench_die("usage: bench_fold_in [-r ROUNDS]");
        }
    }

    printf("{\"kernel\":\"%s\",\"cases\":[", recs_kernel()->name);

    for (i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
        printf("%s", i > 0 ? "," : "");
        bench_factors(factors[i], n_rounds);
    }

    printf("]}\n");

    return 0;
}
