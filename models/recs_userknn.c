/*
 * p_i = alpha * r_i + beta * sum of the neighbours' r_j: what a user is
 * interested in by his vector (ials), and what users like him have met.
 */

#include "recs_checkpoint.h"
#include "recs_knn_lists.h"
#include "recs_popularity.h"
#include "recs_trained.h"
#include "recs_trainers.h"
#include "recs_userknn_lists.h"

#include <stdlib.h>
#include <string.h>


enum {
    RECS_USERKNN_FACTORS,
    RECS_USERKNN_REGULARIZATION,
    RECS_USERKNN_UNOBSERVED_WEIGHT,
    RECS_USERKNN_EXPONENT,
    RECS_USERKNN_EPOCHS,
    RECS_USERKNN_ALPHA,
    RECS_USERKNN_BETA,
    RECS_USERKNN_NEIGHBORS,
    RECS_USERKNN_ITEMS,
    RECS_USERKNN_ITEM_EXPONENT,
    RECS_USERKNN_HALF_LIFE,
    RECS_USERKNN_N_PARAMS
};

static const recs_param_t  recs_userknn_params[] = {
    { "factors", 64, 1, RECS_FACTORS_MAX, 1, "as of ials" },
    { "regularization", 0, 0, 1e6, 0, "as of ials; 0: from the data" },
    { "unobserved_weight", 0, 0, 1, 0, "as of ials; 0: from the data" },
    { "regularization_exponent", 0.5, 0, 1, 0, "as of ials" },
    { "epochs", 8, 1, 1000, 1, "as of ials" },
    { "alpha", 1, 1e-6, 1e6, 0,
      "of the user's own interest; only beta / alpha counts" },
    { "beta", 0.2, 1e-6, 1e6, 0, "of the neighbours' interest" },
    { "neighbors", 20, 1, RECS_KNN_NEIGHBORS_MAX, 1,
      "users that count for a user" },
    { "user_items", 1000, 1, 10000, 1,
      "items in a user's list: those that his neighbours want most" },
    { "item_exponent", 0.5, 0, 2, 0,
      "how little an item of many users says of who is alike: 0 as much as "
      "any other, 1 in inverse proportion" },
    RECS_POPULARITY_HALF_LIFE
};


/* Vectors, sessions and popularity are those of ials. */
static recs_status_t
recs_userknn_vectors(const recs_dataset_t *dataset,
    const recs_train_options_t *options, recs_trained_t **trained,
    recs_error_t *err)
{
    double                values[RECS_PARAMS_MAX];
    uint32_t              i, at;
    recs_train_options_t  inner;

    recs_trainer_defaults(&recs_ials_trainer, values);

    for (i = 0; i < RECS_USERKNN_N_PARAMS; i++) {
        at = recs_trainer_param(&recs_ials_trainer,
                                recs_userknn_params[i].name);

        if (at < recs_ials_trainer.n_params) {
            values[at] = options->values[i];
        }
    }

    inner = *options;
    inner.values = values;

    return recs_ials_trainer.train(dataset, &inner, trained, err);
}


static recs_status_t
recs_userknn_lists(recs_knn_lists_t *lists, const recs_dataset_view_t *view,
    const recs_train_options_t *options, recs_error_t *err)
{
    recs_status_t           status;
    recs_threads_t         *threads;
    recs_userknn_params_t   params;

    params.n_neighbors = (uint32_t) options->values[RECS_USERKNN_NEIGHBORS];
    params.n_items = (uint32_t) options->values[RECS_USERKNN_ITEMS];
    params.item_exponent = options->values[RECS_USERKNN_ITEM_EXPONENT];

    status = recs_threads_create(&threads, options->n_threads, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_userknn_lists_build(lists, view, &params, threads, err);
    recs_threads_destroy(threads);

    return status;
}


/* Items have no lists, but the form of their lists is that of users'. */
static recs_status_t
recs_userknn_join(const recs_dataset_view_t *view,
    const recs_train_options_t *options, recs_trained_t *vectors,
    recs_knn_lists_t *lists, recs_trained_t **trained, recs_error_t *err)
{
    recs_status_t         status;
    recs_knn_lists_t      empty;
    recs_trained_base_t  *base;

    empty.offsets = calloc((size_t) view->n_items + 1, sizeof(uint64_t));
    empty.items = calloc(1, sizeof(uint32_t));
    empty.weights = calloc(1, sizeof(float));

    if (empty.offsets == NULL || empty.items == NULL
        || empty.weights == NULL)
    {
        recs_knn_lists_free(&empty);
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    status = recs_trained_create(&base, &recs_userknn_trainer, view,
                                 options->values, options->seed, err);
    if (status != RECS_OK) {
        recs_knn_lists_free(&empty);
        return status;
    }

    recs_trained_take_vectors(base, (recs_trained_base_t *) vectors);
    recs_trained_set_lists(base, &empty,
                           options->values[RECS_USERKNN_BETA]
                           / options->values[RECS_USERKNN_ALPHA], 1);
    recs_trained_set_user_lists(base, lists);

    *trained = &base->trained;

    return RECS_OK;
}


static recs_status_t
recs_userknn_train(const recs_dataset_t *dataset,
    const recs_train_options_t *options, recs_trained_t **trained,
    recs_error_t *err)
{
    recs_status_t               status;
    recs_trained_t             *vectors;
    recs_knn_lists_t            lists;
    const recs_dataset_view_t  *view;

    view = recs_dataset_view(dataset);
    memset(&lists, 0, sizeof(recs_knn_lists_t));

    status = recs_trained_check(view, err);
    if (status != RECS_OK) {
        return status;
    }

    recs_checkpoint_enter(options->checkpoint, "userknn", view,
                          options->values, RECS_USERKNN_N_PARAMS,
                          options->seed);
    status = recs_userknn_vectors(dataset, options, &vectors, err);
    recs_checkpoint_leave(options->checkpoint);

    if (status != RECS_OK) {
        return status;
    }

    status = recs_userknn_lists(&lists, view, options, err);

    if (status == RECS_OK) {
        status = recs_userknn_join(view, options, vectors, &lists, trained,
                                   err);
    }

    recs_knn_lists_free(&lists);
    vectors->destroy(vectors);

    return status;
}


const recs_trainer_t  recs_userknn_trainer = {
    "userknn",
    "the interest of the users most alike, beside the user's own",
    recs_userknn_params,
    RECS_USERKNN_N_PARAMS,
    recs_userknn_train
};
