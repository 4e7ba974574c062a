#include "recs_report_html_parts.h"

#include <math.h>
#include <stdio.h>

#include "recs_report_text.h"
#include "recs_svg.h"


#define RECS_REPORT_ROW_HEIGHT  30

/* Half a whisker, in standard deviations: beyond it is the alarm's .001. */
#define RECS_REPORT_SPLIT_Z     3.290526731491926

#define RECS_REPORT_NAME_CHARS  14


static void recs_report_html_ratio(const recs_report_part_t *part);
static void recs_report_html_shares(const recs_report_part_t *part);
static void recs_report_html_balance(const recs_report_part_t *part);
static double recs_report_html_planned(const recs_report_experiment_t *x,
    uint32_t variant);
static double recs_report_html_off(const recs_report_experiment_t *x,
    uint32_t variant, double *half);
static void recs_report_html_name(FILE *out, const char *name, double y);
static void recs_report_html_periods(const recs_report_part_t *part);
static void recs_report_html_left_out(const recs_report_part_t *part);


void
recs_report_html_split(const recs_report_part_t *part)
{
    recs_report_put(part->out, "<h3>Were visitors split as planned?</h3>\n");
    recs_report_html_ratio(part);
    recs_report_put(part->out, "<div class=\"plots\">\n");
    recs_report_html_shares(part);
    recs_report_html_balance(part);
    recs_report_put(part->out, "</div>\n");
    recs_report_html_periods(part);
    recs_report_html_left_out(part);
}


static void
recs_report_html_ratio(const recs_report_part_t *part)
{
    char                             p[RECS_REPORT_NUMBER];
    const recs_report_experiment_t  *x;

    x = part->experiment;

    if (isnan(x->srm_p)) {
        recs_report_put(part->out, x->srm_broken
                        ? "<p><b>No.</b> A period of the experiment is off its "
                          "weights.</p>\n"
                        : "<p>Not tested: there are too few visitors, or the "
                          "logs do not say what the plan was.</p>\n");
        return;
    }

    if (x->srm_p < .0001) {
        snprintf(p, sizeof(p), "below 0.0001");

    } else {
        snprintf(p, sizeof(p), "%.4f", x->srm_p);
    }

    recs_report_put(part->out, x->srm_broken
                    ? "<p><b>No.</b> Chance alone would hardly do this (p @): "
                      "visitors of one variant are lost or counted twice "
                      "somewhere, and the rest cannot be compared. Look for "
                      "redirects, caches, bots and logs that are missing."
                      "</p>\n"
                    : "<p><b>Yes</b>, as far as one can tell (p @).</p>\n", p);
}


static void
recs_report_html_shares(const recs_report_part_t *part)
{
    char                             units[RECS_REPORT_NUMBER];
    char                             got[RECS_REPORT_NUMBER];
    char                             planned[RECS_REPORT_NUMBER];
    uint32_t                         i;
    const recs_report_experiment_t  *x;

    x = part->experiment;

    recs_report_put(part->out, "<table>\n<thead><tr><th>Variant</th><th class="
                    "\"n\">Visitors</th><th class=\"n\">Share</th><th class="
                    "\"n\">Planned</th></tr></thead>\n<tbody>\n");

    for (i = 0; i < x->n_variants; i++) {
        recs_report_count(units, x->variants[i].units);
        recs_report_percent(got, x->n_units > 0
                                 ? (double) x->variants[i].units
                                   / (double) x->n_units : NAN);
        recs_report_percent(planned, recs_report_html_planned(x, i));

        recs_report_put(part->out, "<tr><td><b>@</b>@</td><td class=\"n\">@"
                        "</td><td class=\"n\">@</td><td class=\"n\">@</td>"
                        "</tr>\n", x->variants[i].name,
                        i == x->control ? " (control)" : "", units, got,
                        planned);
    }

    recs_report_put(part->out, "</tbody></table>\n");
}


/* More or fewer visitors than planned, and what chance alone may do. */

static void
recs_report_html_balance(const recs_report_part_t *part)
{
    char                             id[64];
    double                           half, off, reach, y;
    uint32_t                         i;
    recs_svg_t                       svg;
    const recs_report_experiment_t  *x;

    x = part->experiment;
    reach = 0;

    for (i = 0; i < x->n_variants; i++) {
        off = recs_report_html_off(x, i, &half);

        if (isfinite(off)) {
            reach = fmax(reach, fabs(off) + half);
        }
    }

    if (reach == 0) {
        return;
    }

    recs_report_put(part->out, "<figure><figcaption>Visitors, more or fewer "
                    "than planned</figcaption>\n");

    snprintf(id, sizeof(id), "split-%u", part->number);
    recs_svg_begin(&svg, part->out, id,
                   RECS_REPORT_ROW_HEIGHT * x->n_variants + 36,
                   "Visitors of each variant, more or fewer than planned");
    svg.left = 136;
    svg.x_min = -1.1 * reach;
    svg.x_max = 1.1 * reach;
    recs_svg_x_axis(&svg, RECS_SVG_PERCENT);
    recs_svg_zero_down(&svg);

    for (i = 0; i < x->n_variants; i++) {
        off = recs_report_html_off(x, i, &half);
        y = svg.top + RECS_REPORT_ROW_HEIGHT * (i + .5);

        recs_report_html_name(part->out, x->variants[i].name, y + 4);
        recs_svg_whisker(&svg, y, off, off - half, off + half,
                         fabs(off) > half ? "bad" : "good");
    }

    recs_svg_end(&svg);
    recs_report_put(part->out, "</figure>\n");
}


/* The share of all units that the periods' weights give; NAN: not known. */

static double
recs_report_html_planned(const recs_report_experiment_t *x, uint32_t variant)
{
    double                       units, planned, all;
    uint32_t                     i, k;
    const recs_report_period_t  *period;

    planned = 0;
    all = 0;

    for (k = 0; k < x->n_periods; k++) {
        period = &x->periods[k];
        units = 0;

        for (i = 0; i < x->n_variants; i++) {
            units += (double) period->units[i];
        }

        all += units;
        planned += units * period->weights[variant];
    }

    return planned > 0 ? planned / all : NAN;
}


/* By which share of the plan the variant is off it; NAN: no plan. */

static double
recs_report_html_off(const recs_report_experiment_t *x, uint32_t variant,
    double *half)
{
    double  planned, share;

    share = recs_report_html_planned(x, variant);
    planned = share * (double) x->n_units;

    if (!(planned > 0 && share < 1)) {
        *half = NAN;
        return NAN;
    }

    *half = RECS_REPORT_SPLIT_Z * sqrt((1 - share) / planned);

    return (double) x->variants[variant].units / planned - 1;
}


/* A row's label, as long as there is room for; names are UTF-8. */

static void
recs_report_html_name(FILE *out, const char *name, double y)
{
    char    text[4 * RECS_REPORT_NAME_CHARS + 4];
    size_t  len, chars;

    chars = 0;

    for (len = 0; name[len] != '\0'; len++) {
        if (((unsigned char) name[len] & 0xc0) != 0x80
            && chars++ == RECS_REPORT_NAME_CHARS)
        {
            break;
        }
    }

    snprintf(text, sizeof(text), "%.*s%s", (int) len, name,
             name[len] != '\0' ? "\xe2\x80\xa6" : "");

    fprintf(out, "<text class=\"name\" x=\"0\" y=\"%.1f\">", y);
    recs_report_escape(out, text);
    fprintf(out, "</text>");
}


static void
recs_report_html_periods(const recs_report_part_t *part)
{
    char                             start[RECS_REPORT_DATE];
    char                             end[RECS_REPORT_DATE];
    char                             text[RECS_REPORT_NUMBER];
    uint32_t                         i, k;
    const recs_report_period_t      *period;
    const recs_report_experiment_t  *x;

    x = part->experiment;

    if (x->n_periods < 2) {
        return;
    }

    recs_report_put(part->out, "<p>The weights were changed while it ran. "
                    "Variants are compared within each period, and the "
                    "periods are averaged.</p>\n<table>\n<thead><tr>"
                    "<th>Period</th>");

    for (i = 0; i < x->n_variants; i++) {
        recs_report_put(part->out, "<th class=\"n\">@</th>",
                        x->variants[i].name);
    }

    recs_report_put(part->out, "</tr></thead>\n<tbody>\n");

    for (k = 0; k < x->n_periods; k++) {
        period = &x->periods[k];
        recs_report_day(start, period->start_ms);
        recs_report_day(end, period->end_ms);
        recs_report_put(part->out, "<tr><td>@ to @@</td>", start, end,
                        period->used ? "" : ", not used: too few visitors");

        for (i = 0; i < x->n_variants; i++) {
            recs_report_percent(text, period->weights[i]);
            recs_report_put(part->out, "<td class=\"n\">@</td>", text);
        }

        recs_report_put(part->out, "</tr>\n");
    }

    recs_report_put(part->out, "</tbody></table>\n");
}


static void
recs_report_html_left_out(const recs_report_part_t *part)
{
    char                             text[RECS_REPORT_NUMBER];
    size_t                           i;
    const recs_report_experiment_t  *x;

    x = part->experiment;

    const struct {
        uint64_t     n;
        const char  *what;
    } lines[] = {
        { x->n_multiple, "visitors met more than one variant and were left "
          "out" },
        { x->n_forced, "visitors were forced into a variant and left out" },
        { x->n_unused, "visitors came in periods with too few others and "
          "were left out" },
        { x->n_no_user, "exposures had no visitor's id and were left out" }
    };

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (lines[i].n > 0) {
            recs_report_count(text, lines[i].n);
            recs_report_put(part->out, "<p class=\"soft\">@ @.</p>\n", text,
                            lines[i].what);
        }
    }

    if (x->multiple_alarm) {
        recs_report_put(part->out, "<p><b>So many visitors with more than one "
                        "variant are a fault</b>: of the ids, of caches, or "
                        "of a changed salt.</p>\n");
    }
}
