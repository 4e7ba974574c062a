#include "recs_report_html_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recs_report_text.h"
#include "recs_svg.h"


static void recs_report_html_row(const recs_report_part_t *part,
    const recs_report_result_t *result, const char *id, double reach);
static void recs_report_html_lift(const recs_report_part_t *part,
    const recs_report_result_t *result, const char *id, double reach);
static void recs_report_html_segment(const recs_report_part_t *part,
    uint32_t number, double reach);
static double recs_report_html_reach(const recs_report_part_t *part,
    const recs_report_result_t *results, double reach);


void
recs_report_html_results(const recs_report_part_t *part)
{
    char                             id[64], confidence[RECS_REPORT_NUMBER];
    double                           reach;
    uint32_t                         i;
    const recs_report_experiment_t  *x;

    x = part->experiment;

    if (x->n_results == 0) {
        return;
    }

    recs_report_confidence(part->report, confidence);

    recs_report_put(part->out, "<h3>Metric by metric</h3>\n<table class="
                    "\"stack\">\n<thead><tr><th>Metric</th><th>Variant</th>"
                    "<th class=\"n\">@</th><th class=\"n\">with it</th>"
                    "<th>Change, and what it may be (@)</th><th>Verdict</th>"
                    "</tr></thead>\n<tbody>\n", x->variants[x->control].name,
                    confidence);

    reach = recs_report_html_reach(part, x->results, 0);

    for (i = 0; i < x->n_results; i++) {
        snprintf(id, sizeof(id), "lift-%u-%u", part->number, i);
        recs_report_html_row(part, &x->results[i], id, reach);
    }

    recs_report_put(part->out, "</tbody></table>\n");
}


static void
recs_report_html_row(const recs_report_part_t *part,
    const recs_report_result_t *result, const char *id, double reach)
{
    char                             was[RECS_REPORT_NUMBER];
    char                             is[RECS_REPORT_NUMBER];
    char                             chance[RECS_REPORT_NUMBER];
    char                             words[RECS_REPORT_METRIC_WORDS];
    unsigned                         pos;
    const char                      *reason;
    const recs_report_metric_t      *metric;
    const recs_report_experiment_t  *x;

    x = part->experiment;
    metric = &part->report->options.metrics[result->metric];
    recs_report_metric_words(metric, words);
    recs_report_metric_value(metric, result->control.mean, was);
    recs_report_metric_value(metric, result->treatment.mean, is);

    recs_report_put(part->out, "<tr class=\"@\"><td><b>@</b><br/><small>@"
                    "</small></td><td data-label=\"Variant\"><b>@</b></td>"
                    "<td class=\"n\" data-label=\"@\">@</td>"
                    "<td class=\"n\" data-label=\"@\">@</td>"
                    "<td data-label=\"Change\">",
                    recs_report_verdict_class(result->verdict), metric->name,
                    words,
                    x->variants[result->variant].name,
                    x->variants[x->control].name, was,
                    x->variants[result->variant].name, is);

    recs_report_html_lift(part, result, id, reach);

    recs_report_put(part->out, "</td><td data-label=\"Verdict\"><span class="
                    "\"badge @\">@</span>",
                    recs_report_verdict_class(result->verdict),
                    recs_verdict_text(result->verdict));

    if (result->verdict != RECS_VERDICT_WITHHELD && isfinite(result->chance)) {
        recs_report_chance(chance, result->chance);
        recs_report_put(part->out, "<br/><small>chance to be better: @"
                        "</small>", chance);
    }

    if (result->verdict == RECS_VERDICT_WITHHELD) {
        pos = 0;

        while ((reason = recs_report_reason(result->reasons, &pos)) != NULL) {
            recs_report_put(part->out, "<br/><small>@</small>", reason);
        }
    }

    recs_report_put(part->out, "</td></tr>\n");
}


/* The lift in figures, and its interval drawn within +- reach. */

static void
recs_report_html_lift(const recs_report_part_t *part,
    const recs_report_result_t *result, const char *id, double reach)
{
    char        lift[RECS_REPORT_NUMBER];
    char        lo[RECS_REPORT_NUMBER];
    char        hi[RECS_REPORT_NUMBER];
    char        title[4 * RECS_REPORT_NUMBER];
    recs_svg_t  svg;

    recs_report_signed_percent(lift, result->lift, 0);

    if (!isfinite(result->lift_lo) || !isfinite(result->lift_hi)) {
        recs_report_put(part->out, "@", lift);
        return;
    }

    recs_report_signed_percent(lo, result->lift_lo, 0);
    recs_report_signed_percent(hi, result->lift_hi, 0);

    recs_report_put(part->out, "<b>@</b> <span class=\"soft\">(@ to @)"
                    "</span>", lift, lo, hi);

    snprintf(title, sizeof(title), "%s, between %s and %s", lift, lo, hi);

    recs_svg_begin(&svg, part->out, id, 28, title);
    svg.left = 4;
    svg.right = RECS_SVG_WIDTH - 4;
    svg.top = 2;
    svg.bottom = 26;
    svg.x_min = -reach;
    svg.x_max = reach;
    recs_svg_zero_down(&svg);
    recs_svg_whisker(&svg, 14, result->lift, result->lift_lo, result->lift_hi,
                     recs_report_verdict_class(result->verdict));
    recs_svg_end(&svg);
}


/*
 * How far the widest interval goes, or reach if that is more: but no further
 * than four times the greatest lift, or one odd interval hides all others.
 */

static double
recs_report_html_reach(const recs_report_part_t *part,
    const recs_report_result_t *results, double reach)
{
    double    end, lift;
    uint32_t  i;

    end = 0;
    lift = 0;

    for (i = 0; i < part->experiment->n_results; i++) {
        if (isfinite(results[i].lift_lo) && isfinite(results[i].lift_hi)) {
            end = fmax(end, fmax(-results[i].lift_lo, results[i].lift_hi));
            lift = fmax(lift, fabs(results[i].lift));
        }
    }

    end = fmin(end, fmax(4 * lift, .1));

    return fmax(fmax(reach, end), .01);
}


void
recs_report_html_segments(const recs_report_part_t *part)
{
    double                           reach;
    uint32_t                         i;
    const recs_report_experiment_t  *x;

    x = part->experiment;

    if (x->n_segments == 0 || x->n_results == 0) {
        return;
    }

    recs_report_put(part->out, "<h3>By @</h3>\n<p class=\"soft\">Look here "
                    "for ideas, not for winners: of many parts some differ by "
                    "chance.</p>\n<table class=\"stack\">\n<thead><tr><th>@"
                    "</th><th class=\"n\">Visitors</th><th>Variant</th>"
                    "<th>Change of @</th></tr></thead>\n<tbody>\n",
                    part->report->options.segment,
                    part->report->options.segment,
                    part->report->options.metrics[0].name);

    reach = 0;

    for (i = 0; i < x->n_segments; i++) {
        if (!x->segments[i].suppressed) {
            reach = recs_report_html_reach(part, x->segments[i].results,
                                           reach);
        }
    }

    for (i = 0; i < x->n_segments; i++) {
        recs_report_html_segment(part, i, reach);
    }

    recs_report_put(part->out, "</tbody></table>\n");
}


/* A row for each treatment, of the first metric. */

static void
recs_report_html_segment(const recs_report_part_t *part, uint32_t number,
    double reach)
{
    char                             id[64], units[RECS_REPORT_NUMBER];
    uint32_t                         i;
    uint64_t                         n;
    const char                      *name;
    const recs_report_segment_t     *segment;
    const recs_report_experiment_t  *x;

    x = part->experiment;
    segment = &x->segments[number];
    name = segment->value[0] != '\0' ? segment->value : "(none)";

    if (segment->suppressed) {
        recs_report_put(part->out, "<tr><td><b>@</b></td><td class=\"soft\" "
                        "colspan=\"3\">too few visitors to show</td></tr>\n",
                        name);
        return;
    }

    n = 0;

    for (i = 0; i < x->n_variants; i++) {
        n += segment->units[i];
    }

    recs_report_count(units, n);

    for (i = 0; i < x->n_results; i++) {
        if (segment->results[i].metric != 0) {
            continue;
        }

        recs_report_put(part->out, "<tr><td><b>@</b></td><td class=\"n\" "
                        "data-label=\"Visitors\">@</td><td data-label="
                        "\"Variant\">@</td><td data-label=\"Change\">", name,
                        units, x->variants[segment->results[i].variant].name);

        snprintf(id, sizeof(id), "segment-%u-%u-%u", part->number, number, i);
        recs_report_html_lift(part, &segment->results[i], id, reach);
        recs_report_put(part->out, "</td></tr>\n");
    }
}
