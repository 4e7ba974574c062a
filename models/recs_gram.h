/*
 * recs_gram: rotates a factor table into the eigenbasis of its Gram matrix.
 */

#ifndef _RECS_GRAM_H_INCLUDED_
#define _RECS_GRAM_H_INCLUDED_


#include <stdint.h>

#include "recs_status.h"
#include "recs_threads.h"


/*
 * table [n_rows][stride], its first n_factors columns in use and the rest
 * zero, becomes table * Q, where table' table = Q diag(eigenvalues) Q'.
 * Inner products with rows rotated by the same Q are unchanged.
 *
 * eigenvalues [n_factors] rise and are at least 0.  The same bytes come out
 * for any number of threads.
 */
recs_status_t recs_gram_rotate(float *table, uint32_t n_rows,
    uint32_t n_factors, uint32_t stride, recs_threads_t *threads,
    float *eigenvalues, recs_error_t *err);


#endif /* _RECS_GRAM_H_INCLUDED_ */
