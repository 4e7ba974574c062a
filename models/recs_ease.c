/*
 * EASE (Steck 2019): the best linear item-item weights, in closed form,
 * served as neighbour lists.
 */

#include "recs_ease_lists.h"
#include "recs_popularity.h"
#include "recs_trained.h"
#include "recs_trainers.h"

#include <math.h>
#include <string.h>
#include <time.h>


enum {
    RECS_EASE_REGULARIZATION,
    RECS_EASE_NEIGHBORS,
    RECS_EASE_HISTORY,
    RECS_EASE_MEMORY,
    RECS_EASE_HALF_LIFE,
    RECS_EASE_N_PARAMS
};

static const recs_param_t  recs_ease_params[] = {
    { "regularization", 80, 1e-3, 1e6, 0,
      "of the weights; more where users have many items each" },
    { "neighbors", 1000, 1, 10000, 1,
      "length of an item's lists: one of those that speak for a neighbour, "
      "one of those that speak against it" },
    { "history", RECS_HISTORY_MAX, 1, RECS_HISTORY_MAX, 1,
      "how many of a visitor's last items count" },
    { "memory", 16, 0.001, 1024, 0,
      "GiB that the inverse may take: 4 bytes times the square of the users "
      "or of the items, whichever are fewer" },
    RECS_POPULARITY_HALF_LIFE
};


typedef struct {
    const recs_train_options_t  *options;
    struct timespec              started;
} recs_ease_clock_t;


static void
recs_ease_report(void *data, uint32_t step, uint32_t n_steps)
{
    recs_progress_t     p;
    struct timespec     now;
    recs_ease_clock_t  *clock;

    clock = data;

    if (clock->options->progress == NULL) {
        return;
    }

    clock_gettime(CLOCK_MONOTONIC, &now);

    p.epoch = step;
    p.n_epochs = n_steps;
    p.loss = NAN;
    p.metric = NAN;
    p.seconds = (double) (now.tv_sec - clock->started.tv_sec)
                + (double) (now.tv_nsec - clock->started.tv_nsec) * 1e-9;
    p.eta_seconds = p.seconds / step * (n_steps - step);

    clock->options->progress(clock->options->progress_data, &p);
}


static recs_status_t
recs_ease_lists(recs_knn_lists_t *lists, recs_knn_lists_t *opposed,
    const recs_dataset_view_t *view, const recs_train_options_t *options,
    recs_error_t *err)
{
    recs_status_t        status;
    recs_threads_t      *threads;
    recs_ease_clock_t    clock;
    recs_ease_params_t   params;

    clock.options = options;
    clock_gettime(CLOCK_MONOTONIC, &clock.started);

    params.regularization = options->values[RECS_EASE_REGULARIZATION];
    params.n_neighbors = (uint32_t) options->values[RECS_EASE_NEIGHBORS];
    params.memory = options->values[RECS_EASE_MEMORY];
    params.step = recs_ease_report;
    params.data = &clock;

    status = recs_threads_create(&threads, options->n_threads, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_ease_lists_build(lists, opposed, view, &params, threads,
                                   err);
    recs_threads_destroy(threads);

    return status;
}


static recs_status_t
recs_ease_train(const recs_dataset_t *dataset,
    const recs_train_options_t *options, recs_trained_t **trained,
    recs_error_t *err)
{
    recs_status_t               status;
    recs_knn_lists_t            lists, opposed;
    recs_trained_base_t        *base;
    const recs_dataset_view_t  *view;

    view = recs_dataset_view(dataset);
    memset(&lists, 0, sizeof(recs_knn_lists_t));
    memset(&opposed, 0, sizeof(recs_knn_lists_t));

    if ((status = recs_trained_check(view, err)) != RECS_OK
        || (status = recs_ease_lists(&lists, &opposed, view, options, err))
           != RECS_OK)
    {
        return status;
    }

    status = recs_trained_create(&base, &recs_ease_trainer, view,
                                 options->values, options->seed, err);
    if (status != RECS_OK) {
        recs_knn_lists_free(&lists);
        recs_knn_lists_free(&opposed);
        return status;
    }

    recs_trained_set_lists(base, &lists, 1,
                           (uint32_t) options->values[RECS_EASE_HISTORY]);
    recs_trained_set_opposed(base, &opposed);

    status = recs_trained_popularity(base, view,
                                     options->values[RECS_EASE_HALF_LIFE],
                                     err);
    if (status != RECS_OK) {
        recs_trained_destroy(&base->trained);
        return status;
    }

    *trained = &base->trained;

    return RECS_OK;
}


const recs_trainer_t  recs_ease_trainer = {
    "ease",
    "the best linear weights from item to item, in closed form",
    recs_ease_params,
    RECS_EASE_N_PARAMS,
    recs_ease_train
};
