/*
 * What items contribute to a score, against a dense inverse.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_attribution.h"
#include "recs_fixture.h"
#include "recs_fold_in.h"
#include "recs_search.h"
#include "recs_tiny_view.h"


#define N_ITEMS    90
#define N_FACTORS  20


static recs_bundle_view_t  *view;
static float                gram[N_FACTORS];


static int
set_up(void **state)
{
    float     *rows;
    uint32_t   i;
    uint64_t   random;

    (void) state;

    random = 7;
    rows = calloc(N_ITEMS * N_FACTORS, sizeof(float));

    for (i = 0; i < N_ITEMS * N_FACTORS; i++) {
        rows[i] = (float) (recs_fixture_random(&random) % 2000) / 1000 - 1;
    }

    for (i = 0; i < N_FACTORS; i++) {
        gram[i] = 5 + (float) i;
    }

    view = recs_tiny_view(rows, N_ITEMS, N_FACTORS, 32);
    view->gram = gram;
    view->unobserved_weight = 0.2;
    view->regularization = 0.3;
    view->regularization_exponent = 0.5;
    free(rows);

    return 0;
}


static int
tear_down(void **state)
{
    (void) state;

    recs_tiny_view_free(view);

    return 0;
}


static const float *
row_of(uint32_t item)
{
    return recs_table_row(&view->item_factors, item);
}


/* A y = v_item, by elimination, with A written down as its definition is. */
static void
solve(const uint32_t *items, const float *weights, uint32_t n, uint32_t item,
    double *y)
{
    double     m[N_FACTORS][N_FACTORS + 1], factor;
    uint32_t   i, f, g;

    for (f = 0; f < N_FACTORS; f++) {
        for (g = 0; g < N_FACTORS; g++) {
            m[f][g] = f != g ? 0
                      : 0.2 * gram[f] + 0.3 * pow(n + 0.2 * N_ITEMS, 0.5);

            for (i = 0; i < n; i++) {
                m[f][g] += (weights != NULL ? (double) weights[i] : 1)
                           * row_of(items[i])[f] * row_of(items[i])[g];
            }
        }

        m[f][N_FACTORS] = row_of(item)[f];
    }

    for (i = 0; i < N_FACTORS; i++) {
        for (f = 0; f < N_FACTORS; f++) {
            factor = m[f][i] / m[i][i];

            for (g = 0; f != i && g <= N_FACTORS; g++) {
                m[f][g] -= factor * m[i][g];
            }
        }
    }

    for (f = 0; f < N_FACTORS; f++) {
        y[f] = m[f][N_FACTORS] / m[f][f];
    }
}


static void
check(uint32_t n, const float *weights)
{
    float                *vector;
    double                expected, sum, y[N_FACTORS], terms[N_ITEMS];
    uint32_t              i, f, item, items[N_ITEMS];
    recs_fold_in_t       *fold_in;
    recs_attribution_t   *a;

    a = recs_attribution_create(view);
    assert_non_null(a);

    for (i = 0; i < n; i++) {
        items[i] = (7 * i + 3) % N_ITEMS;
    }

    assert_true(recs_attribution_begin(a, items, weights, n));

    fold_in = recs_fold_in_create(view);
    vector = calloc(view->stride, sizeof(float));
    recs_fold_in(fold_in, items, weights, n, vector);

    for (item = 0; item < N_ITEMS; item += 5) {
        recs_attribution_terms(a, item, terms);
        solve(items, weights, n, item, y);
        sum = 0;

        for (i = 0; i < n; i++) {
            expected = 0;

            for (f = 0; f < N_FACTORS; f++) {
                expected += y[f] * row_of(items[i])[f];
            }

            expected *= weights != NULL ? weights[i] : 1;
            assert_true(fabs(terms[i] - expected) < 1e-6);
            sum += terms[i];
        }

        if (n <= RECS_FOLD_IN_ITEMS_MAX) {
            assert_true(fabs(recs_dot(vector, row_of(item), view->stride)
                             - sum) < 1e-5);
        }
    }

    free(vector);
    recs_fold_in_destroy(fold_in);
    recs_attribution_destroy(a);
}


static void
test_terms(void **state)
{
    float     weights[N_ITEMS];
    uint32_t  i;

    (void) state;

    for (i = 0; i < N_ITEMS; i++) {
        weights[i] = 1 / (1 + (float) i);
    }

    for (i = 1; i <= N_ITEMS; i += i < N_FACTORS + 2 ? 1 : 17) {
        check(i, NULL);
        check(i, weights);
    }
}


static void
test_limits(void **state)
{
    uint32_t             *items;
    recs_attribution_t   *a;

    (void) state;

    a = recs_attribution_create(view);
    items = calloc(RECS_ATTRIBUTION_ITEMS_MAX + 1, sizeof(uint32_t));

    assert_true(recs_attribution_begin(a, items, NULL,
                                       RECS_ATTRIBUTION_ITEMS_MAX));
    assert_false(recs_attribution_begin(a, items, NULL,
                                        RECS_ATTRIBUTION_ITEMS_MAX + 1));
    assert_false(recs_attribution_begin(a, items, NULL, 0));

    items[1] = N_ITEMS;
    assert_false(recs_attribution_begin(a, items, NULL, 2));
    items[1] = 1;
    assert_true(recs_attribution_begin(a, items, NULL, 2));

    view->gram = NULL;
    assert_false(recs_attribution_begin(a, items, NULL, 2));
    view->gram = gram;

    free(items);
    recs_attribution_destroy(a);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_terms),
        cmocka_unit_test(test_limits)
    };

    return cmocka_run_group_tests_name("attribution", tests, set_up,
                                       tear_down);
}
