/*
 * The pairwise network: the tables `mlp_output`, `mlp_candidates`,
 * `mlp_pasts` and `mlp_users`.
 */

#include "recs_model_writing.h"

#include <string.h>


recs_status_t
recs_model_check_mlp(const recs_model_t *m, recs_error_t *err)
{
    const char  *wrong;

    wrong = m->mlp != NULL ? recs_mlp_check(&m->mlp->output) : NULL;

    return wrong == NULL
           ? RECS_OK : recs_error(err, RECS_INVALID, "the network: %s", wrong);
}


static void
recs_model_fill_output(void *data, uint64_t row, void *dst)
{
    float                    *to;
    const recs_mlp_output_t  *output;

    (void) row;

    output = &((recs_writing_t *) data)->model->mlp->output;
    to = dst;

    memcpy(to, output->weights, output->n_hidden * sizeof(float));
    to[output->n_hidden] = output->retrieved_weight;
    to[output->n_hidden + 1] = output->bias;
}


static void
recs_model_copy_hidden(const recs_writing_t *w, const int16_t *rows,
    uint32_t index, void *dst)
{
    uint32_t  n_hidden;

    n_hidden = w->model->mlp->output.n_hidden;
    memcpy(dst, rows + (size_t) index * n_hidden, n_hidden * sizeof(int16_t));
}


static void
recs_model_fill_candidate(void *data, uint64_t row, void *dst)
{
    recs_writing_t  *w;

    w = data;
    recs_model_copy_hidden(w, w->model->mlp->candidates, w->items[row].index,
                           dst);
}


static void
recs_model_fill_past(void *data, uint64_t row, void *dst)
{
    recs_writing_t  *w;

    w = data;
    recs_model_copy_hidden(w, w->model->mlp->pasts, w->items[row].index, dst);
}


static void
recs_model_fill_user(void *data, uint64_t row, void *dst)
{
    recs_writing_t  *w;

    w = data;
    recs_model_copy_hidden(w, w->model->mlp->users, w->users[row], dst);
}


uint64_t
recs_model_mlp_size(const recs_model_t *m)
{
    return m->mlp == NULL ? 0
           : (2 * (uint64_t) m->items.n + m->users.n + 3)
             * m->mlp->output.n_hidden * sizeof(int16_t);
}


recs_status_t
recs_model_put_mlp(recs_writing_t *w, recs_error_t *err)
{
    uint32_t       n_items, row_size;
    recs_status_t  rc;

    if (w->model->mlp == NULL) {
        return RECS_OK;
    }

    n_items = w->model->items.n;
    row_size = w->model->mlp->output.n_hidden * (uint32_t) sizeof(int16_t);

    if ((rc = recs_bundle_writer_table(w->writer, RECS_TABLE_MLP_OUTPUT, 1,
                     (w->model->mlp->output.n_hidden + RECS_MLP_EXTRA)
                     * (uint32_t) sizeof(float),
                     recs_model_fill_output, w, err)) != RECS_OK
        || (rc = recs_bundle_writer_table(w->writer,
                     RECS_TABLE_MLP_CANDIDATES, n_items, row_size,
                     recs_model_fill_candidate, w, err)) != RECS_OK
        || (rc = recs_bundle_writer_table(w->writer, RECS_TABLE_MLP_PASTS,
                     n_items, row_size, recs_model_fill_past, w, err))
           != RECS_OK)
    {
        return rc;
    }

    return recs_bundle_writer_table(w->writer, RECS_TABLE_MLP_USERS,
                                    w->n_users, row_size,
                                    recs_model_fill_user, w, err);
}
