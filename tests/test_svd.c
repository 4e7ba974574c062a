/*
 * The randomised decomposition against a dense one, by one-sided Jacobi
 * rotations in double precision.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_rng.h"
#include "recs_svd.h"


#define N_ROWS     130
#define N_COLUMNS  90


static recs_error_t     err;
static recs_threads_t  *threads;

static uint64_t  offsets[N_ROWS + 1];
static uint32_t  columns[N_ROWS * N_COLUMNS];
static float     values[N_ROWS * N_COLUMNS];


/* About so many of a hundred elements are there. */
static recs_sparse_t
sparse(unsigned percent, int with_values)
{
    uint32_t       i, j;
    recs_rng_t     rng;
    recs_sparse_t  a;

    recs_rng_seed(&rng, 7);
    offsets[0] = 0;

    for (i = 0; i < N_ROWS; i++) {
        offsets[i + 1] = offsets[i];

        for (j = 0; j < N_COLUMNS; j++) {
            if (recs_rng_next(&rng) % 100 < percent) {
                columns[offsets[i + 1]] = j;
                values[offsets[i + 1]++] = (float) recs_rng_normal(&rng);
            }
        }
    }

    a.n_rows = N_ROWS;
    a.n_columns = N_COLUMNS;
    a.offsets = offsets;
    a.columns = columns;
    a.values = with_values ? values : NULL;

    return a;
}


static double
element(const recs_sparse_t *a, uint32_t i, uint32_t j)
{
    uint64_t  k;

    for (k = a->offsets[i]; k < a->offsets[i + 1]; k++) {
        if (a->columns[k] == j) {
            return a->values != NULL ? (double) a->values[k] : 1;
        }
    }

    return 0;
}


static int
falling(const void *a, const void *b)
{
    double  x, y;

    x = *(const double *) a;
    y = *(const double *) b;

    return x > y ? -1 : x < y;
}


/* Rotates pairs of columns until all are orthogonal: their lengths. */
static void
dense_values(const recs_sparse_t *a, double s[N_COLUMNS])
{
    double         alpha, beta, gamma, zeta, t, c, sine, x;
    uint32_t       i, p, q, round;
    static double  w[N_COLUMNS][N_ROWS];

    for (p = 0; p < N_COLUMNS; p++) {
        for (i = 0; i < N_ROWS; i++) {
            w[p][i] = element(a, i, p);
        }
    }

    for (round = 0; round < 30; round++) {
        for (p = 0; p < N_COLUMNS; p++) {
            for (q = p + 1; q < N_COLUMNS; q++) {
                alpha = beta = gamma = 0;

                for (i = 0; i < N_ROWS; i++) {
                    alpha += w[p][i] * w[p][i];
                    beta += w[q][i] * w[q][i];
                    gamma += w[p][i] * w[q][i];
                }

                if (fabs(gamma) <= 1e-15 * sqrt(alpha * beta)) {
                    continue;
                }

                zeta = (beta - alpha) / (2 * gamma);
                t = (zeta < 0 ? -1 : 1) / (fabs(zeta)
                                           + sqrt(1 + zeta * zeta));
                c = 1 / sqrt(1 + t * t);
                sine = c * t;

                for (i = 0; i < N_ROWS; i++) {
                    x = w[p][i];
                    w[p][i] = c * x - sine * w[q][i];
                    w[q][i] = sine * x + c * w[q][i];
                }
            }
        }
    }

    for (p = 0; p < N_COLUMNS; p++) {
        s[p] = 0;

        for (i = 0; i < N_ROWS; i++) {
            s[p] += w[p][i] * w[p][i];
        }

        s[p] = sqrt(s[p]);
    }

    qsort(s, N_COLUMNS, sizeof(double), falling);
}


static void
assert_orthonormal(const float *block, uint32_t n, uint32_t rank)
{
    double    sum;
    uint32_t  i, f, g;

    for (f = 0; f < rank; f++) {
        for (g = 0; g <= f; g++) {
            sum = 0;

            for (i = 0; i < n; i++) {
                sum += (double) block[i * rank + f] * block[i * rank + g];
            }

            assert_true(fabs(sum - (f == g)) < 1e-4);
        }
    }
}


/* A v = s u, for each of the triplets. */
static void
assert_triplets(const recs_sparse_t *a, const recs_svd_t *svd, double margin)
{
    double    sum, error;
    uint32_t  i, j, f;

    for (f = 0; f < svd->rank; f++) {
        error = 0;

        for (i = 0; i < a->n_rows; i++) {
            sum = 0;

            for (j = 0; j < a->n_columns; j++) {
                sum += element(a, i, j) * svd->v[j * svd->rank + f];
            }

            sum -= (double) svd->s[f] * svd->u[i * svd->rank + f];
            error += sum * sum;
        }

        assert_true(sqrt(error) <= margin * svd->s[0]);
    }
}


static void
check(const recs_sparse_t *a, uint32_t rank, double margin)
{
    double             expected[N_COLUMNS];
    uint32_t           f;
    recs_svd_t         svd = { 0 };
    recs_svd_params_t  params = { rank, RECS_SVD_ITERATIONS, 1 };

    dense_values(a, expected);
    assert_int_equal(recs_svd(&svd, a, &params, threads, &err), RECS_OK);
    assert_int_equal(svd.rank, rank);

    for (f = 0; f < rank; f++) {
        assert_true(fabs(svd.s[f] - expected[f]) <= margin * expected[0]);
    }

    assert_orthonormal(svd.u, a->n_rows, rank);
    assert_orthonormal(svd.v, a->n_columns, rank);
    assert_triplets(a, &svd, 100 * margin);
    recs_svd_free(&svd);
}


static void
test_svd_as_dense(void **state)
{
    recs_sparse_t  a;

    (void) state;

    a = sparse(20, 1);
    check(&a, 10, 1e-3);

    /* As wide as the matrix: nothing is left to chance. */
    check(&a, N_COLUMNS - 3, 2e-6);

    a = sparse(10, 0);
    check(&a, 10, 1e-3);
}


/* An outer product: all singular values but the first are 0. */
static void
test_svd_low_rank(void **state)
{
    double             sum;
    uint32_t           i, j;
    recs_svd_t         svd = { 0 };
    recs_sparse_t      a;
    recs_svd_params_t  params = { 5, RECS_SVD_ITERATIONS, 1 };

    (void) state;

    a = sparse(100, 1);
    sum = 0;

    for (i = 0; i < N_ROWS; i++) {
        for (j = 0; j < N_COLUMNS; j++) {
            values[i * N_COLUMNS + j] = (float) (i % 7 + 1) * (j % 5 + 1);
            sum += pow((double) values[i * N_COLUMNS + j], 2);
        }
    }

    assert_int_equal(recs_svd(&svd, &a, &params, threads, &err), RECS_OK);
    assert_true(fabs(svd.s[0] - sqrt(sum)) < 1e-5 * sqrt(sum));
    assert_true(svd.s[1] < 1e-5 * svd.s[0]);
    assert_orthonormal(svd.u, N_ROWS, 5);
    assert_orthonormal(svd.v, N_COLUMNS, 5);
    assert_triplets(&a, &svd, 1e-5);
    recs_svd_free(&svd);
}


static void
test_svd_same_for_any_threads(void **state)
{
    recs_svd_t         one = { 0 }, two = { 0 };
    recs_sparse_t      a;
    recs_threads_t    *single;
    recs_svd_params_t  params = { 8, 2, 3 };

    (void) state;

    a = sparse(30, 1);
    assert_int_equal(recs_threads_create(&single, 1, &err), RECS_OK);
    assert_int_equal(recs_svd(&one, &a, &params, threads, &err), RECS_OK);
    assert_int_equal(recs_svd(&two, &a, &params, single, &err), RECS_OK);

    assert_memory_equal(one.u, two.u, N_ROWS * 8 * sizeof(float));
    assert_memory_equal(one.s, two.s, 8 * sizeof(float));
    assert_memory_equal(one.v, two.v, N_COLUMNS * 8 * sizeof(float));

    recs_svd_free(&one);
    recs_svd_free(&two);
    recs_threads_destroy(single);
}


static void
test_svd_of_nothing_is_zero(void **state)
{
    uint32_t           f;
    uint64_t           k, n, end;
    recs_svd_t         svd = { 0 };
    recs_sparse_t      a;
    recs_svd_params_t  params = { 12, 3, 1 };

    (void) state;

    /* Row 40 and column 7 have nothing. */
    a = sparse(30, 1);

    k = 0;
    n = 0;

    for (f = 0; f < N_ROWS; f++) {
        for (end = offsets[f + 1]; k < end; k++) {
            if (f != 40 && columns[k] != 7) {
                columns[n] = columns[k];
                values[n++] = values[k];
            }
        }

        offsets[f + 1] = n;
    }

    assert_int_equal(offsets[40], offsets[41]);
    assert_int_equal(recs_svd(&svd, &a, &params, threads, &err), RECS_OK);

    for (f = 0; f < 12; f++) {
        assert_true(svd.u[40 * 12 + f] == 0);
        assert_true(svd.v[7 * 12 + f] == 0);
        assert_true(svd.u[41 * 12 + f] != 0);
    }

    recs_svd_free(&svd);
}


static void
test_svd_refuses(void **state)
{
    recs_svd_t         svd = { 0 };
    recs_sparse_t      a;
    recs_svd_params_t  params = { 0, 2, 3 };

    (void) state;

    a = sparse(30, 1);
    assert_int_equal(recs_svd(&svd, &a, &params, threads, &err),
                     RECS_INVALID);

    params.rank = N_COLUMNS + 1;
    assert_int_equal(recs_svd(&svd, &a, &params, threads, &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "130 x 90"));

    params.rank = 4;
    values[100] = NAN;
    assert_int_equal(recs_svd(&svd, &a, &params, threads, &err),
                     RECS_INVALID);
    assert_null(svd.u);
}


static void
test_sparse_transpose(void **state)
{
    uint32_t            i, j;
    recs_sparse_t       a;
    recs_sparse_copy_t  t = { 0 };

    (void) state;

    a = sparse(15, 1);
    assert_int_equal(recs_sparse_transpose(&t, &a, &err), RECS_OK);
    assert_int_equal(t.matrix.n_rows, N_COLUMNS);
    assert_int_equal(t.matrix.n_columns, N_ROWS);

    for (i = 0; i < N_ROWS; i++) {
        for (j = 0; j < N_COLUMNS; j++) {
            assert_true(element(&a, i, j) == element(&t.matrix, j, i));
        }
    }

    recs_sparse_copy_free(&t);
}


static int
setup(void **state)
{
    (void) state;

    return recs_threads_create(&threads, 2, &err);
}


static int
teardown(void **state)
{
    (void) state;

    recs_threads_destroy(threads);

    return 0;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_svd_as_dense),
        cmocka_unit_test(test_svd_low_rank),
        cmocka_unit_test(test_svd_same_for_any_threads),
        cmocka_unit_test(test_svd_of_nothing_is_zero),
        cmocka_unit_test(test_svd_refuses),
        cmocka_unit_test(test_sparse_transpose),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
