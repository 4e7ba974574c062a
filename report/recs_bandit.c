#include "recs_bandit.h"

#include <stdio.h>
#include <string.h>

#include "recs_file.h"
#include "recs_stats_test.h"
#include "recs_thompson.h"


#define RECS_BANDIT_TEXT_MAX  8192


static recs_status_t recs_bandit_arms(recs_bandit_t *bandit,
    const recs_report_experiment_t *x, const recs_bandit_options_t *options,
    recs_error_t *err);
static recs_thompson_arm_t recs_bandit_sample(
    const recs_report_metric_t *metric, const recs_pair_moments_t *moments);


recs_status_t
recs_bandit_choose(recs_bandit_t *bandit, const recs_report_t *report,
    const recs_report_experiment_t *x, const recs_bandit_options_t *options,
    recs_error_t *err)
{
    double                       best[RECS_ARMS_MAX];
    uint32_t                     steps[RECS_ARMS_MAX];
    unsigned                     i;
    recs_status_t                status;
    recs_thompson_arm_t          samples[RECS_ARMS_MAX];
    const recs_report_metric_t  *metric;

    status = recs_bandit_arms(bandit, x, options, err);
    if (status != RECS_OK) {
        return status;
    }

    metric = &report->options.metrics[0];
    memset(samples, 0, sizeof(samples));

    for (i = 0; i < x->n_variants; i++) {
        samples[i] = recs_bandit_sample(metric, &x->variants[i].moments[0]);
    }

    if (!recs_thompson_best(samples, bandit->n,
                            metric->kind == RECS_METRIC_RATE
                            ? RECS_THOMPSON_RATE : RECS_THOMPSON_MEAN,
                            metric->lower, RECS_THOMPSON_DRAWS, options->seed,
                            best))
    {
        return recs_error(err, RECS_NOT_FOUND, "the logs say nothing of %s "
                          "in experiment %s yet", metric->name, x->name);
    }

    recs_thompson_steps(best, bandit->n, options->floor, steps);

    for (i = 0; i < bandit->n; i++) {
        bandit->arms[i].n = samples[i].n;
        bandit->arms[i].mean = samples[i].mean;
        bandit->arms[i].best = best[i];
        bandit->arms[i].steps = steps[i];
    }

    return RECS_OK;
}


/* The names: variants as the report has them, then those that it lacks. */

static recs_status_t
recs_bandit_arms(recs_bandit_t *bandit, const recs_report_experiment_t *x,
    const recs_bandit_options_t *options, recs_error_t *err)
{
    unsigned  i, k;

    memset(bandit, 0, sizeof(recs_bandit_t));
    bandit->experiment = x->name;

    for (i = 0; i < x->n_variants; i++) {
        bandit->arms[bandit->n++].name = x->variants[i].name;
    }

    for (i = 0; i < options->n_more; i++) {
        for (k = 0; k < bandit->n; k++) {
            if (strcmp(options->more[i], bandit->arms[k].name) == 0) {
                break;
            }
        }

        if (k < bandit->n) {
            continue;
        }

        if (k == RECS_ARMS_MAX) {
            return recs_error(err, RECS_LIMIT, "experiment %s: more than %d "
                              "arms", x->name, RECS_ARMS_MAX);
        }

        bandit->arms[bandit->n++].name = options->more[i];
    }

    if (bandit->n < 2) {
        return recs_error(err, RECS_INVALID, "experiment %s: the logs show "
                          "one arm alone; name the others by --arm", x->name);
    }

    if (options->floor * bandit->n > 1) {
        return recs_error(err, RECS_INVALID, "experiment %s: a floor of %g is "
                          "too much for %u arms", x->name, options->floor,
                          bandit->n);
    }

    return RECS_OK;
}


static recs_thompson_arm_t
recs_bandit_sample(const recs_report_metric_t *metric,
    const recs_pair_moments_t *moments)
{
    recs_moments_t       outcome;
    recs_stats_sample_t  sample;
    recs_thompson_arm_t  arm;

    if (metric->kind == RECS_METRIC_RATIO) {
        sample = recs_stats_ratio(moments);

    } else {
        outcome = recs_pair_moments_y(moments);
        sample = recs_stats_mean(&outcome);
    }

    arm.n = sample.n;
    arm.mean = sample.mean;
    arm.variance = sample.variance;

    return arm;
}


recs_status_t
recs_bandit_write(const recs_bandit_t *bandit, const char *epoch,
    const char *path, recs_error_t *err)
{
    int            len;
    char           text[RECS_BANDIT_TEXT_MAX];
    unsigned       i;
    recs_str_t     written;
    recs_arms_t    arms;
    recs_status_t  status;

    len = snprintf(text, sizeof(text), "# written by `recs bandit`\n"
                   "experiment %s\nepoch      %s\n", bandit->experiment,
                   epoch);

    for (i = 0; i < bandit->n && len < RECS_BANDIT_TEXT_MAX; i++) {
        len += snprintf(text + len, sizeof(text) - (size_t) len,
                        "arm        %s %u.%04u\n", bandit->arms[i].name,
                        bandit->arms[i].steps / RECS_THOMPSON_STEPS,
                        bandit->arms[i].steps % RECS_THOMPSON_STEPS);
    }

    if (len >= RECS_BANDIT_TEXT_MAX) {
        return recs_error(err, RECS_INVALID, "%s: the arms' names are too "
                          "long", path);
    }

    /* Names come from logs: nginx must be able to read them. */

    written.data = text;
    written.len = (size_t) len;

    status = recs_arms_read(&arms, written, err);
    if (status != RECS_OK) {
        return status;
    }

    return recs_file_put(path, text, (size_t) len, err);
}
