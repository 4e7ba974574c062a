#include "recs_cmd_evaluate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_cli_unnamed.h"
#include "recs_import.h"


static recs_status_t
recs_cmd_evaluate_bundle(recs_cmd_evaluate_t *e, recs_contender_t *c,
    const recs_bundle_t *bundle, const recs_dataset_t *test,
    const recs_evaluate_hidden_t *hidden, recs_evaluation_t *evaluation,
    recs_error_t *err)
{
    recs_evaluate_params_t  params;

    params.at = e->at;
    params.n_at = e->n_at;
    params.n_threads = (uint32_t) e->n_threads;
    params.rank = c->rank;
    params.candidates = e->rank.candidates;
    params.hidden = hidden;
    params.max_users = 0;

    return recs_evaluate(bundle, test, &params, evaluation,
                         e->compares ? &c->rows : NULL, err);
}


/* Trains on one part, evaluates on the other. */

static recs_status_t
recs_cmd_evaluate_trained(recs_cmd_evaluate_t *e, recs_contender_t *c,
    const recs_dataset_t *train, const recs_dataset_t *test,
    const recs_evaluate_hidden_t *hidden, recs_evaluation_t *evaluation,
    recs_error_t *err)
{
    recs_bundle_t   *bundle;
    recs_status_t    status;
    recs_trained_t  *trained;

    status = recs_cli_train_run(&c->train, train, &trained, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_cli_unnamed(&trained->model, &bundle, err);

    if (status == RECS_OK) {
        status = recs_cmd_evaluate_bundle(e, c, bundle, test, hidden,
                                          evaluation, err);
        recs_bundle_close(bundle);
    }

    trained->destroy(trained);

    return status;
}


/* Once without the hidden users, and once with them, to compare. */

static recs_status_t
recs_cmd_evaluate_hidden(recs_cmd_evaluate_t *e, recs_contender_t *c,
    const recs_dataset_t *train, const recs_dataset_t *test,
    recs_error_t *err)
{
    recs_split_t             split;
    recs_status_t            status;
    recs_split_params_t      params;
    recs_evaluate_hidden_t   hidden;

    memset(&params, 0, sizeof(recs_split_params_t));
    params.kind = RECS_SPLIT_USERS;
    params.fraction = e->hidden;
    params.seed = e->split.seed;

    status = recs_split(recs_dataset_view(train), &params, &split, err);
    if (status != RECS_OK) {
        return status;
    }

    hidden.known = split.test;
    hidden.n_known = (uint32_t) e->n_known;
    hidden.trained = 0;

    status = recs_cmd_evaluate_trained(e, c, split.train, test, &hidden,
                                       &c->evaluation, err);

    if (status == RECS_OK) {
        hidden.trained = 1;
        status = recs_cmd_evaluate_trained(e, c, train, test, &hidden,
                                           &c->trained, err);
    }

    recs_split_free(&split);

    return status;
}


/* A contender on one pair of what to train on and what was held out. */

static recs_status_t
recs_cmd_evaluate_contender(recs_cmd_evaluate_t *e, recs_contender_t *c,
    const recs_dataset_t *train, const recs_dataset_t *test,
    recs_evaluation_t *evaluation, recs_error_t *err)
{
    recs_bundle_t  *bundle;
    recs_status_t   status;

    if (c->bundle != NULL) {
        status = recs_bundle_open(&bundle, c->bundle, 0, err);

        if (status == RECS_OK) {
            status = recs_cmd_evaluate_bundle(e, c, bundle, test, NULL,
                                              evaluation, err);
            recs_bundle_close(bundle);
        }

        return status;
    }

    if (e->hidden > 0) {
        return recs_cmd_evaluate_hidden(e, c, train, test, err);
    }

    return recs_cmd_evaluate_trained(e, c, train, test, NULL, evaluation,
                                     err);
}


static recs_status_t
recs_cmd_evaluate_each(recs_cmd_evaluate_t *e, const recs_dataset_t *train,
    const recs_dataset_t *test, recs_error_t *err)
{
    uint32_t           i;
    recs_status_t      status;
    recs_contender_t  *c;

    for (i = 0; i < e->n_contenders; /* void */) {
        c = &e->contenders[i];

        status = recs_cmd_evaluate_contender(e, c, train, test,
                                             &c->evaluation, err);
        if (status == RECS_OK) {
            i++;
            continue;
        }

        if (!c->any || e->n_contenders == 1) {
            return status;
        }

        fprintf(stderr, "recs evaluate: %s is left out: %s\n", c->name,
                err->message);
        e->n_contenders--;
        memmove(c, c + 1, (e->n_contenders - i) * sizeof(recs_contender_t));
    }

    return RECS_OK;
}


static recs_status_t
recs_cmd_evaluate_split(recs_cmd_evaluate_t *e, const recs_dataset_t *data,
    recs_error_t *err)
{
    recs_split_t   split;
    recs_status_t  status;

    status = recs_split(recs_dataset_view(data), &e->split, &split, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_cmd_evaluate_each(e, split.train, split.test, err);

    recs_split_free(&split);

    return status;
}


/* Cross-validation: there is one contender. */

static recs_status_t
recs_cmd_evaluate_folds(recs_cmd_evaluate_t *e, const recs_dataset_t *data,
    recs_error_t *err)
{
    uint32_t            *fold;
    recs_split_t         split;
    recs_status_t        status;
    recs_contender_t    *c;
    recs_evaluation_t   *folds;

    c = &e->contenders[0];
    status = RECS_OK;

    folds = calloc(e->n_folds, sizeof(recs_evaluation_t));
    if (folds == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    fold = &e->split.fold;

    for (*fold = 0; *fold < e->n_folds && status == RECS_OK; (*fold)++) {
        status = recs_split(recs_dataset_view(data), &e->split, &split, err);

        if (status == RECS_OK) {
            status = recs_cmd_evaluate_contender(e, c, split.train,
                                                 split.test, &folds[*fold],
                                                 err);
            recs_split_free(&split);
        }
    }

    if (status == RECS_OK) {
        recs_evaluate_folds(folds, e->n_folds, &c->evaluation, &c->error);
    }

    free(folds);

    return status;
}


static recs_status_t
recs_cmd_evaluate_data(recs_cmd_evaluate_t *e, const recs_dataset_t *data,
    recs_error_t *err)
{
    const char            *path;
    recs_status_t          status;
    recs_dataset_t        *test;
    recs_import_report_t   report;

    path = recs_args_get(e->args, "test");

    if (path != NULL) {
        status = recs_import_test(path, &test, &report, err);

        if (status == RECS_OK) {
            status = recs_cmd_evaluate_each(e, data, test, err);
            recs_dataset_close(test);
        }

        return status;
    }

    return e->n_folds > 0 ? recs_cmd_evaluate_folds(e, data, err)
                          : recs_cmd_evaluate_split(e, data, err);
}


int
recs_cmd_evaluate_measure(recs_cmd_evaluate_t *e)
{
    const char      *path;
    recs_error_t     err;
    recs_status_t    status;
    recs_dataset_t  *data;

    path = recs_args_get(e->args, "data");
    data = NULL;

    if (path != NULL && recs_dataset_open(&data, path, &err) != RECS_OK) {
        return recs_failure(e->args, &err);
    }

    status = recs_cmd_evaluate_data(e, data, &err);

    if (data != NULL) {
        recs_dataset_close(data);
    }

    return status == RECS_OK ? RECS_EXIT_OK : recs_failure(e->args, &err);
}
