/*
 * Moments to results, results to verdicts.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recs_report_private.h"
#include "recs_stats_test.h"


#define DAY  RECS_REPORT_DAY_MS


static recs_report_options_t     options;
static recs_report_experiment_t  x;
static recs_report_period_t      periods[3];
static recs_report_cell_t        cells[32];
static recs_report_result_t      results[8];


static void
near(double got, double expected, double error)
{
    if (!(fabs(got - expected) <= error)) {
        fail_msg("%.17g, expected %.17g", got, expected);
    }
}


/* Two variants, one metric, one period, a week. */
static int
setup(void **state)
{
    uint32_t  i;

    (void) state;

    memset(&options, 0, sizeof(options));
    memset(&x, 0, sizeof(x));
    memset(periods, 0, sizeof(periods));
    memset(cells, 0, sizeof(cells));

    options.n_metrics = 1;
    options.alpha = 0.05;
    options.fixed = 1;
    options.min_conversions = 150;
    options.min_days = 3;

    x.n_variants = 2;
    x.n_periods = 1;
    x.periods = periods;
    x.results = results;
    x.n_results = 1;
    x.n_units = 10000;
    x.first_ms = 5;
    x.last_ms = 5 + 7 * DAY;

    for (i = 0; i < 3; i++) {
        periods[i].used = 1;
    }

    return 0;
}


static void
rate(recs_report_cell_t *cell, uint64_t n_ones, uint64_t n)
{
    recs_moments_t  y;

    y = recs_moments_of_count(n_ones, n);
    cell->moments = (recs_pair_moments_t) { .n = n, .mean_y = y.mean,
                                            .m2_y = y.m2 };
    cell->n_conversions = n_ones;
}


static void
test_rate(void **state)
{
    recs_stats_params_t  params = { .alpha = 0.05 };
    recs_stats_result_t  r;
    recs_stats_sample_t  a, b;

    (void) state;

    rate(&cells[0], 300, 3000);
    rate(&cells[1], 390, 3100);
    recs_report_compare(&options, &x, cells, results);

    a = recs_stats_rate(300, 3000);
    b = recs_stats_rate(390, 3100);
    recs_stats_test(&a, &b, &params, &r);

    assert_int_equal(results[0].variant, 1);
    near(results[0].control.mean, 0.1, 1e-12);
    assert_int_equal(results[0].conversions[1], 390);
    near(results[0].difference, r.estimate, 1e-12);
    near(results[0].difference_lo, r.lo, 1e-12);
    near(results[0].difference_hi, r.hi, 1e-12);
    near(results[0].p, r.p, 1e-12);
    near(results[0].lift, r.estimate / 0.1, 1e-12);
    assert_true(results[0].lift_lo > 0);
    assert_true(results[0].lift_lo < results[0].lift);
    near(results[0].detectable, 2.8 * r.se / 0.1, 0.01);
    near(results[0].chance, 1 - r.p / 2, 1e-4);
    assert_true(results[0].risk > 0 && results[0].risk < r.se / 100);
    assert_int_equal(results[0].reasons, 0);
    assert_int_equal(results[0].cuped, 0);

    options.metrics[0].lower = 1;
    recs_report_compare(&options, &x, cells, results);
    near(results[0].chance, r.p / 2, 1e-4);
    near(results[0].risk, r.estimate, r.se / 100);

    options.fixed = 0;
    params.tuning = RECS_STATS_TUNING;
    recs_stats_test(&a, &b, &params, &r);
    recs_report_compare(&options, &x, cells, results);
    near(results[0].difference_hi, r.hi, 1e-12);
    near(results[0].p, r.p, 1e-12);
}


static void
test_nothing_to_compare(void **state)
{
    (void) state;

    rate(&cells[0], 0, 500);
    rate(&cells[1], 0, 500);
    recs_report_compare(&options, &x, cells, results);
    assert_true(isnan(results[0].difference) && isnan(results[0].p));
    assert_true(isnan(results[0].lift) && isnan(results[0].lift_hi));
    assert_true(isnan(results[0].chance) && isnan(results[0].detectable));
    assert_int_equal(results[0].reasons, RECS_REPORT_NO_ESTIMATE);

    recs_report_judge(&options, &x);
    assert_true(isnan(results[0].p_adjusted));
    assert_int_equal(results[0].verdict, RECS_VERDICT_WITHHELD);

    /* Of a control that is always 0 there is a difference, but no lift. */
    rate(&cells[1], 40, 500);
    recs_report_compare(&options, &x, cells, results);
    near(results[0].difference, 0.08, 1e-12);
    near(results[0].chance, 1, 1e-9);
    assert_true(isnan(results[0].lift) && isnan(results[0].detectable));

    /* Of one that may be, a lift without an interval. */
    rate(&cells[0], 1, 500);
    recs_report_compare(&options, &x, cells, results);
    near(results[0].lift, 39, 1e-9);
    assert_true(isnan(results[0].lift_lo) && isnan(results[0].lift_hi));
}


/*
 * The weights turned from 9:1 to 1:9, the rate from 10 % to 30 %: no
 * difference in either period.
 */
static void
test_periods(void **state)
{
    (void) state;

    x.n_periods = 3;
    rate(&cells[0], 900, 9000);
    rate(&cells[1], 100, 1000);
    rate(&cells[2], 300, 1000);
    rate(&cells[3], 2700, 9000);
    rate(&cells[4], 1, 1);
    rate(&cells[5], 40, 40);

    recs_report_compare(&options, &x, cells, results);
    near(results[0].difference, 0, 1e-12);
    near(results[0].control.mean, 0.2, 1e-12);
    assert_int_equal(results[0].conversions[1], 2800);

    periods[0].used = 0;
    recs_report_compare(&options, &x, cells, results);
    near(results[0].control.mean, 0.3, 1e-12);
    assert_int_equal(results[0].control.n, 1000);

    periods[1].used = 0;
    recs_report_compare(&options, &x, cells, results);
    assert_true(isnan(results[0].p));
}


/* y is x of before and noise of a third of its variance, after a shift. */
static void
add_paired(recs_report_cell_t *cell, double before, double lift)
{
    uint32_t  i;

    for (i = 0; i < 1200; i++) {
        recs_pair_moments_add(&cell->moments, before + i % 7,
                              lift + before + i % 7
                              + ((i / 7) % 2 ? 1 : -1) * 2 / sqrt(3));
    }
}


static void
test_cuped(void **state)
{
    double  se;

    (void) state;

    options.metrics[0].kind = RECS_METRIC_VALUE;
    x.n_periods = 2;
    add_paired(&cells[0], 10, 0);
    add_paired(&cells[1], 10, 0.5);
    add_paired(&cells[2], 500, 0);
    add_paired(&cells[3], 500, 0.5);

    recs_report_compare(&options, &x, cells, results);
    assert_int_equal(results[0].cuped, 0);
    se = results[0].difference_se;

    options.cuped_ms = DAY;
    recs_report_compare(&options, &x, cells, results);
    assert_int_equal(results[0].cuped, 1);
    near(results[0].difference, 0.5, 1e-9);
    near(results[0].variance_cut, 0.75, 1e-3);
    near(results[0].difference_se, se / 2, se * 1e-3);

    options.metrics[0].kind = RECS_METRIC_RATIO;
    recs_report_compare(&options, &x, cells, results);
    assert_int_equal(results[0].cuped, 0);
}


static void
test_ratio(void **state)
{
    uint32_t             i;
    recs_stats_sample_t  expected;

    (void) state;

    options.metrics[0].kind = RECS_METRIC_RATIO;

    for (i = 0; i < 100; i++) {
        recs_pair_moments_add(&cells[0].moments, 1 + i % 5, i % 2);
        recs_pair_moments_add(&cells[1].moments, 1 + i % 5, i % 3 == 0);
    }

    recs_report_compare(&options, &x, cells, results);
    expected = recs_stats_ratio(&cells[0].moments);
    near(results[0].control.mean, 0.5 / 3, 1e-12);
    near(results[0].control.variance, expected.variance, 1e-12);
    near(results[0].treatment.mean, 0.34 / 3, 1e-12);
}


/* Treatment after treatment, for each all metrics. */
static void
test_order(void **state)
{
    uint32_t  i;

    (void) state;

    x.n_variants = 3;
    x.control = 1;
    options.n_metrics = 2;

    for (i = 0; i < 6; i++) {
        rate(&cells[i], 100 + 10 * i, 1000);
    }

    recs_report_compare(&options, &x, cells, results);

    for (i = 0; i < 4; i++) {
        assert_int_equal(results[i].variant, (i / 2) * 2);
        assert_int_equal(results[i].metric, i % 2);
        near(results[i].difference, (i < 2) ? -0.02 : 0.02, 1e-12);
    }
}


static void
judged(double p, double difference, recs_verdict_t verdict, unsigned reasons)
{
    results[0].p = p;
    results[0].difference = difference;
    recs_report_judge(&options, &x);
    assert_int_equal(results[0].verdict, verdict);
    assert_int_equal(results[0].reasons, reasons);
}


static void
test_verdicts(void **state)
{
    (void) state;

    results[0] = (recs_report_result_t) { .conversions = { 20, 150 } };

    judged(0.049, 0.01, RECS_VERDICT_BETTER, 0);
    judged(0.049, -0.01, RECS_VERDICT_WORSE, 0);
    judged(0.05, 0.01, RECS_VERDICT_NONE, 0);
    options.metrics[0].lower = 1;
    judged(0.049, 0.01, RECS_VERDICT_WORSE, 0);
    judged(0.049, -0.01, RECS_VERDICT_BETTER, 0);

    results[0].conversions[1] = 149;
    judged(0.001, 1, RECS_VERDICT_WITHHELD, RECS_REPORT_FEW_CONVERSIONS);
    results[0].conversions[0] = 150;

    x.last_ms = x.first_ms + 3 * DAY;
    judged(0.001, -1, RECS_VERDICT_BETTER, 0);
    x.last_ms--;
    judged(0.001, 1, RECS_VERDICT_WITHHELD, RECS_REPORT_FEW_DAYS);

    x.srm_broken = 1;
    judged(0.001, 1, RECS_VERDICT_WITHHELD,
           RECS_REPORT_FEW_DAYS | RECS_REPORT_BROKEN_RATIO);
}


/* Three metrics of which one cannot be told: corrected for two. */
static void
test_correction(void **state)
{
    uint32_t  i;

    (void) state;

    options.n_metrics = 3;
    x.n_results = 3;

    for (i = 0; i < 3; i++) {
        results[i] = (recs_report_result_t) {
            .metric = i, .p = 0.03 + 0.005 * i, .difference = 1,
            .conversions = { 500, 500 }
        };
    }

    results[1].p = NAN;

    recs_report_judge(&options, &x);
    near(results[0].p_adjusted, 0.06, 1e-12);
    near(results[2].p_adjusted, 0.06, 1e-12);
    assert_int_equal(results[0].verdict, RECS_VERDICT_NONE);
    assert_int_equal(results[1].verdict, RECS_VERDICT_WITHHELD);

    options.correction = RECS_CORRECTION_BH;
    recs_report_judge(&options, &x);
    near(results[0].p_adjusted, 0.04, 1e-12);
    near(results[2].p_adjusted, 0.04, 1e-12);
    assert_int_equal(results[0].verdict, RECS_VERDICT_BETTER);
}


/* More than 1 % of those seen, and ten at least. */
static void
test_multiple_exposure(void **state)
{
    static const struct {
        uint64_t  units, multiple;
        int       alarm;
    } cases[] = {
        { 100, 9, 0 }, { 100, 10, 1 }, { 9900, 100, 0 }, { 9900, 101, 1 },
        { 0, 0, 0 }, { 0, 50, 1 },
    };

    size_t  i;

    (void) state;

    x.n_results = 0;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        x.n_units = cases[i].units;
        x.n_multiple = cases[i].multiple;
        recs_report_judge(&options, &x);
        assert_int_equal(x.multiple_alarm, cases[i].alarm);
    }
}


static void
test_words(void **state)
{
    unsigned  pos;

    (void) state;

    pos = 0;
    assert_string_equal(recs_report_reason(RECS_REPORT_BROKEN_RATIO
                                           | RECS_REPORT_FEW_DAYS, &pos),
                        "the sample ratio is broken");
    assert_string_equal(recs_report_reason(RECS_REPORT_BROKEN_RATIO
                                           | RECS_REPORT_FEW_DAYS, &pos),
                        "too few days");
    assert_null(recs_report_reason(RECS_REPORT_BROKEN_RATIO
                                   | RECS_REPORT_FEW_DAYS, &pos));

    assert_string_equal(recs_verdict_text(RECS_VERDICT_NONE),
                        "no difference seen yet");
    assert_string_equal(recs_verdict_text(RECS_VERDICT_WITHHELD), "withheld");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup(test_rate, setup),
        cmocka_unit_test_setup(test_nothing_to_compare, setup),
        cmocka_unit_test_setup(test_periods, setup),
        cmocka_unit_test_setup(test_cuped, setup),
        cmocka_unit_test_setup(test_ratio, setup),
        cmocka_unit_test_setup(test_order, setup),
        cmocka_unit_test_setup(test_verdicts, setup),
        cmocka_unit_test_setup(test_correction, setup),
        cmocka_unit_test_setup(test_multiple_exposure, setup),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
