/*
 * The pairwise network of a bundle (recs_rank_mlp.h): the tables `mlp_output`,
 * `mlp_candidates`, `mlp_pasts` and `mlp_users`.  Every bit pattern of the
 * latter three is a row.
 */

#include "recs_bundle_private.h"


static recs_status_t
recs_bundle_mlp_error(const recs_bundle_t *b, const char *what,
    recs_error_t *err)
{
    return recs_error(err, RECS_CORRUPT, "\"%s\": the network: %s", b->name,
                      what);
}


static int
recs_bundle_mlp_fits(const recs_loaded_table_t *table, uint64_t n_rows,
    uint32_t n_hidden)
{
    return table->table.n_rows == n_rows
           && table->table.row_size == n_hidden * sizeof(int16_t);
}


recs_status_t
recs_bundle_load_mlp(recs_bundle_t *b, recs_error_t *err)
{
    size_t                      n;
    const float                *weights;
    recs_bundle_view_t         *v;
    const recs_loaded_table_t  *output, *candidates, *pasts, *users;

    v = &b->view;
    output = &b->tables[RECS_TABLE_MLP_OUTPUT];
    candidates = &b->tables[RECS_TABLE_MLP_CANDIDATES];
    pasts = &b->tables[RECS_TABLE_MLP_PASTS];
    users = &b->tables[RECS_TABLE_MLP_USERS];

    if ((candidates->n_shards > 0) != (output->n_shards > 0)
        || (pasts->n_shards > 0) != (output->n_shards > 0)
        || (users->n_shards > 0) != (output->n_shards > 0))
    {
        return recs_bundle_mlp_error(b, "a table is missing", err);
    }

    if (output->n_shards == 0) {
        return RECS_OK;
    }

    n = output->table.row_size / sizeof(float);

    if (output->table.n_rows != 1
        || output->table.row_size % sizeof(float) != 0
        || n <= RECS_MLP_EXTRA || n > RECS_MLP_HIDDEN_MAX + RECS_MLP_EXTRA
        || !recs_bundle_mlp_fits(candidates, v->n_items, n - RECS_MLP_EXTRA)
        || !recs_bundle_mlp_fits(pasts, v->n_items, n - RECS_MLP_EXTRA)
        || !recs_bundle_mlp_fits(users, v->n_users, n - RECS_MLP_EXTRA))
    {
        return recs_bundle_mlp_error(b, "bad dimensions", err);
    }

    weights = (const void *) output->shards[0];

    v->mlp.n_hidden = (uint32_t) n - RECS_MLP_EXTRA;
    v->mlp.weights = weights;
    v->mlp.retrieved_weight = weights[v->mlp.n_hidden];
    v->mlp.bias = weights[v->mlp.n_hidden + 1];
    v->mlp_candidates = candidates->table;
    v->mlp_pasts = pasts->table;
    v->mlp_users = users->table;

    return RECS_OK;
}


recs_status_t
recs_bundle_check_mlp(const recs_bundle_t *b, recs_error_t *err)
{
    const char  *wrong;

    if (b->view.mlp.n_hidden == 0) {
        return RECS_OK;
    }

    wrong = recs_mlp_check(&b->view.mlp);

    return wrong == NULL ? RECS_OK : recs_bundle_mlp_error(b, wrong, err);
}
