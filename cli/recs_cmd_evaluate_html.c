#include "recs_cmd_evaluate.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "recs_cli_metrics.h"
#include "recs_report_page.h"
#include "recs_report_text.h"
#include "recs_svg.h"


static void recs_cmd_evaluate_main(FILE *out, const void *data);
static void recs_cmd_evaluate_footer(FILE *out, const void *data);
static void recs_cmd_evaluate_models(FILE *out, const recs_cmd_evaluate_t *e);
static void recs_cmd_evaluate_differences(FILE *out,
    const recs_cmd_evaluate_t *e);
static void recs_cmd_evaluate_parts(FILE *out, const recs_cmd_evaluate_t *e);


int
recs_cmd_evaluate_html(recs_cmd_evaluate_t *e)
{
    const char    *path;
    recs_error_t   err;

    path = recs_args_get(e->args, "html");

    if (path == NULL) {
        return RECS_EXIT_OK;
    }

    return recs_report_page(path, "Models compared",
                            (int64_t) time(NULL) * 1000,
                            recs_cmd_evaluate_main, recs_cmd_evaluate_footer,
                            e, &err) == RECS_OK
           ? RECS_EXIT_OK : recs_failure(e->args, &err);
}


static const char *
recs_cmd_evaluate_class(const recs_comparison_t *c)
{
    static const char *const  classes[] = { "bad", "open", "good" };

    return classes[recs_cmd_evaluate_verdict(c) + 1];
}


static void
recs_cmd_evaluate_main(FILE *out, const void *data)
{
    char                       words[RECS_CMD_EVALUATE_WORDS];
    uint32_t                   i;
    const recs_cmd_evaluate_t  *e;

    e = data;

    for (i = 0; i < e->n_comparisons; i++) {
        recs_cmd_evaluate_words(&e->comparisons[i], words);
        recs_report_put(out, "<div class=\"verdict @\"><p>@</p></div>\n",
                        recs_cmd_evaluate_class(&e->comparisons[i]), words);
    }

    recs_cmd_evaluate_differences(out, e);
    recs_cmd_evaluate_parts(out, e);
    recs_cmd_evaluate_models(out, e);
}


/* From left to a value, or from lo to hi, in a cell of its own. */

static void
recs_cmd_evaluate_draw(FILE *out, const char *id, const char *title,
    double min, double max, const recs_stats_bootstrap_t *d,
    const char *class)
{
    recs_svg_t  svg;

    recs_svg_begin(&svg, out, id, 28, title);
    svg.left = 4;
    svg.right = RECS_SVG_WIDTH - 4;
    svg.top = 2;
    svg.bottom = 26;
    svg.x_min = min;
    svg.x_max = max;
    recs_svg_zero_down(&svg);
    recs_svg_whisker(&svg, 14, d->estimate, d->lo, d->hi, class);
    recs_svg_end(&svg);
}


static void
recs_cmd_evaluate_number(FILE *out, const char *label, double value)
{
    char  text[RECS_REPORT_NUMBER];

    if (isfinite(value)) {
        snprintf(text, sizeof(text), "%.4f", value);

    } else {
        snprintf(text, sizeof(text), "-");
    }

    recs_report_put(out, "<td class=\"n\" data-label=\"@\">@</td>", label,
                    text);
}


/* A model's figures from number first of its cut-off to before last. */

static void
recs_cmd_evaluate_model(FILE *out, const char *name,
    const recs_figures_t *figures, uint32_t first, uint32_t last)
{
    uint32_t        i;
    recs_figures_t  copy;

    copy = *figures;
    recs_report_put(out, "<tr><td><b>@</b></td>", name);

    for (i = first; i < last; i++) {
        recs_cmd_evaluate_number(out, recs_cli_figure_kind(i),
                                 *recs_figures_at(&copy, i));
    }

    recs_report_put(out, "</tr>\n");
}


static void
recs_cmd_evaluate_table(FILE *out, const recs_cmd_evaluate_t *e,
    uint32_t first, uint32_t last)
{
    uint32_t                  i;
    const recs_evaluation_t  *evaluation;

    evaluation = &e->contenders[0].evaluation;

    recs_report_put(out, "<table class=\"stack\">\n<thead><tr><th>Model</th>");

    for (i = first; i < last; i++) {
        recs_report_put(out, "<th class=\"n\">@</th>",
                        recs_cli_figure_kind(i));
    }

    recs_report_put(out, "</tr></thead>\n<tbody>\n");

    recs_cmd_evaluate_model(out, "popular rung",
                            &evaluation->parts[RECS_PART_ALL].popular, first,
                            last);

    for (i = 0; i < e->n_contenders; i++) {
        evaluation = &e->contenders[i].evaluation;
        recs_cmd_evaluate_model(out, e->contenders[i].name,
                                &evaluation->parts[RECS_PART_ALL].model,
                                first, last);
    }

    recs_report_put(out, "</tbody></table>\n");
}


static void
recs_cmd_evaluate_models(FILE *out, const recs_cmd_evaluate_t *e)
{
    char      at[RECS_REPORT_NUMBER];
    uint32_t  a, first;

    for (a = 0; a < e->n_at; a++) {
        recs_report_count(at, e->at[a]);
        recs_report_put(out, "<h3>What is found in lists of @</h3>\n", at);

        first = 1 + a * (RECS_QUALITY_COUNT + 2);
        recs_cmd_evaluate_table(out, e, first, first + RECS_QUALITY_NOVELTY);

        recs_report_put(out, "<h3>What lists of @ are like</h3>\n", at);
        recs_cmd_evaluate_table(out, e, first + RECS_QUALITY_NOVELTY,
                                first + RECS_QUALITY_COUNT + 2);
    }

    recs_report_put(out, "<h3>Pairs in the right order</h3>\n");
    recs_cmd_evaluate_table(out, e, 0, 1);
}


/* Relative to what it is compared with. */

static recs_stats_bootstrap_t
recs_cmd_evaluate_lift(const recs_comparison_t *c, recs_compared_t m)
{
    recs_stats_bootstrap_t  d;

    d.estimate = c->differences[m].estimate / c->before[m];
    d.lo = c->differences[m].lo / c->before[m];
    d.hi = c->differences[m].hi / c->before[m];

    return d;
}


static void
recs_cmd_evaluate_difference(FILE *out, const recs_comparison_t *c,
    unsigned number, recs_compared_t m, double reach)
{
    char                     id[64], name[RECS_CLI_FIGURE_NAME];
    char                     lift[RECS_REPORT_NUMBER];
    char                     lo[RECS_REPORT_NUMBER], hi[RECS_REPORT_NUMBER];
    recs_stats_bootstrap_t   d;

    d = recs_cmd_evaluate_lift(c, m);

    if (!isfinite(d.estimate)) {
        return;
    }

    recs_cli_figure_name(name, &c->model->evaluation,
                         recs_compared_figure(&c->model->evaluation, m));
    recs_report_signed_percent(lift, d.estimate, 0);
    recs_report_signed_percent(lo, d.lo, 0);
    recs_report_signed_percent(hi, d.hi, 0);
    snprintf(id, sizeof(id), "difference-%u-%u", number, (unsigned) m);

    recs_report_put(out, "<tr><td><b>@</b> against @</td><td data-label="
                    "\"Metric\">@</td><td data-label=\"Change\"><b>@</b> "
                    "<span class=\"soft\">(@ to @)</span>", c->model->name,
                    c->against != NULL ? c->against->name
                                       : "its popular rung",
                    name, lift, lo, hi);
    recs_cmd_evaluate_draw(out, id, lift, -reach, reach, &d,
                           d.lo > 0 ? "good" : d.hi < 0 ? "bad" : "open");
    recs_report_put(out, "</td></tr>\n");
}


/* In one scale, without the popular rung: a model is often many times it. */

static void
recs_cmd_evaluate_differences(FILE *out, const recs_cmd_evaluate_t *e)
{
    double                   reach;
    uint32_t                 i;
    recs_compared_t          m;
    recs_stats_bootstrap_t   d;

    reach = .01;

    for (i = e->n_comparisons > 1; i < e->n_comparisons; i++) {
        for (m = RECS_COMPARED_NDCG; m < RECS_COMPARED_COUNT; m++) {
            d = recs_cmd_evaluate_lift(&e->comparisons[i], m);

            if (isfinite(d.lo) && isfinite(d.hi)) {
                reach = fmax(reach, fmax(-d.lo, d.hi));
            }
        }
    }

    recs_report_put(out, "<h3>How sure that is</h3>\n<table class=\"stack\">"
                    "\n<thead><tr><th>Model</th><th>Metric</th><th>Change, "
                    "and what it may be</th></tr></thead>\n<tbody>\n");

    for (i = 0; i < e->n_comparisons; i++) {
        for (m = RECS_COMPARED_NDCG; m < RECS_COMPARED_COUNT; m++) {
            recs_cmd_evaluate_difference(out, &e->comparisons[i], i, m,
                                         reach);
        }
    }

    recs_report_put(out, "</tbody></table>\n");
}


static double
recs_cmd_evaluate_ndcg(const recs_figures_t *figures, uint32_t a)
{
    return figures->at[a].values[RECS_QUALITY_NDCG];
}


static void
recs_cmd_evaluate_part(FILE *out, const recs_cmd_evaluate_t *e,
    recs_part_t part, uint32_t i, double reach)
{
    char                           id[64], users[RECS_REPORT_NUMBER];
    uint32_t                       a;
    recs_stats_bootstrap_t         bar;
    const recs_evaluation_part_t  *p;

    p = &e->contenders[i].evaluation.parts[part];

    if (p->n_users == 0) {
        return;
    }

    a = recs_cli_main_cutoff(&e->contenders[i].evaluation);
    recs_report_count(users, p->n_users);
    bar.estimate = recs_cmd_evaluate_ndcg(&p->model, a);
    bar.lo = 0;
    bar.hi = bar.estimate;
    snprintf(id, sizeof(id), "part-%u-%u", (unsigned) part, i);

    recs_report_put(out, "<tr><td><b>@</b></td><td class=\"n\" data-label="
                    "\"Users\">@</td><td data-label=\"Model\">@</td>",
                    recs_part_name(part), users, e->contenders[i].name);
    recs_cmd_evaluate_number(out, "popular rung",
                             recs_cmd_evaluate_ndcg(&p->popular, a));
    recs_cmd_evaluate_number(out, "NDCG", bar.estimate);
    recs_report_put(out, "<td>");
    recs_cmd_evaluate_draw(out, id, recs_part_name(part), 0, reach, &bar,
                           bar.estimate
                           > recs_cmd_evaluate_ndcg(&p->popular, a)
                           ? "good" : "open");
    recs_report_put(out, "</td></tr>\n");
}


static void
recs_cmd_evaluate_parts(FILE *out, const recs_cmd_evaluate_t *e)
{
    double                    reach, value;
    uint32_t                  i, a;
    recs_part_t               part;
    const recs_evaluation_t  *evaluation;

    reach = 0;
    a = recs_cli_main_cutoff(&e->contenders[0].evaluation);

    for (part = RECS_PART_ALL; part < RECS_PART_COUNT; part++) {
        for (i = 0; i < e->n_contenders; i++) {
            evaluation = &e->contenders[i].evaluation;
            value = recs_cmd_evaluate_ndcg(&evaluation->parts[part].model, a);
            reach = isfinite(value) ? fmax(reach, value) : reach;
        }
    }

    recs_report_put(out, "<h3>By users, and for new items</h3>\n<table class="
                    "\"stack\">\n<thead><tr><th>Part</th><th class=\"n\">Users"
                    "</th><th>Model</th><th class=\"n\">NDCG, popular rung"
                    "</th><th class=\"n\">NDCG</th><th></th></tr></thead>\n"
                    "<tbody>\n");

    for (part = RECS_PART_ALL; part < RECS_PART_COUNT; part++) {
        for (i = 0; i < e->n_contenders; i++) {
            recs_cmd_evaluate_part(out, e, part, i, fmax(reach, 1e-4) * 1.05);
        }
    }

    recs_report_put(out, "</tbody></table>\n");
}


static void
recs_cmd_evaluate_footer(FILE *out, const void *data)
{
    char                        each[RECS_REPORT_NUMBER];
    char                        light[RECS_REPORT_NUMBER];
    char                        heavy[RECS_REPORT_NUMBER];
    const recs_evaluation_t    *first;
    const recs_cmd_evaluate_t  *e;

    e = data;
    first = &e->contenders[0].evaluation;
    snprintf(each, sizeof(each), "%.4g\xc2\xa0%%", 100 * (1 - e->alpha));
    recs_report_count(light, first->light_to);
    recs_report_count(heavy, first->heavy_from);

    recs_report_put(out, "<p>Each figure is the mean over the users of what "
                    "was held out from training; the popular rung shows what "
                    "is popular and the user has not met. The bar around a "
                    "dot is where the change lies with a confidence of @: "
                    "paired bootstrap over the users, BCa, at a level that "
                    "allows for the number of comparisons. It tells what "
                    "other users like these would show, not other days, nor "
                    "another seed.</p>\n", each);
    recs_report_put(out, "<p>Users are new without training items, light with "
                    "at most @, heavy with at least @, by the first model's "
                    "training; of new items only those test items count that "
                    "at most five users have met. Diversity can be compared "
                    "within one model alone.</p>\n", light, heavy);
}
