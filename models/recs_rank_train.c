#include "recs_rank_train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define RECS_RANK_NAME_MAX  64
#define RECS_RANK_PARAMS    (RECS_RANKERS_MAX * RECS_PARAMS_MAX)


/* What retrieval has trained, and the ranking models that go with it. */
typedef struct {
    recs_trained_t         trained;       /* first: what the caller holds */
    recs_trained_t        *retrieval;
    const recs_ranker_t   *rankers[RECS_RANKERS_MAX];
    void                  *models[RECS_RANKERS_MAX];
    uint32_t               n;

    recs_pair_t           *params;
    char                 (*names)[RECS_RANK_NAME_MAX];
    char                 (*texts)[RECS_RANK_NAME_MAX];
} recs_rank_trained_t;


static void
recs_rank_trained_destroy(recs_trained_t *trained)
{
    uint32_t              i;
    recs_rank_trained_t  *t;

    if (trained == NULL) {
        return;
    }

    t = (recs_rank_trained_t *) trained;

    for (i = 0; i < t->n; i++) {
        t->rankers[i]->destroy(t->models[i]);
    }

    if (t->retrieval != NULL) {
        t->retrieval->destroy(t->retrieval);
    }

    free(t->params);
    free(t->names);
    free(t->texts);
    free(t);
}


/* The rankers' parameters behind those of retrieval. */
static recs_status_t
recs_rank_trained_params(recs_rank_trained_t *t,
    const recs_rank_train_t *train, recs_error_t *err)
{
    uint32_t                   i, p, n, n_own;
    const recs_model_t        *model;
    const recs_param_t        *param;
    const recs_rank_choice_t  *choice;

    model = &t->retrieval->model;
    n = model->n_params;

    t->params = calloc(n + RECS_RANK_PARAMS, sizeof(recs_pair_t));
    t->names = calloc(RECS_RANK_PARAMS, RECS_RANK_NAME_MAX);
    t->texts = calloc(RECS_RANK_PARAMS, RECS_RANK_NAME_MAX);

    if (t->params == NULL || t->names == NULL || t->texts == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    memcpy(t->params, model->params, n * sizeof(recs_pair_t));
    n_own = 0;

    for (i = 0; i < train->n; i++) {
        choice = &train->choices[i];

        for (p = 0; p < choice->ranker->n_params; p++) {
            param = &choice->ranker->params[p];

            snprintf(t->names[n_own], RECS_RANK_NAME_MAX, "%s.%s",
                     choice->ranker->name, param->name);
            recs_param_text(param, choice->values[p], t->texts[n_own],
                            RECS_RANK_NAME_MAX);

            t->params[n].name = t->names[n_own];
            t->params[n++].value = t->texts[n_own++];
        }
    }

    t->trained.model = *model;
    t->trained.model.params = t->params;
    t->trained.model.n_params = n;

    return RECS_OK;
}


static recs_status_t
recs_rank_train_task(const recs_rank_train_t *train, recs_rank_trained_t *t,
    const recs_rank_task_t *task, recs_error_t *err)
{
    recs_status_t         rc;
    recs_train_options_t  options;

    options = *train->options;

    for (t->n = 0; t->n < train->n; t->n++) {
        options.values = train->choices[t->n].values;
        t->rankers[t->n] = train->choices[t->n].ranker;

        rc = t->rankers[t->n]->train(task, &options, &t->models[t->n], err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_rank_train_bundle(const recs_rank_train_t *train,
    recs_rank_trained_t *t, const recs_dataset_t *dataset,
    const recs_split_t *split, const recs_bundle_t *bundle,
    recs_error_t *err)
{
    recs_status_t         rc;
    recs_rank_task_t      task;
    recs_rank_examples_t  examples;

    rc = recs_rank_examples_create(&examples, bundle, split,
                                   train->options->seed, err);
    if (rc != RECS_OK) {
        return rc;
    }

    task.dataset = dataset;
    task.split = split;
    task.bundle = bundle;
    task.examples = &examples;

    rc = recs_rank_train_task(train, t, &task, err);
    recs_rank_examples_free(&examples);

    return rc;
}


/* Retrieval of the earlier part, and what is learned from what it finds. */
static recs_status_t
recs_rank_train_split(const recs_rank_train_t *train, recs_rank_trained_t *t,
    const recs_dataset_t *dataset, const recs_split_t *split,
    recs_error_t *err)
{
    recs_bundle_t         *bundle;
    recs_status_t          rc;
    recs_trained_t        *trained;

    rc = train->trainer->train(split->train, train->options, &trained, err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = train->open(&trained->model, &bundle, err);

    if (rc == RECS_OK) {
        rc = recs_rank_train_bundle(train, t, dataset, split, bundle, err);
        recs_bundle_close(bundle);
    }

    trained->destroy(trained);

    return rc;
}


static recs_status_t
recs_rank_train_rankers(const recs_rank_train_t *train,
    recs_rank_trained_t *t, const recs_dataset_t *dataset, recs_error_t *err)
{
    recs_split_t                split;
    recs_status_t               rc;
    recs_split_params_t         params;
    const recs_dataset_view_t  *view;

    view = recs_dataset_view(dataset);

    memset(&params, 0, sizeof(recs_split_params_t));
    params.kind = view->from_ms != 0 || view->to_ms != 0 ? RECS_SPLIT_LAST
                                                         : RECS_SPLIT_RANDOM;
    params.fraction = RECS_RANK_HOLDOUT;
    params.seed = train->options->seed;

    rc = recs_split(view, &params, &split, err);

    if (rc == RECS_OK) {
        rc = recs_rank_train_split(train, t, dataset, &split, err);
        recs_split_free(&split);
    }

    return rc;
}


recs_status_t
recs_rank_train(const recs_rank_train_t *train, const recs_dataset_t *dataset,
    recs_trained_t **trained, recs_error_t *err)
{
    uint32_t              i;
    recs_status_t         rc;
    recs_rank_trained_t  *t;

    t = calloc(1, sizeof(recs_rank_trained_t));
    if (t == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    t->trained.destroy = recs_rank_trained_destroy;

    if ((rc = recs_rank_train_rankers(train, t, dataset, err)) != RECS_OK
        || (rc = train->trainer->train(dataset, train->options,
                                       &t->retrieval, err)) != RECS_OK
        || (rc = recs_rank_trained_params(t, train, err)) != RECS_OK)
    {
        recs_rank_trained_destroy(&t->trained);
        return rc;
    }

    for (i = 0; i < t->n; i++) {
        t->rankers[i]->attach(t->models[i], &t->trained.model);
    }

    *trained = &t->trained;

    return RECS_OK;
}
