#include "recs_ials_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_checkpoint.h"
#include "recs_holdout.h"
#include "recs_ials_solve.h"
#include "recs_rng.h"


/* What an epoch leaves, beside the items' vectors. */
typedef struct {
    uint32_t                     epoch;
    uint32_t                     n_epochs;
    double                       loss;
    double                       best_ndcg;
} recs_ials_state_t;


static double
recs_ials_seconds(const recs_ials_t *ials)
{
    struct timespec  now;

    clock_gettime(CLOCK_MONOTONIC, &now);

    return (double) (now.tv_sec - ials->started.tv_sec)
           + (double) (now.tv_nsec - ials->started.tv_nsec) * 1e-9;
}


static void
recs_ials_report(const recs_ials_t *ials, uint32_t epoch, uint32_t n_epochs,
    double began, double loss, double ndcg)
{
    recs_progress_t  p;

    if (ials->options->progress == NULL) {
        return;
    }

    p.epoch = epoch;
    p.n_epochs = n_epochs;
    p.loss = loss;
    p.metric = ndcg;
    p.seconds = recs_ials_seconds(ials);
    p.eta_seconds = epoch > 0 ? (p.seconds - began) / epoch
                                * (n_epochs - epoch)
                              : NAN;

    ials->options->progress(ials->options->progress_data, &p);
}


/* Adds the reg(n) of a side's rows at exponent 1 and at the exponent asked. */

static void
recs_ials_add_masses(const recs_ials_t *ials, const uint64_t *offsets,
    uint32_t n_rows, uint32_t n_fixed, double *linear, double *scaled)
{
    double    mass;
    uint32_t  row;

    for (row = 0; row < n_rows; row++) {
        mass = (double) (offsets[row + 1] - offsets[row])
               + ials->values[RECS_IALS_UNOBSERVED_WEIGHT] * n_fixed;
        *linear += mass;
        *scaled += pow(mass, ials->values[RECS_IALS_EXPONENT]);
    }
}


static void
recs_ials_start(recs_ials_t *ials, const uint64_t *item_offsets)
{
    float       *row;
    double       sd;
    uint32_t     i, f, n_factors;
    recs_rng_t   rng;

    n_factors = (uint32_t) ials->values[RECS_IALS_FACTORS];
    sd = 0.1 / sqrt(n_factors);

    recs_rng_seed(&rng, ials->options->seed);
    memset(ials->users, 0, (size_t) ials->n_users * ials->stride
                           * sizeof(float));
    memset(ials->items, 0, (size_t) ials->n_items * ials->stride
                           * sizeof(float));

    for (i = 0; i < ials->n_items; i++) {
        if (item_offsets[i + 1] == item_offsets[i]) {
            continue;
        }

        row = ials->items + (size_t) i * ials->stride;

        for (f = 0; f < n_factors; f++) {
            row[f] = (float) (sd * recs_rng_normal(&rng));
        }
    }
}


static recs_status_t
recs_ials_ndcg(const recs_ials_t *ials, const recs_split_t *split,
    double *ndcg, recs_error_t *err)
{
    recs_status_t    status;
    recs_holdout_t  *holdout;

    status = recs_holdout_create(&holdout, split, ials->users, ials->items,
                                 ials->stride, ials->threads, err);
    if (status != RECS_OK) {
        return status;
    }

    *ndcg = recs_holdout_ndcg(holdout);
    recs_holdout_destroy(holdout);

    return RECS_OK;
}


/* One epoch over both sides, users first; *ndcg where there is a holdout. */
static recs_status_t
recs_ials_epoch(recs_ials_t *ials, recs_ials_solver_t *solver,
    const recs_split_t *holdout, double *ndcg, recs_error_t *err)
{
    recs_status_t  status;

    status = recs_ials_solve(solver, 0, ials->gram, NULL, err);

    if (status == RECS_OK) {
        status = recs_ials_solve(solver, 1, ials->gram, &ials->loss, err);
    }

    return status == RECS_OK && holdout != NULL
           ? recs_ials_ndcg(ials, holdout, ndcg, err) : status;
}


/* Has the last epoch been, or with a holdout patience run out? */
static int
recs_ials_done(const recs_ials_t *ials, uint32_t epoch, uint32_t n_epochs,
    const recs_split_t *holdout)
{
    return epoch == n_epochs
           || (holdout != NULL && epoch > 0
               && epoch - ials->n_epochs >= ials->values[RECS_IALS_PATIENCE]);
}


/*
 * Epochs until they are done; with a holdout n_epochs becomes the best number
 * of them.  Without one a last half-epoch of the users follows, so that every
 * user's vector is what fold-in would compute from the final items.
 */

static recs_status_t
recs_ials_epochs(recs_ials_t *ials, recs_ials_solver_t *solver,
    const recs_split_t *holdout, recs_error_t *err)
{
    int                      done;
    double                   ndcg, began;
    uint32_t                 n_epochs;
    const char              *name;
    recs_status_t            status;
    recs_ials_state_t        state;
    recs_checkpoint_part_t   parts[2];

    ndcg = NAN;
    began = recs_ials_seconds(ials);
    name = holdout != NULL ? "holdout" : "epochs";
    n_epochs = holdout != NULL ? (uint32_t) ials->values[RECS_IALS_EPOCHS]
                               : ials->n_epochs;

    memset(&state, 0, sizeof(recs_ials_state_t));
    parts[0].data = &state;
    parts[0].size = sizeof(recs_ials_state_t);
    parts[1].data = ials->items;
    parts[1].size = (size_t) ials->n_items * ials->stride * sizeof(float);

    if (recs_checkpoint_load(ials->options->checkpoint, name, parts, 2)) {
        ials->n_epochs = state.n_epochs;
        ials->loss = state.loss;
        ials->best_ndcg = state.best_ndcg;
    }

    recs_ials_report(ials, 0, n_epochs, began, NAN, NAN);
    done = recs_ials_done(ials, state.epoch, n_epochs, holdout);

    while (!done) {
        status = recs_ials_epoch(ials, solver, holdout, &ndcg, err);
        if (status != RECS_OK) {
            return status;
        }

        state.epoch++;

        if (holdout != NULL
            && (state.epoch == 1 || ndcg > ials->best_ndcg))
        {
            ials->best_ndcg = ndcg;
            ials->n_epochs = state.epoch;
        }

        state.n_epochs = ials->n_epochs;
        state.loss = ials->loss;
        state.best_ndcg = ials->best_ndcg;
        done = recs_ials_done(ials, state.epoch, n_epochs, holdout);

        status = recs_checkpoint_save(ials->options->checkpoint, name, parts,
                                      2, done, err);
        if (status != RECS_OK) {
            return status;
        }

        recs_ials_report(ials, state.epoch, n_epochs, began, ials->loss,
                         ndcg);
    }

    return holdout != NULL ? RECS_OK
                           : recs_ials_solve(solver, 0, ials->gram, NULL,
                                             err);
}


recs_status_t
recs_ials_fit(recs_ials_t *ials, const recs_dataset_view_t *view,
    const recs_split_t *holdout, recs_error_t *err)
{
    double               linear, scaled;
    uint32_t            *item_users;
    uint64_t            *item_offsets;
    recs_status_t        status;
    recs_ials_side_t     sides[2];
    recs_ials_params_t   params;
    recs_ials_solver_t  *solver;

    status = recs_dataset_transpose(view, &item_offsets, &item_users, NULL,
                                    err);
    if (status != RECS_OK) {
        return status;
    }

    linear = 0;
    scaled = 0;
    recs_ials_add_masses(ials, view->user_offsets, view->n_users,
                         view->n_items, &linear, &scaled);
    recs_ials_add_masses(ials, item_offsets, view->n_items, view->n_users,
                         &linear, &scaled);
    ials->raw = ials->values[RECS_IALS_REGULARIZATION] * linear / scaled;

    recs_ials_start(ials, item_offsets);

    sides[0].n_rows = view->n_users;
    sides[0].offsets = view->user_offsets;
    sides[0].columns = view->items;
    sides[0].table = ials->users;
    sides[0].regularization = ials->raw;

    sides[1].n_rows = view->n_items;
    sides[1].offsets = item_offsets;
    sides[1].columns = item_users;
    sides[1].table = ials->items;
    sides[1].regularization = ials->raw;

    params.n_factors = (uint32_t) ials->values[RECS_IALS_FACTORS];
    params.stride = ials->stride;
    params.unobserved_weight = ials->values[RECS_IALS_UNOBSERVED_WEIGHT];
    params.exponent = ials->values[RECS_IALS_EXPONENT];

    status = recs_ials_solver_create(&solver, sides, &params, NULL,
                                     ials->threads, err);

    if (status == RECS_OK) {
        status = recs_ials_epochs(ials, solver, holdout, err);
        recs_ials_solver_destroy(solver);
    }

    free(item_offsets);
    free(item_users);

    return status;
}
