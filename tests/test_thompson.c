/*
 * recs_thompson: how often an arm is the best, and what it is drawn by.
 * Expected: P(best) by the integral, in another language.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "recs_thompson.h"


/* 4 standard errors of a share of so many draws, at most. */
#define DRAWS  40000
#define ERROR  0.01


static void
near(double value, double expected, double error)
{
    if (!(fabs(value - expected) <= error)) {
        fail_msg("%.12g, expected %.12g +- %g", value, expected, error);
    }
}


static void
test_rates(void **state)
{
    double  best[3];

    static const recs_thompson_arm_t  arms[] = {
        { 1000, .050, 0 }, { 1200, .060, 0 }, { 300, .04, 0 }
    };

    (void) state;

    assert_true(recs_thompson_best(arms, 3, RECS_THOMPSON_RATE, 0, DRAWS, 1,
                                   best));
    near(best[0], 0.13905, ERROR);
    near(best[1], 0.77360, ERROR);
    near(best[2], 0.08735, ERROR);
    near(best[0] + best[1] + best[2], 1, 1e-12);

    assert_true(recs_thompson_best(arms, 3, RECS_THOMPSON_RATE, 1, DRAWS, 1,
                                   best));
    near(best[2], 0.71891, ERROR);
}


/* Two normals: P(a > b) = Phi(difference / deviation). */

static void
test_means(void **state)
{
    double  best[2], mean, variance, x[2], v[2];
    int     i;

    static const recs_thompson_arm_t  arms[] = {
        { 400, 3.1, 25 }, { 100, 2.8, 9 }
    };

    (void) state;

    mean = (400 * 3.1 + 100 * 2.8) / 500;
    variance = (400 * (25 + (3.1 - mean) * (3.1 - mean))
                + 100 * (9 + (2.8 - mean) * (2.8 - mean))) / 500;

    for (i = 0; i < 2; i++) {
        x[i] = ((double) arms[i].n * arms[i].mean + mean)
               / ((double) arms[i].n + 1);
        v[i] = ((double) arms[i].n * arms[i].variance + variance)
               / ((double) arms[i].n + 1) / ((double) arms[i].n + 1);
    }

    assert_true(recs_thompson_best(arms, 2, RECS_THOMPSON_MEAN, 0, DRAWS, 1,
                                   best));
    near(best[0], erfc(-(x[0] - x[1]) / sqrt(2 * (v[0] + v[1]))) / 2, ERROR);
}


/* An arm that nobody has met is tried. */

static void
test_new_arm(void **state)
{
    double  best[2];

    static const recs_thompson_arm_t  rates[] = {
        { 10000, .10, 0 }, { 0, 0, 0 }
    };
    static const recs_thompson_arm_t  means[] = {
        { 10000, 5, 4 }, { 0, 0, 0 }
    };

    (void) state;

    /* Beta(1, 1) is below .1 in one of ten. */
    assert_true(recs_thompson_best(rates, 2, RECS_THOMPSON_RATE, 0, DRAWS, 1,
                                   best));
    near(best[1], .9, ERROR);

    assert_true(recs_thompson_best(means, 2, RECS_THOMPSON_MEAN, 0, DRAWS, 1,
                                   best));
    near(best[1], .5, ERROR);
}


static void
test_nothing(void **state)
{
    double  best[2] = { -1, -1 };

    static const recs_thompson_arm_t  nobody[] = {
        { 0, 0, 0 }, { 0, 0, 0 }
    };
    static const recs_thompson_arm_t  no_outcome[] = {
        { 100, 0, 0 }, { 200, 0, 0 }
    };
    static const recs_thompson_arm_t  all_alike[] = {
        { 100, 1, 0 }, { 200, 1, 0 }
    };

    (void) state;

    assert_false(recs_thompson_best(nobody, 2, RECS_THOMPSON_RATE, 0, 10, 1,
                                    best));
    assert_false(recs_thompson_best(nobody, 2, RECS_THOMPSON_MEAN, 0, 10, 1,
                                    best));
    assert_false(recs_thompson_best(no_outcome, 2, RECS_THOMPSON_RATE, 0, 10,
                                    1, best));
    assert_false(recs_thompson_best(no_outcome, 2, RECS_THOMPSON_MEAN, 0, 10,
                                    1, best));
    assert_false(recs_thompson_best(all_alike, 2, RECS_THOMPSON_MEAN, 0, 10,
                                    1, best));
    near(best[0], -1, 0);
}


static void
test_seeded(void **state)
{
    double  one[2], two[2], other[2];

    static const recs_thompson_arm_t  arms[] = {
        { 100, .1, 0 }, { 100, .12, 0 }
    };

    (void) state;

    recs_thompson_best(arms, 2, RECS_THOMPSON_RATE, 0, 2000, 1, one);
    recs_thompson_best(arms, 2, RECS_THOMPSON_RATE, 0, 2000, 1, two);
    recs_thompson_best(arms, 2, RECS_THOMPSON_RATE, 0, 2000, 2, other);

    near(one[0], two[0], 0);
    assert_true(fabs(one[0] - other[0]) > 0);
}


static void
test_steps(void **state)
{
    unsigned  i, n, k;
    uint32_t  steps[RECS_THOMPSON_ARMS_MAX], sum;
    double    best[RECS_THOMPSON_ARMS_MAX], total;

    static const double  sure[] = { 1, 0 };
    static const double  thirds[] = { 1 / 3.0, 1 / 3.0, 1 / 3.0 };

    (void) state;

    recs_thompson_steps(sure, 2, .01, steps);
    assert_int_equal(steps[0], 9900);
    assert_int_equal(steps[1], 100);

    recs_thompson_steps(thirds, 3, .01, steps);
    assert_int_equal(steps[0], 3334);
    assert_int_equal(steps[1], 3333);
    assert_int_equal(steps[2], 3333);

    recs_thompson_steps(sure, 2, .5, steps);
    assert_int_equal(steps[0], 5000);

    recs_thompson_steps(sure, 2, 0, steps);
    assert_int_equal(steps[1], 0);

    /* A floor between two steps is the upper one. */
    recs_thompson_steps(sure, 2, .01001, steps);
    assert_int_equal(steps[1], 101);

    for (n = 2; n <= RECS_THOMPSON_ARMS_MAX; n++) {
        for (k = 0; k < 50; k++) {
            total = 0;

            for (i = 0; i < n; i++) {
                best[i] = (i * 7919 + k * 104729) % 1000;
                total += best[i];
            }

            for (i = 0; i < n; i++) {
                best[i] /= total;
            }

            recs_thompson_steps(best, n, .01, steps);
            sum = 0;

            for (i = 0; i < n; i++) {
                assert_true(steps[i] >= 100);
                near(steps[i], 100 + (10000 - n * 100) * best[i], 1);
                sum += steps[i];
            }

            assert_int_equal(sum, RECS_THOMPSON_STEPS);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_means),
        cmocka_unit_test(test_new_arm),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_seeded),
        cmocka_unit_test(test_steps)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
