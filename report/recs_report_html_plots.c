#include "recs_report_html_parts.h"

#include <math.h>
#include <stdio.h>

#include "recs_report_text.h"
#include "recs_svg.h"


#define RECS_REPORT_PLOT_HEIGHT  230


static void recs_report_html_plot(const recs_report_part_t *part,
    uint32_t number);
static void recs_report_html_figure(const recs_report_part_t *part,
    uint32_t number, int is_gain);
static recs_svg_point_t recs_report_html_point(
    const recs_report_part_t *part, uint32_t number, uint32_t point,
    int is_gain);


/* Those of the first metric are open to see, the others to be opened. */

void
recs_report_html_plots(const recs_report_part_t *part)
{
    int                              others;
    uint32_t                         i;
    const recs_report_experiment_t  *x;

    x = part->experiment;

    if (x->n_points < 2 || x->n_results == 0) {
        return;
    }

    recs_report_put(part->out, "<h3>Over time</h3>\n<div class=\"plots\">\n");

    others = 0;

    for (i = 0; i < x->n_results; i++) {
        if (x->results[i].metric == 0) {
            recs_report_html_plot(part, i);

        } else {
            others = 1;
        }
    }

    recs_report_put(part->out, "</div>\n");

    if (!others) {
        return;
    }

    recs_report_put(part->out, "<details><summary>The other metrics over "
                    "time</summary>\n<div class=\"plots\">\n");

    for (i = 0; i < x->n_results; i++) {
        if (x->results[i].metric != 0) {
            recs_report_html_plot(part, i);
        }
    }

    recs_report_put(part->out, "</div></details>\n");
}


static void
recs_report_html_plot(const recs_report_part_t *part, uint32_t number)
{
    recs_report_html_figure(part, number, 0);
    recs_report_html_figure(part, number, 1);
}


/*
 * A result's lift as it was known at each time, or what the treatment's
 * visitors have done more than they would have under the control.
 */

static void
recs_report_html_figure(const recs_report_part_t *part, uint32_t number,
    int is_gain)
{
    char                             id[64], title[2 * RECS_ID_MAX + 64];
    uint32_t                         i, n;
    recs_svg_t                       svg;
    recs_svg_point_t                 points[RECS_REPORT_POINTS_MAX];
    const recs_report_result_t      *result;
    const recs_report_metric_t      *metric;
    const recs_report_experiment_t  *x;

    x = part->experiment;
    result = &x->results[number];
    metric = &part->report->options.metrics[result->metric];
    n = x->n_points < RECS_REPORT_POINTS_MAX ? x->n_points
                                             : RECS_REPORT_POINTS_MAX;

    for (i = 0; i < n; i++) {
        points[i] = recs_report_html_point(part, number, i, is_gain);
    }

    snprintf(id, sizeof(id), "%s-%u-%u", is_gain ? "gain" : "time",
             part->number, number);
    snprintf(title, sizeof(title), is_gain ? "%s: what %s has added so far"
                                           : "%s: change by %s",
             metric->name, x->variants[result->variant].name);

    recs_report_put(part->out, "<figure class=\"chart\"><figcaption>@"
                    "</figcaption>\n", title);

    recs_svg_begin(&svg, part->out, id, RECS_REPORT_PLOT_HEIGHT, title);
    recs_svg_range(&svg, points, n);
    recs_svg_y_axis(&svg, is_gain ? RECS_SVG_COUNT : RECS_SVG_PERCENT);
    recs_svg_time_axis(&svg);
    recs_svg_band(&svg, points, n);
    recs_svg_zero_across(&svg);
    recs_svg_end(&svg);

    recs_report_put(part->out, "</figure>\n");
}


static recs_svg_point_t
recs_report_html_point(const recs_report_part_t *part, uint32_t number,
    uint32_t point, int is_gain)
{
    double                           scale;
    recs_svg_point_t                 p;
    const recs_report_point_t       *from;
    const recs_report_result_t      *result;
    const recs_report_experiment_t  *x;

    x = part->experiment;
    from = &x->points[point];
    result = &from->results[number];
    p.time_ms = (double) from->time_ms;

    if (!is_gain) {
        p.value = result->lift;
        p.lo = result->lift_lo;
        p.hi = result->lift_hi;

        return p;
    }

    /* A ratio is per something, of which its units have so many, by now. */

    scale = (double) from->units[result->variant];

    if (part->report->options.metrics[result->metric].kind
        == RECS_METRIC_RATIO)
    {
        scale *= x->variants[result->variant].moments[result->metric].mean_x;
    }

    p.value = scale * result->difference;
    p.lo = scale * result->difference_lo;
    p.hi = scale * result->difference_hi;

    return p;
}
