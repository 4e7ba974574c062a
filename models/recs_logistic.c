#include "recs_logistic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_rng.h"


/* Weights of FTRL: the intercept, each number's and what stands for its being
   missing, then the hashes'. */
#define RECS_LOGISTIC_FIRST   (1 + 2 * RECS_FEATURE_COUNT)
#define RECS_LOGISTIC_SLOTS   ((uint32_t) 1 << RECS_LOGISTIC_BITS)
#define RECS_LOGISTIC_TERMS   (RECS_FEATURE_COUNT + RECS_FEATURES_HASHED_MAX)


typedef struct {
    const recs_rank_examples_t  *examples;
    recs_logistic_numeric_t     *numeric;
    recs_ftrl_t                 *ftrl;
    uint64_t                    *order;           /* [n_order] learned from */
    uint64_t                     n_order;
    uint64_t                    *held;            /* [n_held] found, held out */
    uint64_t                     n_held;
    uint32_t                    *places;          /* [SLOTS] + 1, of a term */
    recs_ftrl_term_t             terms[RECS_LOGISTIC_TERMS];
} recs_logistic_learner_t;


static recs_status_t
recs_logistic_no_memory(recs_error_t *err)
{
    return recs_error(err, RECS_NOMEM, "no memory to learn a ranking");
}


static void
recs_logistic_divide(recs_logistic_learner_t *l)
{
    uint32_t                     u;
    uint64_t                     i;
    const recs_rank_examples_t  *e;

    e = l->examples;

    for (u = 0; u < e->n_users; u++) {
        for (i = e->offsets[u]; i < e->offsets[u + 1]; i++) {
            if (u % RECS_LOGISTIC_HELD != RECS_LOGISTIC_HELD - 1) {
                l->order[l->n_order++] = i;

            } else if (e->found[i]) {
                l->held[l->n_held++] = i;
            }
        }
    }
}


/* Means and deviations over the examples that are learned from. */
static void
recs_logistic_standardise(recs_logistic_learner_t *l)
{
    float     value;
    double    mean, squares, d, deviation;
    uint32_t  f;
    uint64_t  i, n;

    for (f = 0; f < RECS_FEATURE_COUNT; f++) {
        mean = squares = 0;

        for (i = n = 0; i < l->n_order; i++) {
            value = l->examples->numeric[l->order[i] * RECS_FEATURE_COUNT + f];

            if (value == value) {
                d = (double) value - mean;
                mean += d / (double) ++n;
                squares += d * ((double) value - mean);
            }
        }

        deviation = n > 0 ? sqrt(squares / (double) n) : 0;

        l->numeric[f].mean = (float) mean;
        l->numeric[f].scale = deviation > 1e-6 * (1 + fabs(mean))
                              ? (float) (1 / deviation) : 0.0f;
    }
}


/* The terms of an example; hashes that share a weight are one term. */
static uint32_t
recs_logistic_terms(recs_logistic_learner_t *l, uint64_t example)
{
    float                        value;
    uint32_t                     f, n, first, slot;
    uint64_t                     h;
    const recs_rank_examples_t  *e;

    e = l->examples;
    n = 0;

    for (f = 0; f < RECS_FEATURE_COUNT; f++) {
        value = e->numeric[example * RECS_FEATURE_COUNT + f];

        if (value == value) {
            l->terms[n].feature = 1 + f;
            l->terms[n++].value = recs_logistic_standard(&l->numeric[f],
                                                         value);

        } else {
            l->terms[n].feature = 1 + RECS_FEATURE_COUNT + f;
            l->terms[n++].value = 1;
        }
    }

    first = n;

    for (h = e->hash_offsets[example]; h < e->hash_offsets[example + 1]; h++) {
        slot = recs_logistic_slot(RECS_LOGISTIC_BITS, e->hashes[h]);

        if (l->places[slot] == 0) {
            l->terms[n].feature = RECS_LOGISTIC_FIRST + slot;
            l->terms[n++].value = 0;
            l->places[slot] = n;
        }

        l->terms[l->places[slot] - 1].value += 1;
    }

    while (first < n) {
        l->places[l->terms[first++].feature - RECS_LOGISTIC_FIRST] = 0;
    }

    return n;
}


static void
recs_logistic_shuffle(recs_logistic_learner_t *l, recs_rng_t *rng)
{
    uint64_t  i, j, swap;

    for (i = l->n_order; i > 1; i--) {
        j = recs_rng_next(rng) % i;
        swap = l->order[i - 1];
        l->order[i - 1] = l->order[j];
        l->order[j] = swap;
    }
}


static void
recs_logistic_learn(recs_logistic_learner_t *l,
    const recs_logistic_params_t *params)
{
    uint32_t    epoch, n;
    uint64_t    i;
    recs_rng_t  rng;

    recs_rng_seed(&rng, params->seed);

    for (epoch = 0; epoch < params->epochs; epoch++) {
        recs_logistic_shuffle(l, &rng);

        for (i = 0; i < l->n_order; i++) {
            n = recs_logistic_terms(l, l->order[i]);
            recs_ftrl_learn(l->ftrl, l->terms, n,
                            l->examples->labels[l->order[i]] > 0.5f);
        }
    }
}


static recs_status_t
recs_logistic_calibrate(recs_logistic_learner_t *l, recs_platt_t *platt,
    recs_error_t *err)
{
    float          *labels;
    double         *scores;
    uint32_t        n;
    uint64_t        i;
    recs_status_t   rc;

    scores = malloc((l->n_held + 1) * sizeof(double));
    labels = malloc((l->n_held + 1) * sizeof(float));

    if (scores == NULL || labels == NULL) {
        free(scores);
        free(labels);
        return recs_logistic_no_memory(err);
    }

    for (i = 0; i < l->n_held; i++) {
        n = recs_logistic_terms(l, l->held[i]);
        scores[i] = recs_ftrl_score(l->ftrl, l->terms, n);
        labels[i] = l->examples->labels[l->held[i]];
    }

    rc = recs_platt(scores, labels, l->n_held, platt, err);

    if (rc == RECS_INVALID) {
        platt->scale = 1;
        platt->shift = 0;
        rc = RECS_OK;
    }

    free(scores);
    free(labels);

    return rc;
}


/* The weights, and what there is to calibrate in them. */
static recs_status_t
recs_logistic_finish(recs_logistic_learner_t *l, recs_logistic_fit_t *fit,
    recs_error_t *err)
{
    float     *weights;
    uint32_t   i;

    weights = malloc((RECS_LOGISTIC_FIRST + RECS_LOGISTIC_SLOTS)
                     * sizeof(float));
    if (weights == NULL) {
        return recs_logistic_no_memory(err);
    }

    recs_ftrl_weights(l->ftrl, weights);

    for (i = 0; i < RECS_LOGISTIC_FIRST + RECS_LOGISTIC_SLOTS; i++) {
        weights[i] = (float) (fit->platt.scale * (double) weights[i]);
    }

    fit->intercept = weights[0] + (float) fit->platt.shift;

    for (i = 0; i < RECS_FEATURE_COUNT; i++) {
        fit->numeric[i].weight = weights[1 + i];
        fit->numeric[i].missing = weights[1 + RECS_FEATURE_COUNT + i];
    }

    memcpy(fit->weights, weights + RECS_LOGISTIC_FIRST,
           RECS_LOGISTIC_SLOTS * sizeof(float));
    free(weights);

    return RECS_OK;
}


static int
recs_logistic_alloc(recs_logistic_learner_t *l, recs_logistic_fit_t *fit,
    const recs_logistic_params_t *params)
{
    fit->numeric = calloc(RECS_FEATURE_COUNT,
                          sizeof(recs_logistic_numeric_t));
    fit->weights = calloc(RECS_LOGISTIC_SLOTS, sizeof(float));

    l->numeric = fit->numeric;
    l->ftrl = recs_ftrl_create(RECS_LOGISTIC_FIRST + RECS_LOGISTIC_SLOTS,
                               &params->ftrl);
    l->order = malloc((l->examples->n + 1) * sizeof(uint64_t));
    l->held = malloc((l->examples->n + 1) * sizeof(uint64_t));
    l->places = calloc(RECS_LOGISTIC_SLOTS, sizeof(uint32_t));

    return fit->numeric != NULL && fit->weights != NULL && l->ftrl != NULL
           && l->order != NULL && l->held != NULL && l->places != NULL;
}


static recs_status_t
recs_logistic_check_labels(const recs_logistic_learner_t *l,
    recs_error_t *err)
{
    uint64_t  i, n;

    for (i = n = 0; i < l->n_order; i++) {
        n += l->examples->labels[l->order[i]] > 0.5f;
    }

    return n > 0 && n < l->n_order ? RECS_OK
           : recs_error(err, RECS_INVALID, "logistic regression needs "
                        "examples of items taken and not taken: there is "
                        "too little data to hold some out");
}


recs_status_t
recs_logistic_train(recs_logistic_fit_t *fit,
    const recs_rank_examples_t *examples, const recs_logistic_params_t *params,
    recs_error_t *err)
{
    recs_status_t             rc;
    recs_logistic_learner_t  *l;

    memset(fit, 0, sizeof(recs_logistic_fit_t));

    l = calloc(1, sizeof(recs_logistic_learner_t));
    if (l == NULL) {
        return recs_logistic_no_memory(err);
    }

    l->examples = examples;

    if (!recs_logistic_alloc(l, fit, params)) {
        rc = recs_logistic_no_memory(err);
        goto done;
    }

    recs_logistic_divide(l);

    rc = recs_logistic_check_labels(l, err);
    if (rc != RECS_OK) {
        goto done;
    }

    recs_logistic_standardise(l);
    recs_logistic_learn(l, params);

    rc = recs_logistic_calibrate(l, &fit->platt, err);

    if (rc == RECS_OK) {
        rc = recs_logistic_finish(l, fit, err);
    }

    fit->logistic.n_features = RECS_FEATURE_COUNT;
    fit->logistic.bits = RECS_LOGISTIC_BITS;
    fit->logistic.numeric = fit->numeric;
    fit->logistic.weights = fit->weights;

done:

    recs_ftrl_destroy(l->ftrl);
    free(l->order);
    free(l->held);
    free(l->places);
    free(l);

    if (rc != RECS_OK) {
        recs_logistic_free(fit);
    }

    return rc;
}


recs_status_t
recs_logistic_set_items(recs_logistic_fit_t *fit, const recs_bundle_t *bundle,
    recs_error_t *err)
{
    uint32_t                    item, n;
    uint64_t                    hashes[RECS_FEATURES_ITEM_HASHES];
    recs_status_t               rc;
    recs_features_t            *features;
    const recs_bundle_view_t   *view;

    rc = recs_features_create(&features, bundle, err);
    if (rc != RECS_OK) {
        return rc;
    }

    view = recs_bundle_view(bundle);
    fit->items = malloc(view->n_items * sizeof(float));

    if (fit->items == NULL) {
        recs_features_destroy(features);
        return recs_logistic_no_memory(err);
    }

    for (item = 0; item < view->n_items; item++) {
        n = recs_features_item_hashes(features, item, hashes);
        fit->items[view->item_order[item]] =
            fit->intercept + recs_logistic_hashed(&fit->logistic, hashes, n);
    }

    fit->logistic.items = fit->items;
    recs_features_destroy(features);

    return RECS_OK;
}


void
recs_logistic_free(recs_logistic_fit_t *fit)
{
    free(fit->numeric);
    free(fit->weights);
    free(fit->items);
    memset(fit, 0, sizeof(recs_logistic_fit_t));
}
