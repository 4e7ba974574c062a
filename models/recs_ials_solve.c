#include "recs_ials_solve.h"
#include "recs_blas.h"
#include "recs_gram.h"
#include "recs_ials_plan.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_IALS_ALIGN         64
#define RECS_IALS_PACK_ROWS     256      /* gathered at once, primal form */
#define RECS_IALS_PENALTY_ROWS  1024     /* per chunk of the penalty */


/* What one thread needs to solve one batch. */
typedef struct {
    void    *lanes;                      /* recs_lanes_scratch() */
    float   *scales;                     /* [RECS_LANES_MAX][stride] */
    float   *unused;                     /* [stride] */
    float   *packed;                     /* [PACK_ROWS or d][stride] */
    float   *matrix;                     /* [d][d] */
    float   *vector;                     /* [stride] */
} recs_ials_scratch_t;

struct recs_ials_solver_s {
    recs_ials_side_t        sides[2];
    recs_ials_plan_t        plans[2];
    recs_ials_params_t      params;
    const recs_lanes_t     *lanes;
    recs_threads_t         *threads;

    recs_ials_scratch_t    *scratch;     /* [n_threads] */
    void                   *memory;      /* of the scratch */
    double                 *losses;      /* [batches or penalty chunks] */

    /* the half-epoch that runs */
    uint32_t                side;
    const float            *eigenvalues;
};


static double
recs_ials_regularization(const recs_ials_solver_t *solver, uint32_t side,
    uint64_t n)
{
    double  mass;

    mass = (double) n + solver->params.unobserved_weight
                        * solver->sides[!side].n_rows;

    return solver->sides[side].regularization
           * pow(mass, solver->params.exponent);
}


/* D^-1/2 of a row of n observations; the padding gets 0. */

static void
recs_ials_scale(const recs_ials_solver_t *solver, uint64_t n, float *scale)
{
    double    reg, d;
    uint32_t  f;

    reg = recs_ials_regularization(solver, solver->side, n);

    for (f = 0; f < solver->params.n_factors; f++) {
        d = solver->params.unobserved_weight
            * (double) solver->eigenvalues[f] + reg;
        scale[f] = (float) (1 / sqrt(d > FLT_MIN ? d : FLT_MIN));
    }

    for ( /* void */ ; f < solver->params.stride; f++) {
        scale[f] = 0;
    }
}


static double
recs_ials_solve_lanes(const recs_ials_solver_t *solver,
    const recs_ials_batch_t *batch, recs_ials_scratch_t *scratch)
{
    float                   *scale;
    double                   loss;
    uint32_t                 i, u, stride;
    recs_lanes_row_t         rows[RECS_LANES_MAX];
    const recs_ials_side_t  *side;

    side = &solver->sides[solver->side];
    stride = solver->params.stride;
    scale = scratch->scales;

    for (i = 0; i < batch->n_rows; i++) {
        u = solver->plans[solver->side].rows[batch->first + i];
        rows[i].columns = side->columns + side->offsets[u];
        rows[i].n = (uint32_t) (side->offsets[u + 1] - side->offsets[u]);
        rows[i].x = side->table + (size_t) u * stride;

        if (i == 0 || rows[i].n != rows[i - 1].n) {
            scale = scratch->scales + (size_t) i * stride;
            recs_ials_scale(solver, rows[i].n, scale);
        }

        rows[i].scale = scale;
    }

    for ( /* void */ ; i < solver->lanes->lanes; i++) {
        rows[i] = rows[0];
        rows[i].n = 0;
        rows[i].x = scratch->unused;
    }

    solver->lanes->solve(rows, solver->sides[!solver->side].table, stride,
                         scratch->lanes);

    loss = 0;

    for (i = 0; i < batch->n_rows; i++) {
        loss += rows[i].loss;
    }

    return loss;
}


/* Replaces b by matrix^-1 b, matrix [n][n] holding its lower triangle. */

static int
recs_ials_cholesky(float *matrix, float *b, uint32_t n)
{
    int  size, one, info;

    size = (int) n;
    one = 1;

    spotrf_("L", &size, matrix, &size, &info);

    if (info == 0) {
        spotrs_("L", &size, &one, matrix, &size, b, &size, &info);
    }

    return info == 0;
}


static double
recs_ials_solve_dual(const recs_ials_solver_t *solver,
    const uint32_t *columns, uint32_t n, float *x,
    recs_ials_scratch_t *scratch)
{
    float        *y;
    double        loss;
    uint32_t      i, f, stride;
    const float  *table;

    stride = solver->params.stride;
    table = solver->sides[!solver->side].table;
    y = scratch->vector;

    recs_ials_scale(solver, n, scratch->scales);
    solver->lanes->pack(columns, n, table, stride, scratch->scales,
                        scratch->packed);

    cblas_ssyrk(CblasColMajor, CblasLower, CblasTrans, (int) n,
                (int) solver->params.n_factors, 1, scratch->packed,
                (int) stride, 0, scratch->matrix, (int) n);

    for (i = 0; i < n; i++) {
        scratch->matrix[(size_t) i * n + i] += 1;
        y[i] = 1;
    }

    if (!recs_ials_cholesky(scratch->matrix, y, n)) {
        return NAN;
    }

    cblas_sgemv(CblasColMajor, CblasNoTrans, (int) stride, (int) n, 1,
                scratch->packed, (int) stride, y, 1, 0, x, 1);

    for (f = 0; f < stride; f++) {
        x[f] *= scratch->scales[f];
    }

    loss = 0;

    for (i = 0; i < n; i++) {
        loss += y[i];
    }

    return loss;
}


static double
recs_ials_solve_primal(const recs_ials_solver_t *solver,
    const uint32_t *columns, uint64_t n, float *x,
    recs_ials_scratch_t *scratch)
{
    float        *z, *b;
    double        gain;
    uint64_t      i, done, block;
    uint32_t      f, d, stride;
    const float  *table;

    d = solver->params.n_factors;
    stride = solver->params.stride;
    table = solver->sides[!solver->side].table;
    b = x;
    z = scratch->vector;

    recs_ials_scale(solver, n, scratch->scales);
    memset(b, 0, stride * sizeof(float));

    for (done = 0; done < n; done += block) {
        block = n - done < RECS_IALS_PACK_ROWS ? n - done
                                               : RECS_IALS_PACK_ROWS;

        solver->lanes->pack(columns + done, (uint32_t) block, table, stride,
                            scratch->scales, scratch->packed);

        cblas_ssyrk(CblasColMajor, CblasLower, CblasNoTrans, (int) d,
                    (int) block, 1, scratch->packed, (int) stride,
                    done == 0 ? 0 : 1, scratch->matrix, (int) d);

        for (i = 0; i < block; i++) {
            cblas_saxpy((int) d, 1, scratch->packed + i * stride, 1, b, 1);
        }
    }

    for (f = 0; f < d; f++) {
        scratch->matrix[(size_t) f * d + f] += 1;
    }

    memcpy(z, b, d * sizeof(float));

    if (!recs_ials_cholesky(scratch->matrix, z, d)) {
        return NAN;
    }

    gain = 0;

    for (f = 0; f < d; f++) {
        gain += (double) z[f] * b[f];
        x[f] = z[f] * scratch->scales[f];
    }

    return (double) n - gain;
}


static void
recs_ials_solve_batch(void *data, uint32_t chunk, uint32_t thread)
{
    float                    *x;
    uint64_t                  n;
    uint32_t                  u;
    const uint32_t           *columns;
    recs_ials_solver_t       *solver;
    recs_ials_scratch_t      *scratch;
    const recs_ials_side_t   *side;
    const recs_ials_batch_t  *batch;

    solver = data;
    scratch = &solver->scratch[thread];
    side = &solver->sides[solver->side];
    batch = &solver->plans[solver->side].batches[chunk];

    if (batch->form == RECS_IALS_LANES) {
        solver->losses[chunk] = recs_ials_solve_lanes(solver, batch, scratch);
        return;
    }

    u = solver->plans[solver->side].rows[batch->first];
    columns = side->columns + side->offsets[u];
    n = side->offsets[u + 1] - side->offsets[u];
    x = side->table + (size_t) u * solver->params.stride;

    if (batch->form == RECS_IALS_DUAL) {
        solver->losses[chunk] = recs_ials_solve_dual(solver, columns,
                                                     (uint32_t) n, x,
                                                     scratch);
        return;
    }

    solver->losses[chunk] = recs_ials_solve_primal(solver, columns, n, x,
                                                   scratch);
}


/* reg(n_v) |v|^2 over the rows of the fixed side. */

static void
recs_ials_penalty(void *data, uint32_t chunk, uint32_t thread)
{
    double                   sum;
    uint32_t                 v, end, fixed;
    const float             *row;
    recs_ials_solver_t      *solver;
    const recs_ials_side_t  *side;

    (void) thread;

    solver = data;
    fixed = !solver->side;
    side = &solver->sides[fixed];

    v = chunk * RECS_IALS_PENALTY_ROWS;
    end = side->n_rows - v < RECS_IALS_PENALTY_ROWS
          ? side->n_rows : v + RECS_IALS_PENALTY_ROWS;
    sum = 0;

    for ( /* void */ ; v < end; v++) {
        row = side->table + (size_t) v * solver->params.stride;
        sum += (double) cblas_sdot((int) solver->params.n_factors, row, 1,
                                   row, 1)
               * recs_ials_regularization(solver, fixed, side->offsets[v + 1]
                                                  - side->offsets[v]);
    }

    solver->losses[chunk] = sum;
}


static double
recs_ials_sum_losses(const recs_ials_solver_t *solver, uint32_t n)
{
    double    sum;
    uint32_t  i;

    sum = 0;

    for (i = 0; i < n; i++) {
        sum += solver->losses[i];
    }

    return sum;
}


recs_status_t
recs_ials_solve(recs_ials_solver_t *solver, uint32_t side,
    float *eigenvalues, double *loss, recs_error_t *err)
{
    double             sum;
    uint32_t           n_chunks;
    recs_status_t      status;
    recs_ials_side_t  *fixed;

    fixed = &solver->sides[!side];
    solver->side = side;
    solver->eigenvalues = eigenvalues;

    status = recs_gram_rotate(fixed->table, fixed->n_rows,
                              solver->params.n_factors,
                              solver->params.stride, solver->threads,
                              eigenvalues, err);
    if (status != RECS_OK) {
        return status;
    }

    recs_threads_run(solver->threads, solver->plans[side].n_batches,
                     recs_ials_solve_batch, solver);

    sum = recs_ials_sum_losses(solver, solver->plans[side].n_batches);

    if (!isfinite(sum)) {
        return recs_error(err, RECS_INVALID, "training diverged; raise "
                          "regularization or unobserved_weight");
    }

    if (loss != NULL) {
        n_chunks = (uint32_t) (((uint64_t) fixed->n_rows
                                + RECS_IALS_PENALTY_ROWS - 1)
                               / RECS_IALS_PENALTY_ROWS);
        recs_threads_run(solver->threads, n_chunks, recs_ials_penalty,
                         solver);
        *loss = sum + recs_ials_sum_losses(solver, n_chunks);
    }

    return RECS_OK;
}


double
recs_ials_solve_flops(const recs_ials_solver_t *solver, uint32_t side)
{
    double  d;

    d = solver->params.n_factors;

    return solver->plans[side].flops
           + 3 * d * d * solver->sides[!side].n_rows;
}


/* One allocation, cut up: all sizes are multiples of RECS_IALS_ALIGN. */

static recs_status_t
recs_ials_scratch_create(recs_ials_solver_t *solver)
{
    char                 *p;
    size_t                d, stride, n_packed, sizes[6], total;
    uint32_t              i, j, n_threads;
    recs_ials_scratch_t  *s;

    d = solver->params.n_factors;
    stride = solver->params.stride;
    n_threads = recs_threads_n(solver->threads);
    n_packed = d > RECS_IALS_PACK_ROWS ? d : RECS_IALS_PACK_ROWS;

    sizes[0] = recs_lanes_scratch(solver->lanes, (uint32_t) stride);
    sizes[1] = RECS_LANES_MAX * stride * sizeof(float);
    sizes[2] = stride * sizeof(float);
    sizes[3] = n_packed * stride * sizeof(float);
    sizes[4] = d * d * sizeof(float);
    sizes[5] = stride * sizeof(float);

    total = 0;

    for (i = 0; i < 6; i++) {
        sizes[i] = (sizes[i] + RECS_IALS_ALIGN - 1)
                   / RECS_IALS_ALIGN * RECS_IALS_ALIGN;
        total += sizes[i];
    }

    solver->scratch = calloc(n_threads, sizeof(recs_ials_scratch_t));
    solver->memory = aligned_alloc(RECS_IALS_ALIGN, total * n_threads);

    if (solver->scratch == NULL || solver->memory == NULL) {
        return RECS_NOMEM;
    }

    p = solver->memory;

    for (i = 0; i < n_threads; i++) {
        char  *parts[6];

        for (j = 0; j < 6; j++) {
            parts[j] = p;
            p += sizes[j];
        }

        s = &solver->scratch[i];
        s->lanes = parts[0];
        s->scales = (float *) parts[1];
        s->unused = (float *) parts[2];
        s->packed = (float *) parts[3];
        s->matrix = (float *) parts[4];
        s->vector = (float *) parts[5];
    }

    return RECS_OK;
}


recs_status_t
recs_ials_solver_create(recs_ials_solver_t **solver,
    const recs_ials_side_t sides[2], const recs_ials_params_t *params,
    const recs_lanes_t *lanes, recs_threads_t *threads, recs_error_t *err)
{
    size_t               n_losses;
    uint32_t             i;
    recs_status_t        status;
    recs_ials_solver_t  *s;

    s = calloc(1, sizeof(recs_ials_solver_t));
    if (s == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    s->sides[0] = sides[0];
    s->sides[1] = sides[1];
    s->params = *params;
    s->lanes = lanes != NULL ? lanes : recs_lanes_at(0);
    s->threads = threads;

    openblas_set_num_threads(1);

    n_losses = 1;

    for (i = 0; i < 2; i++) {
        status = recs_ials_plan_init(&s->plans[i], sides[i].offsets,
                                     sides[i].n_rows, params->n_factors,
                                     s->lanes->lanes, err);
        if (status != RECS_OK) {
            goto failed;
        }

        n_losses += s->plans[i].n_batches + sides[i].n_rows
                                            / RECS_IALS_PENALTY_ROWS + 1;
    }

    s->losses = malloc(n_losses * sizeof(double));

    if (s->losses == NULL || recs_ials_scratch_create(s) != RECS_OK) {
        status = recs_error(err, RECS_NOMEM, "out of memory");
        goto failed;
    }

    *solver = s;

    return RECS_OK;

failed:

    recs_ials_solver_destroy(s);

    return status;
}


void
recs_ials_solver_destroy(recs_ials_solver_t *solver)
{
    if (solver == NULL) {
        return;
    }

    recs_ials_plan_free(&solver->plans[0]);
    recs_ials_plan_free(&solver->plans[1]);
    free(solver->scratch);
    free(solver->memory);
    free(solver->losses);
    free(solver);
}
