/*
 * recs_lanes: many small least-squares rows at once.
 *
 * A row of implicit ALS with n observations and d factors, n < d, is solved
 * in its dual form.  With the fixed side rotated so that its Gram is the
 * diagonal lambda, W [n][d] the fixed vectors of the row's observations and
 * D = diag(unobserved_weight * lambda + reg):
 *
 *     (D + W'W) x = W'1    <=>    (I + P P') y = 1,  x = D^-1/2 P'y,
 *                                 P = W D^-1/2 [n][d]
 *
 * n^2 d + n^3/3 flops instead of n d^2 + d^3/3, the same x (push-through
 * identity).  P P' is computed row by row, then `lanes` systems of about the
 * same n are interleaved, one per SIMD lane, and factored together: Cholesky
 * at small n is all latency, and this hides it.
 *
 * The same code is compiled for each instruction set (recs_lanes_body.h).
 */

#ifndef _RECS_LANES_H_INCLUDED_
#define _RECS_LANES_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>


#define RECS_LANES_N_MAX   128    /* observations of a row, at most */
#define RECS_LANES_MAX     16     /* lanes, at most */
#define RECS_LANES_STRIDE  16     /* floats: row lengths are multiples of it */


typedef struct {
    const uint32_t  *columns;     /* [n] rows of the table */
    uint32_t         n;
    const float     *scale;       /* D^-1/2 [stride] */
    float           *x;           /* [stride], the solution */
    double           loss;        /* sum of y, the row's objective: see
                                     recs_ials_solve.h */
} recs_lanes_row_t;

typedef struct {
    const char  *name;            /* of the instruction set */
    uint32_t     lanes;           /* rows per call */

    /*
     * Solves `lanes` rows of 1..RECS_LANES_N_MAX observations over the table
     * [][stride], 64-byte aligned; scratch is 64-byte aligned and of
     * recs_lanes_scratch() bytes.
     */
    void       (*solve)(recs_lanes_row_t *rows, const float *table,
                        uint32_t stride, void *scratch);

    /* Gathers P [n][stride]: rows `columns` of the table, times scale. */
    void       (*pack)(const uint32_t *columns, uint32_t n,
                       const float *table, uint32_t stride,
                       const float *scale, float *packed);
} recs_lanes_t;


/* The implementations this machine runs, the best first; NULL after them. */
const recs_lanes_t *recs_lanes_at(uint32_t i);

size_t recs_lanes_scratch(const recs_lanes_t *lanes, uint32_t stride);


#endif /* _RECS_LANES_H_INCLUDED_ */
