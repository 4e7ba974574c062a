#include "recs_report_html_parts.h"

#include <math.h>
#include <stdio.h>

#include "recs_report_text.h"


static const recs_report_result_t *recs_report_html_leading(
    const recs_report_part_t *part);
static void recs_report_html_headline(const recs_report_part_t *part,
    const recs_report_result_t *result);
static void recs_report_html_sentence(const recs_report_part_t *part,
    const recs_report_result_t *result);
static void recs_report_html_bounds(const recs_report_part_t *part,
    const recs_report_result_t *result);
static void recs_report_html_others(const recs_report_part_t *part,
    const recs_report_result_t *leading);
static void recs_report_html_advice(const recs_report_part_t *part,
    const recs_report_result_t *result);


void
recs_report_html_verdict(const recs_report_part_t *part)
{
    const recs_report_result_t  *result;

    result = recs_report_html_leading(part);

    if (result == NULL) {
        recs_report_put(part->out, "<div class=\"verdict held\"><h3>Nothing "
                        "to compare yet</h3><p>Only one variant was seen in "
                        "the logs.</p></div>\n");
        return;
    }

    recs_report_put(part->out, "<div class=\"verdict @\">\n",
                    recs_report_verdict_class(result->verdict));
    recs_report_html_headline(part, result);
    recs_report_html_sentence(part, result);
    recs_report_html_others(part, result);
    recs_report_html_advice(part, result);
    recs_report_put(part->out, "</div>\n");
}


/*
 * The first metric's result that says most: a treatment that is better, else
 * one that is worse, else none of both; among such the largest lift.
 */

static const recs_report_result_t *
recs_report_html_leading(const recs_report_part_t *part)
{
    uint32_t                     i;
    const recs_report_result_t  *result, *leading;

    static const unsigned  ranks[] = {
        [RECS_VERDICT_BETTER] = 3, [RECS_VERDICT_WORSE] = 2,
        [RECS_VERDICT_NONE] = 1, [RECS_VERDICT_WITHHELD] = 0
    };

    leading = NULL;

    for (i = 0; i < part->experiment->n_results; i++) {
        result = &part->experiment->results[i];

        if (result->metric == 0
            && (leading == NULL
                || ranks[result->verdict] > ranks[leading->verdict]
                || (result->verdict == leading->verdict
                    && fabs(result->lift) > fabs(leading->lift))))
        {
            leading = result;
        }
    }

    return leading;
}


static void
recs_report_html_headline(const recs_report_part_t *part,
    const recs_report_result_t *result)
{
    const char  *treatment, *control;

    treatment = part->experiment->variants[result->variant].name;
    control = part->experiment->variants[part->experiment->control].name;

    switch (result->verdict) {

    case RECS_VERDICT_BETTER:
        recs_report_put(part->out, "<h3>\xe2\x96\xb2 @ is better than @</h3>"
                        "\n", treatment, control);
        break;

    case RECS_VERDICT_WORSE:
        recs_report_put(part->out, "<h3>\xe2\x96\xbc @ is worse than @</h3>"
                        "\n", treatment, control);
        break;

    case RECS_VERDICT_NONE:
        recs_report_put(part->out, "<h3>No difference seen yet</h3>\n");
        break;

    default:
        recs_report_put(part->out, result->reasons & RECS_REPORT_BROKEN_RATIO
                        ? "<h3>Do not decide by this: visitors were not "
                          "split as planned</h3>\n"
                        : "<h3>Too early to tell</h3>\n");
    }
}


static void
recs_report_html_sentence(const recs_report_part_t *part,
    const recs_report_result_t *result)
{
    char                         was[RECS_REPORT_NUMBER];
    char                         is[RECS_REPORT_NUMBER];
    char                         words[RECS_REPORT_METRIC_WORDS];
    const char                  *treatment, *control;
    const recs_report_metric_t  *metric;

    metric = &part->report->options.metrics[result->metric];
    treatment = part->experiment->variants[result->variant].name;
    control = part->experiment->variants[part->experiment->control].name;

    recs_report_metric_words(metric, words);
    recs_report_metric_value(metric, result->control.mean, was);
    recs_report_metric_value(metric, result->treatment.mean, is);

    recs_report_put(part->out, "<p><b>@</b> (@): @ with <b>@</b>, @ with "
                    "<b>@</b>", metric->name, words, is, treatment, was,
                    control);

    if (result->verdict != RECS_VERDICT_WITHHELD) {
        recs_report_html_bounds(part, result);
    }

    recs_report_put(part->out, ".</p>\n");
}


/* The lift, and what the true one may be. */

static void
recs_report_html_bounds(const recs_report_part_t *part,
    const recs_report_result_t *result)
{
    char  lift[RECS_REPORT_NUMBER];
    char  lo[RECS_REPORT_NUMBER];
    char  hi[RECS_REPORT_NUMBER];
    char  confidence[RECS_REPORT_NUMBER];

    if (!isfinite(result->lift_lo) || !isfinite(result->lift_hi)) {
        return;
    }

    recs_report_signed_percent(lift, result->lift, 0);
    recs_report_signed_percent(lo, result->lift_lo, 0);
    recs_report_signed_percent(hi, result->lift_hi, 0);
    recs_report_confidence(part->report, confidence);

    recs_report_put(part->out, ", a change of <b>@</b>. The true change is "
                    "between @ and @ (@ confidence)", lift, lo, hi,
                    confidence);
    recs_report_put(part->out, result->verdict == RECS_VERDICT_NONE
                    ? ": it may be none at all" : "");
}


/* What else has a verdict: a win in one metric may be a loss in another. */

static void
recs_report_html_others(const recs_report_part_t *part,
    const recs_report_result_t *leading)
{
    char                         lift[RECS_REPORT_NUMBER];
    uint32_t                     i, n;
    const recs_report_result_t  *result;

    n = 0;

    for (i = 0; i < part->experiment->n_results; i++) {
        result = &part->experiment->results[i];

        if (result == leading || (result->verdict != RECS_VERDICT_BETTER
                                  && result->verdict != RECS_VERDICT_WORSE))
        {
            continue;
        }

        recs_report_signed_percent(lift, result->lift, 0);
        recs_report_put(part->out, n++ == 0 ? "<ul>" : "");
        recs_report_put(part->out, "<li>@ with <b>@</b>: <b>@</b> (@)</li>\n",
                        part->report->options.metrics[result->metric].name,
                        part->experiment->variants[result->variant].name,
                        recs_verdict_text(result->verdict), lift);
    }

    recs_report_put(part->out, n > 0 ? "</ul>\n" : "");
}


static void
recs_report_html_advice(const recs_report_part_t *part,
    const recs_report_result_t *result)
{
    char         lift[RECS_REPORT_NUMBER];
    unsigned     pos;
    const char  *reason;

    if (result->verdict == RECS_VERDICT_NONE) {
        recs_report_put(part->out, "<p>");

        if (isfinite(result->detectable)) {
            recs_report_percent(lift, result->detectable);
            recs_report_put(part->out, "A change of @ would most likely have "
                            "been seen by now. ", lift);
        }

        recs_report_put(part->out, "Let it run on, or stop if less than that "
                        "would not matter.</p>\n");
        return;
    }

    if (result->verdict != RECS_VERDICT_WITHHELD) {
        return;
    }

    recs_report_put(part->out, "<p>The verdict is withheld:</p><ul>\n");
    pos = 0;

    while ((reason = recs_report_reason(result->reasons, &pos)) != NULL) {
        recs_report_put(part->out, "<li>@</li>\n", reason);
    }

    recs_report_put(part->out, "</ul>\n");
}
