/*
 * The trees of a bundle: its tables `tree_nodes`, `tree_leaves`, `tree_means`.
 */

#include "recs_bundle_private.h"


static recs_status_t
recs_bundle_trees_error(const recs_bundle_t *b, const char *what,
    recs_error_t *err)
{
    return recs_error(err, RECS_CORRUPT, "\"%s\": the trees: %s", b->name,
                      what);
}


/* Of so many rows of so many bytes. */
static int
recs_bundle_trees_table(const recs_bundle_t *b, recs_table_id_t id,
    uint64_t n_rows, size_t row_size)
{
    const recs_table_t  *t;

    t = &b->tables[id].table;

    return t->n_rows == n_rows && t->row_size == row_size;
}


recs_status_t
recs_bundle_load_trees(recs_bundle_t *b, recs_error_t *err)
{
    unsigned         i;
    uint64_t         n_nodes;
    recs_trees_t    *trees;

    static const recs_table_id_t  ids[] = {
        RECS_TABLE_TREE_NODES, RECS_TABLE_TREE_LEAVES, RECS_TABLE_TREE_MEANS
    };

    trees = &b->view.trees;

    for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        if ((b->tables[ids[i]].n_shards > 0) != (trees->n_features > 0)) {
            return recs_bundle_trees_error(b, "a table is missing, or does "
                                           "not belong here", err);
        }
    }

    if (trees->n_features == 0) {
        return RECS_OK;
    }

    trees->n_trees = b->tables[RECS_TABLE_TREE_LEAVES].table.n_rows
                     <= RECS_TREES_MAX
                     ? (uint32_t) b->tables[RECS_TABLE_TREE_LEAVES]
                                  .table.n_rows
                     : RECS_TREES_MAX + 1;

    for (trees->depth = 1; trees->depth < RECS_TREES_DEPTH_MAX;
         trees->depth++)
    {
        if (recs_bundle_trees_table(b, RECS_TABLE_TREE_LEAVES, trees->n_trees,
                                    sizeof(float) << trees->depth))
        {
            break;
        }
    }

    n_nodes = trees->n_trees * (((uint64_t) 1 << trees->depth) - 1);

    if (trees->n_trees == 0
        || !recs_bundle_trees_table(b, RECS_TABLE_TREE_LEAVES, trees->n_trees,
                                    sizeof(float) << trees->depth)
        || !recs_bundle_trees_table(b, RECS_TABLE_TREE_NODES, n_nodes,
                                    sizeof(recs_tree_node_t))
        || !recs_bundle_trees_table(b, RECS_TABLE_TREE_MEANS, n_nodes,
                                    sizeof(float)))
    {
        return recs_bundle_trees_error(b, "bad dimensions", err);
    }

    trees->nodes = (const void *) b->tables[RECS_TABLE_TREE_NODES].shards[0];
    trees->leaves = (const void *) b->tables[RECS_TABLE_TREE_LEAVES].shards[0];
    trees->means = (const void *) b->tables[RECS_TABLE_TREE_MEANS].shards[0];

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
