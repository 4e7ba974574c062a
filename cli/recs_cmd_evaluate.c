/*
 * recs evaluate: ranking metrics of a bundle, or of a model trained for the
 * purpose, scored by the server's own scorer.
 */

#include "recs_cli_metrics.h"
#include "recs_cli_rank.h"
#include "recs_cli_train.h"
#include "recs_evaluate.h"
#include "recs_folder.h"
#include "recs_import.h"
#include "recs_split.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


#define RECS_CMD_EVALUATE_FOLDS_MAX  100


typedef struct {
    const recs_args_t  *args;
    recs_cli_train_t    train;
    uint32_t            at[RECS_EVALUATE_AT_MAX];
    uint32_t            n_at;
    uint32_t            n_threads;
    recs_evaluation_t   evaluation;
    uint32_t            n_folds;          /* 0: no cross-validation */

    double              hidden;           /* share of the users; 0: nobody */
    unsigned long       n_known;          /* 0: all */
    recs_evaluation_t   trained;          /* the same users, not hidden */

    recs_cli_rank_t     rank;
} recs_cmd_evaluate_t;


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
recs_cmd_evaluate_cutoffs(recs_cmd_evaluate_t *e)
{
    char           *end;
    const char     *list;
    unsigned long   k;

    list = recs_args_get(e->args, "at");
    list = list != NULL ? list : "10,20,50";

    for ( ;; ) {
        k = *list >= '0' && *list <= '9' ? strtoul(list, &end, 10) : 0;

        if (k == 0 || k > 1000 || (*end != ',' && *end != '\0')
            || e->n_at == RECS_EVALUATE_AT_MAX)
        {
            return recs_usage_error(e->args, "--at wants up to %d numbers "
                                    "between 1 and 1000, as 10,20,50",
                                    RECS_EVALUATE_AT_MAX);
        }

        e->at[e->n_at++] = (uint32_t) k;

        if (*end == '\0') {
            return RECS_EXIT_OK;
        }

        list = end + 1;
    }
}


/* A bundle of trained in a file that has no name any more. */

static recs_status_t
recs_cmd_evaluate_unnamed(const recs_model_t *model, recs_bundle_t **bundle,
    recs_error_t *err)
{
    char            path[sizeof(((recs_folder_t *) 0)->temporary) + 8];
    const char     *tmp;
    recs_folder_t   folder;
    recs_status_t   status;

    tmp = getenv("TMPDIR");
    snprintf(path, sizeof(path), "%s/recs",
             tmp != NULL && *tmp != '\0' ? tmp : "/tmp");

    status = recs_folder_create(&folder, path, err);
    if (status != RECS_OK) {
        return status;
    }

    snprintf(path, sizeof(path), "%s/bundle", folder.temporary);

    status = recs_model_write(model, path, err);

    if (status == RECS_OK) {
        status = recs_bundle_open(bundle, path, 0, err);
    }

    recs_folder_abort(&folder);

    return status;
}


/* Trains on one part, evaluates on the other. */

static recs_status_t
recs_cmd_evaluate_trained(recs_cmd_evaluate_t *e,
    const recs_dataset_t *train, const recs_dataset_t *test,
    const recs_evaluate_hidden_t *hidden, recs_evaluation_t *evaluation,
    recs_error_t *err)
{
    recs_bundle_t   *bundle;
    recs_status_t    status;
    recs_trained_t  *trained;

    status = recs_cli_train_run(&e->train, train, &trained, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_cmd_evaluate_unnamed(&trained->model, &bundle, err);

    if (status == RECS_OK) {
        status = recs_evaluate_hidden(bundle, test, hidden, e->at, e->n_at,
                                      e->n_threads, evaluation, err);
        recs_bundle_close(bundle);
    }

    trained->destroy(trained);

    return status;
}


static void
recs_cmd_evaluate_asks(const recs_cmd_evaluate_t *e,
    recs_evaluate_hidden_t *hidden)
{
    memset(hidden, 0, sizeof(recs_evaluate_hidden_t));
    hidden->rank = e->rank.kind;
    hidden->candidates = e->rank.candidates;
}


/* Once without the hidden users, and once with them, to compare. */

static recs_status_t
recs_cmd_evaluate_parts(recs_cmd_evaluate_t *e, const recs_dataset_t *train,
    const recs_dataset_t *test, recs_evaluation_t *evaluation,
    recs_error_t *err)
{
    recs_split_t             split;
    recs_status_t            status;
    recs_split_params_t      params;
    recs_evaluate_hidden_t   hidden;

    recs_cmd_evaluate_asks(e, &hidden);

    if (e->hidden == 0) {
        return recs_cmd_evaluate_trained(e, train, test, &hidden, evaluation,
                                         err);
    }

    memset(&params, 0, sizeof(recs_split_params_t));
    params.kind = RECS_SPLIT_USERS;
    params.fraction = e->hidden;
    params.seed = e->train.seed;

    status = recs_split(recs_dataset_view(train), &params, &split, err);
    if (status != RECS_OK) {
        return status;
    }

    hidden.known = split.test;
    hidden.n_known = (uint32_t) e->n_known;

    status = recs_cmd_evaluate_trained(e, split.train, test, &hidden,
                                       evaluation, err);

    if (status == RECS_OK) {
        hidden.trained = 1;
        status = recs_cmd_evaluate_trained(e, train, test, &hidden,
                                           &e->trained, err);
    }

    recs_split_free(&split);

    return status;
}


static recs_status_t
recs_cmd_evaluate_split(recs_cmd_evaluate_t *e, const recs_dataset_t *data,
    const recs_split_params_t *params, recs_evaluation_t *evaluation,
    recs_error_t *err)
{
    recs_split_t   split;
    recs_status_t  status;

    status = recs_split(recs_dataset_view(data), params, &split, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_cmd_evaluate_parts(e, split.train, split.test, evaluation,
                                     err);

    recs_split_free(&split);

    return status;
}


/* Adds a fold's share to the mean over the folds. */

static void
recs_cmd_evaluate_add(recs_evaluation_t *mean, const recs_evaluation_t *fold,
    uint32_t n_folds)
{
    uint32_t               i;
    recs_metrics_t        *to;
    const recs_metrics_t  *from;

    mean->n_users += fold->n_users;
    mean->n_unknown_users += fold->n_unknown_users;
    mean->n_test += fold->n_test;
    mean->n_at = fold->n_at;

    for (i = 0; i < fold->n_at; i++) {
        to = &mean->at[i];
        from = &fold->at[i];
        to->k = from->k;
        to->recall += from->recall / n_folds;
        to->ndcg += from->ndcg / n_folds;
        to->precision += from->precision / n_folds;
        to->f1 += from->f1 / n_folds;
        to->recall_min += from->recall_min / n_folds;
        to->hit_rate += from->hit_rate / n_folds;
        to->coverage += from->coverage / n_folds;
    }
}


static recs_status_t
recs_cmd_evaluate_folds(recs_cmd_evaluate_t *e, const recs_dataset_t *data,
    recs_split_params_t *params, recs_error_t *err)
{
    recs_status_t      status;
    recs_evaluation_t  fold;

    for (params->fold = 0; params->fold < params->n_folds; params->fold++) {
        status = recs_cmd_evaluate_split(e, data, params, &fold, err);
        if (status != RECS_OK) {
            return status;
        }

        recs_cmd_evaluate_add(&e->evaluation, &fold, params->n_folds);
    }

    e->n_folds = params->n_folds;

    return RECS_OK;
}


static int
recs_cmd_evaluate_parse_split(recs_cmd_evaluate_t *e,
    recs_split_params_t *params)
{
    char           *end;
    const char     *text;
    unsigned long   k;
    recs_error_t    err;

    text = recs_args_get(e->args, "split");
    text = text != NULL ? text : "last";

    if (strncmp(text, "folds=", 6) == 0) {
        k = text[6] >= '0' && text[6] <= '9' ? strtoul(text + 6, &end, 10)
                                             : 0;

        if (k < 2 || k > RECS_CMD_EVALUATE_FOLDS_MAX || *end != '\0') {
            return recs_usage_error(e->args, "--split folds=K wants a K "
                                    "between 2 and %d",
                                    RECS_CMD_EVALUATE_FOLDS_MAX);
        }

        memset(params, 0, sizeof(recs_split_params_t));
        params->kind = RECS_SPLIT_FOLD;
        params->n_folds = (uint32_t) k;

    } else if (recs_split_parse(params, text, &err) != RECS_OK) {
        return recs_usage_error(e->args, "--split: %s, or folds=K",
                                err.message);
    }

    params->seed = e->train.seed;

    return RECS_EXIT_OK;
}


/* --data: trains first. */

static int
recs_cmd_evaluate_data(recs_cmd_evaluate_t *e, const char *path)
{
    int                    rc;
    const char            *test_path;
    recs_error_t           err;
    recs_status_t          status;
    recs_dataset_t        *data, *test;
    recs_split_params_t    params;
    recs_import_report_t   report;

    rc = recs_cli_train_init(&e->train, e->args);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    rc = recs_cmd_evaluate_parse_split(e, &params);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    if (recs_dataset_open(&data, path, &err) != RECS_OK) {
        return recs_failure(e->args, &err);
    }

    test_path = recs_args_get(e->args, "test");

    if (test_path != NULL) {
        status = recs_import_test(test_path, &test, &report, &err);

        if (status == RECS_OK) {
            status = recs_cmd_evaluate_parts(e, data, test, &e->evaluation,
                                             &err);
            recs_dataset_close(test);
        }

    } else if (params.kind == RECS_SPLIT_FOLD) {
        status = recs_cmd_evaluate_folds(e, data, &params, &err);

    } else {
        status = recs_cmd_evaluate_split(e, data, &params, &e->evaluation,
                                         &err);
    }

    recs_dataset_close(data);

    return status == RECS_OK ? RECS_EXIT_OK : recs_failure(e->args, &err);
}


/* --bundle: evaluates what is there. */

static int
recs_cmd_evaluate_bundle(recs_cmd_evaluate_t *e, const char *path)
{
    const char              *test_path;
    recs_error_t             err;
    recs_bundle_t           *bundle;
    recs_status_t            status;
    recs_dataset_t          *test;
    recs_import_report_t     report;
    recs_evaluate_hidden_t   asks;

    test_path = recs_args_get(e->args, "test");
    if (test_path == NULL) {
        return recs_usage_error(e->args, "--test is missing: what was held "
                                "out from training");
    }

    if (recs_bundle_open(&bundle, path, 0, &err) != RECS_OK) {
        return recs_failure(e->args, &err);
    }

    status = recs_import_test(test_path, &test, &report, &err);

    if (status == RECS_OK) {
        recs_cmd_evaluate_asks(e, &asks);
        status = recs_evaluate_hidden(bundle, test, &asks, e->at, e->n_at,
                                      e->n_threads, &e->evaluation, &err);
        recs_dataset_close(test);
    }

    recs_bundle_close(bundle);

    return status == RECS_OK ? RECS_EXIT_OK : recs_failure(e->args, &err);
}


static void
recs_cmd_evaluate_json(const recs_cmd_evaluate_t *e)
{
    json_t  *object;

    object = recs_cli_metrics(&e->evaluation);

    if (e->n_folds > 0) {
        json_object_set_new(object, "folds", json_integer(e->n_folds));
    }

    if (e->hidden > 0) {
        json_object_set_new(object, "trained",
                            recs_cli_metrics(&e->trained));
    }

    json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    printf("\n");
    json_decref(object);
}


static void
recs_cmd_evaluate_text(const recs_cmd_evaluate_t *e)
{
    const recs_evaluation_t  *evaluation;

    evaluation = &e->evaluation;

    printf("%u %susers, %llu test interactions", evaluation->n_users,
           e->hidden > 0 ? "hidden " : "",
           (unsigned long long) evaluation->n_test);

    if (evaluation->n_unknown_users > 0) {
        printf(", %u users unknown to the model left out",
               evaluation->n_unknown_users);
    }

    if (e->n_folds > 0) {
        printf(", mean of %u folds", e->n_folds);
    }

    printf("\n");
    recs_cli_put_metrics(evaluation);

    if (e->hidden > 0) {
        printf("%u of them when trained\n", e->trained.n_users);
        recs_cli_put_metrics(&e->trained);
    }
}


/* --hidden and --known. */

static int
recs_cmd_evaluate_hidden(recs_cmd_evaluate_t *e)
{
    char        *end;
    const char  *share, *split;

    share = recs_args_get(e->args, "hidden");

    if (share == NULL) {
        return recs_args_has(e->args, "known")
               ? recs_usage_error(e->args, "--known goes with --hidden")
               : RECS_EXIT_OK;
    }

    e->hidden = strtod(share, &end);

    if (end == share || *end != '\0' || !(e->hidden > 0 && e->hidden < 1)) {
        return recs_usage_error(e->args, "--hidden wants a share between 0 "
                                "and 1, as 0.1");
    }

    split = recs_args_get(e->args, "split");

    if (!recs_args_has(e->args, "data")
        || (split != NULL && strncmp(split, "folds", 5) == 0))
    {
        return recs_usage_error(e->args, "--hidden needs --data, and a split "
                                "other than folds=K");
    }

    return recs_args_unsigned(e->args, "known", 1, 1000000, &e->n_known);
}


static int
recs_cmd_evaluate_run(const recs_args_t *args)
{
    int                   rc;
    const char           *bundle, *data;
    unsigned long         n_threads;
    recs_cmd_evaluate_t   e;

    memset(&e, 0, sizeof(recs_cmd_evaluate_t));
    e.args = args;

    bundle = recs_args_get(args, "bundle");
    data = recs_args_get(args, "data");

    if ((bundle == NULL) == (data == NULL)) {
        return recs_usage_error(args, "either --bundle or --data is needed");
    }

    if (recs_args_has(args, "test") && recs_args_has(args, "split")) {
        return recs_usage_error(args, "--test and --split exclude each "
                                "other");
    }

    rc = recs_cmd_evaluate_cutoffs(&e);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    rc = recs_cli_rank(args, &e.rank);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    rc = recs_cmd_evaluate_hidden(&e);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    n_threads = 0;

    rc = recs_args_unsigned(args, "threads", 1, 256, &n_threads);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    e.n_threads = (uint32_t) n_threads;

    rc = bundle != NULL ? recs_cmd_evaluate_bundle(&e, bundle)
                        : recs_cmd_evaluate_data(&e, data);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    if (recs_args_has(args, "json")) {
        recs_cmd_evaluate_json(&e);

    } else {
        recs_cmd_evaluate_text(&e);
    }

    return RECS_EXIT_OK;
}
