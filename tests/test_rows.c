#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_bundle_format.h"
#include "recs_rows.h"


#define ROWS        23
#define STRIDE_MAX  80


static _Alignas(64) float  rows[ROWS * STRIDE_MAX];
static float               norms[ROWS];


/* The smallest f32 that is not below the norm, falling. */
static void
make(uint32_t n_factors, uint32_t stride)
{
    float     norm;
    double    exact;
    uint32_t  f, i;

    memset(rows, 0, sizeof(rows));
    srand(n_factors);

    for (i = 0; i < ROWS; i++) {
        for (f = 0; f < n_factors; f++) {
            rows[i * stride + f] = (float) (ROWS - i)
                                   * (0.9f + 0.01f * (float) (rand() % 10));
        }

        exact = recs_row_norm(rows + i * stride, n_factors);
        norm = (float) exact;
        norms[i] = (double) norm < exact ? nextafterf(norm, INFINITY) : norm;
    }

    for (i = ROWS - 1; i > 0; i--) {
        norms[i - 1] = fmaxf(norms[i - 1], norms[i]);
    }
}


static void
bad(float *value, float wrong, uint32_t n_factors, uint32_t stride,
    const float *of)
{
    float  right;

    right = *value;
    *value = wrong;

    assert_false(recs_rows_good(rows, ROWS, n_factors, stride, of, 0));

    *value = right;

    assert_true(recs_rows_good(rows, ROWS, n_factors, stride, of, 0));
}


/* Whichever row is wrong, it is found: none is between two groups. */
static void
test_rows(void **state)
{
    float     below, above;
    uint32_t  i, k, n, stride;

    static const uint32_t  factors[] = { 1, 8, 15, 16, 64, 67, 80 };

    (void) state;

    for (k = 0; k < 7; k++) {
        n = factors[k];
        stride = (n + 15) / 16 * 16;
        make(n, stride);

        assert_true(recs_rows_good(rows, ROWS, n, stride, norms, 0));

        for (i = 0; i < ROWS; i++) {
            bad(&rows[i * stride + n - 1], NAN, n, stride, NULL);
            bad(&rows[i * stride], INFINITY, n, stride, NULL);
            bad(&rows[i * stride + n / 2], -INFINITY, n, stride, norms);
            bad(&rows[i * stride], 1e30f, n, stride, norms);

            if (n < stride) {
                bad(&rows[i * stride + n], 1e-40f, n, stride, norms);
                bad(&rows[i * stride + stride - 1], NAN, n, stride, NULL);
            }

            below = nextafterf((float) recs_row_norm(rows + i * stride, n),
                               0.0f);
            above = i > 0 ? nextafterf(norms[i - 1], INFINITY) : INFINITY;

            bad(&norms[i], below, n, stride, norms);
            bad(&norms[i], above, n, stride, norms);
            bad(&norms[i], NAN, n, stride, norms);
        }
    }
}


/* A part of the table, of any size, goes by its own norms. */
static void
test_part(void **state)
{
    float     right;
    uint32_t  first, n;

    (void) state;

    make(64, 64);

    for (first = 0; first < ROWS; first++) {
        for (n = 0; first + n <= ROWS; n++) {
            assert_true(recs_rows_good(rows + first * 64, n, 64, 64, norms,
                                       first));

            if (n == 0) {
                continue;
            }

            right = norms[first + n - 1];
            norms[first + n - 1] = 0.0f;
            assert_false(recs_rows_good(rows + first * 64, n, 64, 64, norms,
                                        first));
            norms[first + n - 1] = right;
        }
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_part)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
