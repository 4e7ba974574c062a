/*
 * Comparisons of two samples: GrowthBook's published vectors to 5 decimals,
 * and where there is nothing to compare.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recs_stats_test.h"


#define DECIMALS_5  0.5e-5


static const recs_stats_params_t  absolute = { .alpha = 0.05 };
static const recs_stats_params_t  relative = { .alpha = 0.05, .relative = 1 };


static void
near(double got, double expected, double error)
{
    if (!(fabs(got - expected) <= error)) {
        fail_msg("%.17g, expected %.17g", got, expected);
    }
}


static recs_stats_sample_t
of_sums(double sum, double squares, uint64_t n)
{
    double          mean;
    recs_moments_t  m;

    mean = sum / (double) n;
    m = (recs_moments_t) { n, mean, squares - sum * mean };

    return recs_stats_mean(&m);
}


static void
compare(recs_stats_sample_t control, recs_stats_sample_t treatment,
    recs_stats_params_t params, recs_stats_result_t expected)
{
    recs_stats_result_t  r;

    assert_int_equal(recs_stats_test(&control, &treatment, &params, &r),
                     RECS_OK);
    near(r.estimate, expected.estimate, DECIMALS_5);
    near(r.se, expected.se, DECIMALS_5);
    near(r.lo, expected.lo, DECIMALS_5);
    near(r.hi, expected.hi, DECIMALS_5);
    near(r.p, expected.p, DECIMALS_5);
}


static void
test_welch(void **state)
{
    recs_stats_sample_t  a, b;

    (void) state;

    a = of_sums(1396.87, 52377.9767, 3407);
    b = of_sums(2422.7, 134698.29, 3461);

    compare(a, b, relative, (recs_stats_result_t)
            { 0.70732, 0.37879, -0.03526, 1.44989, 0.06191 });
    compare(a, b, absolute, (recs_stats_result_t)
            { 0.29, 0.12478, 0.04538, 0.53462, 0.02016 });
}


static void
test_rates(void **state)
{
    (void) state;

    compare(recs_stats_rate(14, 28), recs_stats_rate(16, 30), relative,
            (recs_stats_result_t)
            { 0.06667, 0.2717, -0.47767, 0.61101, 0.80707 });
}


/* Any number of looks: GrowthBook's default tuning, and another. */
static void
test_sequential(void **state)
{
    recs_stats_params_t  params;

    (void) state;

    params = relative;
    params.tuning = RECS_STATS_TUNING;

    compare(recs_stats_rate(1396, 3000), recs_stats_rate(2422, 3461), params,
            (recs_stats_result_t)
            { 0.50386, 0.03386, 0.40098, 0.60675, 0 });

    params.tuning = 1000;

    compare(of_sums(1396.87, 52377.9767, 3000),
            of_sums(2422.7, 134698.29, 3461), params, (recs_stats_result_t)
            { 0.50336, 0.33341, -0.55844, 1.56516, 1 });
}


/* The interval leaves zero out exactly when p is below alpha. */
static void
test_p_and_interval_agree(void **state)
{
    unsigned             i, kind, n_out;
    recs_stats_params_t  params;
    recs_stats_result_t  r;
    recs_stats_sample_t  a, b;

    (void) state;

    n_out = 0;
    a = recs_stats_rate(500, 5000);

    for (kind = 0; kind < 4; kind++) {
        params = (kind & 1) ? relative : absolute;
        params.tuning = (kind & 2) ? 1000 : 0;

        for (i = 380; i < 640; i++) {
            b = recs_stats_rate(i, 5000);

            if (i == 500) {
                continue;
            }

            assert_int_equal(recs_stats_test(&a, &b, &params, &r), RECS_OK);
            assert_int_equal(r.lo > 0 || r.hi < 0, r.p < params.alpha);
            n_out += r.p < params.alpha;
        }
    }

    assert_in_range(n_out, 300, 700);
}


/*
 * The lift's interval ends where treatment - R control is just not zero, and
 * leaves zero out exactly where the difference does.
 */
static void
test_lift(void **state)
{
    double               k, ratio;
    unsigned             end, i, n_delta, sequential;
    recs_stats_params_t  params;
    recs_stats_result_t  delta, difference, lift;
    recs_stats_sample_t  a, b;

    (void) state;

    n_delta = 0;
    a = recs_stats_rate(40, 500);

    for (sequential = 0; sequential < 2; sequential++) {
        params = absolute;
        params.tuning = sequential ? 1000 : 0;

        for (i = 5; i < 120; i++) {
            b = recs_stats_rate(i, 600);
            recs_stats_test(&a, &b, &params, &difference);
            assert_int_equal(recs_stats_lift(&a, &b, &params, &lift), RECS_OK);

            assert_int_equal(lift.lo > 0 || lift.hi < 0,
                             difference.lo > 0 || difference.hi < 0);
            assert_true(lift.p == difference.p);

            k = recs_stats_half_width(&a, &b, &params);

            for (end = 0; end < 2; end++) {
                ratio = 1 + (end ? lift.hi : lift.lo);
                near(fabs(b.mean - ratio * a.mean),
                     k * sqrt(b.variance / 600
                              + ratio * ratio * a.variance / 500), 1e-12);
            }

            params.relative = 1;
            recs_stats_test(&a, &b, &params, &delta);
            params.relative = 0;
            near(lift.estimate, delta.estimate, 0);
            near(lift.se, delta.se, 0);
            n_delta += (delta.lo > 0 || delta.hi < 0)
                       != (lift.lo > 0 || lift.hi < 0);
        }
    }

    assert_true(n_delta > 0);

    /* Of many units, the delta method's. */
    a = recs_stats_rate(500000, 1000000);
    b = recs_stats_rate(510000, 1000000);
    recs_stats_lift(&a, &b, &absolute, &lift);
    recs_stats_test(&a, &b, &relative, &delta);
    near(lift.lo, delta.lo, 1e-5);
    near(lift.hi, delta.hi, 1e-5);

    /* A control that may be zero. */
    a = recs_stats_rate(2, 500);
    assert_int_equal(recs_stats_lift(&a, &b, &absolute, &lift), RECS_OK);
    assert_true(lift.lo == -INFINITY && lift.hi == INFINITY);
    near(lift.estimate, 126.5, 1e-9);
}


/*
 * Clicks per exposure by units: the same as the rate where each unit has one
 * exposure, and as the rate of exposures where units do not matter.
 */
static void
test_ratio(void **state)
{
    unsigned             i;
    recs_stats_sample_t  ratio, mean;
    recs_moments_t       y;
    recs_pair_moments_t  m = { 0 };

    (void) state;

    for (i = 0; i < 1000; i++) {
        recs_pair_moments_add(&m, 1, i % 4 == 0);
    }

    y = recs_pair_moments_y(&m);
    mean = recs_stats_mean(&y);
    ratio = recs_stats_ratio(&m);
    near(ratio.mean, 0.25, 1e-12);
    near(ratio.variance, mean.variance, 1e-12);

    /* x is 1 or 3, y 0 or 1 for either; by hand. */
    m = (recs_pair_moments_t) { 0 };

    for (i = 0; i < 400; i++) {
        recs_pair_moments_add(&m, 1 + 2 * (i & 1), (i >> 1) & 1);
    }

    ratio = recs_stats_ratio(&m);
    near(ratio.mean, 0.25, 1e-12);
    near(ratio.variance, (0.25 + 0.0625) / 4 * 400 / 399, 1e-12);

    m = (recs_pair_moments_t) { .n = 50 };
    assert_int_equal(recs_stats_ratio(&m).n, 0);
}


/* y = 2 x + noise of either sign: all that x foretells goes. */
static void
test_cuped(void **state)
{
    unsigned             i, v;
    recs_stats_cuped_t   cuped;
    recs_stats_sample_t  a, b;
    recs_pair_moments_t  m[2] = { { 0 }, { 0 } };

    (void) state;

    for (v = 0; v < 2; v++) {
        for (i = 0; i < 400; i++) {
            recs_pair_moments_add(&m[v], (i & 1) + 10 * v,
                                  2.0 * (i & 1) + ((i & 2) ? 1 : -1) + 7 * v);
        }
    }

    cuped = recs_stats_cuped(m, 2);
    near(cuped.theta, 2, 1e-12);
    near(cuped.mean, 5.5, 1e-12);

    a = recs_stats_adjusted(&m[0], &cuped);
    b = recs_stats_adjusted(&m[1], &cuped);
    near(a.variance, 400.0 / 399, 1e-12);
    near(a.mean, 1 + 2 * 5, 1e-12);
    near(b.mean - a.mean, 7 - 2 * 10, 1e-12);

    /* A covariate that does not vary changes nothing. */
    m[0] = (recs_pair_moments_t) { .n = 9, .mean_y = 3, .m2_y = 16 };
    cuped = recs_stats_cuped(m, 1);
    a = recs_stats_adjusted(&m[0], &cuped);
    near(a.mean, 3, 0);
    near(a.variance, 2, 0);
}


/* Two times: the treatment had most of its units in the better one. */
static void
test_strata(void **state)
{
    static const double  shares[] = { 0.5, 0.5 };
    static const double  second[] = { 0, 1 };

    recs_stats_result_t  r;
    recs_stats_sample_t  a[2], b[2], all_a, all_b;

    (void) state;

    a[0] = recs_stats_rate(90, 900);
    a[1] = recs_stats_rate(30, 100);
    b[0] = recs_stats_rate(10, 100);
    b[1] = recs_stats_rate(270, 900);

    all_a = recs_stats_weighted(a, shares, 2);
    all_b = recs_stats_weighted(b, shares, 2);
    assert_int_equal(all_a.n, 1000);
    near(all_a.mean, 0.2, 1e-15);

    assert_int_equal(recs_stats_test(&all_a, &all_b, &absolute, &r), RECS_OK);
    near(r.estimate, 0, 1e-15);
    near(r.se, sqrt(0.25 * (0.09 / 900 + 0.21 / 100 + 0.09 / 100
                            + 0.21 / 900)), 1e-12);

    all_a = recs_stats_weighted(a, second, 2);
    assert_int_equal(all_a.n, 100);
    near(all_a.mean, a[1].mean, 1e-15);
    near(all_a.variance, a[1].variance, 1e-15);

    a[0].n = 1;
    assert_int_equal(recs_stats_weighted(a, shares, 2).n, 0);
    assert_int_equal(recs_stats_weighted(a, second, 2).n, 100);
}


static void
refused(recs_stats_sample_t control, recs_stats_sample_t treatment,
    recs_stats_params_t params)
{
    recs_stats_result_t  r;

    assert_int_equal(recs_stats_test(&control, &treatment, &params, &r),
                     RECS_REFUSED);
    assert_true(r.estimate == 0 && r.se == 0 && r.p == 1);
    assert_true(r.lo == -INFINITY && r.hi == INFINITY);

    if (params.relative) {
        assert_int_equal(recs_stats_lift(&control, &treatment, &params, &r),
                         RECS_REFUSED);
        assert_true(r.estimate == 0 && r.se == 0 && r.p == 1);
        assert_true(r.lo == -INFINITY && r.hi == INFINITY);
    }
}


static void
test_nothing_to_compare(void **state)
{
    unsigned             kind;
    recs_stats_params_t  params;
    recs_stats_result_t  r;
    recs_stats_sample_t  some, empty = { 0 };

    (void) state;

    some = recs_stats_rate(10, 100);

    for (kind = 0; kind < 4; kind++) {
        params = (kind & 1) ? relative : absolute;
        params.tuning = (kind & 2) ? 1000 : 0;

        refused(empty, empty, params);
        refused(some, empty, params);
        refused(recs_stats_rate(1, 1), some, params);
        refused(recs_stats_rate(100, 100), recs_stats_rate(50, 50), params);
        refused((recs_stats_sample_t) { 9, 1, 1e308 * 10 }, some, params);
        refused((recs_stats_sample_t) { 9, 1, NAN }, some, params);
    }

    refused(recs_stats_rate(0, 100), some, relative);
    refused((recs_stats_sample_t) { 100, -1, 1 }, some, relative);

    /* The treatment's variance is enough. */
    empty = recs_stats_rate(0, 100);
    assert_int_equal(recs_stats_test(&empty, &some, &absolute, &r), RECS_OK);
    near(r.se, 0.03, 1e-12);
}


/* Of a million units or a difference of 1e5 standard errors: numbers. */
static void
test_extremes(void **state)
{
    unsigned             kind;
    recs_stats_params_t  params;
    recs_stats_result_t  r;
    recs_stats_sample_t  a, b;

    (void) state;

    a = (recs_stats_sample_t) { UINT64_C(1) << 62, 1e-150, 1e-300 };
    b = (recs_stats_sample_t) { 2, 1e150, 1e-150 };

    for (kind = 0; kind < 4; kind++) {
        params = (kind & 1) ? relative : absolute;
        params.tuning = (kind & 2) ? 1000 : 0;

        if (recs_stats_test(&a, &b, &params, &r) == RECS_OK) {
            assert_true(isfinite(r.se) && isfinite(r.lo) && isfinite(r.hi));
            assert_true(r.p >= 0 && r.p <= 1);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_welch),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_sequential),
        cmocka_unit_test(test_p_and_interval_agree),
        cmocka_unit_test(test_lift),
        cmocka_unit_test(test_ratio),
        cmocka_unit_test(test_cuped),
        cmocka_unit_test(test_strata),
        cmocka_unit_test(test_nothing_to_compare),
        cmocka_unit_test(test_extremes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
