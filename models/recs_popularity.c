#include "recs_popularity.h"
#include "recs_trained.h"
#include "recs_trainers.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>


#define RECS_POPULARITY_DAY_MS  86400000.0


static const recs_param_t  recs_popularity_params[] = {
    RECS_POPULARITY_HALF_LIFE
};


double
recs_popularity_rate(double half_life_days)
{
    return half_life_days > 0
           ? -1 / (half_life_days * RECS_POPULARITY_DAY_MS) : 0;
}


double
recs_popularity_weight(const recs_dataset_view_t *view, uint64_t k,
    double rate)
{
    double  weight;

    weight = (double) view->weights[k];

    if (rate != 0 && view->times_ms[k] != 0) {
        weight *= exp2(rate * ((double) view->to_ms
                               - (double) view->times_ms[k]));
    }

    /* However long ago: 0 is for what nobody has met. */
    return fmax(weight, FLT_MIN);
}


float *
recs_popularity_create(const recs_dataset_view_t *view,
    double half_life_days)
{
    float     *popularity;
    double    *sums, rate;
    uint32_t   i;
    uint64_t   k;

    sums = calloc((size_t) view->n_items + 1, sizeof(double));
    popularity = malloc(((size_t) view->n_items + 1) * sizeof(float));

    if (sums == NULL || popularity == NULL) {
        free(sums);
        free(popularity);
        return NULL;
    }

    rate = recs_popularity_rate(half_life_days);

    for (k = 0; k < view->n_interactions; k++) {
        sums[view->items[k]] += recs_popularity_weight(view, k, rate);
    }

    for (i = 0; i < view->n_items; i++) {
        popularity[i] = (float) fmax(-FLT_MAX, fmin(FLT_MAX, sums[i]));
    }

    free(sums);

    return popularity;
}


static recs_status_t
recs_popularity_train(const recs_dataset_t *dataset,
    const recs_train_options_t *options, recs_trained_t **trained,
    recs_error_t *err)
{
    recs_status_t               status;
    recs_trained_base_t        *base;
    const recs_dataset_view_t  *view;

    view = recs_dataset_view(dataset);

    status = recs_trained_check(view, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_trained_create(&base, &recs_popularity_trainer, view,
                                 options->values, options->seed, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_trained_popularity(base, view, options->values[0], err);
    if (status != RECS_OK) {
        recs_trained_destroy(&base->trained);
        return status;
    }

    *trained = &base->trained;

    return RECS_OK;
}


const recs_trainer_t  recs_popularity_trainer = {
    "popularity",
    "the most wanted items of late, the same for everybody",
    recs_popularity_params,
    sizeof(recs_popularity_params) / sizeof(recs_popularity_params[0]),
    recs_popularity_train
};
