/*
 * bench_hnsw: hnswlib behind the interface of all methods.  It knows neither
 * excluded items nor filters.
 */

#ifndef _BENCH_HNSW_H_INCLUDED_
#define _BENCH_HNSW_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif


#define BENCH_HNSW_M   16
#define BENCH_HNSW_EFC 200


typedef struct bench_hnsw_s  bench_hnsw_t;


/* Weak: all NULL in a program that is linked without hnswlib. */
#pragma weak bench_hnsw_create
#pragma weak bench_hnsw_destroy
#pragma weak bench_hnsw_add
#pragma weak bench_hnsw_set_ef
#pragma weak bench_hnsw_search

/* For n rows of d floats, inner product; NULL: no memory. */
bench_hnsw_t *bench_hnsw_create(uint32_t d, uint32_t n);
void bench_hnsw_destroy(bench_hnsw_t *hnsw);

void bench_hnsw_add(bench_hnsw_t *hnsw, const float *row, uint32_t item);
void bench_hnsw_set_ef(bench_hnsw_t *hnsw, uint32_t ef);

/* At most k items, the worst first; returns how many. */
uint32_t bench_hnsw_search(bench_hnsw_t *hnsw, const float *vector, uint32_t k,
    uint32_t *items);


#ifdef __cplusplus
}
#endif

#endif /* _BENCH_HNSW_H_INCLUDED_ */
