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


#define N_ITEMS  200


/* A view with a Gram diagonal of its own: any will do for the equation. */

static recs_bundle_view_t *
make_view(uint32_t d, float *gram)
{
    float               *rows;
    uint32_t             i;
    recs_rng_t           rng;
    recs_bundle_view_t  *view;

    recs_rng_seed(&rng, d);
    rows = calloc(N_ITEMS * d, sizeof(float));

    for (i = 0; i < N_ITEMS * d; i++) {
        rows[i] = (float) recs_rng_normal(&rng);
    }

    for (i = 0; i < d; i++) {
        gram[i] = (float) (i * 3);
    }

    view = recs_tiny_view(rows, N_ITEMS, d, 33);
    view->gram = gram;
    view->unobserved_weight = 0.02;
    view->regularization = 0.1;
    view->regularization_exponent = 0.5;
    free(rows);

    return view;
}


/* |A x - b| relative to what was added up, largest over the factors. */

static double
residual(const recs_bundle_view_t *view, const uint32_t *items, uint32_t n,
    const float *x)
{
    double        reg, left, right, scale, s, worst;
    uint32_t      i, f, g;
    const float  *row;

    reg = 0.1 * sqrt(n + 0.02 * N_ITEMS);
    worst = 0;

    for (f = 0; f < view->n_factors; f++) {
        left = (0.02 * view->gram[f] + reg) * x[f];
        right = 0;
        scale = fabs(left);

        for (i = 0; i < n; i++) {
            row = recs_table_row(&view->item_factors, items[i]);
            s = 0;

            for (g = 0; g < view->n_factors; g++) {
                s += (double) row[g] * x[g];
            }

            left += s * row[f];
            right += row[f];
            scale += fabs(s * row[f]) + fabs(row[f]);
        }

        worst = fmax(worst, fabs(left - right) / scale);
    }

    return worst;
}


static void
test_equation(void **state)
{
    float               *gram, *scratch, *vector;
    uint32_t             i, j, k, n, items[RECS_FOLD_IN_ITEMS_MAX];
    recs_bundle_view_t  *view;

    const uint32_t  factors[] = { 1, 5, 16, 64, 100 };
    const uint32_t  counts[] = { 1, 2, 3, 10, 63, RECS_FOLD_IN_ITEMS_MAX };

    (void) state;

    for (i = 0; i < 5; i++) {
        gram = calloc(factors[i], sizeof(float));
        view = make_view(factors[i], gram);
        scratch = calloc(recs_fold_in_scratch(view), sizeof(float));
        vector = calloc(view->stride, sizeof(float));

        for (j = 0; j < 6; j++) {
            n = counts[j];

            for (k = 0; k < n; k++) {
                items[k] = (k * 7 + j) % N_ITEMS;
            }

            recs_fold_in(view, items, n, scratch, vector);
            assert_true(residual(view, items, n, vector) < 1e-5);

            for (k = view->n_factors; k < view->stride; k++) {
                assert_true(vector[k] == 0);
            }
        }

        free(gram);
        free(scratch);
        free(vector);
        recs_tiny_view_free(view);
    }
}


/* Items given twice count twice, and more than the limit are cut. */

static void
test_repeats_and_limit(void **state)
{
    float               *gram, *scratch, *vector, *cut;
    uint32_t             k, items[RECS_FOLD_IN_ITEMS_MAX + 10];
    recs_bundle_view_t  *view;

    (void) state;

    gram = calloc(8, sizeof(float));
    view = make_view(8, gram);
    scratch = calloc(recs_fold_in_scratch(view), sizeof(float));
    vector = calloc(view->stride, sizeof(float));
    cut = calloc(view->stride, sizeof(float));

    items[0] = items[1] = items[2] = 5;
    recs_fold_in(view, items, 3, scratch, vector);
    assert_true(residual(view, items, 3, vector) < 1e-5);

    for (k = 0; k < RECS_FOLD_IN_ITEMS_MAX + 10; k++) {
        items[k] = k;
    }

    recs_fold_in(view, items, RECS_FOLD_IN_ITEMS_MAX, scratch, vector);
    recs_fold_in(view, items, RECS_FOLD_IN_ITEMS_MAX + 10, scratch, cut);
    assert_memory_equal(vector, cut, view->stride * sizeof(float));

    free(gram);
    free(scratch);
    free(vector);
    free(cut);
    recs_tiny_view_free(view);
}


static void
test_nothing_is_zero(void **state)
{
    float               *gram, *scratch, vector[16];
    uint32_t             f;
    recs_bundle_view_t  *view;

    (void) state;

    gram = calloc(4, sizeof(float));
    view = make_view(4, gram);
    scratch = calloc(recs_fold_in_scratch(view), sizeof(float));
    memset(vector, 0xff, sizeof(vector));

    recs_fold_in(view, NULL, 0, scratch, vector);

    for (f = 0; f < 16; f++) {
        assert_true(vector[f] == 0);
    }

    free(gram);
    free(scratch);
    recs_tiny_view_free(view);
}


static void
test_mean_without_gram(void **state)
{
    float                rows[6] = { 4, 0, 2, 2, 0, 1 };
    float                vector[16], scratch[1];
    recs_bundle_view_t  *view;
    const uint32_t       items[] = { 0, 1 };

    (void) state;

    /* norms 4, sqrt(8), 1: items 0 and 1 are the rows 0 and 1 */
    view = recs_tiny_view(rows, 3, 2, 10);
    recs_fold_in(view, items, 2, scratch, vector);

    assert_true(vector[0] == 3);
    assert_true(vector[1] == 1);
    assert_true(vector[2] == 0);

    recs_tiny_view_free(view);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_equation),
        cmocka_unit_test(test_repeats_and_limit),
        cmocka_unit_test(test_nothing_is_zero),
        cmocka_unit_test(test_mean_without_gram)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
