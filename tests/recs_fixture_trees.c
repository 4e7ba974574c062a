/*
 * The trees of a fixture.
 */

#include "recs_fixture.h"

#include <stdlib.h>


void
recs_fixture_trees(recs_fixture_t *fixture, uint32_t n, uint64_t *state)
{
    uint32_t       i, n_leaves;
    uint64_t       random;
    recs_trees_t  *t;

    t = &fixture->trees;
    t->n_trees = n;
    t->depth = 3;
    t->n_features = 9;
    t->retrieved_weight = 0.75f;
    n_leaves = n << t->depth;

    fixture->tree_nodes = calloc(n_leaves, sizeof(recs_tree_node_t));
    fixture->tree_leaves = calloc(n_leaves, sizeof(float));
    fixture->tree_means = calloc(n_leaves, sizeof(float));

    for (i = 0; i < n_leaves; i++) {
        random = recs_fixture_random(state) >> 16;
        fixture->tree_leaves[i] = (float) (random % 97) / 32 - 1;
        fixture->tree_means[i] = (float) (random % 89) / 64;
        fixture->tree_nodes[i].feature = (uint16_t) (random % t->n_features);
        fixture->tree_nodes[i].missing_right = random / 97 % 2;
        fixture->tree_nodes[i].threshold =
            recs_tree_key(fixture->tree_leaves[i]);
    }

    t->nodes = fixture->tree_nodes;
    t->leaves = fixture->tree_leaves;
    t->means = fixture->tree_means;
    fixture->model.trees = t;
}
