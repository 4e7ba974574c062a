#include "recs_bundle_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recs_publish.h"


int
recs_bundle_inside(const recs_bundle_t *b, const void *p, uint64_t size)
{
    uint64_t  offset;

    if ((const char *) p < b->map) {
        return 0;
    }

    offset = (uint64_t) ((const char *) p - b->map);

    return offset <= b->payload_size && size <= b->payload_size - offset;
}


static recs_status_t
recs_bundle_lmdb_error(const recs_bundle_t *b, int rc, recs_error_t *err)
{
    return recs_error(err, rc == ENOMEM ? RECS_NOMEM : RECS_CORRUPT,
                      "\"%s\": LMDB says: %s", b->name, mdb_strerror(rc));
}


/*
 * The seal's size is the payload's; an unsealed file, which only the writer
 * opens, is all payload.
 */
static recs_status_t
recs_bundle_read_seal(recs_bundle_t *b, int fd, unsigned flags,
    recs_error_t *err)
{
    struct stat    st;
    recs_status_t  rc;

    if (flags & RECS_BUNDLE_UNSEALED) {
        if (fstat(fd, &st) == -1) {
            return recs_error(err, RECS_IO, "cannot stat \"%s\": %s", b->name,
                              strerror(errno));
        }

        b->payload_size = (uint64_t) st.st_size;
        return RECS_OK;
    }

    rc = recs_seal_read(fd, b->name, &b->seal, err);
    if (rc != RECS_OK) {
        return rc;
    }

    b->payload_size = b->seal.payload_size;
    recs_seal_hash8(&b->seal, b->hash8);

    return RECS_OK;
}


/*
 * The map is given the payload's size, whatever LMDB's own meta page says, so
 * that no read can go past what the seal covers.
 */
static recs_status_t
recs_bundle_map(recs_bundle_t *b, int fd, recs_error_t *err)
{
    int          rc, env_fd;
    char         path[64];
    MDB_stat     stat;
    MDB_envinfo  info;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

    if ((rc = mdb_env_create(&b->env)) != 0
        || (rc = mdb_env_set_maxdbs(b->env, 8)) != 0
        || (rc = mdb_env_set_mapsize(b->env, b->payload_size)) != 0
        || (rc = mdb_env_open(b->env, path, MDB_RDONLY|MDB_NOSUBDIR|MDB_NOLOCK
                                            |MDB_NOTLS, 0)) != 0
        || (rc = mdb_env_get_fd(b->env, &env_fd)) != 0
        || (rc = mdb_env_stat(b->env, &stat)) != 0
        || (rc = mdb_env_info(b->env, &info)) != 0)
    {
        return recs_bundle_lmdb_error(b, rc, err);
    }

    (void) fcntl(env_fd, F_SETFD, FD_CLOEXEC);

    if (info.me_mapsize > b->payload_size
        || info.me_last_pgno >= b->payload_size / stat.ms_psize)
    {
        return recs_error(err, RECS_CORRUPT,
                          "\"%s\": LMDB's pages reach past the payload",
                          b->name);
    }

    return RECS_OK;
}


/* A database with another order of keys is not one that the writer made. */
static int
recs_bundle_plain_db(MDB_txn *txn, MDB_dbi dbi)
{
    unsigned  flags;

    return mdb_dbi_flags(txn, dbi, &flags) == 0 && flags == 0;
}


static recs_status_t
recs_bundle_open_dbs(recs_bundle_t *b, recs_error_t *err)
{
    int       rc;
    MDB_txn  *txn;

    rc = mdb_txn_begin(b->env, NULL, MDB_RDONLY, &txn);
    if (rc != 0) {
        return recs_bundle_lmdb_error(b, rc, err);
    }

    if ((rc = mdb_dbi_open(txn, RECS_DB_MANIFEST, 0, &b->manifest_db)) != 0
        || (rc = mdb_dbi_open(txn, RECS_DB_ITEMS, 0, &b->items_db)) != 0
        || (rc = mdb_dbi_open(txn, RECS_DB_USERS, 0, &b->users_db)) != 0
        || (rc = mdb_dbi_open(txn, RECS_DB_TABLES, 0, &b->tables_db)) != 0)
    {
        mdb_txn_abort(txn);
        return recs_bundle_lmdb_error(b, rc, err);
    }

    if (!recs_bundle_plain_db(txn, b->manifest_db)
        || !recs_bundle_plain_db(txn, b->items_db)
        || !recs_bundle_plain_db(txn, b->users_db)
        || !recs_bundle_plain_db(txn, b->tables_db))
    {
        mdb_txn_abort(txn);
        return recs_error(err, RECS_CORRUPT, "\"%s\": a database of the "
                          "wrong kind", b->name);
    }

    /* An aborted transaction would take the handles with it. */
    rc = mdb_txn_commit(txn);
    if (rc != 0) {
        return recs_bundle_lmdb_error(b, rc, err);
    }

    rc = mdb_txn_begin(b->env, NULL, MDB_RDONLY, &b->txn);

    return rc == 0 ? RECS_OK : recs_bundle_lmdb_error(b, rc, err);
}


/*
 * LMDB does not say where its map begins; the kernel does.  The base is
 * needed to hold every pointer that LMDB hands out against the payload.
 */
static recs_status_t
recs_bundle_find_map(recs_bundle_t *b, recs_error_t *err)
{
    int             rc, found;
    FILE           *maps;
    char            line[1024];
    MDB_val         key, data;
    unsigned long   start, end, offset, p;

    key.mv_data = (void *) "algorithm";
    key.mv_size = strlen("algorithm");

    rc = mdb_get(b->txn, b->manifest_db, &key, &data);
    if (rc != 0) {
        return recs_bundle_lmdb_error(b, rc, err);
    }

    maps = fopen("/proc/self/maps", "re");
    if (maps == NULL) {
        return recs_error(err, RECS_IO, "cannot read /proc/self/maps: %s",
                          strerror(errno));
    }

    p = (unsigned long) data.mv_data;
    start = 0;
    end = 0;
    offset = 0;
    found = 0;

    while (!found && fgets(line, sizeof(line), maps) != NULL) {
        found = sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3
                && p >= start && p < end;
    }

    fclose(maps);

    if (!found || offset > start
        || end - (start - offset) < b->payload_size)
    {
        return recs_error(err, RECS_CORRUPT, "\"%s\" is not mapped whole",
                          b->name);
    }

    b->map = (const char *) (start - offset);

    return RECS_OK;
}


/* Up to where every table can be found; the large ones are not looked into. */
static recs_status_t
recs_bundle_attach(recs_bundle_t *b, int fd, unsigned flags,
    recs_error_t *err)
{
    recs_status_t  rc;

    if ((rc = recs_bundle_check_pages(b, fd, !(flags & RECS_BUNDLE_TRUSTED),
                                      err)) != RECS_OK
        || (rc = recs_bundle_map(b, fd, err)) != RECS_OK
        || (rc = recs_bundle_open_dbs(b, err)) != RECS_OK
        || (rc = recs_bundle_find_map(b, err)) != RECS_OK
        || (rc = recs_bundle_load_manifest(b, err)) != RECS_OK)
    {
        return rc;
    }

    return recs_bundle_load_tables(b, err);
}


recs_status_t
recs_bundle_open_fd(recs_bundle_t **bundle, int fd, const char *name,
    unsigned flags, recs_error_t *err)
{
    int             hashing;
    recs_bundle_t  *b;
    recs_status_t   rc;

    b = calloc(1, sizeof(recs_bundle_t));
    if (b == NULL || (b->name = strdup(name)) == NULL) {
        free(b);
        return recs_error(err, RECS_NOMEM, "no memory to open \"%s\"", name);
    }

    hashing = !(flags & (RECS_BUNDLE_SEAL_KNOWN|RECS_BUNDLE_TRUSTED
                         |RECS_BUNDLE_UNSEALED));

    rc = recs_bundle_read_seal(b, fd, flags, err);
    if (rc != RECS_OK) {
        goto failed;
    }

    rc = recs_bundle_attach(b, fd, flags, err);
    if (rc != RECS_OK) {

        /* What is damaged is called damaged, wherever that showed first. */
        if (hashing && recs_seal_verify(fd, name, &b->seal, NULL)
                       == RECS_CORRUPT)
        {
            rc = recs_seal_broken(name, err);
        }

        goto failed;
    }

    if (!(flags & RECS_BUNDLE_TRUSTED)) {
        rc = recs_bundle_pass(b, fd, hashing, err);
        if (rc != RECS_OK) {
            goto failed;
        }
    }

    *bundle = b;

    return RECS_OK;

failed:

    recs_bundle_close(b);

    return rc;
}


recs_status_t
recs_bundle_open(recs_bundle_t **bundle, const char *path, unsigned flags,
    recs_error_t *err)
{
    int                fd;
    recs_status_t      rc;
    recs_generation_t  gen;

    rc = recs_generation_open(path, &fd, &gen, err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_bundle_open_fd(bundle, fd, path, flags, err);
    close(fd);

    return rc;
}


void
recs_bundle_close(recs_bundle_t *b)
{
    recs_table_id_t  id;

    if (b == NULL) {
        return;
    }

    for (id = 0; id < RECS_TABLE_COUNT; id++) {
        free(b->tables[id].shards);
        free(b->tables[id].sizes);
    }

    recs_bundle_free_manifest(b);

    if (b->txn != NULL) {
        mdb_txn_abort(b->txn);
    }

    if (b->env != NULL) {
        mdb_env_close(b->env);
    }

    free(b->name);
    free(b);
}


const recs_bundle_view_t *
recs_bundle_view(const recs_bundle_t *b)
{
    return &b->view;
}


const char *
recs_bundle_hash8(const recs_bundle_t *b)
{
    return b->hash8;
}


uint64_t
recs_bundle_size(const recs_bundle_t *b)
{
    return b->payload_size + RECS_SEAL_SIZE;
}


static uint32_t
recs_bundle_number(const recs_bundle_t *b, MDB_dbi dbi, recs_str_t id,
    uint32_t limit)
{
    MDB_val   key, data;
    uint32_t  number;

    if (id.len == 0 || id.len > RECS_ID_MAX) {
        return UINT32_MAX;
    }

    key.mv_data = (void *) id.data;
    key.mv_size = id.len;

    if (mdb_get(b->txn, dbi, &key, &data) != 0
        || data.mv_size != sizeof(uint32_t))
    {
        return UINT32_MAX;
    }

    memcpy(&number, data.mv_data, sizeof(uint32_t));

    return number < limit ? number : UINT32_MAX;
}


uint32_t
recs_bundle_item(const recs_bundle_t *b, recs_str_t id)
{
    return recs_bundle_number(b, b->items_db, id, b->view.n_items);
}


uint32_t
recs_bundle_user(const recs_bundle_t *b, recs_str_t id)
{
    return recs_bundle_number(b, b->users_db, id, b->view.n_users);
}


recs_str_t
recs_bundle_item_record(const recs_bundle_t *b, uint32_t item)
{
    return recs_bundle_run(b, RECS_TABLE_ITEM_RECORDS, RECS_TABLE_ITEM_SPANS,
                           item);
}


recs_str_t
recs_bundle_user_record(const recs_bundle_t *b, uint32_t user)
{
    return recs_bundle_run(b, RECS_TABLE_USER_RECORDS, RECS_TABLE_USER_SPANS,
                           user);
}


const uint32_t *
recs_bundle_seen(const recs_bundle_t *b, uint32_t user, uint32_t *n_seen)
{
    recs_str_t  run;

    if (b->tables[RECS_TABLE_SEEN_ITEMS].n_shards == 0) {
        *n_seen = 0;
        return NULL;
    }

    run = recs_bundle_run(b, RECS_TABLE_SEEN_ITEMS, RECS_TABLE_SEEN_SPANS,
                          user);

    *n_seen = (uint32_t) (run.len / sizeof(uint32_t));

    return (const uint32_t *) (const void *) run.data;
}


const uint32_t *
recs_bundle_recent(const recs_bundle_t *b, uint32_t user, uint32_t *n_recent)
{
    recs_str_t       run;
    const uint32_t  *items;

    if (b->view.neighbor_id_size == 0) {
        *n_recent = 0;
        return NULL;
    }

    if (b->tables[RECS_TABLE_RECENT_ITEMS].n_shards == 0) {
        items = recs_bundle_seen(b, user, n_recent);

        if (*n_recent > b->view.neighbor_history) {
            *n_recent = b->view.neighbor_history;
        }

        return items;
    }

    run = recs_bundle_run(b, RECS_TABLE_RECENT_ITEMS, RECS_TABLE_RECENT_SPANS,
                          user);

    *n_recent = (uint32_t) (run.len / sizeof(uint32_t));

    return (const uint32_t *) (const void *) run.data;
}


static uint32_t
recs_bundle_neighbor_id(const recs_bundle_view_t *view,
    const recs_neighbors_t *list, uint32_t i)
{
    return view->neighbor_id_size == sizeof(uint16_t)
           ? ((const uint16_t *) list->ids)[i]
           : ((const uint32_t *) list->ids)[i];
}


uint32_t
recs_bundle_list_weight(const recs_bundle_view_t *view,
    const recs_neighbors_t *list, uint32_t item)
{
    uint32_t  low, high, middle;

    for (low = 0; low < list->n && low < RECS_NEIGHBOR_HEADS; low++) {
        if (recs_bundle_neighbor_id(view, list, low) == item) {
            return list->weights[low];
        }
    }

    high = list->n;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (recs_bundle_neighbor_id(view, list, middle) < item) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low < list->n && recs_bundle_neighbor_id(view, list, low) == item
           ? list->weights[low] : 0;
}
