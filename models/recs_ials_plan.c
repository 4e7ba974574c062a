#include "recs_ials_plan.h"
#include "recs_lanes.h"

#include <stdlib.h>
#include <string.h>


#define recs_ials_plan_n(offsets, row)                                        \
    ((offsets)[(row) + 1] - (offsets)[row])


/* Counting sort; lengths from cap on share a count, which is all we need. */

static recs_status_t
recs_ials_plan_sort(recs_ials_plan_t *plan, const uint64_t *offsets,
    uint32_t n_rows)
{
    uint64_t  n, *starts, start, count;
    uint32_t  row;

    const uint64_t  cap = 65536;

    plan->rows = malloc(((size_t) n_rows + 1) * sizeof(uint32_t));
    starts = calloc(cap + 1, sizeof(uint64_t));

    if (plan->rows == NULL || starts == NULL) {
        free(starts);
        return RECS_NOMEM;
    }

    for (row = 0; row < n_rows; row++) {
        n = recs_ials_plan_n(offsets, row);
        starts[n < cap ? n : cap]++;
    }

    start = 0;

    for (n = cap; n > 0; n--) {
        count = starts[n];
        starts[n] = start;
        start += count;
    }

    plan->n_rows = (uint32_t) start;

    for (row = 0; row < n_rows; row++) {
        n = recs_ials_plan_n(offsets, row);

        if (n > 0) {
            plan->rows[starts[n < cap ? n : cap]++] = row;
        }
    }

    free(starts);

    return RECS_OK;
}


static recs_ials_form_t
recs_ials_plan_form(uint64_t n, uint32_t n_factors)
{
    if (n >= n_factors) {
        return RECS_IALS_PRIMAL;
    }

    return n <= RECS_LANES_N_MAX ? RECS_IALS_LANES : RECS_IALS_DUAL;
}


static double
recs_ials_plan_flops(uint64_t n_observed, uint32_t n_factors)
{
    double  n, d;

    n = (double) n_observed;
    d = n_factors;

    if (n < d) {
        return n * n * d + n * n * n / 3 + 2 * n * n + 3 * n * d;
    }

    return n * d * d + d * d * d / 3 + 2 * d * d + 3 * n * d;
}


recs_status_t
recs_ials_plan_init(recs_ials_plan_t *plan, const uint64_t *offsets,
    uint32_t n_rows, uint32_t n_factors, uint32_t n_lanes, recs_error_t *err)
{
    uint64_t            n;
    uint32_t            i;
    recs_ials_form_t    form;
    recs_ials_batch_t  *batch;

    memset(plan, 0, sizeof(recs_ials_plan_t));

    if (recs_ials_plan_sort(plan, offsets, n_rows) != RECS_OK) {
        goto nomem;
    }

    plan->batches = malloc(((size_t) plan->n_rows + 1)
                           * sizeof(recs_ials_batch_t));
    if (plan->batches == NULL) {
        goto nomem;
    }

    batch = NULL;

    for (i = 0; i < plan->n_rows; i++) {
        n = recs_ials_plan_n(offsets, plan->rows[i]);
        form = recs_ials_plan_form(n, n_factors);
        plan->flops += recs_ials_plan_flops(n, n_factors);

        if (batch != NULL && batch->form == RECS_IALS_LANES
            && batch->n_rows < n_lanes)
        {
            batch->n_rows++;
            continue;
        }

        batch = &plan->batches[plan->n_batches++];
        batch->first = i;
        batch->n_rows = 1;
        batch->form = form;
    }

    return RECS_OK;

nomem:

    recs_ials_plan_free(plan);

    return recs_error(err, RECS_NOMEM, "out of memory");
}


void
recs_ials_plan_free(recs_ials_plan_t *plan)
{
    free(plan->rows);
    free(plan->batches);
    memset(plan, 0, sizeof(recs_ials_plan_t));
}
