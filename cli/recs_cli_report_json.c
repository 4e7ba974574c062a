#include <math.h>
#include <string.h>

#include "recs_cli_report.h"


/* A number that cannot be told is null. */

static json_t *
recs_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}


static json_t *
recs_json_count(uint64_t n)
{
    return json_integer((json_int_t) n);
}


static json_t *
recs_json_interval(double lo, double hi)
{
    return json_pack("[o, o]", recs_json_number(lo), recs_json_number(hi));
}


static json_t *
recs_json_reasons(unsigned reasons)
{
    json_t      *array;
    unsigned     pos;
    const char  *reason;

    array = json_array();
    pos = 0;

    while ((reason = recs_report_reason(reasons, &pos)) != NULL) {
        json_array_append_new(array, json_string(reason));
    }

    return array;
}


/* with_verdict: not of a segment, nor of a point. */

static json_t *
recs_json_result(const recs_report_t *report,
    const recs_report_experiment_t *x, const recs_report_result_t *r,
    int with_verdict)
{
    json_t  *object;

    object = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
                       "s:o, s:o, s:o, s:o, s:[o, o]}",
                       "variant", x->variants[r->variant].name,
                       "metric", report->options.metrics[r->metric].name,
                       "control_value", recs_json_number(r->control.mean),
                       "value", recs_json_number(r->treatment.mean),
                       "lift", recs_json_number(r->lift),
                       "lift_se", recs_json_number(r->lift_se),
                       "lift_interval", recs_json_interval(r->lift_lo,
                                                           r->lift_hi),
                       "difference", recs_json_number(r->difference),
                       "difference_se", recs_json_number(r->difference_se),
                       "difference_interval",
                       recs_json_interval(r->difference_lo, r->difference_hi),
                       "detectable_lift", recs_json_number(r->detectable),
                       "p", recs_json_number(r->p),
                       "chance_to_win", recs_json_number(r->chance),
                       "risk", recs_json_number(r->risk),
                       "conversions", recs_json_count(r->conversions[0]),
                       recs_json_count(r->conversions[1]));

    if (r->cuped) {
        json_object_set_new(object, "variance_cut",
                            recs_json_number(r->variance_cut));
    }

    if (with_verdict) {
        json_object_set_new(object, "p_adjusted",
                            recs_json_number(r->p_adjusted));
        json_object_set_new(object, "verdict",
                            json_string(recs_verdict_text(r->verdict)));
        json_object_set_new(object, "reasons",
                            recs_json_reasons(r->reasons));
    }

    return object;
}


static json_t *
recs_json_results(const recs_report_t *report,
    const recs_report_experiment_t *x, const recs_report_result_t *results,
    int with_verdict)
{
    json_t    *array;
    uint32_t   i;

    array = json_array();

    for (i = 0; i < x->n_results; i++) {
        json_array_append_new(array, recs_json_result(report, x, &results[i],
                                                      with_verdict));
    }

    return array;
}


/* {"control": 100, ...} */

static json_t *
recs_json_units(const recs_report_experiment_t *x, const uint64_t *units)
{
    json_t    *object;
    uint32_t   v;

    object = json_object();

    for (v = 0; v < x->n_variants; v++) {
        json_object_set_new(object, x->variants[v].name,
                            recs_json_count(units[v]));
    }

    return object;
}


static json_t *
recs_json_variants(const recs_report_experiment_t *x)
{
    json_t    *array;
    uint32_t   v;

    array = json_array();

    for (v = 0; v < x->n_variants; v++) {
        json_array_append_new(array,
            json_pack("{s:s, s:b, s:o, s:o}", "name", x->variants[v].name,
                      "control", v == x->control,
                      "units", recs_json_count(x->variants[v].units),
                      "exposures",
                      recs_json_count(x->variants[v].exposures)));
    }

    return array;
}


static json_t *
recs_json_periods(const recs_report_experiment_t *x)
{
    json_t                       *array, *weights;
    uint32_t                      i, v;
    const recs_report_period_t   *period;

    array = json_array();

    for (i = 0; i < x->n_periods; i++) {
        period = &x->periods[i];
        weights = json_object();

        for (v = 0; v < x->n_variants; v++) {
            json_object_set_new(weights, x->variants[v].name,
                                period->weights[v] > 0
                                ? json_real(period->weights[v])
                                : json_null());
        }

        json_array_append_new(array,
            json_pack("{s:o, s:o, s:o, s:o, s:o, s:b}",
                      "start_ms", json_integer(period->start_ms),
                      "end_ms", json_integer(period->end_ms),
                      "weights", weights,
                      "units", recs_json_units(x, period->units),
                      "srm_p", recs_json_number(period->srm_p),
                      "used", period->used));
    }

    return array;
}


static json_t *
recs_json_segments(const recs_report_t *report,
    const recs_report_experiment_t *x)
{
    json_t                        *array, *object;
    uint32_t                       i;
    const recs_report_segment_t   *segment;

    array = json_array();

    for (i = 0; i < x->n_segments; i++) {
        segment = &x->segments[i];
        object = json_pack("{s:s, s:b}", "value", segment->value,
                           "suppressed", segment->suppressed);

        if (!segment->suppressed) {
            json_object_set_new(object, "units",
                                recs_json_units(x, segment->units));
            json_object_set_new(object, "results",
                                recs_json_results(report, x,
                                                  segment->results, 0));
        }

        json_array_append_new(array, object);
    }

    return array;
}


static json_t *
recs_json_points(const recs_report_t *report,
    const recs_report_experiment_t *x)
{
    json_t    *array;
    uint32_t   i;

    array = json_array();

    for (i = 0; i < x->n_points; i++) {
        json_array_append_new(array,
            json_pack("{s:o, s:o, s:o}",
                      "time_ms", json_integer(x->points[i].time_ms),
                      "units", recs_json_units(x, x->points[i].units),
                      "results", recs_json_results(report, x,
                                                   x->points[i].results, 0)));
    }

    return array;
}


static json_t *
recs_json_experiment(const recs_report_t *report,
    const recs_report_experiment_t *x)
{
    json_t  *object;

    object = json_pack("{s:s, s:o, s:o, s:o, s:o, s:b, s:o, s:b, s:o, s:o, "
                       "s:o, s:o, s:o, s:o}",
                       "name", x->name,
                       "units", recs_json_count(x->n_units),
                       "first_ms", json_integer(x->first_ms),
                       "last_ms", json_integer(x->last_ms),
                       "srm_p", recs_json_number(x->srm_p),
                       "srm_broken", x->srm_broken,
                       "multiple", recs_json_count(x->n_multiple),
                       "multiple_alarm", x->multiple_alarm,
                       "forced", recs_json_count(x->n_forced),
                       "unused", recs_json_count(x->n_unused),
                       "without_user", recs_json_count(x->n_no_user),
                       "variants", recs_json_variants(x),
                       "periods", recs_json_periods(x),
                       "results", recs_json_results(report, x, x->results,
                                                    1));

    if (report->options.segment != NULL) {
        json_object_set_new(object, "segments",
                            recs_json_segments(report, x));
    }

    json_object_set_new(object, "days", recs_json_points(report, x));

    return object;
}


static json_t *
recs_json_counts(const recs_report_t *report)
{
    const recs_event_counts_t  *counts;

    counts = &report->counts;

    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "lines", recs_json_count(counts->n_lines),
                     "events", recs_json_count(counts->n_events),
                     "duplicates", recs_json_count(counts->n_duplicates),
                     "torn", recs_json_count(counts->n_torn),
                     "foreign", recs_json_count(counts->n_foreign),
                     "without_time", recs_json_count(counts->n_no_time),
                     "future", recs_json_count(counts->n_future),
                     "unverified", recs_json_count(counts->n_unverified),
                     "without_value", recs_json_count(report->n_no_value));
}


static json_t *
recs_json_metrics(const recs_report_options_t *options)
{
    char       text[2 * RECS_ID_MAX + 16];
    json_t    *object;
    uint32_t   i;

    object = json_object();

    for (i = 0; i < options->n_metrics; i++) {
        recs_report_metric_text(&options->metrics[i], text);
        json_object_set_new(object, options->metrics[i].name,
                            json_string(text));
    }

    return object;
}


json_t *
recs_cli_report_json(const recs_report_t *report)
{
    json_t                        *experiments;
    uint32_t                       i;
    const recs_report_options_t   *options;

    options = &report->options;
    experiments = json_array();

    for (i = 0; i < report->n_experiments; i++) {
        json_array_append_new(experiments,
                              recs_json_experiment(report,
                                                   &report->experiments[i]));
    }

    return json_pack("{s:o, s:{s:f, s:s, s:s, s:o, s:o, s:o}, s:o, s:o}",
                     "counts", recs_json_counts(report),
                     "options", "alpha", options->alpha,
                     "intervals", options->fixed ? "one look"
                                                 : "always valid",
                     "correction", options->correction == RECS_CORRECTION_BH
                                   ? "bh" : "holm",
                     "window_ms", json_integer(options->window_ms),
                     "cuped_ms", json_integer(options->cuped_ms),
                     "unverified", json_boolean(options->scan.unverified),
                     "metrics", recs_json_metrics(options),
                     "experiments", experiments);
}
