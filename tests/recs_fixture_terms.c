/*
 * The terms of a fixture.
 */

#include "recs_fixture.h"

#include <stdlib.h>


void
recs_fixture_terms(recs_fixture_t *fixture, uint32_t n, uint64_t *state)
{
    uint32_t       i, n_factors;
    recs_terms_t  *t;

    t = &fixture->terms;
    n_factors = fixture->model.n_factors;

    fixture->term_hashes = calloc(n, sizeof(uint64_t));
    fixture->term_weights = calloc(n, sizeof(float));
    fixture->term_factors = calloc((size_t) n * n_factors, sizeof(float));

    for (i = 0; i < n; i++) {
        fixture->term_hashes[i] = (i + 1) * (uint64_t) 1000;
        fixture->term_weights[i] = 1 + (float) (i % 5);
    }

    for (i = 0; i < n * n_factors; i++) {
        fixture->term_factors[i] =
            (float) ((recs_fixture_random(state) >> 33) % 9) - 4;
    }

    t->n = n;
    t->hashes = fixture->term_hashes;
    t->weights = fixture->term_weights;
    t->factors = fixture->term_factors;
    t->languages = 3;
    fixture->model.terms = t;
}
