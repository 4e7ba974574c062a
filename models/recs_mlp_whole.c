/*
 * The network in whole numbers, each hidden unit in its own measure.
 */

#include "recs_mlp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_blas.h"
#include "recs_kernel.h"


/* products [n_items][n_hidden] = rows of embeddings * a half of first'. */
static void
recs_mlp_products(const recs_mlp_network_t *n, int pasts, float *products)
{
    int           d, h;
    const float  *rows, *half;

    d = (int) n->n_embedding;
    h = (int) n->n_hidden;
    rows = n->embeddings + (pasts ? (size_t) n->n_items * n->n_embedding : 0);
    half = n->layers + (pasts ? 0 : n->n_embedding);

    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int) n->n_items, h,
                d, 1, rows, d, half, 2 * d, 0, products, h);
}


/* The mean of a user's rows of pasts; 0 where he has none. */
static void
recs_mlp_user(const recs_dataset_view_t *view, uint32_t user,
    const float *pasts, uint32_t n_hidden, float *mean)
{
    float         share;
    uint32_t      h;
    uint64_t      i, first, end;
    const float  *row;

    first = view->user_offsets[user];
    end = view->user_offsets[user + 1];
    share = end > first ? 1 / (float) (end - first) : 0;
    memset(mean, 0, n_hidden * sizeof(float));

    for (i = first; i < end; i++) {
        row = pasts + (size_t) view->items[i] * n_hidden;

        for (h = 0; h < n_hidden; h++) {
            mean[h] += share * row[h];
        }
    }
}


/* What a unit's inputs are multiplied by: the largest becomes INT16_MAX. */
static void
recs_mlp_measures(const float *rows, size_t n_rows, uint32_t n_hidden,
    float *measures)
{
    size_t    i;
    uint32_t  h;

    memset(measures, 0, n_hidden * sizeof(float));

    for (i = 0; i < n_rows; i++) {
        for (h = 0; h < n_hidden; h++) {
            measures[h] = fmaxf(measures[h], fabsf(rows[i * n_hidden + h]));
        }
    }

    for (h = 0; h < n_hidden; h++) {
        measures[h] = measures[h] > 0 ? INT16_MAX / measures[h] : 1;
    }
}


static void
recs_mlp_round(const float *rows, size_t n_rows, uint32_t n_hidden,
    const float *measures, int16_t *whole)
{
    size_t    i;
    float     value;
    uint32_t  h;

    for (i = 0; i < n_rows; i++) {
        for (h = 0; h < n_hidden; h++) {
            value = rintf(rows[i * n_hidden + h] * measures[h]);
            value = fmaxf(fminf(value, INT16_MAX), -INT16_MAX);
            whole[i * n_hidden + h] = (int16_t) value;
        }
    }
}


static void
recs_mlp_fill(recs_mlp_t *layers, const recs_mlp_network_t *n,
    const recs_dataset_view_t *view, float *rows, float *measures,
    int16_t *whole, float *weights)
{
    float     *candidates, *pasts, *users;
    size_t     i, n_rows;
    uint32_t   h;

    candidates = rows;
    pasts = candidates + (size_t) n->n_items * n->n_hidden;
    users = pasts + (size_t) n->n_items * n->n_hidden;
    n_rows = 2 * (size_t) n->n_items + view->n_users;

    recs_mlp_products(n, 0, candidates);
    recs_mlp_products(n, 1, pasts);

    for (i = 0; i < n->n_items; i++) {
        for (h = 0; h < n->n_hidden; h++) {
            candidates[i * n->n_hidden + h] += recs_mlp_first_bias(n)[h];
        }
    }

    for (i = 0; i < view->n_users; i++) {
        recs_mlp_user(view, (uint32_t) i, pasts, n->n_hidden,
                      users + i * n->n_hidden);
    }

    recs_mlp_measures(rows, n_rows, n->n_hidden, measures);
    recs_mlp_round(rows, n_rows, n->n_hidden, measures, whole);

    for (h = 0; h < n->n_hidden; h++) {
        weights[h] = recs_mlp_second(n)[h] / measures[h];
    }

    layers->output.n_hidden = n->n_hidden;
    layers->output.weights = weights;
    layers->output.retrieved_weight = 0;
    layers->output.bias = *recs_mlp_second_bias(n);
    layers->candidates = whole;
    layers->pasts = whole + (size_t) n->n_items * n->n_hidden;
    layers->users = whole + 2 * (size_t) n->n_items * n->n_hidden;
}


recs_status_t
recs_mlp_layers(recs_mlp_t *layers, const recs_mlp_network_t *n,
    const recs_dataset_view_t *view, recs_error_t *err)
{
    float    *rows, *measures, *weights;
    size_t    size;
    int16_t  *whole;

    size = (2 * (size_t) n->n_items + view->n_users) * n->n_hidden;

    rows = malloc(size * sizeof(float));
    whole = malloc(size * sizeof(int16_t));
    measures = malloc(n->n_hidden * sizeof(float));
    weights = malloc(n->n_hidden * sizeof(float));

    if (rows == NULL || whole == NULL || measures == NULL || weights == NULL) {
        free(rows);
        free(whole);
        free(measures);
        free(weights);
        return recs_error(err, RECS_NOMEM, "no memory for a network's rows");
    }

    recs_mlp_fill(layers, n, view, rows, measures, whole, weights);

    free(rows);
    free(measures);

    return RECS_OK;
}


void
recs_mlp_layers_free(recs_mlp_t *layers)
{
    free((void *) layers->output.weights);
    free((void *) layers->candidates);
    memset(layers, 0, sizeof(recs_mlp_t));
}


void
recs_mlp_logits(const recs_mlp_t *layers, uint32_t user,
    const uint32_t *items, uint32_t n, float *logits)
{
    float           past[RECS_MLP_HIDDEN_MAX];
    uint32_t        i, h, n_hidden;
    const int16_t  *row;

    n_hidden = layers->output.n_hidden;
    row = layers->users + (size_t) user * n_hidden;

    for (h = 0; h < n_hidden; h++) {
        past[h] = row[h];
    }

    for (i = 0; i < n; i++) {
        row = layers->candidates + (size_t) items[i] * n_hidden;
        logits[i] = layers->output.bias
                    + recs_kernel()->rectified(past, row,
                                               layers->output.weights,
                                               n_hidden);
    }
}


void
recs_mlp_layers_weigh(recs_mlp_t *layers, double network, double retrieved,
    double bias)
{
    float              *weights;
    uint32_t            h;
    recs_mlp_output_t  *output;

    output = &layers->output;
    weights = (float *) output->weights;

    for (h = 0; h < output->n_hidden; h++) {
        weights[h] = (float) (network * (double) weights[h]);
    }

    output->retrieved_weight = (float) retrieved;
    output->bias = (float) (network * (double) output->bias + bias);
}
