/*
 * bench_case: a method with a set of queries, timed query by query.  The
 * cases of a run take turns round after round, so that a noisy machine is
 * noisy to all of them.
 */

#ifndef _BENCH_CASE_H_INCLUDED_
#define _BENCH_CASE_H_INCLUDED_


#include "bench_query.h"


typedef struct {
    const char           *method;       /* as it stands in the result */
    const char           *asked;
    bench_search_pt       search;
    void                 *context;
    const bench_query_t  *queries;      /* [n_queries] */
    uint32_t              n_queries;
    uint32_t              k;
    uint32_t              ef;           /* of hnswlib, else 0 */
    double                recall;       /* in advance; 1: exact */
    unsigned              after_call:1; /* a system call before each query */

    uint32_t              step;         /* every step-th query is timed */
    uint32_t              n;            /* how many these are */
    double               *ns;           /* [rounds][n] */
    double                median_us;    /* over queries, of each its median */
    double                p90_us;
} bench_case_t;


/*
 * Times all cases in n_rounds rounds.  A slow case takes fewer of its
 * queries: a round of a case lasts no longer than round_ns, but for the first
 * queries_min queries.
 */
void bench_cases_run(bench_case_t *cases, uint32_t n_cases, uint32_t n_rounds,
    uint64_t round_ns, uint32_t queries_min);


#endif /* _BENCH_CASE_H_INCLUDED_ */
