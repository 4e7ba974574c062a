/*
 * Results to verdicts.
 */

#include <math.h>

#include "recs_report_private.h"
#include "recs_stats_multiple.h"


/* Treatments times metrics. */
#define RECS_RESULTS_MAX  (RECS_REPORT_VARIANTS_MAX * RECS_REPORT_METRICS_MAX)


/* Over the results that have a p: what cannot be told is no call. */
static void
recs_judge_correct(recs_report_experiment_t *x, recs_correction_t correction)
{
    double    adjusted[RECS_RESULTS_MAX], p[RECS_RESULTS_MAX];
    uint32_t  i, n;

    n = 0;

    for (i = 0; i < x->n_results; i++) {
        if (!isnan(x->results[i].p)) {
            p[n++] = x->results[i].p;
        }
    }

    if (correction == RECS_CORRECTION_HOLM) {
        recs_stats_holm(p, adjusted, n);

    } else {
        recs_stats_benjamini_hochberg(p, adjusted, n);
    }

    n = 0;

    for (i = 0; i < x->n_results; i++) {
        x->results[i].p_adjusted = isnan(x->results[i].p) ? NAN
                                                          : adjusted[n++];
    }
}


/*
 * One arm with enough conversions is enough: a treatment that ends them all is
 * to be called worse.
 */
static unsigned
recs_judge_reasons(const recs_report_options_t *options,
    const recs_report_experiment_t *x, const recs_report_result_t *result)
{
    int64_t   least_ms;
    unsigned  reasons;

    reasons = isnan(result->p) ? RECS_REPORT_NO_ESTIMATE : 0;
    least_ms = (int64_t) options->min_days * RECS_REPORT_DAY_MS;

    if (x->srm_broken) {
        reasons |= RECS_REPORT_BROKEN_RATIO;
    }

    if (result->conversions[0] < options->min_conversions
        && result->conversions[1] < options->min_conversions)
    {
        reasons |= RECS_REPORT_FEW_CONVERSIONS;
    }

    if (x->last_ms - x->first_ms < least_ms) {
        reasons |= RECS_REPORT_FEW_DAYS;
    }

    return reasons;
}


static recs_verdict_t
recs_judge_verdict(const recs_report_options_t *options,
    const recs_report_result_t *result)
{
    int  more;

    if (result->reasons != 0) {
        return RECS_VERDICT_WITHHELD;
    }

    if (!(result->p_adjusted < options->alpha)) {
        return RECS_VERDICT_NONE;
    }

    more = result->difference > 0;

    return (more != options->metrics[result->metric].lower)
           ? RECS_VERDICT_BETTER : RECS_VERDICT_WORSE;
}


void
recs_report_judge(const recs_report_options_t *options,
    recs_report_experiment_t *x)
{
    double    seen;
    uint32_t  i;

    seen = (double) x->n_units + (double) x->n_multiple;
    x->multiple_alarm = x->n_multiple >= RECS_REPORT_MULTIPLE_UNITS
                        && (double) x->n_multiple
                           > RECS_REPORT_MULTIPLE_SHARE * seen;

    recs_judge_correct(x, options->correction);

    for (i = 0; i < x->n_results; i++) {
        x->results[i].reasons = recs_judge_reasons(options, x,
                                                   &x->results[i]);
        x->results[i].verdict = recs_judge_verdict(options, &x->results[i]);
    }
}


const char *
recs_verdict_text(recs_verdict_t verdict)
{
    static const char *const  texts[] = {
        "no difference seen yet", "better", "worse", "withheld"
    };

    return texts[verdict];
}


const char *
recs_report_reason(unsigned reasons, unsigned *pos)
{
    static const char *const  texts[] = {
        "the sample ratio is broken",
        "too few conversions",
        "too few days",
        "nothing to compare"
    };

    while (*pos < sizeof(texts) / sizeof(texts[0])) {
        if (reasons & (1u << (*pos)++)) {
            return texts[*pos - 1];
        }
    }

    return NULL;
}
