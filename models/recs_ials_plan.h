/*
 * recs_ials_plan: which rows of a side are solved together, and how.
 */

#ifndef _RECS_IALS_PLAN_H_INCLUDED_
#define _RECS_IALS_PLAN_H_INCLUDED_


#include <stdint.h>

#include "recs_status.h"


typedef enum {
    RECS_IALS_LANES,              /* dual, one row per SIMD lane */
    RECS_IALS_DUAL,               /* dual, one row, BLAS */
    RECS_IALS_PRIMAL              /* primal, one row, BLAS */
} recs_ials_form_t;

typedef struct {
    uint32_t          first;      /* into recs_ials_plan_t.rows */
    uint32_t          n_rows;
    recs_ials_form_t  form;
} recs_ials_batch_t;

typedef struct {
    uint32_t           *rows;     /* by falling n; rows of n = 0 left out */
    uint32_t            n_rows;
    recs_ials_batch_t  *batches;  /* by falling n: the longest work first */
    uint32_t            n_batches;
    double              flops;
} recs_ials_plan_t;


/*
 * Sorts the rows of a CSR matrix by their length and cuts them into batches
 * of equal form, up to n_lanes rows where the form is RECS_IALS_LANES.
 */
recs_status_t recs_ials_plan_init(recs_ials_plan_t *plan,
    const uint64_t *offsets, uint32_t n_rows, uint32_t n_factors,
    uint32_t n_lanes, recs_error_t *err);
void recs_ials_plan_free(recs_ials_plan_t *plan);


#endif /* _RECS_IALS_PLAN_H_INCLUDED_ */
