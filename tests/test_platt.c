/*
 * Platt's scaling: finds the line that made the labels, at the optimum of the
 * likelihood, and tells nothing where scores do not.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "recs_platt.h"
#include "recs_rng.h"


#define N  20000


static double  scores[N];
static float   labels[N];


static void
make(double scale, double shift)
{
    uint32_t    i;
    recs_rng_t  rng;

    recs_rng_seed(&rng, 7);

    for (i = 0; i < N; i++) {
        scores[i] = 3 * recs_rng_normal(&rng);
        labels[i] = recs_rng_uniform(&rng)
                    < 1 / (1 + exp(-(scale * scores[i] + shift)));
    }
}


static void
test_finds(void **state)
{
    double        error, slope[2];
    uint32_t      i;
    recs_error_t  err;
    recs_platt_t  p;

    (void) state;

    make(0.4, -2);
    assert_int_equal(recs_platt(scores, labels, N, &p, &err), RECS_OK);
    assert_true(fabs(p.scale - 0.4) < 0.03);
    assert_true(fabs(p.shift + 2) < 0.1);

    /* The mean is right, and not only it. */
    slope[0] = slope[1] = 0;

    for (i = 0; i < N; i++) {
        error = 1 / (1 + exp(-(p.scale * scores[i] + p.shift))) - labels[i];
        slope[0] += error / N;
        slope[1] += error * scores[i] / N;
    }

    assert_true(fabs(slope[0]) < 2e-4);
    assert_true(fabs(slope[1]) < 2e-3);
}


static void
test_wrong_way(void **state)
{
    double        mean;
    uint32_t      i;
    recs_error_t  err;
    recs_platt_t  p;

    (void) state;

    make(-1, 0.5);
    assert_int_equal(recs_platt(scores, labels, N, &p, &err), RECS_OK);
    assert_true(p.scale == 0);

    for (mean = 0, i = 0; i < N; i++) {
        mean += labels[i] / N;
    }

    assert_true(fabs(1 / (1 + exp(-p.shift)) - mean) < 1e-3);
}


/* All told apart: the labels' distance from 0 and 1 keeps it finite. */
static void
test_separated(void **state)
{
    double        s[] = { -2, -1, -1, 1, 2, 3 };
    float         y[] = { 0, 0, 0, 1, 1, 1 };
    recs_error_t  err;
    recs_platt_t  p;

    (void) state;

    assert_int_equal(recs_platt(s, y, 6, &p, &err), RECS_OK);
    assert_true(p.scale > 0 && p.scale < 100);
    assert_true(isfinite(p.shift));

    s[0] = 1e6;
    assert_int_equal(recs_platt(s, y, 6, &p, &err), RECS_OK);
    assert_true(isfinite(p.scale) && isfinite(p.shift));
}


static void
test_refuses(void **state)
{
    double        s[] = { 1, NAN };
    float         y[] = { 1, 0 }, one[] = { 1, 1 };
    recs_error_t  err;
    recs_platt_t  p;

    (void) state;

    assert_int_equal(recs_platt(s, y, 0, &p, &err), RECS_INVALID);
    assert_int_equal(recs_platt(s, y, 2, &p, &err), RECS_INVALID);
    s[1] = 2;
    assert_int_equal(recs_platt(s, one, 2, &p, &err), RECS_INVALID);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_finds),
        cmocka_unit_test(test_wrong_way),
        cmocka_unit_test(test_separated),
        cmocka_unit_test(test_refuses)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
