/*
 * The blend: vectors by implicit ALS, and lists of neighbours beside them,
 *
 *     p = alpha * x.v + beta * sum of the lists of the visitor's last items
 *
 * served divided by alpha.  What is not set is chosen on a part of the data
 * that is held out for it; then everything is trained on all of it.
 */

#include "recs_blend_choose.h"
#include "recs_checkpoint.h"
#include "recs_ials.h"
#include "recs_popularity.h"
#include "recs_trained.h"
#include "recs_trainers.h"

#include <stdlib.h>
#include <string.h>


#define RECS_BLEND_REGULARIZE  2.5


enum {
    RECS_BLEND_FACTORS,
    RECS_BLEND_REGULARIZATION,
    RECS_BLEND_REGULARIZATION_EXPONENT,
    RECS_BLEND_UNOBSERVED_WEIGHT,
    RECS_BLEND_EPOCHS,
    RECS_BLEND_ALPHA,
    RECS_BLEND_BETA,
    RECS_BLEND_NEIGHBORS,
    RECS_BLEND_SOURCE_EXPONENT,
    RECS_BLEND_USER_EXPONENT,
    RECS_BLEND_SHRINKAGE,
    RECS_BLEND_EASE,
    RECS_BLEND_HISTORY,
    RECS_BLEND_VALIDATION,
    RECS_BLEND_HALF_LIFE,
    RECS_BLEND_N_PARAMS
};

/* Those that ials has too mean the same and are handed on by name. */
static const recs_param_t  recs_blend_params[] = {
    { "factors", 64, 1, RECS_FACTORS_MAX, 1,
      "length of the user and item vectors" },
    { "regularization", 0, 0, 1e6, 0,
      "as of ials; 0: from the data, 2.5 times what ials alone takes: beside "
      "lists as good, and faster to search" },
    { "regularization_exponent", 0.35, 0, 1, 0,
      "as of ials" },
    { "unobserved_weight", 0, 0, 1e6, 0,
      "as of ials" },
    { "epochs", 8, 1, 1000, 1,
      "passes over both sides" },
    { "alpha", 1, 1e-6, 1e6, 0,
      "weight of the vectors; scores are divided by it, so only beta / alpha "
      "counts" },
    { "beta", -1, -1, 1e6, 0,
      "weight of the lists; 0: none; below 0: chosen" },
    { "neighbors", 0, 0, RECS_KNN_NEIGHBORS_MAX, 1,
      "length of an item's list; 0: chosen, 100 or 200" },
    { "source_exponent", -1, -1, 1, 0,
      "as of knn; below 0: chosen" },
    { "user_exponent", -1, -1, 2, 0,
      "as of knn; below 0: chosen" },
    { "shrinkage", 0, 0, 1e6, 0,
      "as of knn" },
    { "ease", -1, -1, 1e6, 0,
      "regularization of lists by ease, of what speaks for a neighbour; 0: "
      "lists are of knn; below 0: chosen where users or items are 5,000 or "
      "less and nothing is set that only knn has" },
    { "history", 0, 0, RECS_HISTORY_MAX, 1,
      "how many of a visitor's last items count; 0: chosen" },
    { "validation", 0.1, 0.01, 0.5, 0,
      "share of the data that is held out to choose: of each user's last "
      "interactions or, where the data has no times, of all" },
    RECS_POPULARITY_HALF_LIFE
};


typedef struct {
    const recs_dataset_t        *dataset;
    const recs_train_options_t  *options;
    double                       values[RECS_BLEND_N_PARAMS];
    recs_threads_t              *threads;
    recs_blend_choice_t          choice;
    int                          validated;
} recs_blend_t;


/* Trains the vectors by ials, as the blend's values say. */
static recs_status_t
recs_blend_ials(const recs_blend_t *blend, const recs_dataset_t *dataset,
    recs_trained_t **trained, recs_error_t *err)
{
    double                values[RECS_PARAMS_MAX];
    uint32_t              i, at;
    recs_train_options_t  options;

    recs_trainer_defaults(&recs_ials_trainer, values);

    for (i = 0; i < RECS_BLEND_N_PARAMS; i++) {
        at = recs_trainer_param(&recs_ials_trainer,
                                recs_blend_params[i].name);

        if (at < recs_ials_trainer.n_params && i != RECS_BLEND_VALIDATION) {
            values[at] = blend->values[i];
        }
    }

    options = *blend->options;
    options.values = values;

    return recs_ials_trainer.train(dataset, &options, trained, err);
}


/* The same for the holdout and for everything. */
static void
recs_blend_regularize(recs_blend_t *blend)
{
    double  *values;

    values = blend->values;

    if (values[RECS_BLEND_UNOBSERVED_WEIGHT] == 0) {
        values[RECS_BLEND_UNOBSERVED_WEIGHT] =
            recs_ials_unobserved_weight(recs_dataset_view(blend->dataset));
    }

    if (values[RECS_BLEND_REGULARIZATION] == 0) {
        values[RECS_BLEND_REGULARIZATION] = RECS_BLEND_REGULARIZE
            * recs_ials_regularization(values[RECS_BLEND_FACTORS],
                                     values[RECS_BLEND_UNOBSERVED_WEIGHT]);
    }
}


/* 1 where nothing is left to choose. */
static int
recs_blend_closed(const recs_blend_choice_t *c)
{
    return c->weight == 0
           || (c->weight > 0 && c->ease >= 0
               && (c->ease > 0 || (c->source_exponent >= 0
                                   && c->user_exponent >= 0))
               && c->n_neighbors > 0 && c->history > 0);
}


static recs_status_t
recs_blend_validate(recs_blend_t *blend, recs_error_t *err)
{
    recs_split_t                split;
    recs_status_t               status;
    recs_trained_t             *trained;
    recs_session_data_t         data;
    recs_split_params_t         params;
    recs_checkpoint_part_t      part;
    const recs_dataset_view_t  *view;

    view = recs_dataset_view(blend->dataset);
    part.data = &blend->choice;
    part.size = sizeof(recs_blend_choice_t);

    if (recs_checkpoint_load(blend->options->checkpoint, "choice", &part, 1)) {
        blend->validated = 1;
        return RECS_OK;
    }

    memset(&params, 0, sizeof(recs_split_params_t));
    params.kind = view->from_ms != 0 || view->to_ms != 0 ? RECS_SPLIT_LAST
                                                         : RECS_SPLIT_RANDOM;
    params.fraction = blend->values[RECS_BLEND_VALIDATION];
    params.seed = blend->options->seed;

    status = recs_split(view, &params, &split, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_blend_ials(blend, split.train, &trained, err);

    if (status == RECS_OK) {
        memset(&data, 0, sizeof(recs_session_data_t));
        data.view = view;
        data.split = &split;
        data.fraction = params.fraction;
        data.vectors = &trained->model;

        status = recs_blend_choose(&blend->choice, &data, blend->threads,
                                   blend->options->checkpoint, err);
        trained->destroy(trained);
    }

    recs_split_free(&split);
    blend->validated = status == RECS_OK;

    if (status != RECS_OK) {
        return status;
    }

    recs_checkpoint_forget(blend->options->checkpoint, NULL);

    return recs_checkpoint_save(blend->options->checkpoint, "choice", &part,
                                1, 1, err);
}


/* What was chosen, in the place of what was asked. */
static void
recs_blend_settle(recs_blend_t *blend)
{
    double                     *values;
    const recs_blend_choice_t  *c;

    values = blend->values;
    c = &blend->choice;

    values[RECS_BLEND_BETA] = c->weight * values[RECS_BLEND_ALPHA];

    if (c->weight > 0) {
        values[RECS_BLEND_NEIGHBORS] = c->n_neighbors;
        values[RECS_BLEND_SOURCE_EXPONENT] = c->source_exponent;
        values[RECS_BLEND_USER_EXPONENT] = c->user_exponent;
        values[RECS_BLEND_HISTORY] = c->history;
        values[RECS_BLEND_EASE] = c->ease;
    }
}


/* The vectors' result becomes the blend's, with its own parameters. */
static recs_status_t
recs_blend_result(recs_blend_t *blend, recs_trained_t *dense,
    recs_knn_lists_t *lists, recs_trained_t **trained, recs_error_t *err)
{
    uint32_t              i;
    recs_model_t         *model;
    recs_status_t         status;
    recs_trained_base_t  *base, *from;

    from = (recs_trained_base_t *) dense;

    status = recs_trained_create(&base, &recs_blend_trainer,
                                 recs_dataset_view(blend->dataset),
                                 blend->values, blend->options->seed, err);
    if (status != RECS_OK) {
        return status;
    }

    recs_trained_take_vectors(base, from);

    if (blend->choice.weight > 0) {
        recs_trained_set_lists(base, lists, blend->choice.weight,
                               blend->choice.history);
    }

    model = &from->trained.model;

    for (i = 0; i < model->n_notes; i++) {
        recs_trained_note(base, model->notes[i].name,
                          strtod(model->notes[i].value, NULL));
    }

    recs_trained_set_session(base, &blend->choice.session);

    if (blend->validated) {
        recs_trained_note(base, "validation_ndcg_at_20", blend->choice.ndcg);
        recs_trained_note(base, "validation_ndcg_at_20_of_vectors",
                          blend->choice.dense_ndcg);
    }

    *trained = &base->trained;

    return RECS_OK;
}


static recs_status_t
recs_blend_fit(recs_blend_t *blend, recs_trained_t **trained,
    recs_error_t *err)
{
    recs_status_t         status;
    recs_trained_t       *dense;
    recs_knn_lists_t      lists;

    memset(&lists, 0, sizeof(recs_knn_lists_t));

    if (blend->choice.weight > 0) {
        status = recs_blend_lists(&lists, &blend->choice,
                                  recs_dataset_view(blend->dataset), NULL,
                                  blend->threads, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    status = recs_blend_ials(blend, blend->dataset, &dense, err);

    if (status == RECS_OK) {
        status = recs_blend_result(blend, dense, &lists, trained, err);
        dense->destroy(dense);
    }

    recs_knn_lists_free(&lists);

    return status;
}


static recs_status_t
recs_blend_train(const recs_dataset_t *dataset,
    const recs_train_options_t *options, recs_trained_t **trained,
    recs_error_t *err)
{
    recs_blend_t          blend;
    recs_error_t          why;
    recs_status_t         status;
    recs_blend_choice_t  *choice;

    status = recs_trained_check(recs_dataset_view(dataset), err);
    if (status != RECS_OK) {
        return status;
    }

    memset(&blend, 0, sizeof(recs_blend_t));
    blend.dataset = dataset;
    blend.options = options;
    memcpy(blend.values, options->values, sizeof(blend.values));

    choice = &blend.choice;
    choice->weight = blend.values[RECS_BLEND_BETA]
                     / blend.values[RECS_BLEND_ALPHA];
    choice->source_exponent = blend.values[RECS_BLEND_SOURCE_EXPONENT];
    choice->user_exponent = blend.values[RECS_BLEND_USER_EXPONENT];
    choice->shrinkage = blend.values[RECS_BLEND_SHRINKAGE];
    choice->ease = blend.values[RECS_BLEND_EASE];

    /* Who says how lists of knn are to be wants those. */
    if (choice->ease < 0
        && (choice->source_exponent >= 0 || choice->user_exponent >= 0
            || choice->shrinkage > 0))
    {
        choice->ease = 0;
    }

    choice->n_neighbors = (uint32_t) blend.values[RECS_BLEND_NEIGHBORS];
    choice->history = (uint32_t) blend.values[RECS_BLEND_HISTORY];

    recs_blend_regularize(&blend);

    status = recs_threads_create(&blend.threads, options->n_threads, err);
    if (status != RECS_OK) {
        return status;
    }

    recs_checkpoint_enter(options->checkpoint, "blend",
                          recs_dataset_view(dataset), options->values,
                          RECS_BLEND_N_PARAMS, options->seed);

    if (!recs_blend_closed(choice)) {
        status = recs_blend_validate(&blend, &why);

        if (status != RECS_OK) {
            recs_error(err, status, "%s; with beta, neighbors, the exponents "
                       "and history set there is nothing to choose",
                       why.message);
        }
    }

    if (status == RECS_OK) {
        recs_blend_settle(&blend);
        status = recs_blend_fit(&blend, trained, err);
    }

    recs_checkpoint_leave(options->checkpoint);
    recs_threads_destroy(blend.threads);

    return status;
}


const recs_trainer_t  recs_blend_trainer = {
    "blend",
    "vectors by ials and lists of neighbours, weighed against one another",
    recs_blend_params,
    RECS_BLEND_N_PARAMS,
    recs_blend_train
};
