/*
 * The pairwise network of a fixture.
 */

#include "recs_fixture.h"

#include <stdlib.h>


/* Rows of small numbers and of the ends of their range. */
void
recs_fixture_mlp(recs_fixture_t *fixture, uint32_t n_hidden, uint64_t *state)
{
    size_t               i, n, n_items, n_users;
    uint64_t             random;
    recs_mlp_output_t   *output;

    output = &fixture->mlp.output;
    n_items = fixture->model.items.n;
    n_users = fixture->model.users.n;
    n = (2 * n_items + n_users) * n_hidden;

    fixture->mlp_rows = calloc(n, sizeof(int16_t));
    fixture->mlp_weights = calloc(n_hidden, sizeof(float));

    for (i = 0; i < n; i++) {
        random = recs_fixture_random(state) >> 16;
        fixture->mlp_rows[i] = random % 101 == 0 ? INT16_MIN
                               : random % 101 == 1 ? INT16_MAX
                               : (int16_t) (random % 2001) - 1000;
    }

    for (i = 0; i < n_hidden; i++) {
        fixture->mlp_weights[i] =
            ((float) ((recs_fixture_random(state) >> 16) % 97) - 48) / 37e3f;
    }

    output->n_hidden = n_hidden;
    output->weights = fixture->mlp_weights;
    output->retrieved_weight = 0.75f;
    output->bias = -1.5f;

    fixture->mlp.candidates = fixture->mlp_rows;
    fixture->mlp.pasts = fixture->mlp_rows + n_items * n_hidden;
    fixture->mlp.users = fixture->mlp_rows + 2 * n_items * n_hidden;
    fixture->model.mlp = &fixture->mlp;
}
