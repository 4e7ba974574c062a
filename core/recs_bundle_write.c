#include "recs_bundle_write.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recs_bundle.h"
#include "recs_bundle_writer.h"
#include "recs_seal.h"


#define RECS_WRITER_SLACK  (64 * 1024 * 1024)


recs_status_t
recs_writer_error(const recs_bundle_writer_t *w, int rc, recs_error_t *err)
{
    /* What LMDB makes of a write that came back short. */
    if (rc == EIO) {
        return recs_error(err, RECS_IO, "cannot write \"%s\": the disk is "
                          "full or failing", w->path);
    }

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


recs_status_t
recs_writer_commit(recs_bundle_writer_t *w, recs_error_t *err)
{
    int  rc;

    rc = mdb_txn_commit(w->txn);
    w->txn = NULL;

    return rc == 0 ? RECS_OK : recs_writer_error(w, rc, err);
}


recs_status_t
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
    struct stat            st;
    recs_status_t          rc;
    recs_bundle_writer_t  *w;

    /* The rename at the end would replace a device, too. */
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        return recs_error(err, RECS_IO, "cannot write \"%s\": it is not a "
                          "regular file; choose another name", path);
    }

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

    recs_temporary_hold();
    fd = mkostemps(w->tmp, 4, O_CLOEXEC);

    if (fd != -1) {
        recs_temporary_add(&w->entry, RECS_TEMPORARY_FILE, w->tmp);
    }

    recs_temporary_release();

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
        recs_temporary_discard(&w->entry);
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

    if (value == NULL || name[0] == '\0'
        || !recs_utf8_valid(name, strlen(name))
        || strlen(value) > RECS_MANIFEST_VALUE_MAX
        || !recs_utf8_valid(value, strlen(value)))
    {
        return recs_error(err, RECS_INVALID, "manifest entry \"%s\" is not "
                          "UTF-8 of at most %d bytes", name,
                          RECS_MANIFEST_VALUE_MAX);
    }

    status = recs_writer_dbi(w, RECS_DB_MANIFEST, &dbi, err);
    if (status != RECS_OK) {
        return status;
    }

    key.mv_data = (void *) name;
    key.mv_size = strlen(name);
    data.mv_data = (void *) value;
    data.mv_size = strlen(value);

    rc = mdb_put(w->txn, dbi, &key, &data, MDB_NOOVERWRITE);

    if (rc == MDB_KEYEXIST) {
        return recs_error(err, RECS_INVALID,
                          "manifest entry \"%s\" stands twice", name);
    }

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


/* The bundle takes its name, and nothing is temporary any more, in one. */
static int
recs_writer_rename(recs_bundle_writer_t *w)
{
    int  rc;

    recs_temporary_hold();

    rc = rename(w->tmp, w->path);

    if (rc == 0) {
        recs_temporary_forget(&w->entry);
        free(w->tmp);
        w->tmp = NULL;
    }

    recs_temporary_release();

    return rc;
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
        || recs_writer_rename(w) == -1)
    {
        rc = recs_writer_error(w, errno, err);
        goto done;
    }

    rc = recs_writer_sync_folder(w, err);

done:

    if (fd != -1) {
        close(fd);
    }

    recs_bundle_writer_abort(w);

    return rc;
}
