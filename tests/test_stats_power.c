/*
 * Power, the least difference seen and the units needed: the textbook's, and
 * that the three agree.  test_stats_simulated.c tries power out.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recs_stats_power.h"


static void
near(double got, double expected, double error)
{
    if (!(fabs(got - expected) <= error)) {
        fail_msg("%.17g, expected %.17g", got, expected);
    }
}


/*
 * 10 % against 11 %: 2 (z + z)^2 (variances) / difference^2 = 29496.09 units,
 * by scipy; t and whole units make it a few more.
 */
static void
test_textbook(void **state)
{
    double               n;
    recs_stats_params_t  params = { .alpha = 0.05 };
    recs_stats_sample_t  a, b;

    (void) state;

    a = recs_stats_rate(100, 1000);
    b = recs_stats_rate(110, 1000);
    n = recs_stats_needed(&a, &b, &params, 0.8);
    assert_true(n == floor(n));
    near(n, 29499, 3);
}


static void
test_agreement(void **state)
{
    double               least, n;
    unsigned             kind;
    recs_stats_params_t  params = { .alpha = 0.01 };
    recs_stats_sample_t  a, b;

    (void) state;

    for (kind = 0; kind < 4; kind++) {
        params.relative = kind & 1;
        params.tuning = (kind & 2) ? RECS_STATS_TUNING : 0;

        a = (recs_stats_sample_t) { 1000, 5, 4 };
        b = (recs_stats_sample_t) { 3000, 5.2, 5 };
        n = recs_stats_needed(&a, &b, &params, 0.9);

        a.n = (uint64_t) round(n / 4);
        b.n = (uint64_t) n - a.n;
        near(recs_stats_power(&a, &b, &params), 0.9, 1e-3);

        least = recs_stats_detectable(&a, &b, &params, 0.9);
        near(least, params.relative ? 0.04 : 0.2, 1e-4);

        a.n /= 2;
        assert_true(recs_stats_power(&a, &b, &params) < 0.85);
    }
}


/* No difference: the power is alpha, however many units. */
static void
test_no_difference(void **state)
{
    recs_stats_params_t  params = { .alpha = 0.05 };
    recs_stats_sample_t  a, none = { 0 };

    (void) state;

    a = recs_stats_rate(500, 5000);
    near(recs_stats_power(&a, &a, &params), 0.05, 1e-4);
    assert_true(recs_stats_needed(&a, &a, &params, 0.8) == INFINITY);
    assert_true(isfinite(recs_stats_detectable(&a, &a, &params, 0.8)));

    assert_true(recs_stats_power(&a, &none, &params) == 0);
    assert_true(recs_stats_detectable(&a, &none, &params, 0.8) == INFINITY);
    assert_true(recs_stats_needed(&none, &none, &params, 0.8) == INFINITY);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_textbook),
        cmocka_unit_test(test_agreement),
        cmocka_unit_test(test_no_difference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
