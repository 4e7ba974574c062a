/*
 * Tables and runs of bytes, in shards.
 */

#include "recs_bundle_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_bundle_writer.h"


uint64_t  recs_bundle_shard_size = (uint64_t) 1 << 30;


/*
 * Makes room for one shard; *data is where its bytes go.  A large value costs
 * its size in memory until the commit, so every shard gets its own.
 */
static recs_status_t
recs_writer_shard(recs_bundle_writer_t *w, recs_table_id_t id,
    const recs_table_header_t *header, char **data, recs_error_t *err)
{
    int            rc;
    char           name[RECS_TABLE_KEY_MAX];
    MDB_dbi        dbi;
    MDB_val        key, value;
    recs_status_t  status;

    status = recs_writer_dbi(w, RECS_DB_TABLES, &dbi, err);
    if (status != RECS_OK) {
        return status;
    }

    snprintf(name, sizeof(name), "%s/%u", recs_table_name(id), header->shard);

    key.mv_data = name;
    key.mv_size = strlen(name);
    value.mv_size = sizeof(recs_table_header_t) + header->size;

    if (value.mv_size < RECS_TABLE_VALUE_MIN) {
        value.mv_size = RECS_TABLE_VALUE_MIN;
    }

    rc = mdb_put(w->txn, dbi, &key, &value, MDB_RESERVE);
    if (rc != 0) {
        return recs_writer_error(w, rc, err);
    }

    memset(value.mv_data, 0, value.mv_size);
    memcpy(value.mv_data, header, sizeof(recs_table_header_t));

    *data = (char *) value.mv_data + sizeof(recs_table_header_t);

    return RECS_OK;
}


recs_status_t
recs_bundle_writer_table(recs_bundle_writer_t *w, recs_table_id_t id,
    uint64_t n_rows, uint32_t row_size,
    void (*fill)(void *data, uint64_t row, void *dst), void *data,
    recs_error_t *err)
{
    char                 *dst;
    uint64_t              row, n;
    recs_status_t         rc;
    recs_table_header_t   header;

    memset(&header, 0, sizeof(recs_table_header_t));
    header.magic = RECS_TABLE_MAGIC;
    header.type = recs_table_type(id);
    header.n_rows = n_rows;
    header.row_size = row_size;
    header.rows_per_shard = n_rows > 0 ? n_rows : 1;
    header.n_shards = 1;

    if (recs_table_sharded(id) && n_rows > recs_bundle_shard_size / row_size) {
        header.rows_per_shard = recs_bundle_shard_size / row_size;

        if (header.rows_per_shard == 0) {
            header.rows_per_shard = 1;
        }

        header.n_shards = (uint32_t) ((n_rows + header.rows_per_shard - 1)
                                      / header.rows_per_shard);
    }

    for (row = 0, rc = RECS_OK;
         header.shard < header.n_shards && rc == RECS_OK;
         header.shard++)
    {
        n = n_rows - row < header.rows_per_shard ? n_rows - row
                                                 : header.rows_per_shard;
        header.size = n * row_size;

        rc = recs_writer_shard(w, id, &header, &dst, err);

        for ( /* void */ ; n > 0 && rc == RECS_OK; n--) {
            fill(data, row++, dst);
            dst += row_size;
        }

        if (rc == RECS_OK) {
            rc = recs_writer_commit(w, err);
        }
    }

    return rc;
}


/* To 8 bytes: lists of item numbers and bitmaps are read in place. */
static uint64_t
recs_writer_aligned(uint64_t size)
{
    return (size + 7) & ~(uint64_t) 7;
}


static void
recs_writer_fill_span(void *data, uint64_t row, void *dst)
{
    const recs_span_t  *spans;

    spans = data;
    memcpy(dst, &spans[row], sizeof(recs_span_t));
}


/* Lays the runs out; returns the number of shards, their sizes in *sizes. */
static recs_status_t
recs_writer_layout(uint64_t n, recs_str_t (*get)(void *data, uint64_t i),
    void *data, recs_span_t *spans, uint64_t **sizes, uint32_t *n_shards,
    recs_error_t *err)
{
    uint64_t    i, size, *grown;
    uint32_t    shard;
    recs_str_t  run;

    shard = 0;
    *sizes = calloc(1, sizeof(uint64_t));

    if (*sizes == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to lay out records");
    }

    for (i = 0; i < n; i++) {
        run = get(data, i);
        size = recs_writer_aligned(run.len);

        if (run.len > RECS_RUN_MAX) {
            return recs_error(err, RECS_LIMIT, "row %llu has %llu bytes, a "
                              "bundle holds at most %llu in one row",
                              (unsigned long long) i,
                              (unsigned long long) run.len,
                              (unsigned long long) RECS_RUN_MAX);
        }

        if ((*sizes)[shard] > 0
            && (*sizes)[shard] + size > recs_bundle_shard_size)
        {
            shard++;

            grown = realloc(*sizes, ((size_t) shard + 1) * sizeof(uint64_t));
            if (grown == NULL) {
                return recs_error(err, RECS_NOMEM,
                                  "no memory to lay out records");
            }

            *sizes = grown;
            (*sizes)[shard] = 0;
        }

        spans[i].offset = (*sizes)[shard];
        spans[i].len = (uint32_t) run.len;
        spans[i].shard = shard;

        (*sizes)[shard] += size;
    }

    *n_shards = shard + 1;

    return RECS_OK;
}


recs_status_t
recs_bundle_writer_runs(recs_bundle_writer_t *w, recs_table_id_t bytes,
    recs_table_id_t spans_id, uint64_t n,
    recs_str_t (*get)(void *data, uint64_t i), void *data, recs_error_t *err)
{
    char                 *dst;
    uint64_t              i, *sizes;
    uint32_t              s;
    recs_str_t            run;
    recs_span_t          *spans;
    recs_status_t         rc;
    recs_table_header_t   header;

    sizes = NULL;
    memset(&header, 0, sizeof(recs_table_header_t));

    spans = malloc(((size_t) n + 1) * sizeof(recs_span_t));
    if (spans == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to lay out records");
    }

    rc = recs_writer_layout(n, get, data, spans, &sizes, &header.n_shards,
                            err);

    header.magic = RECS_TABLE_MAGIC;
    header.type = RECS_TYPE_BYTES;
    header.row_size = 1;

    for (s = 0; s < header.n_shards && rc == RECS_OK; s++) {
        header.n_rows += sizes[s];

        if (sizes[s] > header.rows_per_shard) {
            header.rows_per_shard = sizes[s];
        }
    }

    for (i = 0; header.shard < header.n_shards && rc == RECS_OK;
         header.shard++)
    {
        header.size = sizes[header.shard];

        rc = recs_writer_shard(w, bytes, &header, &dst, err);

        for ( /* void */ ;
             rc == RECS_OK && i < n && spans[i].shard == header.shard;
             i++)
        {
            run = get(data, i);
            memcpy(dst + spans[i].offset, run.data, run.len);
        }

        if (rc == RECS_OK) {
            rc = recs_writer_commit(w, err);
        }
    }

    if (rc == RECS_OK) {
        rc = recs_bundle_writer_table(w, spans_id, n, sizeof(recs_span_t),
                                      recs_writer_fill_span, spans, err);
    }

    free(sizes);
    free(spans);

    return rc;
}
