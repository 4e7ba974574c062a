/*
 * Trees: the tables `tree_nodes`, `tree_leaves` and `tree_means`.
 */

#include "recs_model_writing.h"

#include <stdio.h>
#include <string.h>


recs_status_t
recs_model_check_trees(const recs_model_t *m, recs_error_t *err)
{
    const char  *wrong;

    wrong = m->trees != NULL ? recs_trees_check(m->trees) : NULL;

    return wrong == NULL
           ? RECS_OK : recs_error(err, RECS_INVALID, "the trees: %s", wrong);
}


static void
recs_model_fill_node(void *data, uint64_t row, void *dst)
{
    const recs_trees_t  *trees;

    trees = data;
    memcpy(dst, &trees->nodes[row], sizeof(recs_tree_node_t));
}


static void
recs_model_fill_leaves(void *data, uint64_t row, void *dst)
{
    const recs_trees_t  *trees;

    trees = data;
    memcpy(dst, trees->leaves + (row << trees->depth),
           sizeof(float) << trees->depth);
}


static void
recs_model_fill_mean(void *data, uint64_t row, void *dst)
{
    const recs_trees_t  *trees;

    trees = data;
    memcpy(dst, &trees->means[row], sizeof(float));
}


uint64_t
recs_model_trees_size(const recs_model_t *m)
{
    return m->trees == NULL ? 0
           : ((uint64_t) m->trees->n_trees << m->trees->depth)
             * (sizeof(recs_tree_node_t) + 2 * sizeof(float));
}


recs_status_t
recs_model_put_trees(recs_writing_t *w, recs_error_t *err)
{
    char           n_features[16], weight[32];
    uint64_t       n_nodes;
    recs_trees_t   trees;
    recs_status_t  rc;

    if (w->model->trees == NULL) {
        return RECS_OK;
    }

    trees = *w->model->trees;
    n_nodes = trees.n_trees * (((uint64_t) 1 << trees.depth) - 1);
    snprintf(n_features, sizeof(n_features), "%u", trees.n_features);
    snprintf(weight, sizeof(weight), "%.9g", (double) trees.retrieved_weight);

    if ((rc = recs_bundle_writer_manifest(w->writer, "trees.features",
                                          n_features, err)) != RECS_OK
        || (rc = recs_bundle_writer_manifest(w->writer,
                                             "trees.retrieved_weight", weight,
                                             err)) != RECS_OK
        || (rc = recs_bundle_writer_table(w->writer, RECS_TABLE_TREE_NODES,
                                          n_nodes, sizeof(recs_tree_node_t),
                                          recs_model_fill_node, &trees, err))
           != RECS_OK
        || (rc = recs_bundle_writer_table(w->writer, RECS_TABLE_TREE_MEANS,
                                          n_nodes, sizeof(float),
                                          recs_model_fill_mean, &trees, err))
           != RECS_OK)
    {
        return rc;
    }

    return recs_bundle_writer_table(w->writer, RECS_TABLE_TREE_LEAVES,
                                    trees.n_trees,
                                    (uint32_t) sizeof(float) << trees.depth,
                                    recs_model_fill_leaves, &trees, err);
}
