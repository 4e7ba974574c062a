/*
 * Sample ratios: known ones to 1e-9, and those that chi-square cannot judge.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recs_stats_srm.h"


static void
near(double got, double expected, double error)
{
    if (!(fabs(got - expected) <= error)) {
        fail_msg("%.17g, expected %.17g", got, expected);
    }
}


/* chi2 and p by mpmath, at 40 digits. */
static void
test_vectors(void **state)
{
    static const double  halves[] = { 0.5, 0.5 };
    static const double  parts[] = { 50, 25, 25 };

    recs_stats_srm_t  s;

    (void) state;

    assert_int_equal(recs_stats_srm((uint64_t[]) { 44000, 45000 }, halves, 2,
                                    &s), RECS_OK);
    assert_int_equal(s.df, 1);
    near(s.chi2, 11.235955056179775281, 1e-9);
    near(s.p, 0.00080227811776787302349, 1e-9);

    assert_int_equal(recs_stats_srm((uint64_t[]) { 821588, 815482 }, halves, 2,
                                    &s), RECS_OK);
    near(s.chi2, 22.774368841894360046, 1e-9);
    near(s.p, 1.8217928726191871886e-6, 1e-15);

    assert_int_equal(recs_stats_srm((uint64_t[]) { 1040, 480, 480 }, parts, 3,
                                    &s), RECS_OK);
    assert_int_equal(s.df, 2);
    near(s.chi2, 3.2, 1e-12);
    near(s.p, 0.20189651799465540849, 1e-12);
}


/* Due units count, not those that came: a variant may have lost all. */
static void
test_few(void **state)
{
    static const double  halves[] = { 1, 1 };
    static const double  rare[] = { 0.99, 0.01 };

    recs_stats_srm_t  s;

    (void) state;

    assert_int_equal(recs_stats_srm((uint64_t[]) { 8, 7 }, halves, 2, &s),
                     RECS_REFUSED);
    near(s.p, 1, 0);
    assert_int_equal(recs_stats_srm((uint64_t[]) { 16, 0 }, halves, 2, &s),
                     RECS_OK);
    near(s.chi2, 16, 0);
    assert_int_equal(recs_stats_srm((uint64_t[]) { 790, 9 }, rare, 2, &s),
                     RECS_REFUSED);
    assert_int_equal(recs_stats_srm((uint64_t[]) { 792, 8 }, rare, 2, &s),
                     RECS_OK);
    near(s.p, 1, 1e-9);

    assert_int_equal(recs_stats_srm((uint64_t[]) { 0, 0 }, halves, 2, &s),
                     RECS_REFUSED);
    assert_int_equal(recs_stats_srm((uint64_t[]) { 99 }, halves, 1, &s),
                     RECS_REFUSED);
}


static void
test_weight_of_zero(void **state)
{
    static const double  weights[] = { 0.5, 0, 0.5 };

    recs_stats_srm_t  s;

    (void) state;

    assert_int_equal(recs_stats_srm((uint64_t[]) { 500, 0, 510 }, weights, 3,
                                    &s), RECS_OK);
    assert_int_equal(s.df, 1);
    assert_true(s.p > 0.7);

    assert_int_equal(recs_stats_srm((uint64_t[]) { 500, 1, 510 }, weights, 3,
                                    &s), RECS_OK);
    assert_true(s.chi2 == INFINITY && s.p == 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_few),
        cmocka_unit_test(test_weight_of_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
