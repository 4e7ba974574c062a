#include "recs_mlp_adam.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_ADAM_BETA1    0.9
#define RECS_ADAM_BETA2    0.999
#define RECS_ADAM_EPSILON  1e-8f

/* Rows that a thread takes at a time. */
#define RECS_ADAM_ROWS     64


/* A step over the rows of the embeddings. */
typedef struct {
    recs_mlp_adam_t     *adam;
    recs_mlp_network_t  *network;
    uint32_t             n_rows;
    float                scale;           /* of the slopes */
    float                rate;            /* corrected for the first steps */
} recs_mlp_step_t;


recs_status_t
recs_mlp_adam_init(recs_mlp_adam_t *a, const recs_mlp_network_t *network,
    double learning_rate, recs_error_t *err)
{
    size_t  n_rows;

    n_rows = 2 * (size_t) network->n_items;

    memset(a, 0, sizeof(recs_mlp_adam_t));
    a->learning_rate = learning_rate;
    a->layer_moments = calloc(2 * network->n_layers, sizeof(float));
    a->row_moments = calloc(2 * n_rows * network->n_embedding, sizeof(float));
    a->rows = malloc(n_rows * sizeof(uint32_t));
    a->starts = malloc((n_rows + 1) * sizeof(uint32_t));
    a->counts = calloc(n_rows, sizeof(uint32_t));

    if (a->layer_moments == NULL || a->row_moments == NULL || a->rows == NULL
        || a->starts == NULL || a->counts == NULL)
    {
        recs_mlp_adam_free(a);
        return recs_error(err, RECS_NOMEM, "no memory for the moments of %u "
                          "items", network->n_items);
    }

    return RECS_OK;
}


void
recs_mlp_adam_free(recs_mlp_adam_t *a)
{
    free(a->layer_moments);
    free(a->row_moments);
    free(a->rows);
    free(a->starts);
    free(a->counts);
    free(a->terms);
    memset(a, 0, sizeof(recs_mlp_adam_t));
}


static inline void
recs_mlp_adam_move(float *value, float *first, float *second, float slope,
    float rate)
{
    *first += (float) (1 - RECS_ADAM_BETA1) * (slope - *first);
    *second += (float) (1 - RECS_ADAM_BETA2) * (slope * slope - *second);
    *value -= rate * *first / (sqrtf(*second) + RECS_ADAM_EPSILON);
}


static void
recs_mlp_adam_layers(recs_mlp_step_t *step, const recs_mlp_examples_t *parts,
    uint32_t n_parts)
{
    float     slope, *moments;
    size_t    i, n;
    uint32_t  part;

    n = step->network->n_layers;
    moments = step->adam->layer_moments;

    for (i = 0; i < n; i++) {
        slope = 0;

        for (part = 0; part < n_parts; part++) {
            slope += parts[part].layer_slopes[i];
        }

        recs_mlp_adam_move(&step->network->layers[i], &moments[i],
                           &moments[n + i], slope * step->scale, step->rate);
    }
}


/* Brings the terms of each row together, in the order of the examples. */
static recs_status_t
recs_mlp_adam_collect(recs_mlp_step_t *step, const recs_mlp_examples_t *parts,
    uint32_t n_parts, recs_error_t *err)
{
    uint32_t                 i, part, row, n_terms;
    recs_mlp_adam_t         *a;
    const recs_mlp_term_t  **terms;

    a = step->adam;
    n_terms = 0;
    step->n_rows = 0;

    for (part = 0; part < n_parts; part++) {
        n_terms += parts[part].n_terms;
    }

    if (n_terms > a->max_terms) {
        terms = realloc(a->terms, n_terms * sizeof(a->terms[0]));
        if (terms == NULL) {
            return recs_error(err, RECS_NOMEM, "no memory for %u slopes",
                              n_terms);
        }

        a->terms = terms;
        a->max_terms = n_terms;
    }

    for (part = 0; part < n_parts; part++) {
        for (i = 0; i < parts[part].n_terms; i++) {
            row = parts[part].terms[i].row;

            if (a->counts[row]++ == 0) {
                a->rows[step->n_rows++] = row;
            }
        }
    }

    a->starts[0] = 0;

    for (i = 0; i < step->n_rows; i++) {
        row = a->rows[i];
        a->starts[i + 1] = a->starts[i] + a->counts[row];
        a->counts[row] = a->starts[i];
    }

    for (part = 0; part < n_parts; part++) {
        for (i = 0; i < parts[part].n_terms; i++) {
            row = parts[part].terms[i].row;
            a->terms[a->counts[row]++] = &parts[part].terms[i];
        }
    }

    for (i = 0; i < step->n_rows; i++) {
        a->counts[a->rows[i]] = 0;
    }

    return RECS_OK;
}


static void
recs_mlp_adam_row(recs_mlp_step_t *step, uint32_t i, float *slopes)
{
    float                   *row, *moments;
    size_t                   d;
    uint32_t                 j, f;
    recs_mlp_adam_t         *a;
    const recs_mlp_term_t   *term;

    a = step->adam;
    d = step->network->n_embedding;
    row = step->network->embeddings + a->rows[i] * d;
    moments = a->row_moments + 2 * a->rows[i] * d;
    memset(slopes, 0, d * sizeof(float));

    for (j = a->starts[i]; j < a->starts[i + 1]; j++) {
        term = a->terms[j];

        for (f = 0; f < d; f++) {
            slopes[f] += term->factor * term->slopes[f];
        }
    }

    for (f = 0; f < d; f++) {
        recs_mlp_adam_move(&row[f], &moments[f], &moments[d + f],
                           slopes[f] * step->scale, step->rate);
    }
}


static void
recs_mlp_adam_rows(void *data, uint32_t chunk, uint32_t thread)
{
    float             slopes[RECS_MLP_EMBEDDING_MAX];
    uint32_t          i, end;
    recs_mlp_step_t  *step;

    (void) thread;

    step = data;
    end = (chunk + 1) * RECS_ADAM_ROWS;
    end = end < step->n_rows ? end : step->n_rows;

    for (i = chunk * RECS_ADAM_ROWS; i < end; i++) {
        recs_mlp_adam_row(step, i, slopes);
    }
}


recs_status_t
recs_mlp_adam_step(recs_mlp_adam_t *a, recs_mlp_network_t *network,
    const recs_mlp_examples_t *parts, uint32_t n_parts, uint32_t n,
    recs_threads_t *threads, recs_error_t *err)
{
    double           t;
    recs_status_t    rc;
    recs_mlp_step_t  step;

    t = (double) ++a->n_steps;

    step.adam = a;
    step.network = network;
    step.scale = 1 / (float) n;
    step.rate = (float) (a->learning_rate * sqrt(1 - pow(RECS_ADAM_BETA2, t))
                         / (1 - pow(RECS_ADAM_BETA1, t)));

    rc = recs_mlp_adam_collect(&step, parts, n_parts, err);
    if (rc != RECS_OK) {
        return rc;
    }

    recs_mlp_adam_layers(&step, parts, n_parts);
    recs_threads_run(threads, (step.n_rows + RECS_ADAM_ROWS - 1)
                              / RECS_ADAM_ROWS,
                     recs_mlp_adam_rows, &step);

    return RECS_OK;
}
