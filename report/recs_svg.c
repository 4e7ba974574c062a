#include "recs_svg.h"

#include <math.h>
#include <string.h>

#include "recs_report_text.h"


#define RECS_SVG_DAY_MS      86400000.0
#define RECS_SVG_HOUR_MS     3600000.0

/* How far the range goes beyond zero and the last intervals. */
#define RECS_SVG_MARGIN      0.35

#define RECS_SVG_Y_TICKS     5
#define RECS_SVG_TIME_TICKS  5


static double recs_svg_x(const recs_svg_t *svg, double x);
static double recs_svg_y(const recs_svg_t *svg, double y);
static double recs_svg_step(double range, unsigned n_ticks);
static void recs_svg_label(const recs_svg_t *svg, recs_svg_unit_t unit,
    double value, double step);
static uint32_t recs_svg_run(const recs_svg_point_t *points, uint32_t n,
    uint32_t from);
static int recs_svg_drawable(const recs_svg_point_t *point);


void
recs_svg_begin(recs_svg_t *svg, FILE *out, const char *id, double height,
    const char *title)
{
    memset(svg, 0, sizeof(recs_svg_t));

    svg->out = out;
    svg->id = id;
    svg->height = height;
    svg->left = 58;
    svg->right = RECS_SVG_WIDTH - 12;
    svg->top = 10;
    svg->bottom = height - 26;

    fprintf(out, "<svg viewBox=\"0 0 %d %g\" role=\"img\" "
            "aria-labelledby=\"%s-title\">\n<title id=\"%s-title\">",
            RECS_SVG_WIDTH, height, id, id);
    recs_report_escape(out, title);
    fprintf(out, "</title>\n");
}


void
recs_svg_end(recs_svg_t *svg)
{
    fprintf(svg->out, "</svg>\n");
}


void
recs_svg_range(recs_svg_t *svg, const recs_svg_point_t *points, uint32_t n)
{
    double    lo, hi, margin;
    uint32_t  i, last;

    lo = 0;
    hi = 0;
    last = n;

    for (i = 0; i < n; i++) {
        if (i == 0 || points[i].time_ms < svg->x_min) {
            svg->x_min = points[i].time_ms;
        }

        if (i == 0 || points[i].time_ms > svg->x_max) {
            svg->x_max = points[i].time_ms;
        }

        last = recs_svg_drawable(&points[i]) ? i : last;
    }

    if (last < n) {
        lo = fmin(lo, points[last].lo);
        hi = fmax(hi, points[last].hi);
    }

    if (!(hi > lo)) {
        lo = -.01;
        hi = .01;
    }

    margin = RECS_SVG_MARGIN * (hi - lo);
    svg->y_min = lo - margin;
    svg->y_max = hi + margin;

    if (!(svg->x_max > svg->x_min)) {
        svg->x_min -= RECS_SVG_HOUR_MS;
        svg->x_max += RECS_SVG_HOUR_MS;
    }
}


void
recs_svg_y_axis(const recs_svg_t *svg, recs_svg_unit_t unit)
{
    double  step, value, y;

    step = recs_svg_step(svg->y_max - svg->y_min, RECS_SVG_Y_TICKS);

    for (value = ceil(svg->y_min / step) * step; value <= svg->y_max;
         value += step)
    {
        y = recs_svg_y(svg, value);

        fprintf(svg->out, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" "
                "y1=\"%.1f\" y2=\"%.1f\"/><text x=\"%.1f\" y=\"%.1f\" "
                "text-anchor=\"end\">", svg->left, svg->right, y, y,
                svg->left - 6, y + 4);
        recs_svg_label(svg, unit, value, step);
        fprintf(svg->out, "</text>\n");
    }
}


void
recs_svg_x_axis(const recs_svg_t *svg, recs_svg_unit_t unit)
{
    double  step, value, x;

    step = recs_svg_step(svg->x_max - svg->x_min, RECS_SVG_TIME_TICKS);

    for (value = ceil(svg->x_min / step) * step; value <= svg->x_max;
         value += step)
    {
        x = recs_svg_x(svg, value);

        fprintf(svg->out, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" "
                "y1=\"%.1f\" y2=\"%.1f\"/><text x=\"%.1f\" y=\"%.1f\" "
                "text-anchor=\"middle\">", x, x, svg->top, svg->bottom, x,
                svg->bottom + 17);
        recs_svg_label(svg, unit, value, step);
        fprintf(svg->out, "</text>\n");
    }
}


void
recs_svg_time_axis(const recs_svg_t *svg)
{
    char      text[RECS_REPORT_DATE];
    double    range, step, time, x;
    unsigned  i;

    static const double  steps[] = {
        1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 720, 1440, 2160, 4320, 8760
    };

    range = svg->x_max - svg->x_min;
    i = 0;

    while (i + 1 < sizeof(steps) / sizeof(steps[0])
           && range / (steps[i] * RECS_SVG_HOUR_MS) > RECS_SVG_TIME_TICKS)
    {
        i++;
    }

    step = steps[i] * RECS_SVG_HOUR_MS;

    for (time = ceil(svg->x_min / step) * step; time <= svg->x_max;
         time += step)
    {
        x = recs_svg_x(svg, time);

        if (steps[i] < 24) {
            recs_report_hour(text, (int64_t) time);

        } else {
            recs_report_day(text, (int64_t) time);
        }

        fprintf(svg->out, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" "
                "y1=\"%.1f\" y2=\"%.1f\"/><text x=\"%.1f\" y=\"%.1f\" "
                "text-anchor=\"%s\">%s</text>\n", x, x, svg->bottom,
                svg->bottom + 5, x, svg->bottom + 19,
                x > svg->right - 16 ? "end" : "middle", text);
    }
}


void
recs_svg_band(const recs_svg_t *svg, const recs_svg_point_t *points,
    uint32_t n)
{
    uint32_t  i, k, end, last;

    last = n;

    fprintf(svg->out, "<clipPath id=\"%s-frame\"><rect x=\"%.1f\" y=\"%.1f\" "
            "width=\"%.1f\" height=\"%.1f\"/></clipPath>\n"
            "<g clip-path=\"url(#%s-frame)\">\n", svg->id, svg->left,
            svg->top, svg->right - svg->left, svg->bottom - svg->top,
            svg->id);

    for (i = 0; i < n; i = end) {
        end = recs_svg_run(points, n, i);

        if (end == i) {
            end = i + 1;
            continue;
        }

        fprintf(svg->out, "<path class=\"band\" d=\"M");

        for (k = i; k < end; k++) {
            fprintf(svg->out, "%.1f %.1f ", recs_svg_x(svg, points[k].time_ms),
                    recs_svg_y(svg, points[k].hi));
        }

        for (k = end; k > i; k--) {
            fprintf(svg->out, "%.1f %.1f ",
                    recs_svg_x(svg, points[k - 1].time_ms),
                    recs_svg_y(svg, points[k - 1].lo));
        }

        fprintf(svg->out, "Z\"/><path class=\"line\" d=\"M");

        for (k = i; k < end; k++) {
            fprintf(svg->out, "%.1f %.1f ", recs_svg_x(svg, points[k].time_ms),
                    recs_svg_y(svg, points[k].value));
        }

        fprintf(svg->out, "\"/>\n");
        last = end - 1;
    }

    if (last < n) {
        fprintf(svg->out, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" "
                "r=\"4\"/>\n", recs_svg_x(svg, points[last].time_ms),
                recs_svg_y(svg, points[last].value));
    }

    fprintf(svg->out, "</g>\n");
}


void
recs_svg_zero_across(const recs_svg_t *svg)
{
    double  y;

    y = recs_svg_y(svg, 0);

    fprintf(svg->out, "<line class=\"zero\" x1=\"%.1f\" x2=\"%.1f\" "
            "y1=\"%.1f\" y2=\"%.1f\"/>\n", svg->left, svg->right, y, y);
}


void
recs_svg_zero_down(const recs_svg_t *svg)
{
    double  x;

    x = recs_svg_x(svg, 0);

    fprintf(svg->out, "<line class=\"zero\" x1=\"%.1f\" x2=\"%.1f\" "
            "y1=\"%.1f\" y2=\"%.1f\"/>\n", x, x, svg->top, svg->bottom);
}


void
recs_svg_whisker(const recs_svg_t *svg, double y, double value, double lo,
    double hi, const char *class)
{
    if (!isfinite(value) || !isfinite(lo) || !isfinite(hi)) {
        return;
    }

    lo = fmax(lo, svg->x_min);
    hi = fmin(hi, svg->x_max);

    fprintf(svg->out, "<line class=\"whisker %s\" x1=\"%.1f\" x2=\"%.1f\" "
            "y1=\"%.1f\" y2=\"%.1f\"/>", class, recs_svg_x(svg, lo),
            recs_svg_x(svg, hi), y, y);

    if (value >= svg->x_min && value <= svg->x_max) {
        fprintf(svg->out, "<circle class=\"point %s\" cx=\"%.1f\" "
                "cy=\"%.1f\" r=\"4.5\"/>", class, recs_svg_x(svg, value), y);
    }

    fprintf(svg->out, "\n");
}


static double
recs_svg_x(const recs_svg_t *svg, double x)
{
    return svg->left + (x - svg->x_min) / (svg->x_max - svg->x_min)
                       * (svg->right - svg->left);
}


/* Within ten heights of the frame: what is cut off needs no more digits. */

static double
recs_svg_y(const recs_svg_t *svg, double y)
{
    y = svg->bottom - (y - svg->y_min) / (svg->y_max - svg->y_min)
                      * (svg->bottom - svg->top);

    return fmax(fmin(y, 10 * svg->height), -10 * svg->height);
}


/* 1, 2 or 5 times a power of ten: n_ticks of them at most, about. */

static double
recs_svg_step(double range, unsigned n_ticks)
{
    double  step, ten;

    step = range / n_ticks;
    ten = pow(10, floor(log10(step)));
    step /= ten;

    return ten * (step <= 1 ? 1 : step <= 2 ? 2 : step <= 5 ? 5 : 10);
}


static void
recs_svg_label(const recs_svg_t *svg, recs_svg_unit_t unit, double value,
    double step)
{
    char  text[RECS_REPORT_NUMBER];

    /* What ought to be zero is a rounding off it. */
    value = fabs(value) < step / 2 ? 0 : value;

    if (unit == RECS_SVG_PERCENT) {
        recs_report_signed_percent(text, value, step);

    } else {
        recs_report_short_count(text, value);
    }

    fputs(text, svg->out);
}


/* The points from `from` on that can be drawn: one past their last. */

static uint32_t
recs_svg_run(const recs_svg_point_t *points, uint32_t n, uint32_t from)
{
    while (from < n && recs_svg_drawable(&points[from])) {
        from++;
    }

    return from;
}


static int
recs_svg_drawable(const recs_svg_point_t *point)
{
    return isfinite(point->value) && isfinite(point->lo)
           && isfinite(point->hi);
}
