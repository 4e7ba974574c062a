/*
 * Every way of solving a row against a float64 brute force of the objective's
 * normal equation, on random data with rows of every kind.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_ials_solve.h"
#include "recs_rng.h"


#define N_USERS  300
#define N_ITEMS  200
#define A0       0.05
#define REG      0.02
#define NU       0.5


typedef struct {
    uint32_t   n_rows;
    uint32_t   n_columns;
    uint64_t  *offsets;
    uint32_t  *columns;
} csr_t;


/* Rows of 0, 1, 2, ..., and some of every column. */

static void
make_matrix(csr_t *m, uint32_t n_rows, uint32_t n_columns, uint64_t seed)
{
    uint32_t    u, n, i, j, t, *perm;
    recs_rng_t  rng;

    recs_rng_seed(&rng, seed);
    m->n_rows = n_rows;
    m->n_columns = n_columns;
    m->offsets = calloc(n_rows + 1, sizeof(uint64_t));
    m->columns = calloc((size_t) n_rows * n_columns, sizeof(uint32_t));
    perm = malloc(n_columns * sizeof(uint32_t));

    for (i = 0; i < n_columns; i++) {
        perm[i] = i;
    }

    for (u = 0; u < n_rows; u++) {
        n = u % 7 == 3 ? (uint32_t) (recs_rng_uniform(&rng) * 12)
                       : u % (n_columns + 1);

        for (i = 0; i < n; i++) {
            j = i + (uint32_t) (recs_rng_uniform(&rng) * (n_columns - i));
            t = perm[i];
            perm[i] = perm[j];
            perm[j] = t;
            m->columns[m->offsets[u] + i] = perm[i];
        }

        m->offsets[u + 1] = m->offsets[u] + n;
    }

    free(perm);
}


static void
transpose(const csr_t *m, csr_t *t)
{
    uint32_t  u, i;
    uint64_t  k, *at;

    t->n_rows = m->n_columns;
    t->n_columns = m->n_rows;
    t->offsets = calloc(t->n_rows + 1, sizeof(uint64_t));
    t->columns = calloc(m->offsets[m->n_rows] + 1, sizeof(uint32_t));
    at = calloc(t->n_rows + 1, sizeof(uint64_t));

    for (k = 0; k < m->offsets[m->n_rows]; k++) {
        t->offsets[m->columns[k] + 1]++;
    }

    for (i = 0; i < t->n_rows; i++) {
        t->offsets[i + 1] += t->offsets[i];
        at[i] = t->offsets[i];
    }

    for (u = 0; u < m->n_rows; u++) {
        for (k = m->offsets[u]; k < m->offsets[u + 1]; k++) {
            t->columns[at[m->columns[k]]++] = u;
        }
    }

    free(at);
}


static void
free_matrix(csr_t *m)
{
    free(m->offsets);
    free(m->columns);
}


/* Solves A x = b, [d][d], by Gaussian elimination with pivoting. */

static void
solve_dense(double *a, double *b, uint32_t d)
{
    double    t, factor;
    uint32_t  i, j, k, pivot;

    for (k = 0; k < d; k++) {
        pivot = k;

        for (i = k + 1; i < d; i++) {
            if (fabs(a[i * d + k]) > fabs(a[pivot * d + k])) {
                pivot = i;
            }
        }

        for (j = 0; j < d; j++) {
            t = a[k * d + j];
            a[k * d + j] = a[pivot * d + j];
            a[pivot * d + j] = t;
        }

        t = b[k];
        b[k] = b[pivot];
        b[pivot] = t;

        for (i = k + 1; i < d; i++) {
            factor = a[i * d + k] / a[k * d + k];

            for (j = k; j < d; j++) {
                a[i * d + j] -= factor * a[k * d + j];
            }

            b[i] -= factor * b[k];
        }
    }

    for (k = d; k-- > 0; ) {
        for (j = k + 1; j < d; j++) {
            b[k] -= a[k * d + j] * b[j];
        }

        b[k] /= a[k * d + k];
    }
}


static double
reg(double n, double n_fixed)
{
    return REG * pow(n + A0 * n_fixed, NU);
}


/* (a0 V'V + reg I + W'W) x = W'1 for row u, everything in double. */

static void
brute_force(const csr_t *m, uint32_t u, const float *v, uint32_t d,
    uint32_t stride, double *gram, double *x)
{
    double       *a;
    uint32_t      i, j;
    uint64_t      k;
    const float  *row;

    a = malloc(d * d * sizeof(double));

    for (i = 0; i < d * d; i++) {
        a[i] = A0 * gram[i];
    }

    memset(x, 0, d * sizeof(double));

    for (i = 0; i < d; i++) {
        a[i * d + i] += reg((double) (m->offsets[u + 1] - m->offsets[u]),
                            m->n_columns);
    }

    for (k = m->offsets[u]; k < m->offsets[u + 1]; k++) {
        row = v + (size_t) m->columns[k] * stride;

        for (i = 0; i < d; i++) {
            x[i] += row[i];

            for (j = 0; j < d; j++) {
                a[i * d + j] += (double) row[i] * row[j];
            }
        }
    }

    solve_dense(a, x, d);
    free(a);
}


static void
make_gram(const float *v, uint32_t n, uint32_t d, uint32_t stride,
    double *gram)
{
    uint32_t  i, j, row;

    memset(gram, 0, d * d * sizeof(double));

    for (row = 0; row < n; row++) {
        for (i = 0; i < d; i++) {
            for (j = 0; j < d; j++) {
                gram[i * d + j] += (double) v[row * stride + i]
                                   * v[row * stride + j];
            }
        }
    }
}


static double
dot(const float *a, const float *b, uint32_t d)
{
    double    sum;
    uint32_t  f;

    sum = 0;

    for (f = 0; f < d; f++) {
        sum += (double) a[f] * b[f];
    }

    return sum;
}


/* The objective as the paper writes it. */

static double
objective(const csr_t *m, const csr_t *t, const float *x, const float *v,
    uint32_t d, uint32_t stride)
{
    double    sum, s;
    uint32_t  u, i;
    uint64_t  k;

    sum = 0;

    for (u = 0; u < m->n_rows; u++) {
        for (i = 0; i < m->n_columns; i++) {
            s = dot(x + u * stride, v + i * stride, d);
            sum += A0 * s * s;
        }

        for (k = m->offsets[u]; k < m->offsets[u + 1]; k++) {
            s = dot(x + u * stride, v + m->columns[k] * stride, d);
            sum += (1 - s) * (1 - s);
        }

        sum += reg((double) (m->offsets[u + 1] - m->offsets[u]),
                   m->n_columns)
               * dot(x + u * stride, x + u * stride, d);
    }

    for (i = 0; i < t->n_rows; i++) {
        sum += reg((double) (t->offsets[i + 1] - t->offsets[i]),
                   t->n_columns)
               * dot(v + i * stride, v + i * stride, d);
    }

    return sum;
}


static float *
make_table(uint32_t n_rows, uint32_t d, uint32_t stride, uint64_t seed)
{
    float       *table;
    uint32_t     i, f;
    recs_rng_t   rng;

    recs_rng_seed(&rng, seed);
    table = aligned_alloc(64, (size_t) n_rows * stride * sizeof(float));
    memset(table, 0, (size_t) n_rows * stride * sizeof(float));

    for (i = 0; i < n_rows; i++) {
        for (f = 0; f < d; f++) {
            table[i * stride + f] = (float) (recs_rng_normal(&rng)
                                             / (1 + 0.1 * f));
        }
    }

    return table;
}


static void
check_factors(uint32_t d, const recs_lanes_t *lanes)
{
    csr_t                m, t;
    float               *x, *v, *eigenvalues;
    double              *gram, *want, loss, error, norm, diff;
    uint32_t             u, f, stride;
    recs_error_t         err;
    recs_threads_t      *threads;
    recs_ials_side_t     sides[2];
    recs_ials_params_t   params;
    recs_ials_solver_t  *solver;

    stride = (d + 15) / 16 * 16;
    make_matrix(&m, N_USERS, N_ITEMS, 7);
    transpose(&m, &t);
    x = make_table(N_USERS, 0, stride, 1);
    v = make_table(N_ITEMS, d, stride, 2);
    gram = malloc(d * d * sizeof(double));
    want = malloc(d * sizeof(double));
    eigenvalues = malloc(d * sizeof(float));

    sides[0] = (recs_ials_side_t) { N_USERS, m.offsets, m.columns, x, REG };
    sides[1] = (recs_ials_side_t) { N_ITEMS, t.offsets, t.columns, v, REG };
    params = (recs_ials_params_t) { d, stride, A0, NU };

    assert_int_equal(recs_threads_create(&threads, 2, &err), RECS_OK);
    assert_int_equal(recs_ials_solver_create(&solver, sides, &params, lanes,
                                             threads, &err), RECS_OK);
    assert_int_equal(recs_ials_solve(solver, 0, eigenvalues, &loss, &err),
                     RECS_OK);

    /* v is rotated now, so that its Gram is diagonal */

    make_gram(v, N_ITEMS, d, stride, gram);

    for (u = 0; u < d * d; u++) {
        norm = u % (d + 1) == 0 ? eigenvalues[u / (d + 1)] : 0;
        assert_true(fabs(gram[u] - norm) < 1e-5 * eigenvalues[d - 1]);
    }

    /* The long ones are slow: some of them, of every form as well. */
    for (u = 0; u < N_USERS; u += d > 100 ? 5 : 1) {
        brute_force(&m, u, v, d, stride, gram, want);
        error = 0;
        norm = 0;

        for (f = 0; f < d; f++) {
            diff = want[f] - x[u * stride + f];
            error += diff * diff;
            norm += want[f] * want[f];
        }

        if (m.offsets[u + 1] == m.offsets[u]) {
            assert_true(error == 0);

        } else {
            assert_true(sqrt(error / norm) < 1e-3);
        }
    }

    diff = objective(&m, &t, x, v, d, stride);
    assert_true(fabs(loss - diff) < 1e-4 * diff);

    recs_ials_solver_destroy(solver);
    recs_threads_destroy(threads);
    free_matrix(&m);
    free_matrix(&t);
    free(x);
    free(v);
    free(gram);
    free(want);
    free(eigenvalues);
}


/* 8: nearly all primal; 40, 64: many of both; 160: all three forms. */

static void
test_every_form(void **state)
{
    uint32_t             i, l;
    const recs_lanes_t  *lanes;
    const uint32_t       factors[] = { 1, 8, 40, 64, 160 };

    (void) state;

    for (l = 0; (lanes = recs_lanes_at(l)) != NULL; l++) {
        for (i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
            check_factors(factors[i], lanes);
        }
    }
}


/* One epoch from a seeded start with n_threads threads. */

static float *
run_epoch(uint32_t n_threads, uint32_t d)
{
    csr_t                m, t;
    float               *x, *v, *eigenvalues;
    uint32_t             stride;
    recs_error_t         err;
    recs_threads_t      *threads;
    recs_ials_side_t     sides[2];
    recs_ials_params_t   params;
    recs_ials_solver_t  *solver;

    stride = (d + 15) / 16 * 16;
    make_matrix(&m, N_USERS, N_ITEMS, 7);
    transpose(&m, &t);
    x = make_table(N_USERS, 0, stride, 1);
    v = make_table(N_ITEMS, d, stride, 3);
    eigenvalues = malloc(d * sizeof(float));

    sides[0] = (recs_ials_side_t) { N_USERS, m.offsets, m.columns, x, REG };
    sides[1] = (recs_ials_side_t) { N_ITEMS, t.offsets, t.columns, v, REG };
    params = (recs_ials_params_t) { d, stride, A0, NU };

    assert_int_equal(recs_threads_create(&threads, n_threads, &err),
                     RECS_OK);
    assert_int_equal(recs_ials_solver_create(&solver, sides, &params, NULL,
                                             threads, &err), RECS_OK);
    assert_int_equal(recs_ials_solve(solver, 0, eigenvalues, NULL, &err),
                     RECS_OK);
    assert_int_equal(recs_ials_solve(solver, 1, eigenvalues, NULL, &err),
                     RECS_OK);

    recs_ials_solver_destroy(solver);
    recs_threads_destroy(threads);
    free_matrix(&m);
    free_matrix(&t);
    free(x);
    free(eigenvalues);

    return v;
}


static void
test_same_bytes_for_any_threads(void **state)
{
    float     *one, *other;
    uint32_t   n_threads;

    (void) state;

    one = run_epoch(1, 96);

    for (n_threads = 2; n_threads <= 4; n_threads++) {
        other = run_epoch(n_threads, 96);
        assert_memory_equal(one, other, N_ITEMS * 96 * sizeof(float));
        free(other);
    }

    free(one);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_every_form),
        cmocka_unit_test(test_same_bytes_for_any_threads)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
