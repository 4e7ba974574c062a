#include "recs_bundle_write.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

#include "recs_seal.h"


#define RECS_WRITER_SLACK  (64 * 1024 * 1024)


struct recs_bundle_writer_s {
    char      *path;
    char      *tmp;
    MDB_env   *env;
    MDB_txn   *txn;
};


uint64_t  recs_bundle_shard_size = (uint64_t) 1 << 30;


static recs_status_t
recs_writer_error(const recs_bundle_writer_t *w, int rc, recs_error_t *err)
{
    return recs_error(err, rc == ENOMEM ? RECS_NOMEM : RECS_IO,
                      "cannot write \"%s\": %s", w->path, mdb_strerror(rc));
}


static void
recs_writer_close(recs_bundle_writer_t *w)
{
    if (w->txn != NULL) {
        mdb_txn_abort(w->txn);
        w->txn = NULL;
    }

    if (w->env != NULL) {
        mdb_env_close(w->env);
        w->env = NULL;
    }
}


static recs_status_t
recs_writer_commit(recs_bundle_writer_t *w, recs_error_t *err)
{
    int  rc;

    rc = mdb_txn_commit(w->txn);
    w->txn = NULL;

    return rc == 0 ? RECS_OK : recs_writer_error(w, rc, err);
}


static recs_status_t
recs_writer_dbi(recs_bundle_writer_t *w, const char *db, MDB_dbi *dbi,
    recs_error_t *err)
{
    int  rc;

    if (w->txn == NULL) {
        rc = mdb_txn_begin(w->env, NULL, 0, &w->txn);
        if (rc != 0) {
            return recs_writer_error(w, rc, err);
        }
    }

    rc = mdb_dbi_open(w->txn, db, MDB_CREATE, dbi);

    return rc == 0 ? RECS_OK : recs_writer_error(w, rc, err);
}


static recs_status_t
recs_writer_open(recs_bundle_writer_t *w, uint64_t size_hint,
    recs_error_t *err)
{
    int       rc;
    uint64_t  map_size;

    if (__builtin_add_overflow(size_hint + size_hint / 4, RECS_WRITER_SLACK,
                               &map_size))
    {
        return recs_error(err, RECS_LIMIT, "\"%s\" would be too large",
                          w->path);
    }

    rc = mdb_env_create(&w->env);
    if (rc != 0) {
        return recs_writer_error(w, rc, err);
    }

    if ((rc = mdb_env_set_maxdbs(w->env, 8)) != 0
        || (rc = mdb_env_set_mapsize(w->env, map_size)) != 0
        || (rc = mdb_env_open(w->env, w->tmp,
                              MDB_NOSUBDIR|MDB_NOLOCK|MDB_NOSYNC, 0644)) != 0)
    {
        return recs_writer_error(w, rc, err);
    }

    return RECS_OK;
}


recs_status_t
recs_bundle_writer_create(recs_bundle_writer_t **writer, const char *path,
    uint64_t size_hint, recs_error_t *err)
{
    int                    fd;
    MDB_dbi                dbi;
    recs_status_t          rc;
    recs_bundle_writer_t  *w;

    w = calloc(1, sizeof(recs_bundle_writer_t));
    if (w == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to write \"%s\"", path);
    }

    w->path = strdup(path);

    if (w->path == NULL || asprintf(&w->tmp, "%s.XXXXXX.tmp", path) == -1) {
        w->tmp = NULL;
        rc = recs_error(err, RECS_NOMEM, "no memory to write \"%s\"", path);
        goto failed;
    }

    fd = mkostemps(w->tmp, 4, O_CLOEXEC);
    if (fd == -1) {
        rc = recs_error(err, RECS_IO, "cannot write \"%s\": %s", path,
                        strerror(errno));
        free(w->tmp);
        w->tmp = NULL;
        goto failed;
    }

    close(fd);

    rc = recs_writer_open(w, size_hint, err);
    if (rc != RECS_OK) {
        goto failed;
    }

    if ((rc = recs_writer_dbi(w, RECS_DB_MANIFEST, &dbi, err)) != RECS_OK
        || (rc = recs_writer_dbi(w, RECS_DB_ITEMS, &dbi, err)) != RECS_OK
        || (rc = recs_writer_dbi(w, RECS_DB_USERS, &dbi, err)) != RECS_OK
        || (rc = recs_writer_dbi(w, RECS_DB_TABLES, &dbi, err)) != RECS_OK)
    {
        goto failed;
    }

    *writer = w;

    return RECS_OK;

failed:

    recs_bundle_writer_abort(w);

    return rc;
}


void
recs_bundle_writer_abort(recs_bundle_writer_t *w)
{
    if (w == NULL) {
        return;
    }

    recs_writer_close(w);

    if (w->tmp != NULL) {
        unlink(w->tmp);
    }

    free(w->tmp);
    free(w->path);
    free(w);
}


const char *
recs_bundle_writer_path(const recs_bundle_writer_t *w)
{
    return w->tmp;
}


recs_status_t
recs_bundle_writer_flush(recs_bundle_writer_t *w, recs_error_t *err)
{
    return w->txn == NULL ? RECS_OK : recs_writer_commit(w, err);
}


recs_status_t
recs_bundle_writer_manifest(recs_bundle_writer_t *w, const char *name,
    const char *value, recs_error_t *err)
{
    int            rc;
    MDB_dbi        dbi;
    MDB_val        key, data;
    recs_status_t  status;

    status = recs_writer_dbi(w, RECS_DB_MANIFEST, &dbi, err);
    if (status != RECS_OK) {
        return status;
    }

    key.mv_data = (void *) name;
    key.mv_size = strlen(name);
    data.mv_data = (void *) value;
    data.mv_size = strlen(value);

    rc = mdb_put(w->txn, dbi, &key, &data, 0);

    return rc == 0 ? RECS_OK : recs_writer_error(w, rc, err);
}


typedef struct {
    recs_str_t  id;
    uint32_t    number;
} recs_writer_id_t;


/* LMDB's own order of keys: bytes, then length. */
static int
recs_writer_id_compare(const void *one, const void *two)
{
    int                      rc;
    size_t                   len;
    const recs_writer_id_t  *a, *b;

    a = one;
    b = two;
    len = a->id.len < b->id.len ? a->id.len : b->id.len;

    rc = memcmp(a->id.data, b->id.data, len);
    if (rc != 0) {
        return rc;
    }

    return (a->id.len > b->id.len) - (a->id.len < b->id.len);
}


recs_status_t
recs_bundle_writer_ids(recs_bundle_writer_t *w, const char *db,
    const recs_str_t *ids, uint32_t n, recs_error_t *err)
{
    int                rc;
    MDB_dbi            dbi;
    MDB_val            key, data;
    uint32_t           i;
    recs_status_t      status;
    recs_writer_id_t  *sorted;

    status = recs_writer_dbi(w, db, &dbi, err);
    if (status != RECS_OK) {
        return status;
    }

    sorted = malloc(((size_t) n + 1) * sizeof(recs_writer_id_t));
    if (sorted == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to sort %u ids", n);
    }

    for (i = 0; i < n; i++) {
        sorted[i].id = ids[i];
        sorted[i].number = i;
    }

    qsort(sorted, n, sizeof(recs_writer_id_t), recs_writer_id_compare);

    for (i = 0; i < n; i++) {
        key.mv_data = (void *) sorted[i].id.data;
        key.mv_size = sorted[i].id.len;
        data.mv_data = &sorted[i].number;
        data.mv_size = sizeof(uint32_t);

        if (!recs_id_valid(sorted[i].id.data, sorted[i].id.len)) {
            status = recs_error(err, RECS_INVALID, "%s: the id of row %u is "
                                "not 1 to %d bytes of UTF-8 without control "
                                "characters", db, sorted[i].number,
                                RECS_ID_MAX);
            break;
        }

        rc = mdb_put(w->txn, dbi, &key, &data, MDB_APPEND);

        if (rc == MDB_KEYEXIST) {
            status = recs_error(err, RECS_INVALID,
                                "%s: the id \"%.*s\" stands twice", db,
                                (int) sorted[i].id.len, sorted[i].id.data);
            break;
        }

        if (rc != 0) {
            status = recs_writer_error(w, rc, err);
            break;
        }
    }

    free(sorted);

    return status;
}


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


/* Runs are aligned to 4 bytes: lists of item numbers are read in place. */
static uint64_t
recs_writer_aligned(uint64_t size)
{
    return (size + 3) & ~(uint64_t) 3;
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


/* Closes LMDB and cuts the file behind its last used page. */
static recs_status_t
recs_writer_trim(recs_bundle_writer_t *w, uint64_t *size, recs_error_t *err)
{
    int            rc;
    MDB_stat       stat;
    MDB_envinfo    info;

    if ((rc = mdb_env_stat(w->env, &stat)) != 0
        || (rc = mdb_env_info(w->env, &info)) != 0)
    {
        return recs_writer_error(w, rc, err);
    }

    *size = ((uint64_t) info.me_last_pgno + 1) * stat.ms_psize;

    recs_writer_close(w);

    if (truncate(w->tmp, (off_t) *size) == -1) {
        return recs_writer_error(w, errno, err);
    }

    return RECS_OK;
}


static recs_status_t
recs_writer_sync_folder(const recs_bundle_writer_t *w, recs_error_t *err)
{
    int    fd, rc;
    char  *copy;

    copy = strdup(w->path);
    if (copy == NULL) {
        return recs_writer_error(w, ENOMEM, err);
    }

    fd = open(dirname(copy), O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    free(copy);

    if (fd == -1) {
        return recs_writer_error(w, errno, err);
    }

    rc = fsync(fd) == -1 ? errno : 0;
    close(fd);

    return rc == 0 ? RECS_OK : recs_writer_error(w, rc, err);
}


recs_status_t
recs_bundle_writer_finish(recs_bundle_writer_t *w, recs_error_t *err)
{
    int            fd;
    uint64_t       size;
    recs_status_t  rc;

    fd = -1;
    size = 0;

    rc = recs_bundle_writer_flush(w, err);
    if (rc != RECS_OK) {
        goto done;
    }

    rc = recs_writer_trim(w, &size, err);
    if (rc != RECS_OK) {
        goto done;
    }

    fd = open(w->tmp, O_RDWR|O_CLOEXEC);
    if (fd == -1) {
        rc = recs_writer_error(w, errno, err);
        goto done;
    }

    rc = recs_seal_write(fd, w->path, size, err);
    if (rc != RECS_OK) {
        goto done;
    }

    if (fchmod(fd, 0644) == -1 || fsync(fd) == -1
        || rename(w->tmp, w->path) == -1)
    {
        rc = recs_writer_error(w, errno, err);
        goto done;
    }

    free(w->tmp);
    w->tmp = NULL;

    rc = recs_writer_sync_folder(w, err);

done:

    if (fd != -1) {
        close(fd);
    }

    recs_bundle_writer_abort(w);

    return rc;
}
