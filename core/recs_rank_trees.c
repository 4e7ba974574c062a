#include "recs_rank_trees.h"

#include <math.h>


const char *
recs_trees_check(const recs_trees_t *t)
{
    uint64_t  i, n;

    if (t->n_trees == 0 || t->n_trees > RECS_TREES_MAX || t->depth == 0
        || t->depth > RECS_TREES_DEPTH_MAX || t->n_features == 0
        || t->n_features > RECS_TREES_FEATURES_MAX)
    {
        return "none, too many or too deep ones";
    }

    if (!(t->retrieved_weight >= 0.0f)
        || !(t->retrieved_weight <= RECS_TREES_WEIGHT_MAX))
    {
        return "the weight of retrieval is out of range";
    }

    n = ((uint64_t) 1 << t->depth) * t->n_trees;

    for (i = 0; i < n - t->n_trees; i++) {
        if (t->nodes[i].feature >= t->n_features
            || t->nodes[i].missing_right > 1)
        {
            return "a node asks for a feature that there is not";
        }

        if (!(fabsf(t->means[i]) <= RECS_TREES_LEAF_MAX)) {
            return "a node's mean is not finite";
        }
    }

    for (i = 0; i < n; i++) {
        if (!(fabsf(t->leaves[i]) <= RECS_TREES_LEAF_MAX)) {
            return "a leaf is not finite";
        }
    }

    return NULL;
}


size_t
recs_trees_keys_size(const recs_trees_t *t, uint32_t n)
{
    return ((size_t) n + RECS_TREES_LANES - 1) / RECS_TREES_LANES
           * RECS_TREES_LANES * t->n_features;
}


void
recs_trees_set_keys(const recs_trees_t *t, uint32_t *keys, uint32_t i,
    const float *features)
{
    uint32_t  f;

    keys += (size_t) (i / RECS_TREES_LANES) * RECS_TREES_LANES
            * t->n_features + i % RECS_TREES_LANES;

    for (f = 0; f < t->n_features; f++) {
        keys[(size_t) f * RECS_TREES_LANES] = recs_tree_key(features[f]);
    }
}


/* The leaves that a group of candidates comes to in one tree. */
static inline void
recs_trees_walk(const recs_tree_node_t *nodes, uint32_t depth,
    const uint32_t *keys, uint32_t at[RECS_TREES_LANES])
{
    uint32_t                 i, level, key;
    const recs_tree_node_t  *node;

#pragma GCC unroll 8
    for (i = 0; i < RECS_TREES_LANES; i++) {
        at[i] = 0;
    }

    for (level = 0; level < depth; level++) {
#pragma GCC unroll 8
        for (i = 0; i < RECS_TREES_LANES; i++) {
            node = &nodes[at[i]];
            key = keys[(size_t) node->feature * RECS_TREES_LANES + i];
            at[i] = 2 * at[i] + 1
                    + (key - node->missing_right >= node->threshold);
        }
    }
}


void
recs_trees_score(const recs_trees_t *t, const uint32_t *keys, uint32_t n,
    float *scores)
{
    float                    sums[RECS_TREES_LANES];
    uint32_t                 i, first, tree, n_nodes, at[RECS_TREES_LANES];
    const float             *leaves;
    const recs_tree_node_t  *nodes;

    n_nodes = ((uint32_t) 1 << t->depth) - 1;

    for (first = 0; first < n; first += RECS_TREES_LANES) {
        nodes = t->nodes;
        leaves = t->leaves;

        for (i = 0; i < RECS_TREES_LANES; i++) {
            sums[i] = 0;
        }

        for (tree = 0; tree < t->n_trees; tree++) {
            recs_trees_walk(nodes, t->depth, keys, at);

#pragma GCC unroll 8
            for (i = 0; i < RECS_TREES_LANES; i++) {
                sums[i] += leaves[at[i] - n_nodes];
            }

            nodes += n_nodes;
            leaves += n_nodes + 1;
        }

        for (i = 0; i < RECS_TREES_LANES && first + i < n; i++) {
            scores[first + i] = sums[i];
        }

        keys += (size_t) RECS_TREES_LANES * t->n_features;
    }
}


double
recs_trees_explain(const recs_trees_t *t, const uint32_t *keys, uint32_t i,
    double *contributions)
{
    double                   base, mean, next;
    uint32_t                 tree, at, n_nodes, key;
    const float             *leaves, *means;
    const recs_tree_node_t  *nodes, *node;

    n_nodes = ((uint32_t) 1 << t->depth) - 1;
    keys += (size_t) (i / RECS_TREES_LANES) * RECS_TREES_LANES
            * t->n_features + i % RECS_TREES_LANES;
    base = 0;

    memset(contributions, 0, t->n_features * sizeof(double));

    for (tree = 0; tree < t->n_trees; tree++) {
        nodes = t->nodes + (size_t) tree * n_nodes;
        means = t->means + (size_t) tree * n_nodes;
        leaves = t->leaves + (size_t) tree * (n_nodes + 1);

        mean = (double) means[0];
        base += mean;

        for (at = 0; at < n_nodes; mean = next) {
            node = &nodes[at];
            key = keys[(size_t) node->feature * RECS_TREES_LANES];
            at = 2 * at + 1
                 + (key - node->missing_right >= node->threshold);
            next = (double) (at < n_nodes ? means[at] : leaves[at - n_nodes]);
            contributions[node->feature] += next - mean;
        }
    }

    return base;
}
