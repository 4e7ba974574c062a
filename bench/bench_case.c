#include "bench_case.h"
#include "bench_stats.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>


#define BENCH_CALL_SIZE  600            /* bytes through a pipe, as a request */
#define BENCH_WARM_UP    20             /* queries */


/* What a server does between two searches, to the caches and the TLB. */
static void
bench_case_call(int fds[2])
{
    char  buffer[BENCH_CALL_SIZE];

    memset(buffer, 'x', sizeof(buffer));

    if (write(fds[1], buffer, sizeof(buffer)) != sizeof(buffer)
        || read(fds[0], buffer, sizeof(buffer)) != sizeof(buffer))
    {
        bench_die("a pipe does not take %d bytes", BENCH_CALL_SIZE);
    }
}


static double
bench_case_query(bench_case_t *c, uint32_t i, recs_topk_entry_t *entries,
    int fds[2])
{
    uint64_t     start;
    recs_topk_t  topk;

    if (c->after_call) {
        bench_case_call(fds);
    }

    start = bench_now_ns();
    recs_topk_init(&topk, entries, c->k);
    c->search(c->context, &c->queries[i], &topk);

    return (double) (bench_now_ns() - start);
}


/* Decides from a few queries how many a round takes. */
static void
bench_case_warm_up(bench_case_t *c, uint32_t n_rounds, uint64_t round_ns,
    uint32_t queries_min, recs_topk_entry_t *entries, int fds[2])
{
    double    sum;
    uint32_t  i, n;

    n = c->n_queries < BENCH_WARM_UP ? c->n_queries : BENCH_WARM_UP;
    sum = 1;

    for (i = 0; i < n; i++) {
        sum += bench_case_query(c, c->n_queries / n * i, entries, fds);
    }

    c->n = (uint32_t) ((double) round_ns / (sum / n)) + 1;
    c->n = c->n > queries_min ? c->n : queries_min;
    c->n = c->n < c->n_queries ? c->n : c->n_queries;
    c->step = c->n_queries / c->n;
    c->ns = bench_alloc((size_t) n_rounds * c->n * sizeof(double));
}


static void
bench_case_finish(bench_case_t *c, uint32_t n_rounds)
{
    double    *of_query, *of_round;
    uint32_t   i, r;

    of_query = bench_alloc(c->n * sizeof(double));
    of_round = bench_alloc(n_rounds * sizeof(double));

    for (i = 0; i < c->n; i++) {
        for (r = 0; r < n_rounds; r++) {
            of_round[r] = c->ns[(size_t) r * c->n + i];
        }

        of_query[i] = bench_quantile(of_round, n_rounds, 0.5);
    }

    c->median_us = bench_quantile(of_query, c->n, 0.5) / 1e3;
    c->p90_us = bench_quantile(of_query, c->n, 0.9) / 1e3;

    free(of_query);
    free(of_round);
    free(c->ns);
    c->ns = NULL;
}


void
bench_cases_run(bench_case_t *cases, uint32_t n_cases, uint32_t n_rounds,
    uint64_t round_ns, uint32_t queries_min)
{
    int                 fds[2];
    uint32_t            i, q, r;
    bench_case_t       *c;
    recs_topk_entry_t  *entries;

    if (pipe(fds) != 0) {
        bench_die("no pipe");
    }

    entries = bench_alloc(BENCH_K_MAX * sizeof(recs_topk_entry_t));

    for (i = 0; i < n_cases; i++) {
        bench_case_warm_up(&cases[i], n_rounds, round_ns, queries_min,
                           entries, fds);
    }

    for (r = 0; r < n_rounds; r++) {
        for (i = 0; i < n_cases; i++) {
            c = &cases[i];

            for (q = 0; q < c->n; q++) {
                c->ns[(size_t) r * c->n + q] =
                          bench_case_query(c, q * c->step, entries, fds);
            }
        }
    }

    for (i = 0; i < n_cases; i++) {
        bench_case_finish(&cases[i], n_rounds);
    }

    free(entries);
    close(fds[0]);
    close(fds[1]);
}
