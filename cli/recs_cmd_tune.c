/*
 * recs tune: the hyper-parameters of a model that rank best what was held
 * out, looked for within a given time.
 */

#include "recs_cmd_tune.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "recs_cli_unnamed.h"
#include "recs_evaluate.h"
#include "recs_import.h"


/* Asked in a trial, of more test users: the standard error of Recall@20 is
   below 1 % with so many. */
#define RECS_CMD_TUNE_USERS  5000


static int recs_cmd_tune_run(const recs_args_t *args);
static int recs_cmd_tune_options_read(recs_cmd_tune_t *tune);
static int recs_cmd_tune_metric(recs_cmd_tune_t *tune);
static int recs_cmd_tune_budget(recs_cmd_tune_t *tune);
static int recs_cmd_tune_model(recs_cmd_tune_t *tune);
static recs_status_t recs_cmd_tune_do(recs_cmd_tune_t *tune,
    recs_error_t *err);
static recs_status_t recs_cmd_tune_open(recs_cmd_tune_t *tune,
    recs_error_t *err);
static recs_status_t recs_cmd_tune_trials(recs_cmd_tune_t *tune,
    recs_error_t *err);
static recs_status_t recs_cmd_tune_trial(recs_cmd_tune_t *tune,
    recs_error_t *err);


static const recs_option_t  recs_cmd_tune_options[] = {
    { "data", "DATASET", "what recs import or recs split has written" },
    { "minutes", "N", "how long to look, over all runs with one --state (10)"
      },
    { "trials", "N", "how many trainings at most" },
    { "split", "SPLIT", "what decides: time=0.8, last=0.2 or random=0.1 of "
      "the data\n(last=0.2, or random=0.1 where it has no times)" },
    { "test", "FILE", "... or interactions held out before, in any import "
      "format" },
    { "metric", "NAME", "ndcg (default), recall, precision, f1, recall_min, "
      "hit_rate,\nmap or mrr" },
    { "at", "N", "... of lists of N (20)" },
    { "search", "NAME=LO:HI", "look for this parameter between the two "
      "(repeatable), and\nfor no others" },
    { "state", "FILE", "keep the trials here, and go on from those that are "
      "there" },
    { "o", "SETTINGS", "write the best for recs train --settings" },
    { "json", NULL, "the outcome as one JSON object" },
    RECS_CLI_TRAIN_OPTIONS,
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_tune = {
    "tune",
    "look for the hyper-parameters that rank best",
    "--model NAME --data DATASET [--minutes N] [--state FILE] [-o SETTINGS]\n"
    " [--set NAME=VALUE ...] [--search NAME=LO:HI ...]",
    recs_cmd_tune_options,
    0,
    0,
    recs_cmd_tune_run,
    recs_cli_train_help
};


static int
recs_cmd_tune_run(const recs_args_t *args)
{
    int              rc;
    recs_error_t     err;
    recs_cmd_tune_t  tune;

    memset(&tune, 0, sizeof(recs_cmd_tune_t));
    tune.args = args;
    tune.state = -1;

    rc = recs_cmd_tune_options_read(&tune);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    if (recs_cmd_tune_do(&tune, &err) != RECS_OK) {
        rc = recs_failure(args, &err);
    }

    recs_cmd_tune_state_close(&tune);
    recs_split_free(&tune.split);
    recs_dataset_close(tune.test);
    recs_dataset_close(tune.data);
    free(tune.trials);

    return rc;
}


static int
recs_cmd_tune_options_read(recs_cmd_tune_t *tune)
{
    int                 rc;
    size_t              i;
    const char         *split;
    recs_error_t        err;
    const recs_args_t  *args;

    static int (*const  steps[])(recs_cmd_tune_t *) = {
        recs_cmd_tune_metric,
        recs_cmd_tune_budget,
        recs_cmd_tune_model
    };

    args = tune->args;
    split = recs_args_get(args, "split");

    if (!recs_args_has(args, "data")) {
        return recs_usage_error(args, "--data is missing: the dataset to "
                                "train on");
    }

    if (split != NULL && recs_args_has(args, "test")) {
        return recs_usage_error(args, "--test and --split exclude each "
                                "other");
    }

    if (split != NULL
        && recs_split_parse(&tune->rule, split, &err) != RECS_OK)
    {
        return recs_usage_error(args, "--split: %s", err.message);
    }

    if (split != NULL && tune->rule.kind == RECS_SPLIT_USERS) {
        return recs_usage_error(args, "--split users has nobody in both "
                                "parts: there is nothing to rank for");
    }

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        rc = steps[i](tune);
        if (rc != RECS_EXIT_OK) {
            return rc;
        }
    }

    return RECS_EXIT_OK;
}


/* Those of recs_quality.h of which more is better; they come first there. */

static int
recs_cmd_tune_metric(recs_cmd_tune_t *tune)
{
    const char  *name;

    name = recs_args_get(tune->args, "metric");
    name = name != NULL ? name : recs_quality_name(RECS_QUALITY_NDCG);

    for (tune->metric = 0; tune->metric < RECS_QUALITY_NOVELTY;
         tune->metric++)
    {
        if (strcmp(recs_quality_name(tune->metric), name) == 0) {
            tune->at = 20;
            return recs_args_unsigned(tune->args, "at", 1, 1000, &tune->at);
        }
    }

    return recs_usage_error(tune->args, "--metric %s: ndcg, recall, "
                            "precision, f1, recall_min, hit_rate, map or mrr "
                            "can be looked for", name);
}


static int
recs_cmd_tune_budget(recs_cmd_tune_t *tune)
{
    char        *end;
    double       minutes;
    const char  *text;

    text = recs_args_get(tune->args, "minutes");
    text = text != NULL ? text : "10";
    minutes = strtod(text, &end);

    if (end == text || *end != '\0' || !(minutes > 0 && minutes <= 1e6)) {
        return recs_usage_error(tune->args, "--minutes wants a number above "
                                "0, as 30");
    }

    tune->seconds = minutes * 60;
    tune->max_trials = RECS_CMD_TUNE_TRIALS_MAX;

    return recs_args_unsigned(tune->args, "trials", 1,
                              RECS_CMD_TUNE_TRIALS_MAX, &tune->max_trials);
}


static int
recs_cmd_tune_model(recs_cmd_tune_t *tune)
{
    int                      pos, rc;
    uint32_t                 i;
    const char              *text;
    recs_error_t             err;
    const recs_param_t      *param;
    const recs_trainer_t    *trainer;

    rc = recs_cli_train_init(&tune->train, tune->args);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    trainer = tune->train.trainer;
    tune->space.trainer = trainer;
    tune->space.seed = tune->train.seed;
    tune->rule.seed = tune->train.seed;

    for (i = 0; i < trainer->n_params; i++) {
        param = &trainer->params[i];
        tune->fixed[i] = tune->train.values[i] != param->value;
    }

    for (pos = 0; (text = recs_args_next(tune->args, "set", &pos)) != NULL; )
    {
        for (i = 0; i < trainer->n_params; i++) {
            param = &trainer->params[i];
            tune->fixed[i] |= strncmp(text, param->name, strlen(param->name))
                              == 0 && text[strlen(param->name)] == '=';
        }
    }

    for (pos = 0;
         (text = recs_args_next(tune->args, "search", &pos)) != NULL; )
    {
        if (recs_tune_search(&tune->space, text, &err) != RECS_OK) {
            return recs_usage_error(tune->args, "--search %s", err.message);
        }

        i = tune->space.ranges[tune->space.n_ranges - 1].param;

        if (tune->fixed[i]) {
            return recs_usage_error(tune->args, "--search %s: it is set to "
                                    "a value already",
                                    trainer->params[i].name);
        }

        tune->searches = 1;
    }

    return RECS_EXIT_OK;
}


static recs_status_t
recs_cmd_tune_do(recs_cmd_tune_t *tune, recs_error_t *err)
{
    recs_status_t  status;

    tune->trials = calloc(RECS_CMD_TUNE_TRIALS_MAX,
                          sizeof(recs_tune_trial_t));
    if (tune->trials == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    if ((status = recs_cmd_tune_open(tune, err)) != RECS_OK
        || (status = recs_cmd_tune_state_open(tune, err)) != RECS_OK
        || (status = recs_cmd_tune_trials(tune, err)) != RECS_OK)
    {
        return status;
    }

    return recs_cmd_tune_tell(tune, err);
}


/* What to train on, and what to rank. */

static recs_status_t
recs_cmd_tune_open(recs_cmd_tune_t *tune, recs_error_t *err)
{
    const char                 *path;
    recs_status_t               status;
    recs_import_report_t        report;
    const recs_dataset_view_t  *view;

    status = recs_dataset_open(&tune->data, recs_args_get(tune->args, "data"),
                               err);
    if (status != RECS_OK) {
        return status;
    }

    view = recs_dataset_view(tune->data);
    path = recs_args_get(tune->args, "test");

    if (path != NULL) {
        status = recs_import_test(path, &tune->test, &report, err);
        tune->train_on = tune->data;
        tune->test_on = tune->test;

        return status;
    }

    if (!recs_args_has(tune->args, "split")) {
        tune->rule.kind = view->from_ms != 0 || view->to_ms != 0
                          ? RECS_SPLIT_LAST : RECS_SPLIT_RANDOM;
        tune->rule.fraction = tune->rule.kind == RECS_SPLIT_LAST ? 0.2 : 0.1;
    }

    status = recs_split(view, &tune->rule, &tune->split, err);
    tune->train_on = tune->split.train;
    tune->test_on = tune->split.test;

    return status;
}


static double
recs_cmd_tune_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (double) ts.tv_sec + (double) ts.tv_nsec * 1e-9;
}


/* 1 where another trial, as long as they were, ends in time. */

static int
recs_cmd_tune_goes_on(const recs_cmd_tune_t *tune, double since)
{
    double    spent, trials;
    uint32_t  i;

    for (i = 0, trials = 0; i < tune->n_trials; i++) {
        trials += tune->trials[i].seconds;
    }

    spent = fmax(trials, recs_cmd_tune_now() - since);

    return tune->n_trials < tune->max_trials
           && (tune->n_trials == 0
               || (tune->space.n_ranges > 0
                   && spent + trials / tune->n_trials <= tune->seconds));
}


static void
recs_cmd_tune_progress(const recs_cmd_tune_t *tune)
{
    uint32_t                  best, last;
    const recs_tune_trial_t  *trial;

    if (recs_args_has(tune->args, "quiet")) {
        return;
    }

    last = tune->n_trials - 1;
    trial = &tune->trials[last];
    best = recs_tune_best(tune->trials, tune->n_trials);

    fprintf(stderr, "trial %u: %s@%lu %.4f, %.1f s; the best is %.4f of "
            "trial %u\n", last + 1, recs_quality_name(tune->metric), tune->at,
            trial->quality, trial->seconds, tune->trials[best].quality,
            best + 1);
}


/* The ranges lie around what the first trial took by itself. */

static void
recs_cmd_tune_ranges(recs_cmd_tune_t *tune)
{
    if (tune->n_trials > 0 && !tune->searches && tune->space.n_ranges == 0) {
        recs_tune_ranges(&tune->space, tune->trials[0].values, tune->fixed);
    }
}


static recs_status_t
recs_cmd_tune_trials(recs_cmd_tune_t *tune, recs_error_t *err)
{
    double         since;
    recs_status_t  status;

    since = recs_cmd_tune_now();
    recs_cmd_tune_ranges(tune);

    while (recs_cmd_tune_goes_on(tune, since)) {
        status = recs_cmd_tune_trial(tune, err);
        if (status != RECS_OK) {
            return status;
        }

        tune->n_trials++;
        recs_cmd_tune_ranges(tune);
        recs_cmd_tune_progress(tune);

        status = recs_cmd_tune_state_add(tune, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    return RECS_OK;
}


/* What the trainer took, in the place of what was left to it. */

static void
recs_cmd_tune_taken(recs_cmd_tune_t *tune, const recs_model_t *model,
    double *values)
{
    char      setting[128];
    uint32_t  i;

    /* The seed is there too, and is none of the trainer's parameters. */
    for (i = 0; i < model->n_params; i++) {
        snprintf(setting, sizeof(setting), "%s=%s", model->params[i].name,
                 model->params[i].value);
        (void) recs_trainer_set(tune->train.trainer, values, setting, NULL);
    }
}


static recs_status_t
recs_cmd_tune_evaluate(const recs_cmd_tune_t *tune,
    const recs_model_t *model, double *quality, recs_error_t *err)
{
    uint32_t                 at;
    recs_bundle_t           *bundle;
    recs_status_t            status;
    recs_evaluation_t        evaluation;
    recs_evaluate_params_t   params;

    status = recs_cli_unnamed(model, &bundle, err);
    if (status != RECS_OK) {
        return status;
    }

    at = (uint32_t) tune->at;
    memset(&params, 0, sizeof(recs_evaluate_params_t));
    params.at = &at;
    params.n_at = 1;
    params.n_threads = (uint32_t) tune->train.n_threads;
    params.max_users = RECS_CMD_TUNE_USERS;

    status = recs_evaluate(bundle, tune->test_on, &params, &evaluation, NULL,
                           err);
    recs_bundle_close(bundle);

    if (status == RECS_OK) {
        *quality = evaluation.parts[RECS_PART_ALL].model.at[0]
                                                 .values[tune->metric];
    }

    return status;
}


/*
 * One training.  A vector too long or not finite is what wild parameters may
 * come to: that trial has failed, the search goes on.
 */

static recs_status_t
recs_cmd_tune_trial(recs_cmd_tune_t *tune, recs_error_t *err)
{
    double                 start, values[RECS_PARAMS_MAX];
    recs_status_t          status;
    recs_trained_t        *trained;
    recs_tune_trial_t     *trial;
    recs_train_options_t   options;

    start = recs_cmd_tune_now();

    memcpy(values, tune->train.values, sizeof(values));
    trial = &tune->trials[tune->n_trials];
    trial->quality = (double) NAN;

    if (tune->n_trials > 0) {
        recs_tune_suggest(&tune->space, tune->trials, tune->n_trials, values);
    }

    memset(&options, 0, sizeof(recs_train_options_t));
    options.values = values;
    options.seed = tune->train.seed;
    options.n_threads = (uint32_t) tune->train.n_threads;

    status = tune->train.trainer->train(tune->train_on, &options, &trained,
                                        err);

    if (status == RECS_OK) {
        recs_cmd_tune_taken(tune, &trained->model, values);
        status = recs_cmd_tune_evaluate(tune, &trained->model,
                                        &trial->quality, err);
        trained->destroy(trained);
    }

    memcpy(trial->values, values, sizeof(values));
    trial->seconds = recs_cmd_tune_now() - start;

    return status == RECS_INVALID && tune->n_trials > 0 ? RECS_OK : status;
}
