/*
 * Ranking by trees: XGBoost over the numeric features, to correct retrieval.
 */

#include "recs_platt.h"
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


/* Of what retrieval says itself, and what is left for the trees. */
typedef struct {
    const recs_rank_examples_t  *examples;
    recs_trees_params_t          params;
    recs_platt_t                 retrieved;
    float                       *margins;         /* [n] */
    double                      *scores;          /* [n] */
    float                       *labels;          /* [n] */
} recs_trees_ranking_t;


/* Of the first n_users users. */
static recs_status_t
recs_trees_ranking_fit(const recs_trees_ranking_t *r, uint32_t n_users,
    recs_trees_t *trees, recs_error_t *err)
{
    recs_trees_groups_t          groups;
    const recs_rank_examples_t  *e;

    e = r->examples;
    groups.n = n_users;
    groups.offsets = e->offsets;
    groups.margins = r->margins;

    return recs_trees_train(trees, e->numeric, e->labels, e->offsets[n_users],
                            RECS_FEATURE_COUNT, &groups, &r->params, err);
}


/* What score and shift make log odds of the found ones of the last users. */
static recs_status_t
recs_trees_ranking_measure(recs_trees_ranking_t *r, uint32_t n_users,
    const recs_trees_t *trees, recs_platt_t *platt, recs_error_t *err)
{
    float                        score;
    uint32_t                    *keys;
    uint64_t                     i, n;
    const recs_rank_examples_t  *e;

    e = r->examples;
    n = 0;

    keys = calloc(recs_trees_keys_size(trees, 1), sizeof(uint32_t));
    if (keys == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    for (i = e->offsets[n_users]; i < e->n; i++) {
        if (e->found[i]) {
            recs_trees_set_keys(trees, keys, 0,
                                e->numeric + i * RECS_FEATURE_COUNT);
            recs_trees_score(trees, keys, 1, &score);
            r->scores[n] = (double) score + (double) r->margins[i];
            r->labels[n++] = e->labels[i];
        }
    }

    free(keys);

    return recs_platt(r->scores, r->labels, n, platt, err);
}


/* A score becomes scale * score + shift, with retrieval's part in it. */
static void
recs_trees_ranking_scale(const recs_trees_ranking_t *r,
    const recs_platt_t *platt, recs_trees_t *trees)
{
    float     *leaves, *means;
    double     shift;
    uint64_t   i, n_leaves, n_nodes;

    leaves = (float *) (uintptr_t) trees->leaves;
    means = (float *) (uintptr_t) trees->means;
    n_nodes = ((uint64_t) 1 << trees->depth) - 1;
    n_leaves = n_nodes + 1;
    shift = platt->scale * r->retrieved.shift + platt->shift;

    for (i = 0; i < n_leaves * trees->n_trees; i++) {
        leaves[i] = (float) (platt->scale * (double) leaves[i]
                             + (i < n_leaves ? shift : 0));
    }

    for (i = 0; i < n_nodes * trees->n_trees; i++) {
        means[i] = (float) (platt->scale * (double) means[i]
                            + (i < n_nodes ? shift : 0));
    }

    trees->retrieved_weight = (float) (platt->scale * r->retrieved.scale);
}


/*
 * Trees learn an order within each user's candidates, beyond retrieval's own;
 * what probabilities that order stands for is measured on a fifth of the users
 * by trees that have not seen them.
 *
 * One thread: the examples are limited, the trees are then the same on every
 * machine, and OpenMP's threads, which spin while they wait for one another,
 * take minutes where the processors have something else to do.
 */
static recs_status_t
recs_trees_ranking_train(recs_trees_ranking_t *r, recs_trees_t *trees,
    recs_error_t *err)
{
    uint32_t       n_users;
    uint64_t       i;
    recs_platt_t   platt;
    recs_status_t  rc;

    for (i = 0; i < r->examples->n; i++) {
        r->scores[i] = (double) r->examples->retrieved[i];
    }

    rc = recs_platt(r->scores, r->examples->labels, r->examples->n,
                    &r->retrieved, err);
    if (rc != RECS_OK) {
        return rc;
    }

    for (i = 0; i < r->examples->n; i++) {
        r->margins[i] = (float) (r->retrieved.scale * r->scores[i]
                                 + r->retrieved.shift);
    }

    n_users = r->examples->n_users - r->examples->n_users / 5;

    rc = recs_trees_ranking_fit(r, n_users, trees, err);
    if (rc != RECS_OK) {
        return rc;
    }

    if (recs_trees_ranking_measure(r, n_users, trees, &platt, err) != RECS_OK
        || platt.scale <= 0)
    {
        /* too few users to tell: an order it is all the same */
        platt.scale = 1;
        platt.shift = 0;
    }

    recs_trees_free(trees);
    rc = recs_trees_ranking_fit(r, r->examples->n_users, trees, err);

    if (rc == RECS_OK) {
        recs_trees_ranking_scale(r, &platt, trees);
    }

    return rc;
}


static recs_status_t
recs_trees_ranker_train(const recs_rank_task_t *task,
    const recs_train_options_t *options, void **ranker, recs_error_t *err)
{
    uint64_t               n;
    recs_trees_t          *trees;
    recs_status_t          rc;
    recs_trees_ranking_t   r;

    n = task->examples->n;
    r.examples = task->examples;
    r.params.kind = (recs_trees_kind_t) options->values[RECS_TREES_KIND];
    r.params.n_trees = (uint32_t) options->values[RECS_TREES_N];
    r.params.depth = (uint32_t) options->values[RECS_TREES_DEPTH];
    r.params.learning_rate = options->values[RECS_TREES_LEARNING_RATE];
    r.params.seed = options->seed;
    r.params.n_threads = 1;

    trees = malloc(sizeof(recs_trees_t));
    r.margins = malloc(n * sizeof(float));
    r.scores = malloc(n * sizeof(double));
    r.labels = malloc(n * sizeof(float));

    rc = trees != NULL && r.margins != NULL && r.scores != NULL
         && r.labels != NULL
         ? recs_trees_ranking_train(&r, trees, err)
         : recs_error(err, RECS_NOMEM, "out of memory");

    free(r.margins);
    free(r.scores);
    free(r.labels);

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
