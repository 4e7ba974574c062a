#include "recs_mlp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_blas.h"
#include "recs_mlp_adam.h"
#include "recs_mlp_sample.h"


/* Parts of a minibatch, each computed by one thread; and their size. */
#define RECS_MLP_PARTS       8
#define RECS_MLP_PART_ITEMS  512

#define RECS_MLP_STATE_PARTS  7


typedef struct {
    const recs_mlp_params_t  *params;
    recs_mlp_network_t       *network;
    recs_mlp_sample_t         sample;
    recs_mlp_adam_t           adam;
    recs_threads_t           *threads;
    uint32_t                  epoch;
    uint32_t                  n_parts;          /* of this minibatch */
    uint32_t                  first[RECS_MLP_PARTS];  /* their visits, in the
                                                         epoch's order */
    uint32_t                  n_visits[RECS_MLP_PARTS];
    recs_mlp_examples_t       parts[RECS_MLP_PARTS];
} recs_mlp_train_t;


/* Of a checkpoint, beside the tables. */
typedef struct {
    uint64_t                  epoch;
    uint64_t                  n_steps;          /* of Adam */
} recs_mlp_state_t;


static recs_status_t
recs_mlp_train_init(recs_mlp_train_t *t, const recs_dataset_view_t *view,
    recs_error_t *err)
{
    uint32_t                  i, max_items;
    recs_status_t             rc;
    const recs_mlp_params_t  *p;

    p = t->params;
    max_items = RECS_MLP_PART_ITEMS
                + RECS_MLP_VISIT_TAKEN * (1 + p->n_negatives);

    if ((rc = recs_mlp_sample_init(&t->sample, view, p->n_negatives, p->seed,
                                   err)) != RECS_OK
        || (rc = recs_mlp_network_init(t->network, view->n_items,
                                       p->n_embedding, p->n_hidden, p->seed,
                                       err)) != RECS_OK
        || (rc = recs_mlp_adam_init(&t->adam, t->network, p->learning_rate,
                                    err)) != RECS_OK)
    {
        return rc;
    }

    for (i = 0; i < RECS_MLP_PARTS; i++) {
        rc = recs_mlp_examples_init(&t->parts[i], t->network,
                                    RECS_MLP_PART_ITEMS,
                                    RECS_MLP_PART_ITEMS * RECS_MLP_PASTS_MAX,
                                    max_items, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    return RECS_OK;
}


static void
recs_mlp_train_free(recs_mlp_train_t *t)
{
    uint32_t  i;

    for (i = 0; i < RECS_MLP_PARTS; i++) {
        recs_mlp_examples_free(&t->parts[i]);
    }

    recs_mlp_adam_free(&t->adam);
    recs_mlp_sample_free(&t->sample);
}


/* Gives visits from position on to the parts; returns the next position. */
static uint32_t
recs_mlp_train_share(recs_mlp_train_t *t, uint32_t position)
{
    uint32_t  n;

    for (t->n_parts = 0;
         t->n_parts < RECS_MLP_PARTS && position < t->sample.n_visits;
         t->n_parts++)
    {
        t->first[t->n_parts] = position;

        for (n = 0;
             n < RECS_MLP_PART_ITEMS && position < t->sample.n_visits;
             position++)
        {
            n += recs_mlp_sample_size(&t->sample, position);
        }

        t->n_visits[t->n_parts] = position - t->first[t->n_parts];
    }

    return position;
}


static void
recs_mlp_train_part(void *data, uint32_t chunk, uint32_t thread)
{
    recs_mlp_train_t  *t;

    (void) thread;

    t = data;

    recs_mlp_sample(&t->sample, t->epoch, t->first[chunk],
                    t->n_visits[chunk], &t->parts[chunk]);
    recs_mlp_slopes(t->network, &t->parts[chunk]);
}


static recs_status_t
recs_mlp_train_epoch(recs_mlp_train_t *t, double *mean_loss,
    recs_error_t *err)
{
    double         loss;
    uint32_t       i, v, n, position;
    uint64_t       n_examples;
    recs_status_t  rc;

    loss = 0;
    n_examples = 0;
    rc = RECS_OK;

    recs_mlp_sample_shuffle(&t->sample, t->epoch);

    for (position = 0; rc == RECS_OK && position < t->sample.n_visits; ) {
        position = recs_mlp_train_share(t, position);
        recs_threads_run(t->threads, t->n_parts, recs_mlp_train_part, t);

        for (i = 0, n = 0; i < t->n_parts; i++) {
            loss += t->parts[i].loss;

            for (v = 0; v < t->parts[i].n_visits; v++) {
                n += t->parts[i].visits[v].n;
            }
        }

        n_examples += n;

        if (n > 0) {
            rc = recs_mlp_adam_step(&t->adam, t->network, t->parts,
                                    t->n_parts, n, t->threads, err);
        }
    }

    *mean_loss = loss / fmax((double) n_examples, 1);

    return rc == RECS_OK && !isfinite(loss)
           ? recs_error(err, RECS_INVALID, "the network's loss is not finite "
                        "in epoch %u: its learning_rate of %g is too large",
                        t->epoch, t->params->learning_rate)
           : rc;
}


/* All that the epochs after this one depend on. */
static unsigned
recs_mlp_train_parts(recs_mlp_train_t *t, recs_mlp_state_t *state,
    recs_checkpoint_part_t parts[RECS_MLP_STATE_PARTS])
{
    size_t                    row, visits;
    unsigned                  n;
    const recs_mlp_sample_t  *sample;

    n = 0;
    sample = &t->sample;
    row = 2 * (size_t) t->network->n_items * t->network->n_embedding
          * sizeof(float);
    visits = sample->n_visits * sizeof(uint32_t);

    parts[n++] = (recs_checkpoint_part_t) { state, sizeof(recs_mlp_state_t) };
    parts[n++] = (recs_checkpoint_part_t) { t->network->embeddings, row };
    parts[n++] = (recs_checkpoint_part_t) { t->adam.row_moments, 2 * row };
    parts[n++] = (recs_checkpoint_part_t) { t->network->layers,
                     t->network->n_layers * sizeof(float) };
    parts[n++] = (recs_checkpoint_part_t) { t->adam.layer_moments,
                     2 * t->network->n_layers * sizeof(float) };
    parts[n++] = (recs_checkpoint_part_t) { sample->users, visits };
    parts[n++] = (recs_checkpoint_part_t) { sample->parts, visits };

    return n;
}


static recs_status_t
recs_mlp_train_epochs(recs_mlp_train_t *t, recs_checkpoint_t *checkpoint,
    recs_mlp_progress_fn progress, void *data, recs_error_t *err)
{
    double                   loss;
    unsigned                 n_parts;
    recs_status_t            rc;
    recs_mlp_state_t         state = { 0, 0 };
    recs_checkpoint_part_t   parts[RECS_MLP_STATE_PARTS];

    n_parts = recs_mlp_train_parts(t, &state, parts);

    if (recs_checkpoint_load(checkpoint, "epochs", parts, n_parts)) {
        t->adam.n_steps = state.n_steps;
    }

    while (state.epoch < t->params->n_epochs) {
        t->epoch = (uint32_t) ++state.epoch;

        rc = recs_mlp_train_epoch(t, &loss, err);

        if (rc == RECS_OK) {
            state.n_steps = t->adam.n_steps;
            rc = recs_checkpoint_save(checkpoint, "epochs", parts, n_parts,
                                      t->epoch == t->params->n_epochs, err);
        }

        if (rc != RECS_OK) {
            return rc;
        }

        if (progress != NULL) {
            progress(data, t->epoch, loss);
        }
    }

    return RECS_OK;
}


static void
recs_mlp_train_enter(recs_checkpoint_t *checkpoint,
    const recs_dataset_view_t *view, const recs_mlp_params_t *params)
{
    double  values[] = {
        params->n_embedding, params->n_hidden, params->n_epochs,
        params->n_negatives, params->learning_rate
    };

    recs_checkpoint_enter(checkpoint, "mlp", view, values,
                          sizeof(values) / sizeof(values[0]), params->seed);
}


recs_status_t
recs_mlp_train(recs_mlp_network_t *network, const recs_dataset_view_t *view,
    const recs_mlp_params_t *params, recs_threads_t *threads,
    recs_checkpoint_t *checkpoint, recs_mlp_progress_fn progress, void *data,
    recs_error_t *err)
{
    recs_status_t      rc;
    recs_mlp_train_t  *t;

    t = calloc(1, sizeof(recs_mlp_train_t));
    if (t == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to train a network");
    }

    t->params = params;
    t->network = network;
    t->threads = threads;

    openblas_set_num_threads(1);

    rc = recs_mlp_train_init(t, view, err);

    if (rc == RECS_OK) {
        recs_mlp_train_enter(checkpoint, view, params);
        rc = recs_mlp_train_epochs(t, checkpoint, progress, data, err);
        recs_checkpoint_leave(checkpoint);
    }

    recs_mlp_train_free(t);
    free(t);

    if (rc != RECS_OK) {
        recs_mlp_network_free(network);
    }

    return rc;
}
