/*
 * The logistic regression of a fixture.
 */

#include "recs_fixture.h"

#include <stdlib.h>


#define LOGISTIC_BITS  6


static float
recs_fixture_weight(uint64_t *state)
{
    return (float) ((recs_fixture_random(state) >> 16) % 97) / 64 - 0.75f;
}


void
recs_fixture_logistic(recs_fixture_t *fixture, uint32_t n_features,
    uint64_t *state)
{
    uint32_t                  i, n;
    recs_logistic_t          *l;
    recs_logistic_numeric_t  *numeric;

    l = &fixture->logistic;
    l->n_features = n_features;
    l->bits = LOGISTIC_BITS;
    n = (1 << LOGISTIC_BITS) + fixture->model.items.n;

    fixture->logistic_numeric = calloc(n_features,
                                       sizeof(recs_logistic_numeric_t));
    fixture->logistic_weights = calloc(n, sizeof(float));

    for (i = 0; i < n_features; i++) {
        numeric = &fixture->logistic_numeric[i];
        numeric->mean = recs_fixture_weight(state);
        numeric->scale = 2 + recs_fixture_weight(state);
        numeric->weight = recs_fixture_weight(state);
        numeric->missing = recs_fixture_weight(state);
    }

    for (i = 0; i < n; i++) {
        fixture->logistic_weights[i] = recs_fixture_weight(state);
    }

    l->numeric = fixture->logistic_numeric;
    l->weights = fixture->logistic_weights;
    l->items = fixture->logistic_weights + (1 << LOGISTIC_BITS);
    fixture->model.logistic = l;
}
