/*
 * recs evaluate: how well bundles, or models trained for the purpose, rank
 * what was held out, by the server's own scorer.
 */

#include "recs_cmd_evaluate.h"

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
    { "compare", "WHAT", "tell models apart by the same users (repeatable): a "
      "model,\nas ials or ials,factors=128; a bundle; all models; each "
      "also\nwith ,rank=NAME" },
    { "rank", "NAME", "rank the best by logistic, mlp or trees" },
    RECS_CLI_RANK_SET_OPTION,
    RECS_CLI_CANDIDATES_OPTION,
    { "at", "LIST", "cut-offs (10,20,50)" },
    { "html", "FILE", "a page with plots for people" },
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
    "--data DATASET --model NAME --hidden SHARE [--known N] ...\n"
    "--data DATASET --compare WHAT --compare WHAT ... [--split SPLIT | "
    "--test FILE]\n"
    "--test FILE --compare BUNDLE --compare BUNDLE ...",
    recs_cmd_evaluate_options,
    0,
    0,
    recs_cmd_evaluate_run,
    recs_cli_train_help
};


static int
recs_cmd_evaluate_told(recs_cmd_evaluate_t *e)
{
    if (recs_args_has(e->args, "json")) {
        recs_cmd_evaluate_json(e);

    } else {
        recs_cmd_evaluate_text(e);
    }

    return RECS_EXIT_OK;
}


static int
recs_cmd_evaluate_run(const recs_args_t *args)
{
    int                  rc;
    size_t               i;
    recs_cmd_evaluate_t  e;

    static int (*const  steps[])(recs_cmd_evaluate_t *) = {
        recs_cmd_evaluate_contenders,
        recs_cmd_evaluate_plan,
        recs_cmd_evaluate_measure,
        recs_cmd_evaluate_compare,
        recs_cmd_evaluate_html,
        recs_cmd_evaluate_told
    };

    memset(&e, 0, sizeof(recs_cmd_evaluate_t));
    e.args = args;
    rc = RECS_EXIT_OK;

    for (i = 0;
         i < sizeof(steps) / sizeof(steps[0]) && rc == RECS_EXIT_OK;
         i++)
    {
        rc = steps[i](&e);
    }

    recs_cmd_evaluate_free(&e);

    return rc;
}
