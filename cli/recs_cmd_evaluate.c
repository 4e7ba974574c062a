/*
 * recs evaluate: how well bundles, or models trained for the purpose, rank
 * what was held out, by the server's own scorer.
 */

#include "recs_cli_metrics.h"
#include "recs_cmd_evaluate.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static int recs_cmd_evaluate_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_evaluate_options[] = {
    { "bundle", "BUNDLE", "the bundle to evaluate; needs --test" },
    { "test", "FILE", "held-out interactions, in any import format" },
    { "data", "DATASET", "or: train on this dataset first" },
    { "split", "SPLIT", "... held out from it: time=0.8, last=0.2 "
      "(default),\nrandom=0.1 or folds=K for cross-validation" },
    { "hidden", "SHARE", "train without this share of the users, and serve "
      "them as sessions" },
    { "known", "N", "... of their last N items, or without times of any N "
      "(all)" },
    { "rank", "NAME", "rank the best by logistic, mlp or trees" },
    RECS_CLI_CANDIDATES_OPTION,
    { "at", "LIST", "cut-offs (10,20,50)" },
    { "json", NULL, "one JSON object" },
    RECS_CLI_TRAIN_OPTIONS,
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_evaluate = {
    "evaluate",
    "measure how well a model ranks what was held out",
    "--bundle BUNDLE --test FILE [--at LIST]\n"
    "--data DATASET --model NAME [--split SPLIT | --test FILE] "
    "[--set NAME=VALUE ...]\n"
    "--data DATASET --model NAME --hidden SHARE [--known N] ...",
    recs_cmd_evaluate_options,
    0,
    0,
    recs_cmd_evaluate_run,
    recs_cli_train_help
};


static int
recs_cmd_evaluate_contenders(recs_cmd_evaluate_t *e)
{
    const char  *bundle, *data;

    bundle = recs_args_get(e->args, "bundle");
    data = recs_args_get(e->args, "data");

    if ((bundle == NULL) == (data == NULL)) {
        return recs_usage_error(e->args, "either --bundle or --data is "
                                "needed");
    }

    e->contenders = calloc(1, sizeof(recs_contender_t));
    if (e->contenders == NULL) {
        return RECS_EXIT_FAILED;
    }

    e->n_contenders = 1;
    e->contenders[0].bundle = bundle;

    if (bundle == NULL) {
        e->contenders[0].name = recs_args_get(e->args, "model");

        return recs_cli_train_init(&e->contenders[0].train, e->args);
    }

    e->contenders[0].name = bundle;

    return recs_args_has(e->args, "test") ? RECS_EXIT_OK
           : recs_usage_error(e->args, "--test is missing: what was held out "
                              "from training");
}


static void
recs_cmd_evaluate_json(const recs_cmd_evaluate_t *e)
{
    json_t                  *object;
    const recs_contender_t  *c;

    c = &e->contenders[0];
    object = recs_cli_metrics(&c->evaluation);

    if (e->n_folds > 0) {
        json_object_set_new(object, "folds", json_integer(e->n_folds));
        json_object_set_new(object, "interval",
                            recs_cli_metrics_interval(&c->evaluation,
                                                      &c->error,
                                                      e->n_folds));
    }

    if (e->hidden > 0) {
        json_object_set_new(object, "trained", recs_cli_metrics(&c->trained));
    }

    json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    printf("\n");
    json_decref(object);
}


static void
recs_cmd_evaluate_text(const recs_cmd_evaluate_t *e)
{
    const recs_contender_t        *c;
    const recs_evaluation_part_t  *all;

    c = &e->contenders[0];
    all = &c->evaluation.parts[RECS_PART_ALL];

    printf("%u %susers, %llu test interactions", all->n_users,
           e->hidden > 0 ? "hidden " : "", (unsigned long long) all->n_test);

    if (c->evaluation.n_unknown_users > 0) {
        printf(", %u users unknown to the model left out",
               c->evaluation.n_unknown_users);
    }

    if (e->n_folds > 0) {
        printf(", mean of %u folds", e->n_folds);
    }

    printf("\n");
    recs_cli_put_metrics(&c->evaluation, e->n_folds > 0 ? &c->error : NULL,
                         e->n_folds);
    recs_cli_put_parts(&c->evaluation);

    if (e->hidden > 0) {
        printf("%u of them when trained\n",
               c->trained.parts[RECS_PART_ALL].n_users);
        recs_cli_put_metrics(&c->trained, NULL, 0);
    }
}


static int
recs_cmd_evaluate_run(const recs_args_t *args)
{
    int                  rc;
    uint32_t             i;
    recs_cmd_evaluate_t  e;

    memset(&e, 0, sizeof(recs_cmd_evaluate_t));
    e.args = args;

    rc = recs_cmd_evaluate_contenders(&e);

    if (rc == RECS_EXIT_OK) {
        rc = recs_cmd_evaluate_plan(&e);
    }

    if (rc == RECS_EXIT_OK) {
        rc = recs_cmd_evaluate_measure(&e);
    }

    if (rc == RECS_EXIT_OK) {
        if (recs_args_has(args, "json")) {
            recs_cmd_evaluate_json(&e);

        } else {
            recs_cmd_evaluate_text(&e);
        }
    }

    for (i = 0; i < e.n_contenders; i++) {
        recs_evaluation_rows_free(&e.contenders[i].rows);
    }

    free(e.contenders);

    return rc;
}
