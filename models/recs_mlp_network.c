#include "recs_mlp_network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_blas.h"
#include "recs_rng.h"


/* Standard deviation of an embedding's numbers before training. */
#define RECS_MLP_EMBEDDING_SCALE  0.1


recs_status_t
recs_mlp_network_init(recs_mlp_network_t *network, uint32_t n_items,
    uint32_t n_embedding, uint32_t n_hidden, uint64_t seed, recs_error_t *err)
{
    double      scale;
    size_t      i, n_embeddings;
    float      *second;
    recs_rng_t  rng;

    n_embeddings = 2 * (size_t) n_items * n_embedding;

    network->n_items = n_items;
    network->n_embedding = n_embedding;
    network->n_hidden = n_hidden;
    network->n_layers = 2 * (size_t) n_hidden * (n_embedding + 1) + 1;
    network->embeddings = malloc(n_embeddings * sizeof(float));
    network->layers = calloc(network->n_layers, sizeof(float));

    if (network->embeddings == NULL || network->layers == NULL) {
        recs_mlp_network_free(network);
        return recs_error(err, RECS_NOMEM, "no memory for a network of %u "
                          "items", n_items);
    }

    recs_rng_seed(&rng, seed);

    for (i = 0; i < n_embeddings; i++) {
        network->embeddings[i] = (float) (recs_rng_normal(&rng)
                                          * RECS_MLP_EMBEDDING_SCALE);
    }

    scale = sqrt(1.0 / n_embedding);

    for (i = 0; i < 2 * (size_t) n_hidden * n_embedding; i++) {
        network->layers[i] = (float) (recs_rng_normal(&rng) * scale);
    }

    second = recs_mlp_second(network);
    scale = sqrt(2.0 / n_hidden);

    for (i = 0; i < n_hidden; i++) {
        second[i] = (float) (recs_rng_normal(&rng) * scale);
    }

    return RECS_OK;
}


void
recs_mlp_network_free(recs_mlp_network_t *network)
{
    free(network->embeddings);
    free(network->layers);
    memset(network, 0, sizeof(recs_mlp_network_t));
}


recs_status_t
recs_mlp_examples_init(recs_mlp_examples_t *e,
    const recs_mlp_network_t *network, uint32_t max_visits,
    uint32_t max_pasts, uint32_t max_items, recs_error_t *err)
{
    size_t  d, items, visits, pasts;

    d = network->n_embedding;
    items = max_items;
    visits = max_visits;
    pasts = max_pasts;

    memset(e, 0, sizeof(recs_mlp_examples_t));

    e->visits = malloc(visits * sizeof(recs_mlp_visit_t));
    e->pasts = malloc(pasts * sizeof(uint32_t));
    e->items = malloc(items * sizeof(uint32_t));
    e->labels = malloc(items * sizeof(float));
    e->inside = malloc(items);
    e->inputs = malloc(items * 2 * d * sizeof(float));
    e->hidden = malloc(items * network->n_hidden * sizeof(float));
    e->errors = malloc(items * sizeof(float));
    e->input_slopes = malloc(items * 2 * d * sizeof(float));
    e->past_slopes = malloc(visits * d * sizeof(float));
    e->layer_slopes = malloc(network->n_layers * sizeof(float));
    e->terms = malloc((2 * items + pasts) * sizeof(recs_mlp_term_t));

    if (e->visits == NULL || e->pasts == NULL || e->items == NULL
        || e->labels == NULL || e->inside == NULL || e->inputs == NULL
        || e->hidden == NULL || e->errors == NULL || e->input_slopes == NULL
        || e->past_slopes == NULL || e->layer_slopes == NULL
        || e->terms == NULL)
    {
        recs_mlp_examples_free(e);
        return recs_error(err, RECS_NOMEM, "no memory for %u examples",
                          max_items);
    }

    return RECS_OK;
}


void
recs_mlp_examples_free(recs_mlp_examples_t *e)
{
    free(e->visits);
    free(e->pasts);
    free(e->items);
    free(e->labels);
    free(e->inside);
    free(e->inputs);
    free(e->hidden);
    free(e->errors);
    free(e->input_slopes);
    free(e->past_slopes);
    free(e->layer_slopes);
    free(e->terms);
    memset(e, 0, sizeof(recs_mlp_examples_t));
}


/* The mean of n pasts whose sum is given, without one of them or NULL. */
static void
recs_mlp_mean(const float *sum, const float *without, uint32_t n,
    uint32_t n_embedding, float *mean)
{
    float     share;
    uint32_t  f;

    share = 1.0f / (float) (without != NULL ? n - 1 : n);

    for (f = 0; f < n_embedding; f++) {
        mean[f] = (without != NULL ? sum[f] - without[f] : sum[f]) * share;
    }
}


static void
recs_mlp_inputs(const recs_mlp_network_t *network, recs_mlp_examples_t *e,
    const recs_mlp_visit_t *visit, float *sum)
{
    float        *input;
    size_t        d;
    uint32_t      i, f;
    const float  *pasts, *row;

    d = network->n_embedding;
    pasts = network->embeddings + network->n_items * d;
    memset(sum, 0, d * sizeof(float));

    for (i = 0; i < visit->n_pasts; i++) {
        row = pasts + e->pasts[visit->first_past + i] * d;

        for (f = 0; f < d; f++) {
            sum[f] += row[f];
        }
    }

    for (i = visit->first; i < visit->first + visit->n; i++) {
        input = e->inputs + i * 2 * d;
        row = e->inside[i] ? pasts + e->items[i] * d : NULL;

        recs_mlp_mean(sum, row, visit->n_pasts, network->n_embedding, input);
        memcpy(input + d, network->embeddings + e->items[i] * d,
               d * sizeof(float));
    }
}


/* Up to the errors; hidden units are left as their outputs. */
static void
recs_mlp_forward(const recs_mlp_network_t *network, recs_mlp_examples_t *e,
    uint32_t n)
{
    float         input, logit, *hidden;
    uint32_t      i, h, n_hidden, n_inputs;
    const float  *first_bias, *second;

    n_hidden = network->n_hidden;
    n_inputs = 2 * network->n_embedding;
    first_bias = recs_mlp_first_bias(network);
    second = recs_mlp_second(network);

    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int) n,
                (int) n_hidden, (int) n_inputs, 1, e->inputs, (int) n_inputs,
                network->layers, (int) n_inputs, 0, e->hidden,
                (int) n_hidden);

    e->loss = 0;

    for (i = 0; i < n; i++) {
        hidden = e->hidden + (size_t) i * n_hidden;
        logit = *recs_mlp_second_bias(network);

        for (h = 0; h < n_hidden; h++) {
            input = hidden[h] + first_bias[h];
            hidden[h] = input > 0 ? input : 0;
            logit += hidden[h] * second[h];
        }

        e->errors[i] = 1 / (1 + expf(-logit)) - e->labels[i];
        e->loss += log1p(exp(-fabs((double) logit)))
                   + fmax((double) logit, 0)
                   - (double) (e->labels[i] * logit);
    }
}


/* Hidden units become the slopes of their inputs. */
static void
recs_mlp_backward(const recs_mlp_network_t *network, recs_mlp_examples_t *e,
    uint32_t n)
{
    float         error, *hidden, *first_bias, *second;
    uint32_t      i, h, n_hidden, n_inputs;
    const float  *weights;

    n_hidden = network->n_hidden;
    n_inputs = 2 * network->n_embedding;
    weights = recs_mlp_second(network);
    first_bias = e->layer_slopes + (size_t) n_inputs * n_hidden;
    second = first_bias + n_hidden;
    memset(first_bias, 0, (2 * n_hidden + 1) * sizeof(float));

    for (i = 0; i < n; i++) {
        hidden = e->hidden + (size_t) i * n_hidden;
        error = e->errors[i];

        for (h = 0; h < n_hidden; h++) {
            second[h] += error * hidden[h];
            hidden[h] = hidden[h] > 0 ? error * weights[h] : 0;
            first_bias[h] += hidden[h];
        }

        second[n_hidden] += error;
    }

    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int) n_hidden,
                (int) n_inputs, (int) n, 1, e->hidden, (int) n_hidden,
                e->inputs, (int) n_inputs, 0, e->layer_slopes,
                (int) n_inputs);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int) n,
                (int) n_inputs, (int) n_hidden, 1, e->hidden, (int) n_hidden,
                network->layers, (int) n_inputs, 0, e->input_slopes,
                (int) n_inputs);
}


static void
recs_mlp_add_term(recs_mlp_examples_t *e, uint32_t row, float factor,
    const float *slopes)
{
    recs_mlp_term_t  *term;

    term = &e->terms[e->n_terms++];
    term->row = row;
    term->factor = factor;
    term->slopes = slopes;
}


static void
recs_mlp_visit_terms(const recs_mlp_network_t *network,
    recs_mlp_examples_t *e, const recs_mlp_visit_t *visit, float *past_slopes)
{
    float         share;
    size_t        d;
    uint32_t      i, f;
    const float  *slopes;

    d = network->n_embedding;
    memset(past_slopes, 0, d * sizeof(float));

    for (i = visit->first; i < visit->first + visit->n; i++) {
        slopes = e->input_slopes + i * 2 * d;
        share = 1.0f / (float) (visit->n_pasts - e->inside[i]);

        for (f = 0; f < d; f++) {
            past_slopes[f] += share * slopes[f];
        }

        recs_mlp_add_term(e, e->items[i], 1, slopes + d);

        if (e->inside[i]) {
            recs_mlp_add_term(e, network->n_items + e->items[i], -share,
                              slopes);
        }
    }

    for (i = 0; i < visit->n_pasts; i++) {
        recs_mlp_add_term(e, network->n_items
                             + e->pasts[visit->first_past + i],
                          1, past_slopes);
    }
}


void
recs_mlp_slopes(const recs_mlp_network_t *network, recs_mlp_examples_t *e)
{
    size_t             d;
    uint32_t           i, n;
    recs_mlp_visit_t  *visit;

    d = network->n_embedding;
    n = 0;
    e->n_terms = 0;

    for (i = 0; i < e->n_visits; i++) {
        recs_mlp_inputs(network, e, &e->visits[i], e->past_slopes);
        n += e->visits[i].n;
    }

    recs_mlp_forward(network, e, n);
    recs_mlp_backward(network, e, n);

    for (i = 0; i < e->n_visits; i++) {
        visit = &e->visits[i];
        recs_mlp_visit_terms(network, e, visit, e->past_slopes + i * d);
    }
}
