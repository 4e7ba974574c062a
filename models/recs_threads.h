/*
 * recs_threads: a small pool that runs the chunks of a loop in parallel.
 *
 * Chunks are handed out one by one, in order, to whichever thread is free; a
 * caller whose chunks are fixed and independent gets the same result from any
 * number of threads.
 */

#ifndef _RECS_THREADS_H_INCLUDED_
#define _RECS_THREADS_H_INCLUDED_


#include <stdint.h>

#include "recs_status.h"


#define RECS_THREADS_MAX  256


typedef struct recs_threads_s  recs_threads_t;

/* thread is below recs_threads_n(): it selects the chunk's scratch. */
typedef void (*recs_chunk_fn)(void *data, uint32_t chunk, uint32_t thread);


/*
 * n_threads counts the caller, which works too; 0 means one per processor.
 * RECS_LIMIT where the system grants fewer threads.
 */
recs_status_t recs_threads_create(recs_threads_t **threads,
    uint32_t n_threads, recs_error_t *err);
void recs_threads_destroy(recs_threads_t *threads);

uint32_t recs_threads_n(const recs_threads_t *threads);

/* How many threads a number that was asked for stands for. */
uint32_t recs_threads_resolve(uint32_t n_threads);

/* Runs run(data, chunk, thread) for every chunk and waits for the last. */
void recs_threads_run(recs_threads_t *threads, uint32_t n_chunks,
    recs_chunk_fn run, void *data);


#endif /* _RECS_THREADS_H_INCLUDED_ */
