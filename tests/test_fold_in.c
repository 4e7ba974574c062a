/*
 * Fold-in against a float64 solution of the equation in recs_model.h.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_fold_in.h"
#include "recs_rng.h"
#include "recs_tiny_view.h"


#define N_ITEMS  300


static uint32_t
below(recs_rng_t *rng, uint32_t n)
{
    return (uint32_t) (recs_rng_next(rng) % n);
}


/*
 * A view of random rows, spread as widely as their factors' number says; the
 * Gram diagonal is that of so many items as the rows stand for.
 */

static recs_bundle_view_t *
make_view(uint32_t d, recs_rng_t *rng, float *gram)
{
    float               *rows;
    double               scale;
    uint32_t             i;
    recs_bundle_view_t  *view;

    rows = calloc(N_ITEMS * d, sizeof(float));

    for (i = 0; i < N_ITEMS * d; i++) {
        scale = 1.5 / sqrt(d) * pow(1 + i % d, -0.3);
        rows[i] = (float) (recs_rng_normal(rng) * scale);
    }

    for (i = 0; i < d; i++) {
        gram[i] = (float) (recs_rng_uniform(rng) * 40000 / d);
    }

    view = recs_tiny_view(rows, N_ITEMS, d, 33);
    view->gram = gram;
    view->unobserved_weight = 0.02;
    view->regularization = 0.003;
    view->regularization_exponent = 0.5;
    free(rows);

    return view;
}


/* The equation of recs_fold_in.h as it stands, d x d, in float64. */

static void
solve_dense(const recs_bundle_view_t *view, const uint32_t *items,
    const float *weights, uint32_t n, double *x)
{
    double       *a, w, reg, factor;
    uint32_t      i, d, f, g, h;
    const float  *row;

    d = view->n_factors;
    a = calloc((size_t) d * d, sizeof(double));
    reg = view->regularization
          * pow(n + view->unobserved_weight * view->n_items,
                view->regularization_exponent);
    memset(x, 0, d * sizeof(double));

    for (f = 0; f < d; f++) {
        a[f * d + f] = view->unobserved_weight * view->gram[f] + reg;
    }

    for (i = 0; i < n; i++) {
        row = recs_table_row(&view->item_factors, items[i]);
        w = weights != NULL ? weights[i] : 1;

        for (f = 0; f < d; f++) {
            x[f] += w * row[f];

            for (g = 0; g < d; g++) {
                a[f * d + g] += w * row[f] * row[g];
            }
        }
    }

    for (f = 0; f < d; f++) {
        for (g = f + 1; g < d; g++) {
            factor = a[g * d + f] / a[f * d + f];
            x[g] -= factor * x[f];

            for (h = f; h < d; h++) {
                a[g * d + h] -= factor * a[f * d + h];
            }
        }
    }

    for (f = d; f-- > 0; /* void */) {
        for (g = f + 1; g < d; g++) {
            x[f] -= a[f * d + g] * x[g];
        }

        x[f] /= a[f * d + f];
    }

    free(a);
}


/* |x - dense| / |dense| */

static double
error_of(const recs_bundle_view_t *view, const uint32_t *items,
    const float *weights, uint32_t n, const float *x)
{
    double    *dense, error, norm;
    uint32_t   f;

    dense = calloc(view->n_factors, sizeof(double));
    solve_dense(view, items, weights, n, dense);

    error = 0;
    norm = 0;

    for (f = 0; f < view->n_factors; f++) {
        error += (x[f] - dense[f]) * (x[f] - dense[f]);
        norm += dense[f] * dense[f];
    }

    free(dense);

    return sqrt(error / norm);
}


/* By the kernel in use; weighted: with weights from 0.01 to 1. */

static void
check_case(uint32_t d, uint32_t n, int weighted, recs_rng_t *rng)
{
    float               *gram, *vector, weights[RECS_FOLD_IN_ITEMS_MAX];
    double               error;
    uint32_t             i, items[RECS_FOLD_IN_ITEMS_MAX];
    recs_fold_in_t      *f;
    recs_bundle_view_t  *view;

    gram = calloc(d, sizeof(float));
    view = make_view(d, rng, gram);
    f = recs_fold_in_create(view);
    vector = calloc(view->stride, sizeof(float));
    assert_non_null(f);

    for (i = 0; i < n; i++) {
        items[i] = below(rng, N_ITEMS);
        weights[i] = (float) (0.01 + 0.99 * recs_rng_uniform(rng));
    }

    recs_fold_in(f, items, weighted ? weights : NULL, n, vector);
    error = error_of(view, items, weighted ? weights : NULL, n, vector);

    if (!(error < 1e-5)) {
        fail_msg("%u factors, %u items%s: error %g", d, n,
                 weighted ? ", weighted" : "", error);
    }

    for (i = d; i < view->stride; i++) {
        assert_true(vector[i] == 0);
    }

    recs_fold_in_destroy(f);
    free(gram);
    free(vector);
    recs_tiny_view_free(view);
}


/* Every number of items, of factors at random; the corners. */

static void
test_dense_solution(void **state)
{
    uint32_t      n, i;
    recs_rng_t    rng;

    const uint32_t  factors[] = { 1, 2, 16, 17, 64, 128, 256 };

    (void) state;

    recs_rng_seed(&rng, 3);

    for (n = 1; n <= RECS_FOLD_IN_ITEMS_MAX; n++) {
        check_case(1 + below(&rng, 256), n, (int) n % 2, &rng);
        check_case(1 + below(&rng, 64), n, (int) (n + 1) % 2, &rng);
    }

    for (i = 0; i < 7; i++) {
        check_case(factors[i], 1, 0, &rng);
        check_case(factors[i], RECS_FOLD_IN_ITEMS_MAX, 1, &rng);
    }

    /* As few as a kernel has another way for, and one more. */
    for (n = 1; n <= 8; n++) {
        for (i = 0; i < 8; i++) {
            check_case(1 + below(&rng, 64), n, (int) i % 2, &rng);
        }
    }
}


/* All kernels of this machine give the same bits.  The last is portable. */

static void
test_kernels_agree(void **state)
{
    float                        *gram, *vector, *first, weights[20];
    uint32_t                      i, k, n, items[20];
    recs_rng_t                    rng;
    recs_error_t                  err;
    recs_fold_in_t               *f;
    recs_bundle_view_t           *view;
    const recs_kernel_t *const   *all;

    (void) state;

    recs_rng_seed(&rng, 4);
    gram = calloc(100, sizeof(float));
    view = make_view(100, &rng, gram);
    f = recs_fold_in_create(view);
    vector = calloc(view->stride, sizeof(float));
    first = calloc(view->stride, sizeof(float));

    for (i = 0; i < 20; i++) {
        items[i] = below(&rng, N_ITEMS);
        weights[i] = (float) recs_rng_uniform(&rng);
    }

    all = recs_kernel_all();

    for (n = 1; n <= 20; n++) {
        assert_int_equal(recs_kernel_use("portable", &err), RECS_OK);
        recs_fold_in(f, items, n % 3 ? NULL : weights, n, first);

        for (k = 0; all[k] != NULL; k++) {
            if (recs_kernel_use(all[k]->name, &err) == RECS_OK) {
                recs_fold_in(f, items, n % 3 ? NULL : weights, n, vector);
                assert_memory_equal(vector, first,
                                    view->stride * sizeof(float));
            }
        }
    }

    recs_fold_in_destroy(f);
    free(gram);
    free(vector);
    free(first);
    recs_tiny_view_free(view);
}


/* Items given twice count twice, and more than the limit are cut. */

static void
test_repeats_and_limit(void **state)
{
    float               *gram, *vector, *cut;
    uint32_t             k, items[RECS_FOLD_IN_ITEMS_MAX + 10];
    recs_rng_t           rng;
    recs_fold_in_t      *f;
    recs_bundle_view_t  *view;

    (void) state;

    recs_rng_seed(&rng, 5);
    gram = calloc(8, sizeof(float));
    view = make_view(8, &rng, gram);
    f = recs_fold_in_create(view);
    vector = calloc(view->stride, sizeof(float));
    cut = calloc(view->stride, sizeof(float));

    items[0] = items[1] = items[2] = 5;
    recs_fold_in(f, items, NULL, 3, vector);
    assert_true(error_of(view, items, NULL, 3, vector) < 1e-5);

    for (k = 0; k < RECS_FOLD_IN_ITEMS_MAX + 10; k++) {
        items[k] = k;
    }

    recs_fold_in(f, items, NULL, RECS_FOLD_IN_ITEMS_MAX, vector);
    recs_fold_in(f, items, NULL, RECS_FOLD_IN_ITEMS_MAX + 10, cut);
    assert_memory_equal(vector, cut, view->stride * sizeof(float));

    recs_fold_in_destroy(f);
    free(gram);
    free(vector);
    free(cut);
    recs_tiny_view_free(view);
}


/* Neither items nor what a factor could be divided by. */

static void
test_nothing_is_zero(void **state)
{
    float               *gram, vector[16], rows[8] = { 0, 1, 1, 0, 0, 2 };
    uint32_t             i;
    recs_fold_in_t      *f;
    recs_bundle_view_t  *view;
    const uint32_t       items[] = { 0, 1, 2 };

    (void) state;

    gram = calloc(2, sizeof(float));
    view = recs_tiny_view(rows, 4, 2, 10);
    view->gram = gram;
    gram[1] = 3;
    view->unobserved_weight = 1;
    f = recs_fold_in_create(view);
    memset(vector, 0xff, sizeof(vector));

    recs_fold_in(f, NULL, NULL, 0, vector);

    for (i = 0; i < 16; i++) {
        assert_true(vector[i] == 0);
    }

    recs_fold_in(f, items, NULL, 3, vector);
    assert_true(vector[0] == 0);
    assert_true(vector[1] > 0 && vector[1] < 1);

    recs_fold_in_destroy(f);
    free(gram);
    recs_tiny_view_free(view);
}


static void
test_mean_without_gram(void **state)
{
    float                rows[6] = { 4, 0, 2, 2, 0, 1 };
    float                vector[16];
    recs_fold_in_t      *f;
    recs_bundle_view_t  *view;
    const float          weights[] = { 3, 1 };
    const uint32_t       items[] = { 0, 1 };

    (void) state;

    /* norms 4, sqrt(8), 1: items 0 and 1 are the rows 0 and 1 */
    view = recs_tiny_view(rows, 3, 2, 10);
    f = recs_fold_in_create(view);
    recs_fold_in(f, items, NULL, 2, vector);

    assert_true(vector[0] == 3);
    assert_true(vector[1] == 1);
    assert_true(vector[2] == 0);

    recs_fold_in(f, items, weights, 2, vector);

    assert_true(vector[0] == 3.5);
    assert_true(vector[1] == 0.5);

    recs_fold_in_destroy(f);
    recs_tiny_view_free(view);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_dense_solution),
        cmocka_unit_test(test_kernels_agree),
        cmocka_unit_test(test_repeats_and_limit),
        cmocka_unit_test(test_nothing_is_zero),
        cmocka_unit_test(test_mean_without_gram)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
