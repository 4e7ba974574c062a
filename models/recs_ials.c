/*
 * Implicit ALS: Hu, Koren and Volinsky 2008, with the objective of Rendle et
 * al. 2021 (arXiv:2110.14037), stated in recs_ials_solve.h.  Every observed
 * interaction counts 1, whatever its weight.
 */

#include "recs_checkpoint.h"
#include "recs_content.h"
#include "recs_ials.h"
#include "recs_ials_fit.h"
#include "recs_lanes.h"
#include "recs_popularity.h"
#include "recs_trained.h"
#include "recs_trainers.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>


static const recs_param_t  recs_ials_params[] = {
    { "factors", 64, 1, RECS_FACTORS_MAX, 1,
      "length of the user and item vectors" },
    { "regularization", 0, 0, 1e6, 0,
      "penalty on long vectors: its value at exponent 1; at others it is "
      "rescaled so that the penalties of all rows add up to the same; 0: "
      "0.003 * sqrt(factors / 128) * unobserved_weight ^ (1 / 6)" },
    { "regularization_exponent", 0.5, 0, 1, 0,
      "how the penalty grows with a row's interactions: 0 not at all, "
      "1 in proportion" },
    { "unobserved_weight", 0, 0, 1e6, 0,
      "weight of a pair without interaction; 0: from the data, "
      "max(10 * density, 600 / users), at most 1" },
    { "epochs", 8, 1, 1000, 1,
      "passes over both sides" },
    { "validation", 0, 0, 0.5, 0,
      "share of each user's last interactions that decides the number of "
      "epochs (by NDCG@20); then all data is trained for that many; 0: off" },
    { "patience", 2, 1, 1000, 1,
      "epochs without gain after which validation stops" },
    RECS_POPULARITY_HALF_LIFE
};


double
recs_ials_unobserved_weight(const recs_dataset_view_t *view)
{
    double  density;

    density = (double) view->n_interactions
              / ((double) view->n_users * view->n_items);

    return fmin(fmax(10 * density, 600.0 / view->n_users), 1);
}


double
recs_ials_regularization(double n_factors, double unobserved_weight)
{
    return 0.003 * sqrt(n_factors / 128) * pow(unobserved_weight, 1.0 / 6);
}


static void
recs_ials_choose(double *values, const recs_dataset_view_t *view)
{
    if (values[RECS_IALS_UNOBSERVED_WEIGHT] == 0) {
        values[RECS_IALS_UNOBSERVED_WEIGHT] =
                                          recs_ials_unobserved_weight(view);
    }

    if (values[RECS_IALS_REGULARIZATION] == 0) {
        values[RECS_IALS_REGULARIZATION] =
                recs_ials_regularization(values[RECS_IALS_FACTORS],
                                         values[RECS_IALS_UNOBSERVED_WEIGHT]);
    }
}


/* The session's parameters, by vectors of so many epochs. */

static recs_status_t
recs_ials_sessions(recs_ials_t *ials, const recs_dataset_view_t *view,
    recs_error_t *err)
{
    double                values[RECS_IALS_N_PARAMS];
    recs_train_options_t  options;

    if (view->from_ms == 0 && view->to_ms == 0) {
        return RECS_OK;
    }

    memcpy(values, ials->values, sizeof(values));
    values[RECS_IALS_VALIDATION] = 0;
    values[RECS_IALS_EPOCHS] = ials->n_epochs;
    options = *ials->options;
    options.values = values;

    return recs_session_validate(&ials->session, view,
                                 ials->values[RECS_IALS_VALIDATION],
                                 &recs_ials_trainer, &options, ials->threads,
                                 err);
}


/* Finds the best number of epochs on a holdout. */

static recs_status_t
recs_ials_validate(recs_ials_t *ials, const recs_dataset_view_t *view,
    recs_error_t *err)
{
    recs_split_t            holdout;
    recs_status_t           status;
    recs_split_params_t     params;
    recs_checkpoint_part_t  parts[3];

    parts[0].data = &ials->n_epochs;
    parts[0].size = sizeof(ials->n_epochs);
    parts[1].data = &ials->best_ndcg;
    parts[1].size = sizeof(ials->best_ndcg);
    parts[2].data = &ials->session;
    parts[2].size = sizeof(recs_session_choice_t);

    if (recs_checkpoint_load(ials->options->checkpoint, "validated", parts,
                             3))
    {
        return RECS_OK;
    }

    memset(&params, 0, sizeof(recs_split_params_t));
    params.kind = RECS_SPLIT_LAST;
    params.fraction = ials->values[RECS_IALS_VALIDATION];

    status = recs_split(view, &params, &holdout, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_ials_fit(ials, recs_dataset_view(holdout.train), &holdout,
                           err);

    recs_split_free(&holdout);

    if (status == RECS_OK) {
        status = recs_ials_sessions(ials, view, err);
    }

    if (status != RECS_OK) {
        return status;
    }

    recs_checkpoint_forget(ials->options->checkpoint, "holdout");
    recs_checkpoint_forget(ials->options->checkpoint, NULL);

    return recs_checkpoint_save(ials->options->checkpoint, "validated", parts,
                                3, 1, err);
}


static float *
recs_ials_table(uint32_t n_rows, uint32_t stride)
{
    size_t  size;

    if (__builtin_mul_overflow((size_t) n_rows + 1, stride * sizeof(float),
                               &size))
    {
        return NULL;
    }

    return aligned_alloc(RECS_LANES_STRIDE * sizeof(float), size);
}


static recs_status_t
recs_ials_init(recs_ials_t *ials, const recs_dataset_view_t *view,
    const recs_train_options_t *options, recs_error_t *err)
{
    uint32_t  n_factors;

    memset(ials, 0, sizeof(recs_ials_t));
    clock_gettime(CLOCK_MONOTONIC, &ials->started);

    if (view->n_users >= INT_MAX || view->n_items >= INT_MAX) {
        return recs_error(err, RECS_LIMIT, "over %d users or items", INT_MAX);
    }

    ials->options = options;
    memcpy(ials->values, options->values, sizeof(ials->values));

    recs_ials_choose(ials->values, view);

    n_factors = (uint32_t) ials->values[RECS_IALS_FACTORS];
    ials->stride = (n_factors + RECS_LANES_STRIDE - 1) / RECS_LANES_STRIDE
                   * RECS_LANES_STRIDE;
    ials->n_epochs = (uint32_t) ials->values[RECS_IALS_EPOCHS];
    ials->n_users = view->n_users;
    ials->n_items = view->n_items;
    ials->users = recs_ials_table(view->n_users, ials->stride);
    ials->items = recs_ials_table(view->n_items, ials->stride);
    ials->gram = calloc(n_factors, sizeof(float));

    if (ials->users == NULL || ials->items == NULL || ials->gram == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory: %u users and %u "
                          "items with %u factors", view->n_users,
                          view->n_items, n_factors);
    }

    return recs_threads_create(&ials->threads, options->n_threads, err);
}


/* [n][stride] -> [n][n_factors], in place. */

static void
recs_ials_compact(float *table, uint32_t n_rows, uint32_t stride,
    uint32_t n_factors)
{
    uint32_t  row;

    for (row = 1; row < n_rows && n_factors < stride; row++) {
        memmove(table + (size_t) row * n_factors,
                table + (size_t) row * stride, n_factors * sizeof(float));
    }
}


/* Moves what was trained into a result. */

static recs_status_t
recs_ials_result(recs_ials_t *ials, const recs_dataset_view_t *view,
    recs_trained_t **trained, recs_error_t *err)
{
    uint32_t                n_factors;
    recs_model_t           *model;
    recs_status_t           status;
    recs_trained_base_t    *base;
    recs_content_report_t   content;

    status = recs_trained_create(&base, &recs_ials_trainer, view,
                                 ials->values, ials->options->seed, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_trained_popularity(base, view,
                                     ials->values[RECS_IALS_HALF_LIFE], err);
    if (status != RECS_OK) {
        recs_trained_destroy(&base->trained);
        return status;
    }

    n_factors = (uint32_t) ials->values[RECS_IALS_FACTORS];
    recs_ials_compact(ials->users, ials->n_users, ials->stride, n_factors);
    recs_ials_compact(ials->items, ials->n_items, ials->stride, n_factors);

    base->user_factors = ials->users;
    base->item_factors = ials->items;
    base->gram = ials->gram;
    ials->users = NULL;
    ials->items = NULL;
    ials->gram = NULL;

    base->fold_in.gram = base->gram;
    base->fold_in.unobserved_weight =
                                   ials->values[RECS_IALS_UNOBSERVED_WEIGHT];
    base->fold_in.regularization = ials->raw;
    base->fold_in.regularization_exponent = ials->values[RECS_IALS_EXPONENT];

    model = &base->trained.model;
    model->n_factors = n_factors;
    model->user_factors = base->user_factors;
    model->item_factors = base->item_factors;
    model->fold_in = &base->fold_in;

    status = recs_content_fill(view, base->item_factors, n_factors, &content,
                               err);
    if (status != RECS_OK) {
        recs_trained_destroy(&base->trained);
        return status;
    }

    if (content.n_items > 0) {
        recs_trained_note(base, "content_items", content.n_items);
        recs_trained_note(base, "content_features", content.n_features);
        recs_trained_note(base, "content_penalty", content.penalty);
        recs_trained_note(base, "content_explained", content.explained);
    }

    recs_trained_note(base, "raw_regularization", ials->raw);
    recs_trained_note(base, "epochs_trained", ials->n_epochs);
    recs_trained_note(base, "loss", ials->loss);

    if (ials->values[RECS_IALS_VALIDATION] > 0) {
        recs_trained_note(base, "validation_ndcg_at_20", ials->best_ndcg);
    }

    recs_trained_set_session(base, &ials->session);

    *trained = &base->trained;

    return RECS_OK;
}


static recs_status_t
recs_ials_train(const recs_dataset_t *dataset,
    const recs_train_options_t *options, recs_trained_t **trained,
    recs_error_t *err)
{
    recs_ials_t                 ials;
    recs_status_t               status;
    const recs_dataset_view_t  *view;

    view = recs_dataset_view(dataset);

    status = recs_trained_check(view, err);
    if (status != RECS_OK) {
        return status;
    }

    recs_checkpoint_enter(options->checkpoint, "ials", view, options->values,
                          RECS_IALS_N_PARAMS, options->seed);

    status = recs_ials_init(&ials, view, options, err);
    if (status != RECS_OK) {
        goto done;
    }

    if (ials.values[RECS_IALS_VALIDATION] > 0) {
        status = recs_ials_validate(&ials, view, err);
        if (status != RECS_OK) {
            goto done;
        }
    }

    status = recs_ials_fit(&ials, view, NULL, err);
    if (status != RECS_OK) {
        goto done;
    }

    status = recs_ials_result(&ials, view, trained, err);

done:

    recs_checkpoint_leave(options->checkpoint);
    recs_threads_destroy(ials.threads);
    free(ials.users);
    free(ials.items);
    free(ials.gram);

    return status;
}


const recs_trainer_t  recs_ials_trainer = {
    "ials",
    "implicit ALS: vectors for users and items, scored by inner product",
    recs_ials_params,
    RECS_IALS_N_PARAMS,
    recs_ials_train
};
