/*
 * bench_engine: ours, recs_search(), behind the interface of all methods.
 */

#ifndef _BENCH_ENGINE_H_INCLUDED_
#define _BENCH_ENGINE_H_INCLUDED_


#include "bench_query.h"


typedef struct bench_engine_s  bench_engine_t;


bench_engine_t *bench_engine_create(const recs_bundle_view_t *view);
void bench_engine_destroy(bench_engine_t *engine);

/* As a request does it: seen items are marked, searched, unmarked. */
void bench_engine_search(void *engine, const bench_query_t *query,
    recs_topk_t *topk);

/* The same for a vector that is folded in from query->history first. */
void bench_engine_session(void *engine, const bench_query_t *query,
    recs_topk_t *topk);


#endif /* _BENCH_ENGINE_H_INCLUDED_ */
