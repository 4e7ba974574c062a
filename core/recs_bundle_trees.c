/*
 * The trees of a bundle: the tables `tree_nodes` and `tree_leaves`.
 */

#include "recs_bundle_private.h"


static recs_status_t
recs_bundle_trees_error(const recs_bundle_t *b, const char *what,
    recs_error_t *err)
{
    return recs_error(err, RECS_CORRUPT, "\"%s\": the trees: %s", b->name,
                      what);
}


recs_status_t
recs_bundle_load_trees(recs_bundle_t *b, recs_error_t *err)
{
    recs_trees_t               *trees;
    const recs_loaded_table_t  *nodes, *leaves;

    trees = &b->view.trees;
    nodes = &b->tables[RECS_TABLE_TREE_NODES];
    leaves = &b->tables[RECS_TABLE_TREE_LEAVES];

    if ((nodes->n_shards > 0) != (trees->n_features > 0)
        || (leaves->n_shards > 0) != (trees->n_features > 0))
    {
        return recs_bundle_trees_error(b, "a table is missing, or does not "
                                       "belong here", err);
    }

    if (trees->n_features == 0) {
        return RECS_OK;
    }

    while (trees->depth <= RECS_TREES_DEPTH_MAX
           && leaves->table.row_size != sizeof(float) << trees->depth)
    {
        trees->depth++;
    }

    if (trees->depth == 0 || trees->depth > RECS_TREES_DEPTH_MAX
        || leaves->table.n_rows == 0
        || leaves->table.n_rows > RECS_TREES_MAX
        || nodes->table.row_size != sizeof(recs_tree_node_t)
        || nodes->table.n_rows != leaves->table.n_rows
                                  * (((uint64_t) 1 << trees->depth) - 1))
    {
        return recs_bundle_trees_error(b, "bad dimensions", err);
    }

    trees->n_trees = (uint32_t) leaves->table.n_rows;
    trees->nodes = (const void *) nodes->shards[0];
    trees->leaves = (const void *) leaves->shards[0];

    return RECS_OK;
}


recs_status_t
recs_bundle_check_trees(const recs_bundle_t *b, recs_error_t *err)
{
    const char  *wrong;

    if (b->view.trees.n_trees == 0) {
        return RECS_OK;
    }

    wrong = recs_trees_check(&b->view.trees);

    return wrong == NULL ? RECS_OK : recs_bundle_trees_error(b, wrong, err);
}
