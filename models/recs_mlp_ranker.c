/*
 * Ranking by the pairwise network: trained on the earlier part of the data to
 * find out how much it counts beside the retrieval's score, and again on all
 * of it.
 */

#include "recs_mlp.h"
#include "recs_mlp_weigh.h"
#include "recs_rankers.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>


enum {
    RECS_MLP_HIDDEN,
    RECS_MLP_EMBEDDING,
    RECS_MLP_LEARNING_RATE,
    RECS_MLP_EPOCHS,
    RECS_MLP_NEGATIVES,
    RECS_MLP_N_PARAMS
};

static const recs_param_t  recs_mlp_ranker_params[] = {
    { "hidden", 128, RECS_MLP_LANES, RECS_MLP_HIDDEN_MAX, 1,
      "rectified units, rounded up to a multiple of 16" },
    { "embedding", 128, 1, RECS_MLP_EMBEDDING_MAX, 1,
      "length of a user's and of an item's embedding" },
    { "learning_rate", 0.001, 1e-6, 1, 0,
      "of Adam" },
    { "epochs", 5, 1, 1000, 1,
      "passes over the data" },
    { "negatives", 4, 1, RECS_MLP_NEGATIVES_MAX, 1,
      "items that a user has not taken, for each that he has" }
};


/* Tells the caller's progress what training tells. */
typedef struct {
    const recs_train_options_t  *options;
    uint32_t                     n_epochs;
    double                       started;
} recs_mlp_progress_t;


static double
recs_mlp_now(void)
{
    struct timespec  now;

    clock_gettime(CLOCK_MONOTONIC, &now);

    return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}


static void
recs_mlp_ranker_progress(void *data, uint32_t epoch, double loss)
{
    recs_progress_t             told;
    const recs_mlp_progress_t  *p;

    p = data;

    if (p->options->progress == NULL) {
        return;
    }

    told.epoch = epoch;
    told.n_epochs = p->n_epochs;
    told.loss = loss;
    told.metric = NAN;
    told.seconds = recs_mlp_now() - p->started;
    told.eta_seconds = epoch == 0 ? NAN
                       : told.seconds * (p->n_epochs - epoch) / epoch;

    p->options->progress(p->options->progress_data, &told);
}


static recs_status_t
recs_mlp_ranker_layers(recs_mlp_t *layers, const recs_dataset_t *dataset,
    const recs_train_options_t *options, recs_error_t *err)
{
    recs_status_t               rc;
    recs_threads_t             *threads;
    recs_mlp_params_t           params;
    recs_mlp_network_t          network = { 0 };
    recs_mlp_progress_t         progress;
    const recs_dataset_view_t  *view;

    view = recs_dataset_view(dataset);

    params.n_hidden = (uint32_t) options->values[RECS_MLP_HIDDEN];
    params.n_hidden = (params.n_hidden + RECS_MLP_LANES - 1)
                      / RECS_MLP_LANES * RECS_MLP_LANES;
    params.n_embedding = (uint32_t) options->values[RECS_MLP_EMBEDDING];
    params.n_epochs = (uint32_t) options->values[RECS_MLP_EPOCHS];
    params.n_negatives = (uint32_t) options->values[RECS_MLP_NEGATIVES];
    params.learning_rate = options->values[RECS_MLP_LEARNING_RATE];
    params.seed = options->seed;

    progress.options = options;
    progress.n_epochs = params.n_epochs;
    progress.started = recs_mlp_now();

    rc = recs_threads_create(&threads, options->n_threads, err);
    if (rc != RECS_OK) {
        return rc;
    }

    recs_mlp_ranker_progress(&progress, 0, NAN);
    rc = recs_mlp_train(&network, view, &params, threads,
                        options->checkpoint,
                        recs_mlp_ranker_progress, &progress, err);
    recs_threads_destroy(threads);

    if (rc == RECS_OK) {
        rc = recs_mlp_layers(layers, &network, view, err);
        recs_mlp_network_free(&network);
    }

    return rc;
}


/* How much the earlier part's network counts among the examples. */
static recs_status_t
recs_mlp_ranker_weigh(recs_mlp_weights_t *weights, const recs_mlp_t *earlier,
    const recs_rank_examples_t *e, recs_error_t *err)
{
    float     *logits;
    uint32_t   u;

    logits = malloc(e->n * sizeof(float));
    if (logits == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    for (u = 0; u < e->n_users; u++) {
        recs_mlp_logits(earlier, e->users[u], e->items + e->offsets[u],
                        (uint32_t) (e->offsets[u + 1] - e->offsets[u]),
                        logits + e->offsets[u]);
    }

    recs_mlp_weigh(weights, e->retrieved, logits, e->labels, e->found, e->n);
    free(logits);

    return RECS_OK;
}


static recs_status_t
recs_mlp_ranker_train(const recs_rank_task_t *task,
    const recs_train_options_t *options, void **ranker, recs_error_t *err)
{
    recs_mlp_t          *layers, earlier;
    recs_status_t        rc;
    recs_mlp_weights_t   weights;

    layers = malloc(sizeof(recs_mlp_t));
    if (layers == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    rc = recs_mlp_ranker_layers(&earlier, task->split->train, options, err);

    if (rc == RECS_OK) {
        rc = recs_mlp_ranker_weigh(&weights, &earlier, task->examples, err);
        recs_mlp_layers_free(&earlier);
    }

    if (rc == RECS_OK) {
        rc = recs_mlp_ranker_layers(layers, task->dataset, options, err);
    }

    if (rc != RECS_OK) {
        free(layers);
        return rc;
    }

    recs_mlp_layers_weigh(layers, weights.network, weights.retrieved,
                          weights.bias);
    *ranker = layers;

    return RECS_OK;
}


static void
recs_mlp_ranker_attach(const void *ranker, recs_model_t *model)
{
    model->mlp = ranker;
}


static void
recs_mlp_ranker_destroy(void *ranker)
{
    recs_mlp_layers_free(ranker);
    free(ranker);
}


const recs_ranker_t  recs_mlp_ranker = {
    "mlp",
    "a network over pairs of a user's and an item's embedding",
    recs_mlp_ranker_params,
    RECS_MLP_N_PARAMS,
    recs_mlp_ranker_train,
    recs_mlp_ranker_attach,
    recs_mlp_ranker_destroy
};
