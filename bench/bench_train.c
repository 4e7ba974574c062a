/*
 * bench_train: an exact epoch of implicit ALS against sgemm's own speed and
 * against the textbook's epoch, a Cholesky factorisation of d x d per row,
 * on the same data, threads and BLAS.
 *
 *     bench_train DATASET [THREADS]
 *
 * One line of JSON.
 */

#include "bench_stats.h"
#include "recs_blas.h"
#include "recs_dataset.h"
#include "recs_ials_solve.h"
#include "recs_rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define BENCH_GEMM_N      3000
#define BENCH_ROWS        64          /* of the textbook, per chunk */
#define BENCH_WEIGHT      0.02265
#define BENCH_EXPONENT    0.35
#define BENCH_REG         0.058       /* raw */


typedef struct {
    const recs_ials_side_t  *side;
    const recs_ials_side_t  *fixed;
    uint32_t                 d;
    uint32_t                 stride;
    float                   *gram;    /* [d][d], of the fixed side */
    float                   *x;       /* [n_rows][stride] */
    float                  **rows;    /* by thread: [longest][stride] */
    float                  **matrix;  /* by thread: [d][d] */
} bench_textbook_t;


static double
bench_seconds(void)
{
    return (double) bench_now_ns() / 1e9;
}


/* The best of three, in GFLOP/s. */

static double
bench_gemm(uint32_t n_threads)
{
    int      i, n;
    float   *a, *b, *c;
    double   start, seconds, best;

    n = BENCH_GEMM_N;
    a = bench_alloc((size_t) n * n * sizeof(float));
    b = bench_alloc((size_t) n * n * sizeof(float));
    c = bench_alloc((size_t) n * n * sizeof(float));

    for (i = 0; i < n * n; i++) {
        a[i] = b[i] = 1e-3f * (float) (i % 77);
    }

    openblas_set_num_threads((int) n_threads);
    best = INFINITY;

    for (i = 0; i < 4; i++) {
        start = bench_seconds();
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a,
                    n, b, n, 0, c, n);
        seconds = bench_seconds() - start;
        best = i > 0 && seconds < best ? seconds : best;
    }

    openblas_set_num_threads(1);
    free(a);
    free(b);
    free(c);

    return 2.0 * n * n * n / best / 1e9;
}


/* (a0 G + reg I + W'W) x = W'1 for BENCH_ROWS rows. */

static void
bench_textbook_chunk(void *data, uint32_t chunk, uint32_t thread)
{
    int                info, one, d;
    float             *a, *w, *x, reg;
    uint32_t           u, end, f;
    uint64_t           k, n;
    bench_textbook_t  *t;

    t = data;
    a = t->matrix[thread];
    w = t->rows[thread];
    d = (int) t->d;
    one = 1;
    u = chunk * BENCH_ROWS;
    end = u + BENCH_ROWS < t->side->n_rows ? u + BENCH_ROWS
                                           : t->side->n_rows;

    for ( /* void */ ; u < end; u++) {
        n = t->side->offsets[u + 1] - t->side->offsets[u];
        x = t->x + (size_t) u * t->stride;
        memset(x, 0, t->d * sizeof(float));

        if (n == 0) {
            continue;
        }

        for (k = 0; k < n; k++) {
            memcpy(w + k * t->stride,
                   t->fixed->table
                   + (size_t) t->side->columns[t->side->offsets[u] + k]
                     * t->stride,
                   t->d * sizeof(float));
            cblas_saxpy(d, 1, w + k * t->stride, 1, x, 1);
        }

        reg = (float) (BENCH_REG * pow((double) n + BENCH_WEIGHT
                                                    * t->fixed->n_rows,
                                       BENCH_EXPONENT));
        memcpy(a, t->gram, (size_t) t->d * t->d * sizeof(float));

        for (f = 0; f < t->d; f++) {
            a[(size_t) f * t->d + f] += reg;
        }

        cblas_ssyrk(CblasColMajor, CblasLower, CblasNoTrans, d, (int) n, 1,
                    w, (int) t->stride, 1, a, d);
        spotrf_("L", &d, a, &d, &info);
        spotrs_("L", &d, &one, a, &d, x, &d, &info);
    }
}


/* Half an epoch as the textbook has it; returns its seconds. */

static double
bench_textbook(const recs_ials_side_t *side, const recs_ials_side_t *fixed,
    uint32_t d, uint32_t stride, recs_threads_t *threads, float *x)
{
    double             start;
    uint32_t           i, u;
    uint64_t           n, longest;
    bench_textbook_t   t;

    t.side = side;
    t.fixed = fixed;
    t.d = d;
    t.stride = stride;
    t.x = x;
    t.gram = bench_alloc((size_t) d * d * sizeof(float));
    t.rows = bench_alloc(recs_threads_n(threads) * sizeof(float *));
    t.matrix = bench_alloc(recs_threads_n(threads) * sizeof(float *));
    longest = 1;

    for (u = 0; u < side->n_rows; u++) {
        n = side->offsets[u + 1] - side->offsets[u];
        longest = n > longest ? n : longest;
    }

    for (i = 0; i < recs_threads_n(threads); i++) {
        t.rows[i] = bench_alloc(longest * stride * sizeof(float));
        t.matrix[i] = bench_alloc((size_t) d * d * sizeof(float));
    }

    start = bench_seconds();

    cblas_ssyrk(CblasColMajor, CblasLower, CblasNoTrans, (int) d,
                (int) fixed->n_rows, (float) BENCH_WEIGHT, fixed->table,
                (int) stride, 0, t.gram, (int) d);
    recs_threads_run(threads, (side->n_rows + BENCH_ROWS - 1) / BENCH_ROWS,
                     bench_textbook_chunk, &t);

    start = bench_seconds() - start;

    for (i = 0; i < recs_threads_n(threads); i++) {
        free(t.rows[i]);
        free(t.matrix[i]);
    }

    free(t.gram);
    free(t.rows);
    free(t.matrix);

    return start;
}


/* |a - b| / |b| over whole tables. */

static double
bench_difference(const float *a, const float *b, size_t n)
{
    size_t  i;
    double  difference, norm;

    difference = 0;
    norm = 0;

    for (i = 0; i < n; i++) {
        difference += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
        norm += (double) b[i] * b[i];
    }

    return sqrt(difference / norm);
}


static void
bench_solve(recs_ials_solver_t *solver, uint32_t side, float *eigenvalues)
{
    recs_error_t  err;

    if (recs_ials_solve(solver, side, eigenvalues, NULL, &err) != RECS_OK) {
        bench_die("%s", err.message);
    }
}


static void
bench_factors(const recs_ials_side_t given[2], uint32_t d, double gemm,
    recs_threads_t *threads)
{
    float               *x, *eigenvalues;
    double               start, seconds, best, textbook, flops;
    uint32_t             i, f, stride;
    recs_rng_t           rng;
    recs_error_t         err;
    recs_ials_side_t     sides[2];
    recs_ials_params_t   params;
    recs_ials_solver_t  *solver;

    stride = (d + RECS_LANES_STRIDE - 1) / RECS_LANES_STRIDE
             * RECS_LANES_STRIDE;
    eigenvalues = bench_alloc(d * sizeof(float));

    for (i = 0; i < 2; i++) {
        sides[i] = given[i];
        sides[i].table = bench_alloc((size_t) sides[i].n_rows * stride
                                     * sizeof(float));
        sides[i].regularization = BENCH_REG;
    }

    x = bench_alloc((size_t) (sides[0].n_rows + sides[1].n_rows) * stride
                    * sizeof(float));

    recs_rng_seed(&rng, 1);

    for (i = 0; i < sides[1].n_rows; i++) {
        for (f = 0; f < d; f++) {
            sides[1].table[(size_t) i * stride + f] =
                             (float) (0.1 / sqrt(d) * recs_rng_normal(&rng));
        }
    }

    params.n_factors = d;
    params.stride = stride;
    params.unobserved_weight = BENCH_WEIGHT;
    params.exponent = BENCH_EXPONENT;

    if (recs_ials_solver_create(&solver, sides, &params, NULL, threads, &err)
        != RECS_OK)
    {
        bench_die("%s", err.message);
    }

    best = INFINITY;

    for (i = 0; i < 4; i++) {
        start = bench_seconds();
        bench_solve(solver, 0, eigenvalues);
        bench_solve(solver, 1, eigenvalues);
        seconds = bench_seconds() - start;
        best = seconds < best ? seconds : best;
    }

    flops = recs_ials_solve_flops(solver, 0)
            + recs_ials_solve_flops(solver, 1);

    textbook = bench_textbook(&sides[1], &sides[0], d, stride, threads, x)
               + bench_textbook(&sides[0], &sides[1], d, stride, threads, x);

    /* the same users from the same items, in the same basis */
    bench_solve(solver, 0, eigenvalues);
    bench_textbook(&sides[0], &sides[1], d, stride, threads, x);

    printf("{\"factors\":%u,\"epoch_s\":%.4f,\"gflop\":%.3f,"
           "\"gflops\":%.2f,\"sgemm_gflops\":%.2f,\"textbook_s\":%.4f,"
           "\"difference\":%.1e}", d, best, flops / 1e9, flops / best / 1e9,
           gemm, textbook,
           bench_difference(sides[0].table, x,
                            (size_t) sides[0].n_rows * stride));

    recs_ials_solver_destroy(solver);
    free(sides[0].table);
    free(sides[1].table);
    free(x);
    free(eigenvalues);
}


int
main(int argc, char **argv)
{
    double                      gemm;
    uint32_t                    i, n_threads, *users;
    uint64_t                   *item_offsets;
    recs_error_t                err;
    recs_dataset_t             *dataset;
    recs_threads_t             *threads;
    recs_ials_side_t            sides[2];
    const recs_dataset_view_t  *view;

    static const uint32_t       factors[] = { 64, 128, 256 };

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: bench_train DATASET [THREADS]\n");
        return 2;
    }

    n_threads = argc > 2 ? (uint32_t) strtoul(argv[2], NULL, 10) : 2;

    if (recs_dataset_open(&dataset, argv[1], &err) != RECS_OK
        || recs_dataset_transpose(recs_dataset_view(dataset), &item_offsets,
                                  &users, NULL, &err) != RECS_OK
        || recs_threads_create(&threads, n_threads, &err) != RECS_OK)
    {
        bench_die("%s", err.message);
    }

    view = recs_dataset_view(dataset);
    memset(sides, 0, sizeof(sides));
    sides[0].n_rows = view->n_users;
    sides[0].offsets = view->user_offsets;
    sides[0].columns = view->items;
    sides[1].n_rows = view->n_items;
    sides[1].offsets = item_offsets;
    sides[1].columns = users;

    gemm = bench_gemm(recs_threads_n(threads));

    printf("{\"users\":%u,\"items\":%u,\"interactions\":%llu,"
           "\"threads\":%u,\"lanes\":\"%s\",\"openblas\":\"%s\","
           "\"epochs\":[", view->n_users, view->n_items,
           (unsigned long long) view->n_interactions,
           recs_threads_n(threads), recs_lanes_at(0)->name,
           openblas_get_config());

    for (i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
        printf("%s", i > 0 ? "," : "");
        bench_factors(sides, factors[i], gemm, threads);
    }

    printf("]}\n");

    recs_threads_destroy(threads);
    recs_dataset_close(dataset);
    free(item_offsets);
    free(users);

    return 0;
}
