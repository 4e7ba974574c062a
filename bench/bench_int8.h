/*
 * bench_int8: the search without the norm stop.  Every row in 8 bits, a full
 * scan with a proven bound, the survivors rescored in f32: exact, and what a
 * careful program does that does not sort by norm.
 */

#ifndef _BENCH_INT8_H_INCLUDED_
#define _BENCH_INT8_H_INCLUDED_


#include "bench_query.h"


typedef struct bench_int8_s  bench_int8_t;


bench_int8_t *bench_int8_create(const recs_bundle_view_t *view);
void bench_int8_destroy(bench_int8_t *int8);

void bench_int8_search(void *int8, const bench_query_t *query,
    recs_topk_t *topk);

/* The instructions it uses here. */
const char *bench_int8_path(void);


#endif /* _BENCH_INT8_H_INCLUDED_ */
