/*
 * recs_ials_solve: one half-epoch of implicit ALS, every row exactly.
 *
 * With the other side's table V fixed, row u with the observations S_u of
 * size n_u minimises (Rendle et al. 2021, arXiv:2110.14037)
 *
 *     sum over S_u of (1 - x.v)^2 + a0 * sum over all of (x.v)^2
 *                                 + reg(n_u) |x|^2
 *     reg(n) = regularization * (n + a0 * n_fixed) ^ exponent
 *
 * V is rotated first, so that its Gram is diag(lambda), D = a0 lambda +
 * reg(n_u), and the normal equation is (D + W'W) x = W'1 with W the rows of V
 * in S_u.  It is solved
 *
 *     n < d, n small   in the dual form, several rows per SIMD register
 *                      (recs_lanes.h)
 *     n < d            in the dual form through BLAS
 *     n >= d           in the primal form, (I + P'P) z = P'1, x = D^-1/2 z,
 *                      P = W D^-1/2, through BLAS
 *
 * The objective at its minimum is n - x.W'1: 1'y in the dual form, which is
 * what makes the loss free.
 */

#ifndef _RECS_IALS_SOLVE_H_INCLUDED_
#define _RECS_IALS_SOLVE_H_INCLUDED_


#include <stdint.h>

#include "recs_lanes.h"
#include "recs_status.h"
#include "recs_threads.h"


/* One side, solved or fixed; rows 64-byte aligned and zero-padded. */
typedef struct {
    uint32_t         n_rows;
    const uint64_t  *offsets;             /* [n_rows + 1] */
    const uint32_t  *columns;             /* rows of the other side */
    float           *table;               /* [n_rows][stride] */
    double           regularization;      /* raw */
} recs_ials_side_t;

typedef struct {
    uint32_t         n_factors;
    uint32_t         stride;              /* multiple of RECS_LANES_STRIDE */
    double           unobserved_weight;   /* a0 */
    double           exponent;
} recs_ials_params_t;


/* What half-epochs share: the plan of each side, scratch of each thread. */
typedef struct recs_ials_solver_s  recs_ials_solver_t;

/*
 * Plans the solution of sides[0] against sides[1] and the reverse; the sides
 * must outlive the solver.  lanes NULL: the best of this machine.
 */
recs_status_t recs_ials_solver_create(recs_ials_solver_t **solver,
    const recs_ials_side_t sides[2], const recs_ials_params_t *params,
    const recs_lanes_t *lanes, recs_threads_t *threads, recs_error_t *err);
void recs_ials_solver_destroy(recs_ials_solver_t *solver);

/*
 * Rotates the other side and solves all rows of sides[side].  eigenvalues
 * [n_factors] becomes the other side's Gram diagonal; *loss (NULL: not
 * wanted) the whole objective.  The same bytes for any number of threads.
 */
recs_status_t recs_ials_solve(recs_ials_solver_t *solver, uint32_t side,
    float *eigenvalues, double *loss, recs_error_t *err);

/* Floating-point operations of one recs_ials_solve(), Gram included. */
double recs_ials_solve_flops(const recs_ials_solver_t *solver,
    uint32_t side);


#endif /* _RECS_IALS_SOLVE_H_INCLUDED_ */
