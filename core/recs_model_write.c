#include "recs_model.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recs_bundle.h"
#include "recs_filter_index.h"
#include "recs_golden_write.h"
#include "recs_model_writing.h"


static void
recs_fill_item_factors(void *data, uint64_t row, void *dst)
{
    recs_writing_t  *w;

    w = data;

    memset(dst, 0, w->stride * sizeof(float));
    memcpy(dst, w->model->item_factors
                + (size_t) w->items[row].index * w->model->n_factors,
           w->model->n_factors * sizeof(float));
}


static void
recs_fill_user_factors(void *data, uint64_t row, void *dst)
{
    recs_writing_t  *w;

    w = data;

    memset(dst, 0, w->stride * sizeof(float));
    memcpy(dst, w->model->user_factors
                + (size_t) w->users[row] * w->model->n_factors,
           w->model->n_factors * sizeof(float));
}


static void
recs_fill_norm(void *data, uint64_t row, void *dst)
{
    memcpy(dst, &((recs_writing_t *) data)->norms[row], sizeof(float));
}


static void
recs_fill_order(void *data, uint64_t row, void *dst)
{
    memcpy(dst, &((recs_writing_t *) data)->items[row].index,
           sizeof(uint32_t));
}


static void
recs_fill_popularity(void *data, uint64_t row, void *dst)
{
    recs_writing_t  *w;

    w = data;
    memcpy(dst, &w->model->popularity[w->items[row].index], sizeof(float));
}


static void
recs_fill_popular_item(void *data, uint64_t row, void *dst)
{
    memcpy(dst, &((recs_writing_t *) data)->popular_items[row],
           sizeof(uint32_t));
}


static void
recs_fill_gram(void *data, uint64_t row, void *dst)
{
    memcpy(dst, &((recs_writing_t *) data)->model->fold_in->gram[row],
           sizeof(float));
}


static void
recs_fill_hash(void *data, uint64_t row, void *dst)
{
    memcpy(dst, &((recs_writing_t *) data)->hashes[row],
           sizeof(recs_hashed_item_t));
}


static recs_str_t
recs_get_item_record(void *data, uint64_t i)
{
    recs_writing_t  *w;

    w = data;

    return w->model->items.record(w->model->items.data, w->items[i].index);
}


static recs_str_t
recs_get_user_record(void *data, uint64_t i)
{
    recs_writing_t  *w;

    w = data;

    return w->model->users.record(w->model->users.data, w->users[i]);
}


static recs_str_t
recs_get_seen(void *data, uint64_t i)
{
    return recs_model_seen(data, (uint32_t) i);
}


static recs_status_t
recs_model_put_ids(recs_writing_t *w, const char *db,
    recs_str_t (*get)(void *, uint64_t), uint32_t n, recs_error_t *err)
{
    uint32_t       i;
    recs_str_t    *ids;
    recs_status_t  rc;

    ids = malloc(((size_t) n + 1) * sizeof(recs_str_t));
    if (ids == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to write %u ids", n);
    }

    for (i = 0; i < n; i++) {
        ids[i] = recs_record_id(get(w, i));
    }

    rc = recs_bundle_writer_ids(w->writer, db, ids, n, err);
    free(ids);

    return rc;
}


/* What users have seen, neighbours, and what is popular in a context. */
static recs_status_t
recs_model_put_lists(recs_writing_t *w, recs_error_t *err)
{
    recs_status_t        rc;
    const recs_model_t  *m;

    m = w->model;
    rc = RECS_OK;

    if (m->seen_offsets != NULL) {
        rc = recs_bundle_writer_runs(w->writer, RECS_TABLE_SEEN_ITEMS,
                                     RECS_TABLE_SEEN_SPANS, w->n_users,
                                     recs_get_seen, w, err);
    }

    if (rc == RECS_OK && recs_model_has_recent(m)) {
        rc = recs_bundle_writer_runs(w->writer, RECS_TABLE_RECENT_ITEMS,
                                     RECS_TABLE_RECENT_SPANS, w->n_users,
                                     recs_model_recent, w, err);
    }

    if (rc == RECS_OK && m->neighbors != NULL) {
        rc = recs_bundle_writer_runs(w->writer, RECS_TABLE_NEIGHBORS,
                                     RECS_TABLE_NEIGHBOR_SPANS, m->items.n,
                                     recs_model_neighbors, w, err);
    }

    if (rc == RECS_OK && m->neighbors != NULL
        && m->neighbors->opposed.offsets != NULL)
    {
        rc = recs_bundle_writer_runs(w->writer, RECS_TABLE_OPPOSED,
                                     RECS_TABLE_OPPOSED_SPANS, m->items.n,
                                     recs_model_opposed, w, err);
    }

    if (rc == RECS_OK && m->neighbors != NULL
        && m->neighbors->users.offsets != NULL)
    {
        rc = recs_bundle_writer_runs(w->writer, RECS_TABLE_USER_LISTS,
                                     RECS_TABLE_USER_LIST_SPANS, w->n_users,
                                     recs_model_user_list, w, err);
    }

    if (rc == RECS_OK && m->segments != NULL) {
        rc = recs_bundle_writer_runs(w->writer, RECS_TABLE_SEGMENTS,
                                     RECS_TABLE_SEGMENT_SPANS, m->segments->n,
                                     recs_model_segment, w, err);
    }

    return rc;
}


static recs_status_t
recs_model_put_entities(recs_writing_t *w, recs_error_t *err)
{
    recs_status_t        rc;
    const recs_model_t  *m;

    m = w->model;

    if ((rc = recs_model_put_ids(w, RECS_DB_ITEMS, recs_get_item_record,
                                 m->items.n, err)) != RECS_OK
        || (rc = recs_model_put_ids(w, RECS_DB_USERS, recs_get_user_record,
                                    w->n_users, err)) != RECS_OK
        || (rc = recs_bundle_writer_runs(w->writer, RECS_TABLE_ITEM_RECORDS,
                                         RECS_TABLE_ITEM_SPANS, m->items.n,
                                         recs_get_item_record, w, err))
           != RECS_OK
        || (rc = recs_bundle_writer_runs(w->writer, RECS_TABLE_USER_RECORDS,
                                         RECS_TABLE_USER_SPANS, w->n_users,
                                         recs_get_user_record, w, err))
           != RECS_OK)
    {
        return rc;
    }

    return recs_model_put_lists(w, err);
}


static recs_status_t
recs_model_put_tables(recs_writing_t *w, recs_error_t *err)
{
    unsigned             i;
    uint32_t             n_items, stride;
    recs_status_t        rc;
    const recs_model_t  *m;

    m = w->model;
    n_items = m->items.n;
    stride = w->stride * sizeof(float);

    const struct {
        recs_table_id_t    id;
        int                wanted;
        uint64_t           n_rows;
        uint32_t           row_size;
        void             (*fill)(void *data, uint64_t row, void *dst);
    } tables[] = {
        { RECS_TABLE_ITEM_FACTORS, m->n_factors > 0, n_items, stride,
          recs_fill_item_factors },
        { RECS_TABLE_ITEM_NORMS, m->n_factors > 0, n_items, sizeof(float),
          recs_fill_norm },
        { RECS_TABLE_ITEM_ORDER, 1, n_items, sizeof(uint32_t),
          recs_fill_order },
        { RECS_TABLE_ITEM_CODES, m->n_factors > 0, w->n_blocks,
          (uint32_t) recs_codes_block_size(w->codes_kind, m->n_factors),
          recs_model_fill_codes },
        { RECS_TABLE_CODE_BLOCKS, m->n_factors > 0, w->n_blocks,
          sizeof(recs_code_block_t), recs_model_fill_code_block },
        { RECS_TABLE_USER_FACTORS, m->n_factors > 0 && m->user_factors != NULL,
          w->n_users, stride, recs_fill_user_factors },
        { RECS_TABLE_POPULARITY, m->popularity != NULL, n_items,
          sizeof(float), recs_fill_popularity },
        { RECS_TABLE_POPULAR_ITEMS, m->popularity != NULL, n_items,
          sizeof(uint32_t), recs_fill_popular_item },
        { RECS_TABLE_ITEM_HASHES, 1, w->n_hashes, sizeof(recs_hashed_item_t),
          recs_fill_hash },
        { RECS_TABLE_GRAM, m->fold_in != NULL, m->n_factors, sizeof(float),
          recs_fill_gram }
    };

    for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (!tables[i].wanted) {
            continue;
        }

        rc = recs_bundle_writer_table(w->writer, tables[i].id,
                                      tables[i].n_rows, tables[i].row_size,
                                      tables[i].fill, w, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    return RECS_OK;
}


/*
 * Reads back what was put, with every check of the structure, so that no
 * bundle is written that would be refused later.
 */
static recs_status_t
recs_model_put_golden(recs_writing_t *w, recs_error_t *err)
{
    int             fd;
    const char     *path;
    recs_bundle_t  *bundle;
    recs_status_t   rc;

    rc = recs_bundle_writer_flush(w->writer, err);
    if (rc != RECS_OK) {
        return rc;
    }

    path = recs_bundle_writer_path(w->writer);

    fd = open(path, O_RDONLY|O_CLOEXEC);
    if (fd == -1) {
        return recs_error(err, RECS_IO, "cannot read back \"%s\"", path);
    }

    rc = recs_bundle_open_fd(&bundle, fd, path,
                             RECS_BUNDLE_UNSEALED, err);
    close(fd);

    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_golden_write(bundle, w->writer, err);
    recs_bundle_close(bundle);

    return rc;
}


/* An upper estimate of what LMDB will be given. */
static uint64_t
recs_model_size(const recs_writing_t *w)
{
    uint64_t             i, size;
    const recs_model_t  *m;

    m = w->model;

    size = recs_filter_index_size(w->filters);
    size += ((uint64_t) m->items.n + m->users.n)
           * (((m->n_factors + 15) / 16) * 80 + 1024);

    if (m->seen_offsets != NULL) {
        size += m->seen_offsets[m->users.n] * sizeof(uint32_t) * 2;
    }

    size += recs_model_lists_size(m);

    if (m->segments != NULL) {
        size += (uint64_t) m->segments->n
                * (RECS_SEGMENT_RUN_MAX + sizeof(recs_span_t));
    }

    size += recs_model_trees_size(m)
            + recs_model_logistic_size(m) + recs_model_mlp_size(m);
    if (m->terms != NULL) {
        size += (uint64_t) m->terms->n
                * (((m->n_factors + 15) / 16) * 64 + 32);
    }

    for (i = 0; i < m->items.n; i++) {
        size += m->items.record(m->items.data, (uint32_t) i).len;
    }

    for (i = 0; i < m->users.n; i++) {
        size += m->users.record(m->users.data, (uint32_t) i).len;
    }

    return size;
}


recs_status_t
recs_model_write(const recs_model_t *model, const char *path,
    recs_error_t *err)
{
    recs_status_t   rc;
    recs_writing_t  w;

    rc = recs_model_check(model, err);
    if (rc != RECS_OK) {
        return rc;
    }

    memset(&w, 0, sizeof(recs_writing_t));
    w.model = model;

    if ((rc = recs_model_arrange(&w, err)) != RECS_OK
        || (rc = recs_filter_index_create(&w.filters, &w, err)) != RECS_OK
        || (rc = recs_bundle_writer_create(&w.writer, path,
                                           recs_model_size(&w), err))
           != RECS_OK
        || (rc = recs_model_put_manifest(&w, err)) != RECS_OK
        || (rc = recs_model_put_entities(&w, err)) != RECS_OK
        || (rc = recs_model_put_tables(&w, err)) != RECS_OK
        || (rc = recs_model_put_trees(&w, err)) != RECS_OK
        || (rc = recs_model_put_mlp(&w, err)) != RECS_OK
        || (rc = recs_model_put_logistic(&w, err)) != RECS_OK
        || (rc = recs_model_put_terms(&w, err)) != RECS_OK
        || (rc = recs_filter_index_put(w.filters, w.writer, err)) != RECS_OK
        || (rc = recs_model_put_golden(&w, err)) != RECS_OK)
    {
        recs_bundle_writer_abort(w.writer);

    } else {
        rc = recs_bundle_writer_finish(w.writer, err);
    }

    recs_filter_index_destroy(w.filters);
    recs_model_arrange_free(&w);

    return rc;
}
