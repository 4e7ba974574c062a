/*
 * Neighbours alone: items that are met together, without vectors.
 */

#include "recs_popularity.h"
#include "recs_trained.h"
#include "recs_trainers.h"

#include <string.h>


enum {
    RECS_KNN_NEIGHBORS,
    RECS_KNN_SOURCE_EXPONENT,
    RECS_KNN_USER_EXPONENT,
    RECS_KNN_SHRINKAGE,
    RECS_KNN_HISTORY,
    RECS_KNN_HALF_LIFE,
    RECS_KNN_N_PARAMS
};

static const recs_param_t  recs_knn_params[] = {
    { "neighbors", 200, 1, RECS_KNN_NEIGHBORS_MAX, 1,
      "length of an item's list" },
    { "source_exponent", 0.5, 0, 1, 0,
      "share of the division by popularity that falls on the item the list "
      "belongs to; the neighbour takes the rest. 0.5: as in a cosine; less "
      "holds popular neighbours down" },
    { "user_exponent", 0.5, 0, 2, 0,
      "how little a user with many interactions says: 0 as much as any "
      "other, 1 in inverse proportion" },
    { "shrinkage", 0, 0, 1e6, 0,
      "weight of users in common at which a neighbour counts half" },
    { "history", RECS_HISTORY_MAX, 1, RECS_HISTORY_MAX, 1,
      "how many of a visitor's last items count" },
    RECS_POPULARITY_HALF_LIFE
};


static recs_status_t
recs_knn_train(const recs_dataset_t *dataset,
    const recs_train_options_t *options, recs_trained_t **trained,
    recs_error_t *err)
{
    recs_status_t               status;
    const double               *values;
    recs_threads_t             *threads;
    recs_knn_lists_t            lists;
    recs_knn_params_t           params;
    recs_trained_base_t        *base;
    const recs_dataset_view_t  *view;

    view = recs_dataset_view(dataset);
    values = options->values;
    memset(&lists, 0, sizeof(recs_knn_lists_t));

    params.n_neighbors = (uint32_t) values[RECS_KNN_NEIGHBORS];
    params.source_exponent = values[RECS_KNN_SOURCE_EXPONENT];
    params.user_exponent = values[RECS_KNN_USER_EXPONENT];
    params.shrinkage = values[RECS_KNN_SHRINKAGE];
    params.sources = NULL;

    status = recs_trained_check(view, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_threads_create(&threads, options->n_threads, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_knn_lists_build(&lists, view, &params, threads, err);
    recs_threads_destroy(threads);

    if (status != RECS_OK) {
        return status;
    }

    status = recs_trained_create(&base, &recs_knn_trainer, view, values,
                                 options->seed, err);
    if (status != RECS_OK) {
        recs_knn_lists_free(&lists);
        return status;
    }

    recs_trained_set_lists(base, &lists, 1,
                           (uint32_t) values[RECS_KNN_HISTORY]);

    status = recs_trained_popularity(base, view, values[RECS_KNN_HALF_LIFE],
                                     err);
    if (status != RECS_OK) {
        recs_trained_destroy(&base->trained);
        return status;
    }

    *trained = &base->trained;

    return RECS_OK;
}


const recs_trainer_t  recs_knn_trainer = {
    "knn",
    "neighbours: items that are met together, scored by lists alone",
    recs_knn_params,
    RECS_KNN_N_PARAMS,
    recs_knn_train
};
