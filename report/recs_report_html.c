#include "recs_report_html.h"

#include <stdio.h>

#include "recs_report_html_parts.h"
#include "recs_report_page.h"
#include "recs_report_text.h"


static void recs_report_html_main(FILE *out, const void *data);
static void recs_report_html_footer(FILE *out, const void *data);
static void recs_report_html_experiment(const recs_report_part_t *part);
static void recs_report_html_method(const recs_report_t *report, FILE *out);
static void recs_report_html_logs(const recs_report_t *report, FILE *out);


recs_status_t
recs_report_html(const recs_report_t *report, const char *path,
    recs_error_t *err)
{
    return recs_report_page(path, "Experiments", report->options.scan.now_ms,
                            recs_report_html_main, recs_report_html_footer,
                            report, err);
}


static void
recs_report_html_main(FILE *out, const void *data)
{
    recs_report_part_t  part;

    part.out = out;
    part.report = data;

    for (part.number = 0;
         part.number < part.report->n_experiments;
         part.number++)
    {
        part.experiment = &part.report->experiments[part.number];
        recs_report_html_experiment(&part);
    }
}


static void
recs_report_html_footer(FILE *out, const void *data)
{
    recs_report_html_method(data, out);
    recs_report_html_logs(data, out);
}


static void
recs_report_html_experiment(const recs_report_part_t *part)
{
    char                             first[RECS_REPORT_DATE];
    char                             last[RECS_REPORT_DATE];
    char                             units[RECS_REPORT_NUMBER];
    const recs_report_experiment_t  *x;

    x = part->experiment;
    recs_report_date(first, x->first_ms);
    recs_report_date(last, x->last_ms);
    recs_report_count(units, x->n_units);

    recs_report_put(part->out, "<section class=\"@\">\n<h2>@</h2>\n<p class="
                    "\"soft\">@ visitors, @ to @</p>\n",
                    x->srm_broken ? "broken" : "whole", x->name, units, first,
                    last);

    recs_report_html_verdict(part);
    recs_report_html_results(part);
    recs_report_html_plots(part);
    recs_report_html_split(part);
    recs_report_html_segments(part);

    recs_report_put(part->out, "</section>\n");
}


static void
recs_report_html_method(const recs_report_t *report, FILE *out)
{
    char  window[RECS_REPORT_NUMBER];
    char  confidence[RECS_REPORT_NUMBER];

    recs_report_confidence(report, confidence);
    snprintf(window, sizeof(window), "%.3g",
             (double) report->options.window_ms / RECS_REPORT_DAY_MS);

    recs_report_put(out, "<p>The dot is what was measured, the bar or band "
                    "around it where the truth is, with a confidence of @. "
                    "Where it does not touch the dashed line of no difference, "
                    "the variants differ. ", confidence);
    recs_report_put(out, report->options.fixed
                    ? "<b>These intervals hold for one look</b>, at a time "
                      "that was chosen before: looking again and again until "
                      "one likes them finds winners where there are none. "
                    : "These intervals hold however often one looks: the "
                      "experiment may be stopped at any time. ");
    recs_report_put(out, "Verdicts allow for the number of comparisons (@); "
                    "the chance to be better does not, nor for looking often. "
                    "A visitor's actions count from the moment the variant "
                    "was met, for @ days.</p>\n",
                    report->options.correction == RECS_CORRECTION_HOLM
                    ? "Holm" : "Benjamini-Hochberg", window);
}


static void
recs_report_html_logs(const recs_report_t *report, FILE *out)
{
    char                        text[RECS_REPORT_NUMBER];
    size_t                      i;
    const recs_event_counts_t  *c;

    c = &report->counts;

    const struct {
        uint64_t     n;
        const char  *what;
    } lines[] = {
        { c->n_events, "events were read" },
        { c->n_torn + c->n_foreign, "lines were torn or no events" },
        { c->n_no_time + c->n_future, "events had no time, or one to come" },
        { c->n_duplicates, "events were there before" },
        { c->n_unverified, "events had no valid token" },
        { report->n_no_value, "purchases had no value" }
    };

    recs_report_put(out, "<p>");

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (i == 0 || lines[i].n > 0) {
            recs_report_count(text, lines[i].n);
            recs_report_put(out, "@ @. ", text, lines[i].what);
        }
    }

    recs_report_put(out, "Times are UTC.</p>\n");
}


void
recs_report_metric_words(const recs_report_metric_t *metric, char *text)
{
    const char  *lower;

    static const char *const  forms[] = {
        [RECS_METRIC_RATE] = "share of visitors with %s%s",
        [RECS_METRIC_COUNT] = "%s per visitor%s",
        [RECS_METRIC_VALUE] = "value of %s per visitor%s"
    };

    lower = metric->lower ? ", less is better" : "";

    if (metric->kind == RECS_METRIC_RATIO) {
        snprintf(text, RECS_REPORT_METRIC_WORDS, "%s per %s%s", metric->event,
                 metric->per, lower);

    } else {
        snprintf(text, RECS_REPORT_METRIC_WORDS, forms[metric->kind],
                 metric->event, lower);
    }
}


void
recs_report_metric_value(const recs_report_metric_t *metric, double value,
    char *text)
{
    if (metric->kind == RECS_METRIC_RATE
        || (metric->kind == RECS_METRIC_RATIO && value < 1))
    {
        recs_report_percent(text, value);

    } else {
        recs_report_value(text, value);
    }
}


const char *
recs_report_verdict_class(recs_verdict_t verdict)
{
    static const char *const  classes[] = {
        [RECS_VERDICT_NONE] = "open",
        [RECS_VERDICT_BETTER] = "good",
        [RECS_VERDICT_WORSE] = "bad",
        [RECS_VERDICT_WITHHELD] = "held"
    };

    return classes[verdict];
}


void
recs_report_confidence(const recs_report_t *report, char *text)
{
    snprintf(text, RECS_REPORT_NUMBER, "%.4g\xc2\xa0%%",
             100 * (1 - report->options.alpha));
}
