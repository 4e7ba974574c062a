/*
 * The chance to win and the risks: GrowthBook's published vector, and ends.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recs_stats_chance.h"


static void
near(double got, double expected, double error)
{
    if (!(fabs(got - expected) <= error)) {
        fail_msg("%.17g, expected %.17g", got, expected);
    }
}


static void
test_vector(void **state)
{
    recs_stats_chance_t  chance;
    recs_stats_params_t  params = { .alpha = 0.05, .relative = 1 };
    recs_stats_result_t  r;
    recs_stats_sample_t  a, b;

    (void) state;

    a = recs_stats_rate(49, 100);
    b = recs_stats_rate(51, 100);
    assert_int_equal(recs_stats_test(&a, &b, &params, &r), RECS_OK);
    chance = recs_stats_chance(&r);

    near(r.estimate, 0.04082, 0.5e-5);
    near(chance.win, 0.60918, 0.5e-5);
    near(chance.risk_control, 0.0814, 0.5e-5);
    near(chance.risk_treatment, 0.04058, 0.5e-5);
}


static void
test_ends(void **state)
{
    recs_stats_chance_t  chance;

    (void) state;

    chance = recs_stats_chance(&(recs_stats_result_t) { .p = 1 });
    assert_true(chance.win == 0.5);
    assert_true(chance.risk_control == 0 && chance.risk_treatment == 0);

    chance = recs_stats_chance(&(recs_stats_result_t)
                               { .estimate = 5, .se = 0.001 });
    near(chance.win, 1, 1e-15);
    near(chance.risk_control, 5, 1e-12);
    assert_true(chance.risk_treatment >= 0 && chance.risk_treatment < 1e-12);

    chance = recs_stats_chance(&(recs_stats_result_t)
                               { .estimate = -5, .se = 0.001 });
    near(chance.win, 0, 1e-15);
    near(chance.risk_treatment, 5, 1e-12);
    assert_true(chance.risk_control >= 0 && chance.risk_control < 1e-12);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_vector),
        cmocka_unit_test(test_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
