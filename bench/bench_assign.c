/*
 * bench_assign: what an assignment costs.
 *
 *     bench_assign [-r ROUNDS]
 *
 * Ids of 32 hex digits, 1,024 that take turns; alone by each hash, and with
 * holdout, namespace, coverage and a sticky cookie of 16 entries, the one that
 * counts the last of them.  One line of JSON; nanoseconds an assignment,
 * medians over ROUNDS (21) of 100,000.
 */

#include "bench_stats.h"
#include "recs_assign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


#define BENCH_IDS     1024
#define BENCH_ID_LEN  32
#define BENCH_CALLS   100000
#define BENCH_ROUNDS  1000


static recs_str_t  ids[BENCH_IDS];

/* So that no call is for nothing. */
static volatile int32_t  seen;


static void
bench_ids(void)
{
    char      *text;
    uint32_t   i;

    text = bench_alloc(BENCH_IDS * (BENCH_ID_LEN + 1));

    for (i = 0; i < BENCH_IDS; i++) {
        ids[i].data = text;
        ids[i].len = BENCH_ID_LEN;
        sprintf(text, "%08x%08x%08x%08x", i * 2654435761u, i, ~i,
                i * 40503u);
        text += BENCH_ID_LEN + 1;
    }
}


static void
bench_experiment(recs_experiment_t *x)
{
    recs_str_t  name = { "home_page", 9 };

    if (recs_experiment_init(x, name, NULL) != RECS_OK) {
        bench_die("no experiment");
    }

    x->n_variants = 2;
    x->weights[0] = x->weights[1] = 0.5;
}


static void
bench_settle(recs_experiment_t *x)
{
    if (recs_experiment_settle(x, NULL) != RECS_OK) {
        bench_die("no experiment");
    }
}


/* Nanoseconds an assignment, the median of rounds. */
static double
bench_rounds(const recs_experiment_t *x, const recs_sticky_t *sticky,
    uint32_t n_rounds)
{
    double             ns[BENCH_ROUNDS];
    uint32_t           i, r;
    uint64_t           start;
    recs_assign_t      in;
    recs_assignment_t  a;

    memset(&in, 0, sizeof(recs_assign_t));
    in.n_units = 1;
    in.forced = RECS_VARIANT_NONE;
    in.when = 1;
    in.sticky = sticky;

    for (r = 0; r < n_rounds; r++) {
        start = bench_now_ns();

        for (i = 0; i < BENCH_CALLS; i++) {
            in.units = &ids[i % BENCH_IDS];
            recs_assign(x, &in, &a);
            seen = a.variant;
        }

        ns[r] = (double) (bench_now_ns() - start) / BENCH_CALLS;
    }

    return bench_quantile(ns, n_rounds, 0.5);
}


/* Holdout, namespace and coverage let everybody in. */
static double
bench_whole(int kept, uint32_t n_rounds)
{
    uint32_t             i;
    recs_sticky_t        sticky;
    recs_experiment_t    x;
    recs_sticky_entry_t  entry;

    bench_experiment(&x);
    x.holdout_name = (recs_str_t) { "everything", 10 };
    x.namespace_name = (recs_str_t) { "home", 4 };
    x.namespace_hi = 1000;
    x.coverage = 0.9999;
    x.sticky = 1;
    bench_settle(&x);

    memset(&entry, 0, sizeof(recs_sticky_entry_t));
    entry.experiment = x.name_hash;
    entry.unit = kept ? recs_sticky_unit(ids[0]) : 0;
    sticky.n = 0;

    for (i = 0; i < RECS_STICKY_MAX; i++) {
        recs_sticky_set(&sticky, &entry);
        entry.experiment++;
    }

    for (i = 1; kept && i < BENCH_IDS; i++) {
        ids[i] = ids[0];
    }

    return bench_rounds(&x, &sticky, n_rounds);
}


int
main(int argc, char **argv)
{
    int                opt;
    uint32_t           hash, n_rounds;
    recs_experiment_t  x;

    static const char *const  names[] = {
        "growthbook2", "growthbook1", "split_clients", "optimizely"
    };

    n_rounds = 21;

    while ((opt = getopt(argc, argv, "r:")) != -1) {
        n_rounds = opt == 'r' ? (uint32_t) strtoul(optarg, NULL, 10) : 0;

        if (n_rounds == 0 || n_rounds > BENCH_ROUNDS) {
            bench_die("usage: bench_assign [-r ROUNDS]");
        }
    }

    bench_ids();
    printf("{");

    for (hash = 0; hash < RECS_HASH_COUNT; hash++) {
        bench_experiment(&x);
        x.hash = (recs_bucket_hash_t) hash;
        bench_settle(&x);
        printf("\"%s_ns\":%.1f,", names[hash],
               bench_rounds(&x, NULL, n_rounds));
    }

    printf("\"sticky_none_ns\":%.1f,", bench_whole(0, n_rounds));
    printf("\"sticky_kept_ns\":%.1f}\n", bench_whole(1, n_rounds));

    return 0;
}
