/*
 * recs_inverse: the inverse of a large symmetric positive definite matrix, in
 * place.  Private to models/.
 */

#ifndef _RECS_INVERSE_H_INCLUDED_
#define _RECS_INVERSE_H_INCLUDED_


#include "recs_status.h"
#include "recs_threads.h"


/* After each of n_steps steps, all of the same length. */
typedef void (*recs_inverse_step_fn)(void *data, uint32_t step,
    uint32_t n_steps);


/*
 * a [n][n], of which the lower triangle (column up to row) is read, becomes
 * its inverse, both triangles.  n^3 multiplications and additions, as many as
 * by a Cholesky factor, and two panels [n][512] beside a.  The same bytes
 * from any number of threads.  step may be NULL.
 *
 * RECS_INVALID where a is not positive definite in f32: its contents are lost
 * then.  RECS_NOMEM.
 */
recs_status_t recs_inverse(float *a, uint32_t n, recs_threads_t *threads,
    recs_inverse_step_fn step, void *data, recs_error_t *err);


#endif /* _RECS_INVERSE_H_INCLUDED_ */
