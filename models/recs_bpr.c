/*
 * Bayesian personalised ranking: vectors that rank what a user has met above
 * what he has not.
 */

#include "recs_bpr_fit.h"
#include "recs_checkpoint.h"
#include "recs_content.h"
#include "recs_popularity.h"
#include "recs_trained.h"
#include "recs_trainers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>


enum {
    RECS_BPR_FACTORS,
    RECS_BPR_EPOCHS,
    RECS_BPR_LEARNING_RATE,
    RECS_BPR_REGULARIZATION,
    RECS_BPR_HALF_LIFE,
    RECS_BPR_N_PARAMS
};

static const recs_param_t  recs_bpr_params[] = {
    { "factors", 64, 2, RECS_FACTORS_MAX, 1,
      "length of the user and item vectors, the item's bias among them" },
    { "epochs", 100, 1, 10000, 1,
      "passes over the interactions, one triple each" },
    { "learning_rate", 0.1, 1e-6, 10, 0,
      "of the first epoch; falls to a tenth of it" },
    { "regularization", 0.003, 0, 10, 0, "penalty on long vectors" },
    RECS_POPULARITY_HALF_LIFE
};


typedef struct {
    const recs_dataset_view_t   *view;
    const recs_train_options_t  *options;
    recs_bpr_params_t            params;
    float                       *users;
    float                       *items;
    double                       loss;
    recs_content_report_t        content;
    struct timespec              started;
} recs_bpr_t;


static void
recs_bpr_report(const recs_bpr_t *bpr, uint32_t done)
{
    recs_progress_t  p;
    struct timespec  now;

    if (bpr->options->progress == NULL) {
        return;
    }

    clock_gettime(CLOCK_MONOTONIC, &now);

    p.epoch = done;
    p.n_epochs = bpr->params.n_epochs;
    p.loss = bpr->loss;
    p.metric = NAN;
    p.seconds = (double) (now.tv_sec - bpr->started.tv_sec)
                + (double) (now.tv_nsec - bpr->started.tv_nsec) * 1e-9;
    p.eta_seconds = p.seconds / done * (p.n_epochs - done);

    bpr->options->progress(bpr->options->progress_data, &p);
}


static recs_status_t
recs_bpr_epochs(recs_bpr_t *bpr, recs_bpr_fit_t *fit, recs_threads_t *threads,
    recs_error_t *err)
{
    size_t                   row;
    uint32_t                 done;
    recs_status_t            status;
    recs_checkpoint_part_t   parts[4];

    row = bpr->params.n_factors * sizeof(float);
    done = 0;
    bpr->loss = NAN;
    recs_bpr_fit_start(fit, bpr->users, bpr->items);

    parts[0] = (recs_checkpoint_part_t) { &done, sizeof(done) };
    parts[1] = (recs_checkpoint_part_t) { &bpr->loss, sizeof(bpr->loss) };
    parts[2] = (recs_checkpoint_part_t) { bpr->users,
                                          bpr->view->n_users * row };
    parts[3] = (recs_checkpoint_part_t) { bpr->items,
                                          bpr->view->n_items * row };

    (void) recs_checkpoint_load(bpr->options->checkpoint, "epochs", parts, 4);

    while (done < bpr->params.n_epochs) {
        bpr->loss = recs_bpr_fit_epoch(fit, done, bpr->users, bpr->items,
                                       threads);
        done++;

        if (!isfinite(bpr->loss)) {
            return recs_error(err, RECS_INVALID, "the loss of epoch %u is "
                              "not finite: set learning_rate below %.9g, "
                              "or less regularization", done,
                              bpr->params.learning_rate);
        }

        recs_bpr_report(bpr, done);

        status = recs_checkpoint_save(bpr->options->checkpoint, "epochs",
                                      parts, 4, done == bpr->params.n_epochs,
                                      err);
        if (status != RECS_OK) {
            return status;
        }
    }

    return RECS_OK;
}


/*
 * A session's vector is the mean of its items' vectors.  Products do not
 * change where items are multiplied by what users are divided by, nor their
 * order where every bias is shifted: so that the mean of his items is, over
 * the users, as long as the user's vector, and its last coordinate as large.
 */
static recs_status_t
recs_bpr_balance(recs_bpr_t *bpr, recs_error_t *err)
{
    double                      trained, mean, length, bias, *sums, scale,
                                shift;
    uint32_t                    u, i, f, d;
    uint64_t                    k, n;
    const recs_dataset_view_t  *view;

    view = bpr->view;
    d = bpr->params.n_factors;
    trained = mean = bias = 0;

    sums = malloc(d * sizeof(double));
    if (sums == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    for (u = 0; u < view->n_users; u++) {
        n = view->user_offsets[u + 1] - view->user_offsets[u];

        for (f = 0; f < d; f++) {
            sums[f] = 0;
        }

        for (k = view->user_offsets[u]; k < view->user_offsets[u + 1]; k++) {
            for (f = 0; f < d; f++) {
                sums[f] += (double) bpr->items[(size_t) view->items[k] * d
                                               + f];
            }
        }

        bias += sums[d - 1];
        length = 0;

        for (f = 0; f + 1 < d && n > 0; f++) {
            length += sums[f] / (double) n * (sums[f] / (double) n);
        }

        mean += sqrt(length);
        length = 0;

        for (f = 0; f + 1 < d && n > 0; f++) {
            length += (double) bpr->users[(size_t) u * d + f]
                      * (double) bpr->users[(size_t) u * d + f];
        }

        trained += sqrt(length);
    }

    free(sums);

    if (!(mean > 0) || !(trained > 0)) {
        return RECS_OK;
    }

    scale = sqrt(trained / mean);
    shift = 1 - bias / (double) view->n_interactions;

    for (i = 0; i < view->n_items; i++) {
        for (f = 0; f + 1 < d; f++) {
            bpr->items[(size_t) i * d + f] *= (float) scale;
        }

        bpr->items[(size_t) i * d + d - 1] += (float) shift;
    }

    for (u = 0; u < view->n_users; u++) {
        for (f = 0; f + 1 < d; f++) {
            bpr->users[(size_t) u * d + f] /= (float) scale;
        }
    }

    return RECS_OK;
}


/* Of whom, and of what, nothing is known there is no vector. */
static recs_status_t
recs_bpr_clear(recs_bpr_t *bpr, recs_error_t *err)
{
    size_t                      row;
    uint32_t                    u, i;
    uint64_t                    k;
    uint8_t                    *met;
    const recs_dataset_view_t  *view;

    view = bpr->view;
    row = bpr->params.n_factors;

    met = calloc((size_t) view->n_items + 1, 1);
    if (met == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    for (k = 0; k < view->n_interactions; k++) {
        met[view->items[k]] = 1;
    }

    for (i = 0; i < view->n_items; i++) {
        if (!met[i]) {
            memset(bpr->items + i * row, 0, row * sizeof(float));
        }
    }

    for (u = 0; u < view->n_users; u++) {
        if (view->user_offsets[u + 1] == view->user_offsets[u]) {
            memset(bpr->users + u * row, 0, row * sizeof(float));
        }
    }

    free(met);

    return RECS_OK;
}


static recs_status_t
recs_bpr_run(recs_bpr_t *bpr, recs_error_t *err)
{
    recs_status_t     status;
    recs_threads_t   *threads;
    recs_bpr_fit_t   *fit;

    status = recs_threads_create(&threads, bpr->options->n_threads, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_bpr_fit_create(&fit, bpr->view, &bpr->params, err);

    if (status == RECS_OK) {
        status = recs_bpr_epochs(bpr, fit, threads, err);
        recs_bpr_fit_destroy(fit);
    }

    recs_threads_destroy(threads);

    if (status != RECS_OK
        || (status = recs_bpr_balance(bpr, err)) != RECS_OK
        || (status = recs_bpr_clear(bpr, err)) != RECS_OK)
    {
        return status;
    }

    return recs_content_fill(bpr->view, bpr->items, bpr->params.n_factors,
                             &bpr->content, err);
}


static recs_status_t
recs_bpr_train(const recs_dataset_t *dataset,
    const recs_train_options_t *options, recs_trained_t **trained,
    recs_error_t *err)
{
    recs_bpr_t            bpr;
    recs_status_t         status;
    const double         *values;
    recs_trained_base_t  *base;

    values = options->values;
    bpr.view = recs_dataset_view(dataset);
    bpr.options = options;
    bpr.params.n_factors = (uint32_t) values[RECS_BPR_FACTORS];
    bpr.params.n_epochs = (uint32_t) values[RECS_BPR_EPOCHS];
    bpr.params.learning_rate = values[RECS_BPR_LEARNING_RATE];
    bpr.params.regularization = values[RECS_BPR_REGULARIZATION];
    bpr.params.seed = options->seed;
    clock_gettime(CLOCK_MONOTONIC, &bpr.started);

    if ((status = recs_trained_check(bpr.view, err)) != RECS_OK
        || (status = recs_trained_create(&base, &recs_bpr_trainer, bpr.view,
                                         values, options->seed, err))
           != RECS_OK)
    {
        return status;
    }

    bpr.users = malloc((size_t) bpr.view->n_users * bpr.params.n_factors
                       * sizeof(float));
    bpr.items = malloc((size_t) bpr.view->n_items * bpr.params.n_factors
                       * sizeof(float));
    base->user_factors = bpr.users;
    base->item_factors = bpr.items;
    base->trained.model.user_factors = bpr.users;
    base->trained.model.item_factors = bpr.items;
    base->trained.model.n_factors = bpr.params.n_factors;

    if (bpr.users == NULL || bpr.items == NULL) {
        status = recs_error(err, RECS_NOMEM, "no memory for the vectors");

    } else {
        recs_checkpoint_enter(options->checkpoint, "bpr", bpr.view, values,
                              RECS_BPR_N_PARAMS, options->seed);
        status = recs_bpr_run(&bpr, err);
        recs_checkpoint_leave(options->checkpoint);
    }

    if (status == RECS_OK) {
        recs_trained_note(base, "loss", bpr.loss);

        if (bpr.content.n_items > 0) {
            recs_trained_note(base, "content_items", bpr.content.n_items);
            recs_trained_note(base, "content_explained",
                              bpr.content.explained);
        }

        status = recs_trained_popularity(base, bpr.view,
                                         values[RECS_BPR_HALF_LIFE], err);
    }

    if (status != RECS_OK) {
        recs_trained_destroy(&base->trained);
        return status;
    }

    *trained = &base->trained;

    return RECS_OK;
}


const recs_trainer_t  recs_bpr_trainer = {
    "bpr",
    "Bayesian personalised ranking: vectors that rank what was met first",
    recs_bpr_params,
    RECS_BPR_N_PARAMS,
    recs_bpr_train
};
