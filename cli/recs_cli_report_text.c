/*
 * A report in the terminal: for each experiment the verdicts in words, the
 * numbers as a table, and what has to be known before they are believed.
 * Names passed recs_id_valid(): they move no cursor.
 */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recs_cli_report.h"
#include "recs_timestamp.h"


#define RECS_TEXT_MAX  64


/* "1,234,567" in one of some buffers that take turns. */

static const char *
recs_text_count(uint64_t n)
{
    int          i, len, k;
    char         digits[24];
    char        *p;
    static int   turn;
    static char  buffers[8][32];

    len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long) n);
    p = buffers[turn++ % 8];
    k = 0;

    for (i = 0; i < len; i++) {

        if (i != 0 && (len - i) % 3 == 0) {
            p[k++] = ',';
        }

        p[k++] = digits[i];
    }

    p[k] = '\0';

    return p;
}


/* Shares as percent, to two digits of the interval's width. */

static void
recs_text_range(char *text, double lo, double hi, int relative)
{
    int     digits;
    double  width;

    if (!isfinite(lo) || !isfinite(hi)) {
        snprintf(text, RECS_TEXT_MAX, "not known");
        return;
    }

    width = hi - lo;

    if (relative) {
        digits = width < .002 ? 3 : width < .02 ? 2 : 1;
        snprintf(text, RECS_TEXT_MAX, "%+.*f %% to %+.*f %%", digits,
                 100 * lo, digits, 100 * hi);

    } else {
        snprintf(text, RECS_TEXT_MAX, "%+.4g to %+.4g", lo, hi);
    }
}


/* The difference as people want it: relative, where that can be told. */

static void
recs_text_difference(char *text, char *range, const recs_report_result_t *r)
{
    double  width;

    if (isfinite(r->lift)) {
        width = r->lift_hi - r->lift_lo;
        snprintf(text, RECS_TEXT_MAX, "%+.*f %%",
                 width < .002 ? 3 : width < .02 ? 2 : 1, 100 * r->lift);
        recs_text_range(range, r->lift_lo, r->lift_hi, 1);

    } else if (isfinite(r->difference)) {
        snprintf(text, RECS_TEXT_MAX, "%+.4g", r->difference);
        recs_text_range(range, r->difference_lo, r->difference_hi, 0);

    } else {
        snprintf(text, RECS_TEXT_MAX, "-");
        snprintf(range, RECS_TEXT_MAX, "-");
    }
}


static void
recs_text_value(char *text, const recs_report_metric_t *metric,
    const recs_stats_sample_t *sample)
{
    double  value;

    value = sample->mean;

    if (sample->n == 0) {
        snprintf(text, RECS_TEXT_MAX, "-");

    } else if (metric->kind == RECS_METRIC_RATE
               || metric->kind == RECS_METRIC_RATIO)
    {
        snprintf(text, RECS_TEXT_MAX, "%.4g %%", 100 * value);

    } else {
        snprintf(text, RECS_TEXT_MAX, "%.5g", value);
    }
}


static void
recs_text_verdict(const recs_report_t *report,
    const recs_report_experiment_t *x, const recs_report_result_t *r)
{
    char         text[RECS_TEXT_MAX], range[RECS_TEXT_MAX];
    unsigned     pos;
    const char  *variant, *control, *metric, *reason;

    variant = x->variants[r->variant].name;
    control = x->variants[x->control].name;
    metric = report->options.metrics[r->metric].name;
    recs_text_difference(text, range, r);

    switch (r->verdict) {

    case RECS_VERDICT_BETTER:
    case RECS_VERDICT_WORSE:
        printf("  %s: %s is %s than %s, by %s (%s)\n", metric, variant,
               recs_verdict_text(r->verdict), control, text, range);
        return;

    case RECS_VERDICT_NONE:
        printf("  %s: no difference seen yet between %s and %s", metric,
               variant, control);

        if (isfinite(r->detectable)) {
            printf(" (a lift of %.2g %% would have been, 4 times in 5)",
                   100 * r->detectable);
        }

        putchar('\n');
        return;

    default:
        printf("  %s: no verdict on %s", metric, variant);
    }

    pos = 0;

    while ((reason = recs_report_reason(r->reasons, &pos)) != NULL) {
        printf("%s %s", pos != 0 ? ":" : "", reason);
    }

    putchar('\n');
}


static void
recs_text_alarms(const recs_report_t *report,
    const recs_report_experiment_t *x)
{
    if (x->srm_broken) {
        printf("  THE SAMPLE RATIO IS BROKEN (p = %.2g): the variants do not "
               "have the shares of\n"
               "  visitors that they should. Some were lost or counted twice "
               "on the way, and not by\n"
               "  chance: look for redirects, caches, bots and errors that "
               "treat the variants\n"
               "  differently. Until that is mended nothing below can be "
               "believed.\n", x->srm_p);
    }

    if (x->multiple_alarm) {
        printf("  Beware: %s visitors met more than one variant and are left "
               "out (%.1f %%). Are the\n"
               "  visitors' ids stable, and the same wherever the experiment "
               "runs?\n", recs_text_count(x->n_multiple),
               100. * (double) x->n_multiple
               / (double) (x->n_units + x->n_multiple));
    }

    if (isnan(x->srm_p) && x->n_variants > 1) {
        printf("  The sample ratio is not tested: %s.\n",
               x->periods_lost ? "the weights changed too often"
               : "too few visitors, or exposures without propensities");
    }

    if (x->n_variants < 2) {
        printf("  Only %s in the logs: nothing to compare with.\n",
               x->n_variants == 1 ? "one variant is" : "forced exposures are");
    }

    if (report->options.scan.unverified) {
        printf("  Events without a valid token are counted: who likes can "
               "send them.\n");
    }
}


static void
recs_text_table(const recs_report_t *report,
    const recs_report_experiment_t *x, const recs_report_result_t *results)
{
    char                          text[RECS_TEXT_MAX], range[RECS_TEXT_MAX];
    char                          values[2][RECS_TEXT_MAX];
    uint32_t                      i;
    const recs_report_result_t   *r;
    const recs_report_metric_t   *metric;

    printf("    %-16s %-16s %11s %11s %9s  %-24s %7s %7s\n", "metric",
           "variant",
           x->variants[x->control].name, "variant's", "lift",
           report->options.fixed ? "interval (one look)"
                                 : "interval (always valid)", "p", "chance");

    for (i = 0; i < x->n_results; i++) {
        r = &results[i];
        metric = &report->options.metrics[r->metric];

        recs_text_value(values[0], metric, &r->control);
        recs_text_value(values[1], metric, &r->treatment);
        recs_text_difference(text, range, r);

        printf("    %-16s %-16s %11s %11s %9s  %-24s", metric->name,
               x->variants[r->variant].name, values[0], values[1], text,
               range);

        if (isfinite(r->p_adjusted)) {
            printf(" %7.2g", r->p_adjusted);

        } else {
            printf(" %7s", "");
        }

        /* Nothing is certain. */
        if (isfinite(r->chance)) {
            printf(" %5.1f %%", fmin(fmax(100 * r->chance, .1), 99.9));
        }

        if (r->cuped && r->variance_cut > 0) {
            printf("  (CUPED: %.0f %% less variance)", 100 * r->variance_cut);
        }

        putchar('\n');
    }
}


static void
recs_text_periods(const recs_report_experiment_t *x)
{
    char                          from[32];
    uint32_t                      i, v;
    const recs_report_period_t   *period;

    if (x->n_periods < 2) {
        return;
    }

    printf("  The weights were changed: %u periods, compared within each.\n",
           x->n_periods);

    for (i = 0; i < x->n_periods && i < 20; i++) {
        period = &x->periods[i];
        recs_timestamp_format(period->start_ms, from);
        printf("    from %s:", from);

        for (v = 0; v < x->n_variants; v++) {
            printf(" %s %.4g %% (%s)", x->variants[v].name,
                   100 * period->weights[v],
                   recs_text_count(period->units[v]));
        }

        if (!period->used) {
            printf(", too few to compare");

        } else if (isfinite(period->srm_p)) {
            printf(", sample ratio p = %.2g", period->srm_p);
        }

        putchar('\n');
    }

    if (x->n_periods > 20) {
        printf("    ... and %u more (--json has all)\n", x->n_periods - 20);
    }
}


static void
recs_text_segments(const recs_report_t *report,
    const recs_report_experiment_t *x)
{
    uint32_t                       i, v, n_suppressed;
    const recs_report_segment_t   *segment;

    n_suppressed = 0;

    for (i = 0; i < x->n_segments; i++) {
        segment = &x->segments[i];

        if (segment->suppressed) {
            n_suppressed++;
            continue;
        }

        printf("  %s %s:", report->options.segment,
               *segment->value != '\0' ? segment->value : "(none)");

        for (v = 0; v < x->n_variants; v++) {
            printf(" %s %s", x->variants[v].name,
                   recs_text_count(segment->units[v]));
        }

        printf("\n");
        recs_text_table(report, x, segment->results);
    }

    if (n_suppressed != 0) {
        printf("  %u segments with fewer than %u visitors in a variant are not "
               "told.\n", n_suppressed, report->options.min_cell);
    }

    if (x->n_segments != 0) {
        printf("  One in twenty intervals misses by chance: a segment is a "
               "question, no verdict.\n");
    }
}


static void
recs_text_experiment(const recs_report_t *report,
    const recs_report_experiment_t *x)
{
    char      from[32], to[32];
    uint32_t  i, v;

    printf("%s\n", x->name);

    recs_text_alarms(report, x);

    for (i = 0; i < x->n_results; i++) {
        recs_text_verdict(report, x, &x->results[i]);
    }

    if (x->n_units == 0) {
        printf("  No visitor counts.\n\n");
        return;
    }

    recs_timestamp_format(x->first_ms, from);
    recs_timestamp_format(x->last_ms, to);

    printf("\n  %s visitors, first seen from %s to %s (UTC):",
           recs_text_count(x->n_units), from, to);

    for (v = 0; v < x->n_variants; v++) {
        printf("%s %s %s", v == 0 ? "" : ",", x->variants[v].name,
               recs_text_count(x->variants[v].units));
    }

    putchar('\n');

    if (isfinite(x->srm_p) && !x->srm_broken) {
        printf("  Sample ratio as it should be (p = %.2g).\n", x->srm_p);
    }

    if (x->n_multiple != 0 || x->n_forced != 0 || x->n_unused != 0) {
        printf("  Left out: %s visitors who met several variants, %s who were "
               "forced into one,\n  %s of periods with too few.\n",
               recs_text_count(x->n_multiple), recs_text_count(x->n_forced),
               recs_text_count(x->n_unused));
    }

    recs_text_periods(x);

    if (x->n_results != 0) {
        putchar('\n');
        recs_text_table(report, x, x->results);
    }

    if (x->n_segments != 0) {
        putchar('\n');
        recs_text_segments(report, x);
    }

    putchar('\n');
}


static void
recs_text_left_out(uint64_t n, const char *why)
{
    if (n != 0) {
        printf("; %s %s", recs_text_count(n), why);
    }
}


void
recs_cli_report_text(const recs_report_t *report)
{
    uint32_t                     i;
    const recs_event_counts_t   *counts;

    counts = &report->counts;

    for (i = 0; i < report->n_experiments; i++) {
        recs_text_experiment(report, &report->experiments[i]);
    }

    printf("%s lines, %s events", recs_text_count(counts->n_lines),
           recs_text_count(counts->n_events));

    recs_text_left_out(counts->n_duplicates, "duplicates left out");
    recs_text_left_out(counts->n_torn, "torn lines");
    recs_text_left_out(counts->n_foreign, "lines that are no events");
    recs_text_left_out(counts->n_no_time, "without a time");
    recs_text_left_out(counts->n_future, "from the future");
    recs_text_left_out(counts->n_unverified, "without a valid token");
    recs_text_left_out(report->n_no_value, "without the value that is summed");
    putchar('\n');
}
