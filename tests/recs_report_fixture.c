#include "recs_report_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>


/* 24 October 2026, midnight. */
#define START_MS  1792800000000
#define DAY_MS    ((int64_t) RECS_REPORT_DAY_MS)


/* A lift and its standard error at the end; the error falls as 1 / sqrt. */

static void
fill(recs_report_result_t *result, uint32_t variant, uint32_t metric,
    double lift, double error, double part)
{
    double               value;
    static const double  values[] = { .104, 3.27, .0213 };

    value = values[metric];

    memset(result, 0, sizeof(recs_report_result_t));
    result->variant = variant;
    result->metric = metric;
    result->control.mean = value;

    error /= sqrt(part);
    lift += error * cos(9 * part) * (1 - part);

    result->treatment.mean = value * (1 + lift);
    result->lift = lift;
    result->lift_se = error;
    result->lift_lo = lift - 1.96 * error;
    result->lift_hi = lift + 1.96 * error;
    result->difference = lift * value;
    result->difference_se = error * value;
    result->difference_lo = result->lift_lo * value;
    result->difference_hi = result->lift_hi * value;
    result->p = erfc(fabs(lift) / error / sqrt(2));
    result->p_adjusted = result->p;
    result->chance = erfc(-lift / error / sqrt(2)) / 2;
    result->detectable = 2.8 * error;
    result->verdict = result->lift_lo > 0 ? RECS_VERDICT_BETTER
                      : result->lift_hi < 0 ? RECS_VERDICT_WORSE
                      : RECS_VERDICT_NONE;
}


static void
fill_all(recs_report_result_t *results, double error, double part)
{
    fill(&results[0], 1, 0, .05, error * .015, part);
    fill(&results[1], 1, 1, .02, error * .04, part);
    fill(&results[2], 1, 2, -.06, error * .02, part);
    fill(&results[3], 2, 0, .004, error * .015, part);
    fill(&results[4], 2, 1, -.01, error * .04, part);
    fill(&results[5], 2, 2, .01, error * .02, part);
}


static void
fill_points(recs_report_fixture_t *f)
{
    int     i;
    double  part;

    for (i = 0; i < RECS_REPORT_FIXTURE_POINTS; i++) {
        part = (i + 1.0) / RECS_REPORT_FIXTURE_POINTS;

        f->points[i].time_ms = START_MS + (i + 1) * DAY_MS;
        f->points[i].units[0] = (uint64_t) (40210 * part);
        f->points[i].units[1] = (uint64_t) (40123 * part);
        f->points[i].units[2] = (uint64_t) (20044 * part);
        f->points[i].results = f->point_results[i];
        fill_all(f->point_results[i], 1, part);
    }
}


static void
fill_segments(recs_report_fixture_t *f)
{
    int  i, k;

    static char *const  values[] = { "for_you", "below_the_cart", "search" };

    for (i = 0; i < 3; i++) {
        f->segments[i].value = values[i];
        f->segments[i].results = f->segment_results[i];
        f->segments[i].suppressed = i == 2;
        f->segments[i].units[0] = 20000 / (i + 1);
        f->segments[i].units[1] = 20100 / (i + 1);
        f->segments[i].units[2] = 10050 / (i + 1);
        fill_all(f->segment_results[i], 1.5 * (i + 1), 1);

        for (k = 0; k < RECS_REPORT_FIXTURE_RESULTS; k++) {
            f->segment_results[i][k].verdict = RECS_VERDICT_NONE;
        }
    }
}


static void
fill_metric(recs_report_metric_t *metric, const char *name,
    recs_metric_kind_t kind, const char *event)
{
    memset(metric, 0, sizeof(recs_report_metric_t));
    strcpy(metric->name, name);
    strcpy(metric->event, event);
    strcpy(metric->per, "exposure");
    metric->kind = kind;
}


void
recs_report_fixture(recs_report_fixture_t *f)
{
    int                        i;
    recs_report_t             *report;
    recs_report_experiment_t  *x;

    static char *const     names[] = { "control", "deep", "wide" };
    static const uint64_t  units[] = { 40210, 40123, 20044 };
    static const double    weights[] = { .4, .4, .2 };

    memset(f, 0, sizeof(recs_report_fixture_t));
    report = &f->report;
    x = &f->experiment;

    report->options.scan.now_ms = START_MS + 29 * DAY_MS;
    report->options.alpha = .05;
    report->options.window_ms = 7 * DAY_MS;
    report->options.segment = "slot";
    report->options.n_metrics = 3;
    fill_metric(&report->options.metrics[0], "clicks", RECS_METRIC_RATE,
                "click");
    fill_metric(&report->options.metrics[1], "revenue", RECS_METRIC_VALUE,
                "purchase");
    fill_metric(&report->options.metrics[2], "click_rate", RECS_METRIC_RATIO,
                "click");
    report->counts.n_events = 1234567;
    report->counts.n_torn = 3;
    report->experiments = x;
    report->n_experiments = 1;

    x->name = "home_page";
    x->n_variants = 3;

    for (i = 0; i < 3; i++) {
        x->variants[i].name = names[i];
        x->variants[i].units = units[i];
        x->variants[i].moments[2].mean_x = 4.2;
        f->periods[0].weights[i] = weights[i];
        f->periods[0].units[i] = units[i];
        x->n_units += units[i];
    }

    x->n_multiple = 210;
    x->first_ms = START_MS;
    x->last_ms = START_MS + 28 * DAY_MS;
    x->srm_p = .7349;

    x->periods = f->periods;
    x->n_periods = 1;
    f->periods[0].start_ms = x->first_ms;
    f->periods[0].end_ms = x->last_ms;
    f->periods[0].srm_p = x->srm_p;
    f->periods[0].used = 1;

    x->results = f->results;
    x->n_results = RECS_REPORT_FIXTURE_RESULTS;
    fill_all(f->results, 1, 1);

    x->points = f->points;
    x->n_points = RECS_REPORT_FIXTURE_POINTS;
    fill_points(f);

    x->segments = f->segments;
    x->n_segments = 3;
    fill_segments(f);
}
