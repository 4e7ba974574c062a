/*
 * bench_brute: a full pass over the f32 rows, twice: by OpenBLAS, the rival,
 * and by recs_dot(), the truth that the answers of others are held against.
 */

#ifndef _BENCH_BRUTE_H_INCLUDED_
#define _BENCH_BRUTE_H_INCLUDED_


#include "bench_query.h"


typedef struct bench_brute_s  bench_brute_t;


bench_brute_t *bench_brute_create(const recs_bundle_view_t *view);
void bench_brute_destroy(bench_brute_t *brute);

/* sgemv, then a selection whose threshold rises as it goes; no lists. */
void bench_brute_blas(void *brute, const bench_query_t *query,
    recs_topk_t *topk);

/* The definition in recs_search.h, item by item. */
void bench_brute_exact(void *brute, const bench_query_t *query,
    recs_topk_t *topk);


#endif /* _BENCH_BRUTE_H_INCLUDED_ */
