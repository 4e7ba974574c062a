/*
 * recs_report: who counts, what counts for whom, and in which period; the
 * verdicts are test_report_judge's.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_report.h"
#include "recs_temp.h"


#define DAY   RECS_REPORT_DAY_MS
#define T0    ((int64_t) 1700006400000)               /* a midnight */


/* The log that is written, and what is asked of it. */
static char                    log_text[2][1 << 20];
static size_t                  log_len[2];
static recs_report_options_t   options;


static int
begin(void **state)
{
    (void) state;

    memset(log_len, 0, sizeof(log_len));
    recs_report_defaults(&options);
    options.scan.now_ms = T0 + 1000 * DAY;
    options.min_days = 0;
    options.min_conversions = 0;

    return 0;
}


static void
put(int log, int64_t time_ms, const char *user, const char *fields)
{
    log_len[log] += (size_t) sprintf(log_text[log] + log_len[log],
                                     "{\"ts\":%lld,\"user\":\"%s\",%s}\n",
                                     (long long) time_ms, user, fields);
    assert_true(log_len[log] < sizeof(log_text[log]) - 1024);
}


static void
expose(int log, int64_t time_ms, const char *user, const char *variant,
    double propensity)
{
    char  fields[256];

    snprintf(fields, sizeof(fields), "\"event\":\"exposure\",\"experiment\":"
             "\"x\",\"variant\":\"%s\",\"propensity\":%.4f", variant,
             propensity);
    put(log, time_ms, user, fields);
}


static void
metric(const char *text)
{
    recs_error_t  err;

    assert_int_equal(recs_report_metric_parse(
                         &options.metrics[options.n_metrics++], text, &err),
                     RECS_OK);
}


static recs_status_t
create(recs_report_t **report, recs_error_t *err)
{
    char           paths[2][256];
    const char    *names[2];

    strcpy(paths[0], recs_temp_write("log0", log_text[0], log_len[0]));
    strcpy(paths[1], recs_temp_write("log1", log_text[1], log_len[1]));
    names[0] = paths[0];
    names[1] = paths[1];

    options.scan.paths = names;
    options.scan.n_paths = 2;

    return recs_report_create(report, &options, err);
}


static recs_report_t *
made(void)
{
    recs_error_t    err;
    recs_report_t  *report;

    if (create(&report, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    return report;
}


/* The sum over a variant's units of a metric's y and x. */

static double
sum_y(const recs_report_experiment_t *x, uint32_t variant, uint32_t metric)
{
    const recs_pair_moments_t  *m;

    m = &x->variants[variant].moments[metric];
    assert_int_equal(m->n, x->variants[variant].units);

    return round(m->mean_y * (double) m->n * 1e6) / 1e6;
}


static double
sum_x(const recs_report_experiment_t *x, uint32_t variant, uint32_t metric)
{
    const recs_pair_moments_t  *m;

    m = &x->variants[variant].moments[metric];

    return round(m->mean_x * (double) m->n * 1e6) / 1e6;
}


static void
test_window(void **state)
{
    recs_report_t             *r;
    recs_report_experiment_t  *x;

    (void) state;

    metric("clicks=count:click");
    metric("rate=event:click");
    metric("revenue=value:purchase");
    options.window_ms = DAY;
    options.cuped_ms = DAY;

    /* Outcomes are read before the exposure, and that before the first. */

    put(0, T0 - DAY - 1, "a", "\"event\":\"click\"");       /* too early */
    put(0, T0 - DAY, "a", "\"event\":\"click\"");           /* before */
    put(0, T0 - 1, "a", "\"event\":\"click\"");             /* before */
    put(0, T0, "a", "\"event\":\"click\"");
    put(0, T0 + 5, "a", "\"event\":\"click\"");
    put(0, T0 + DAY - 1, "a", "\"event\":\"click\"");
    put(0, T0 + DAY, "a", "\"event\":\"click\"");           /* too late */
    put(0, T0 + 6, "a", "\"event\":\"purchase\",\"value\":2.5");
    put(0, T0 + 7, "a", "\"event\":\"purchase\",\"value\":-1");
    put(0, T0 + 8, "a", "\"event\":\"purchase\"");
    put(0, T0 - 8, "a", "\"event\":\"purchase\",\"value\":10");
    put(0, T0 + 8, "a", "\"event\":\"view\"");
    put(0, T0 + 8, "stranger", "\"event\":\"click\"");
    expose(0, T0 + 100, "a", "deep", .5);
    expose(1, T0, "a", "deep", .5);
    expose(1, T0 + 3, "b", "control", .5);

    r = made();
    x = &r->experiments[0];

    assert_int_equal(x->n_variants, 2);
    assert_string_equal(x->variants[0].name, "control");
    assert_string_equal(x->variants[1].name, "deep");
    assert_int_equal(x->control, 0);
    assert_int_equal(x->variants[1].exposures, 2);
    assert_int_equal(x->variants[1].units, 1);
    assert_int_equal(x->first_ms, T0);
    assert_int_equal(x->last_ms, T0 + 3);

    assert_true(sum_y(x, 1, 0) == 3 && sum_x(x, 1, 0) == 2);
    assert_true(sum_y(x, 1, 1) == 1 && sum_x(x, 1, 1) == 1);
    assert_true(sum_y(x, 1, 2) == 1.5 && sum_x(x, 1, 2) == 10);
    assert_true(sum_y(x, 0, 0) == 0 && sum_x(x, 0, 0) == 0);
    assert_int_equal(r->n_no_value, 1);

    recs_report_destroy(r);
}


static void
test_left_out(void **state)
{
    recs_report_t             *r;
    recs_report_experiment_t  *x;

    (void) state;

    metric("rate=event:click");
    options.experiment = "x";

    expose(0, T0, "a", "deep", .5);
    expose(0, T0, "moved", "deep", .5);
    expose(1, T0 + 1, "moved", "control", .5);
    expose(0, T0, "tester", "deep", .5);
    put(0, T0 + 1, "tester", "\"event\":\"exposure\",\"experiment\":\"x\","
        "\"variant\":\"hidden\",\"propensity\":1,\"forced\":true");
    put(0, T0, "", "\"event\":\"exposure\",\"experiment\":\"x\","
        "\"variant\":\"deep\"");
    put(0, T0, "b", "\"event\":\"exposure\",\"experiment\":\"y\","
        "\"variant\":\"deep\"");
    put(0, T0, "b", "\"event\":\"exposure\",\"slot\":\"for_you\"");
    put(0, T0 + 1, "moved", "\"event\":\"click\"");
    put(0, T0 + 1, "tester", "\"event\":\"click\"");
    put(0, T0 + 1, "a", "\"event\":\"click\",\"verified\":false");

    r = made();
    assert_int_equal(r->n_experiments, 1);
    x = &r->experiments[0];

    assert_int_equal(x->n_variants, 2);
    assert_int_equal(x->n_units, 1);
    assert_int_equal(x->n_multiple, 1);
    assert_int_equal(x->n_forced, 1);
    assert_int_equal(x->n_no_user, 1);
    assert_true(sum_y(x, 1, 0) == 0);
    assert_int_equal(r->counts.n_unverified, 1);

    recs_report_destroy(r);

    options.scan.unverified = 1;
    r = made();
    assert_true(sum_y(&r->experiments[0], 1, 0) == 1);
    recs_report_destroy(r);
}


static void
test_ratio(void **state)
{
    recs_report_t             *r;
    recs_report_experiment_t  *x;

    (void) state;

    metric("ctr=ratio:click/exposure");
    options.cuped_ms = DAY;

    expose(0, T0, "a", "deep", .5);
    expose(0, T0 + 1, "a", "deep", .5);
    put(0, T0 + 1, "a", "\"event\":\"exposure\",\"experiment\":\"w\","
        "\"variant\":\"v\"");
    put(0, T0 + 2, "a", "\"event\":\"click\"");
    put(0, T0 - 2, "a", "\"event\":\"click\"");
    expose(0, T0 + 3, "b", "control", .5);

    r = made();
    assert_int_equal(r->n_experiments, 2);
    assert_string_equal(r->experiments[0].name, "w");
    x = &r->experiments[1];

    /* Those of this experiment, and none of the time before. */

    assert_true(sum_y(x, 1, 0) == 1 && sum_x(x, 1, 0) == 2);
    assert_true(sum_y(x, 0, 0) == 0 && sum_x(x, 0, 0) == 1);
    assert_int_equal(x->results[0].cuped, 0);

    recs_report_destroy(r);
}


static void
test_defaults(void **state)
{
    recs_error_t    err;
    recs_report_t  *r;

    (void) state;

    expose(0, T0, "a", "deep", .5);
    put(0, T0, "a", "\"event\":\"purchase\",\"value\":1");

    r = made();
    assert_int_equal(r->options.n_metrics, 2);
    assert_string_equal(r->options.metrics[0].name, "purchase_rate");
    assert_string_equal(r->options.metrics[1].name, "revenue");
    assert_true(sum_y(&r->experiments[0], 0, 1) == 1);
    assert_int_equal(r->experiments[0].n_results, 0);
    recs_report_destroy(r);

    options.experiment = "z";
    assert_int_equal(create(&r, &err), RECS_NOT_FOUND);
    assert_non_null(strstr(err.message, "\"z\""));

    options.experiment = "x";
    options.control = "z";
    assert_int_equal(create(&r, &err), RECS_NOT_FOUND);

    memset(log_len, 0, sizeof(log_len));
    options.experiment = NULL;
    assert_int_equal(create(&r, &err), RECS_NOT_FOUND);
}


/* n users from first on, a second apart from time_ms on. */

static void
expose_many(int64_t time_ms, unsigned first, unsigned n, const char *variant,
    double propensity)
{
    char      user[16];
    unsigned  i;

    for (i = 0; i < n; i++) {
        sprintf(user, "u%u", first + i);
        expose(0, time_ms + 1000 * i, user, variant, propensity);
    }
}


static void
test_periods(void **state)
{
    recs_report_t             *r;
    recs_report_experiment_t  *x;

    (void) state;

    metric("rate=event:click");

    expose_many(T0, 0, 100, "control", .5);
    expose_many(T0 + 500, 100, 100, "deep", .5);
    expose_many(T0 + DAY, 200, 160, "control", .8);
    expose_many(T0 + DAY + 500, 400, 40, "deep", .2);

    /* An old worker's, a minute after the change; and one of no weight. */

    expose(1, T0 + DAY + 60000, "late", "deep", .5);
    put(1, T0 + DAY + 60000, "unknown", "\"event\":\"exposure\","
        "\"experiment\":\"x\",\"variant\":\"deep\"");

    /* Back to what it was: a period of its own, with one visitor. */

    expose(1, T0 + 3 * DAY, "back", "deep", .5);

    r = made();
    x = &r->experiments[0];

    assert_int_equal(x->n_periods, 3);
    assert_int_equal(x->periods[0].start_ms, T0);
    assert_int_equal(x->periods[0].units[0], 100);
    assert_int_equal(x->periods[0].units[1], 101);
    assert_true(x->periods[0].weights[0] == .5);
    assert_int_equal(x->periods[1].start_ms, T0 + DAY);
    assert_int_equal(x->periods[1].units[0], 160);
    assert_int_equal(x->periods[1].units[1], 41);
    assert_true(x->periods[1].weights[0] == .8);
    assert_true(x->periods[1].weights[1] == .2);
    assert_true(x->periods[0].used && x->periods[1].used);
    assert_false(x->periods[2].used);
    assert_int_equal(x->n_unused, 1);
    assert_false(x->srm_broken);
    assert_true(x->periods[1].srm_p > .5);
    assert_true(isnan(x->periods[2].srm_p));

    recs_report_destroy(r);
}


static void
test_sample_ratio(void **state)
{
    recs_report_t             *r;
    recs_report_experiment_t  *x;

    (void) state;

    metric("rate=event:click");

    /* trust.md A4's vector, 44000 of 89000, a thousandth of it is fine. */

    expose_many(T0, 0, 44, "control", .5);
    expose_many(T0, 100, 45, "deep", .5);

    r = made();
    x = &r->experiments[0];
    assert_int_equal(x->n_periods, 1);
    assert_true(fabs(x->srm_p - .9156) < 1e-4);
    assert_false(x->srm_broken);
    recs_report_destroy(r);

    /* A third variant is due, and nobody met it. */

    begin(NULL);
    metric("rate=event:click");
    expose_many(T0, 0, 44, "control", .3);
    expose_many(T0, 100, 45, "deep", .3);

    r = made();
    assert_true(r->experiments[0].srm_broken);
    assert_int_equal(r->experiments[0].results[0].verdict,
                     RECS_VERDICT_WITHHELD);
    recs_report_destroy(r);

    /* Weights that are not known, for a variant: no test. */

    begin(NULL);
    metric("rate=event:click");
    expose_many(T0, 0, 44, "control", .5);
    expose_many(T0, 100, 45, "deep", 0);

    r = made();
    assert_true(isnan(r->experiments[0].srm_p));
    assert_false(r->experiments[0].srm_broken);
    recs_report_destroy(r);
}


static void
test_segments(void **state)
{
    char                       fields[256], user[16];
    unsigned                   i;
    recs_report_t             *r;
    recs_report_experiment_t  *x;

    (void) state;

    metric("rate=event:click");
    options.segment = "context.country";
    options.min_cell = 10;

    for (i = 0; i < 260; i++) {
        sprintf(user, "u%u", i);
        sprintf(fields, "\"event\":\"exposure\",\"experiment\":\"x\","
                "\"variant\":\"%s\",\"context\":{\"country\":\"%s\"}",
                i % 2 ? "deep" : "control", i < 60 ? "de" : "fr");
        put(0, T0 + i, user, fields);

        /* Later they travel. */

        sprintf(fields, "\"event\":\"exposure\",\"experiment\":\"x\","
                "\"variant\":\"%s\",\"context\":{\"country\":\"jp\"}",
                i % 2 ? "deep" : "control");
        put(1, T0 + DAY + i, user, fields);
    }

    put(0, T0, "lonely", "\"event\":\"exposure\",\"experiment\":\"x\","
        "\"variant\":\"deep\"");

    r = made();
    x = &r->experiments[0];
    assert_int_equal(x->n_segments, 3);
    assert_string_equal(x->segments[0].value, "fr");
    assert_int_equal(x->segments[0].units[0], 100);
    assert_false(x->segments[0].suppressed);
    assert_string_equal(x->segments[1].value, "de");
    assert_int_equal(x->segments[1].units[1], 30);
    assert_string_equal(x->segments[2].value, "");
    assert_true(x->segments[2].suppressed);
    recs_report_destroy(r);

    /* More values than are kept apart. */

    begin(NULL);
    metric("rate=event:click");
    options.segment = "slot";

    for (i = 0; i < RECS_REPORT_SEGMENTS_MAX + 60; i++) {
        sprintf(user, "u%u", i);
        sprintf(fields, "\"event\":\"exposure\",\"experiment\":\"x\","
                "\"variant\":\"deep\",\"slot\":\"s%u\"", i);
        put(0, T0 + i, user, fields);
    }

    r = made();
    x = &r->experiments[0];
    assert_int_equal(x->n_segments, RECS_REPORT_SEGMENTS_MAX + 1);
    assert_string_equal(x->segments[0].value, "(other)");
    assert_int_equal(x->segments[0].units[0], 60);
    recs_report_destroy(r);
}


static void
test_per_variant(void **state)
{
    recs_report_t             *r;
    recs_report_experiment_t  *x;

    (void) state;

    metric("clicks=count:click");
    options.per_variant = 1;
    options.window_ms = 10;

    expose(0, T0, "a", "deep", .5);
    expose(0, T0 + 100, "a", "control", .5);
    put(1, T0 + 1, "a", "\"event\":\"click\"");
    put(1, T0 + 50, "a", "\"event\":\"click\"");
    put(1, T0 + 101, "a", "\"event\":\"click\"");
    put(1, T0 + 102, "a", "\"event\":\"click\"");

    r = made();
    x = &r->experiments[0];
    assert_int_equal(x->n_multiple, 0);
    assert_int_equal(x->n_units, 2);
    assert_true(sum_y(x, 0, 0) == 2);
    assert_true(sum_y(x, 1, 0) == 1);
    recs_report_destroy(r);
}


static void
test_points(void **state)
{
    recs_report_t             *r;
    recs_report_experiment_t  *x;

    (void) state;

    metric("rate=event:click");

    expose(0, T0 + 5, "a", "deep", .5);
    expose(0, T0 + 5, "e", "deep", .5);
    expose(0, T0 + DAY + 5, "b", "deep", .5);
    expose(0, T0 + 6, "c", "control", .5);
    expose(0, T0 + 7, "d", "control", .5);
    put(1, T0 + 2 * DAY + 5, "a", "\"event\":\"click\"");
    put(1, T0 + 2 * DAY + 6, "c", "\"event\":\"click\"");
    put(1, T0 + 7, "d", "\"event\":\"click\"");

    r = made();
    x = &r->experiments[0];

    assert_int_equal(x->n_points, 3);
    assert_int_equal(x->points[0].time_ms, T0 + DAY);
    assert_int_equal(x->points[0].units[1], 2);
    assert_int_equal(x->points[0].results[0].conversions[0], 1);
    assert_int_equal(x->points[0].results[0].conversions[1], 0);
    assert_int_equal(x->points[1].time_ms, T0 + 2 * DAY);
    assert_int_equal(x->points[1].units[1], 3);
    assert_int_equal(x->points[1].results[0].conversions[0], 1);
    assert_int_equal(x->points[2].time_ms, T0 + 2 * DAY + 7);
    assert_int_equal(x->points[2].results[0].conversions[0], 2);
    assert_int_equal(x->points[2].results[0].conversions[1], 1);
    recs_report_destroy(r);

    /* Years of it still are sixty points at most. */

    expose(0, T0 + 500 * DAY, "z", "deep", .5);
    r = made();
    x = &r->experiments[0];
    assert_int_equal(x->points[0].time_ms, T0 + 9 * DAY);
    assert_true(x->n_points <= RECS_REPORT_POINTS_MAX);
    assert_int_equal(x->points[x->n_points - 1].units[1], 4);
    recs_report_destroy(r);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup(test_window, begin),
        cmocka_unit_test_setup(test_left_out, begin),
        cmocka_unit_test_setup(test_ratio, begin),
        cmocka_unit_test_setup(test_defaults, begin),
        cmocka_unit_test_setup(test_periods, begin),
        cmocka_unit_test_setup(test_sample_ratio, begin),
        cmocka_unit_test_setup(test_segments, begin),
        cmocka_unit_test_setup(test_per_variant, begin),
        cmocka_unit_test_setup(test_points, begin)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
