/*
 * Ranking by trees: XGBoost over the numeric features.
 */

#include "recs_rankers.h"
#include "recs_trees.h"

#include <stdlib.h>


enum {
    RECS_TREES_KIND,
    RECS_TREES_N,
    RECS_TREES_DEPTH,
    RECS_TREES_LEARNING_RATE,
    RECS_TREES_N_PARAMS
};

static const recs_param_t  recs_trees_params[] = {
    { "kind", RECS_TREES_BOOSTING, 0, RECS_TREES_KINDS - 1, RECS_PARAM_CHOICE,
      "tree|forest|boosting: one tree; trees on random parts of the examples, "
      "their mean; or each on what those before it leave" },
    { "trees", 100, 1, RECS_TREES_MAX, 1,
      "how many, but for one tree" },
    { "depth", 6, 1, RECS_TREES_DEPTH_MAX, 1,
      "questions that a tree asks at most" },
    { "learning_rate", 0.1, 1e-4, 1, 0,
      "of boosting: how much of what is left a tree takes away" }
};


static recs_status_t
recs_trees_ranker_train(const recs_rank_task_t *task,
    const recs_train_options_t *options, void **ranker, recs_error_t *err)
{
    recs_trees_t         *trees;
    recs_status_t         rc;
    recs_trees_params_t   params;

    params.kind = (recs_trees_kind_t) options->values[RECS_TREES_KIND];
    params.n_trees = (uint32_t) options->values[RECS_TREES_N];
    params.depth = (uint32_t) options->values[RECS_TREES_DEPTH];
    params.learning_rate = options->values[RECS_TREES_LEARNING_RATE];
    params.seed = options->seed;
    params.n_threads = options->n_threads;

    trees = malloc(sizeof(recs_trees_t));
    if (trees == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    rc = recs_trees_train(trees, task->examples->numeric,
                          task->examples->labels, task->examples->n,
                          RECS_FEATURE_COUNT, &params, err);

    if (rc == RECS_OK) {
        *ranker = trees;

    } else {
        free(trees);
    }

    return rc;
}


static void
recs_trees_ranker_attach(const void *ranker, recs_model_t *model)
{
    model->trees = ranker;
}


static void
recs_trees_ranker_destroy(void *ranker)
{
    recs_trees_free(ranker);
    free(ranker);
}


const recs_ranker_t  recs_trees_ranker = {
    "trees",
    "decision trees over the numeric features, by XGBoost",
    recs_trees_params,
    RECS_TREES_N_PARAMS,
    recs_trees_ranker_train,
    recs_trees_ranker_attach,
    recs_trees_ranker_destroy
};
