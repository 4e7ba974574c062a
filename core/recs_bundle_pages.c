/*
 * LMDB believes its pages: an offset, a size or a page number that is wrong
 * makes it read outside the map, divide by zero or call abort().  A seal only
 * proves that the pages are as they were written, so they are walked here, by
 * pread(2), before LMDB sees the file; the trees of ids, which are large and
 * which LMDB does not touch before it is asked for one, later and in the map.
 *
 * The layout is LMDB 0.9's on a 64-bit little-endian machine (mdb.c: MDB_meta,
 * MDB_db, MDB_page, MDB_node), its data version 1.
 */

#include "recs_bundle_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recs_digest.h"


#define RECS_LMDB_MAGIC        0xbeefc0de
#define RECS_LMDB_VERSION      1
#define RECS_LMDB_META_SIZE    152            /* page header and MDB_meta */
#define RECS_LMDB_PSIZE_MIN    4096
#define RECS_LMDB_PSIZE_MAX    32768
#define RECS_LMDB_NO_PAGE      UINT64_MAX
#define RECS_LMDB_HEADER_SIZE  16
#define RECS_LMDB_NODE_SIZE    8
#define RECS_LMDB_DB_SIZE      48
#define RECS_LMDB_DEPTH_MAX    16             /* LMDB's own stack holds 32 */

#define RECS_LMDB_BRANCH       0x01           /* kinds of pages */
#define RECS_LMDB_LEAF         0x02
#define RECS_LMDB_OVERFLOW     0x04

#define RECS_LMDB_BIGDATA      0x01           /* kinds of leaf nodes */
#define RECS_LMDB_SUBDATA      0x02


/* A tree's leaves lie side by side. */
#define RECS_LMDB_WINDOW       ((uint64_t) 8 * RECS_LMDB_PSIZE_MAX)


/* The ids of a tree that is walked for them. */
typedef struct {
    uint32_t   n;                     /* numbers are less */
    uint64_t   seed;
    uint64_t   sum;
} recs_lmdb_ids_t;

typedef struct {
    const char           *name;
    int                   fd;
    recs_error_t         *err;
    recs_lmdb_meta_t      meta;
    recs_lmdb_db_t       *trees;      /* of ids, found and put off */
    recs_lmdb_ids_t      *ids;        /* NULL: a tree of something else */
    const recs_bundle_t  *mapped;     /* NULL: pages are read into */
    char                 *pages;      /* [2 * RECS_LMDB_DEPTH_MAX][psize] */
    uint64_t              window;     /* settled in the map from here */
    uint64_t              window_end;
    uint64_t              n_visited;
    uint64_t              n_entries;  /* of the tree being walked */
} recs_lmdb_walk_t;


static recs_status_t recs_lmdb_walk_tree(recs_lmdb_walk_t *w,
    const recs_lmdb_db_t *db, unsigned level);


static uint16_t
recs_lmdb_u16(const char *p)
{
    uint16_t  v;

    memcpy(&v, p, sizeof(v));
    return v;
}


static uint32_t
recs_lmdb_u32(const char *p)
{
    uint32_t  v;

    memcpy(&v, p, sizeof(v));
    return v;
}


static uint64_t
recs_lmdb_u64(const char *p)
{
    uint64_t  v;

    memcpy(&v, p, sizeof(v));
    return v;
}


static recs_status_t
recs_lmdb_malformed(recs_lmdb_walk_t *w, uint64_t page, const char *what)
{
    return recs_error(w->err, RECS_CORRUPT, "\"%s\": LMDB page %llu: %s",
                      w->name, (unsigned long long) page, what);
}


static recs_status_t
recs_lmdb_read(recs_lmdb_walk_t *w, uint64_t offset, void *buf, size_t size)
{
    ssize_t  n;

    do {
        n = pread(w->fd, buf, size, (off_t) offset);
    } while (n == -1 && errno == EINTR);

    if (n == -1) {
        return recs_error(w->err, RECS_IO, "cannot read \"%s\": %s", w->name,
                          strerror(errno));
    }

    return (size_t) n == size
           ? RECS_OK
           : recs_error(w->err, RECS_CORRUPT, "\"%s\" ends within a page",
                        w->name);
}


static recs_status_t
recs_lmdb_get_page(recs_lmdb_walk_t *w, uint64_t page, unsigned level,
    const char **p)
{
    char           *buf;
    uint64_t        start, end;
    recs_status_t   rc;

    start = page * w->meta.psize;

    if (w->mapped == NULL) {
        buf = w->pages + (size_t) level * w->meta.psize;
        *p = buf;

        return recs_lmdb_read(w, start, buf, w->meta.psize);
    }

    *p = w->mapped->map + start;

    if (start >= w->window && start < w->window_end) {
        return RECS_OK;
    }

    start = start / RECS_LMDB_WINDOW * RECS_LMDB_WINDOW;
    end = w->mapped->payload_size - start < RECS_LMDB_WINDOW
          ? w->mapped->payload_size : start + RECS_LMDB_WINDOW;

    rc = recs_bundle_settle(w->mapped, w->fd, start, end, w->err);

    w->window = start;
    w->window_end = end;

    return rc;
}


static void
recs_lmdb_get_db(const char *p, recs_lmdb_db_t *db)
{
    db->flags = recs_lmdb_u16(p + 4);
    db->depth = recs_lmdb_u16(p + 6);
    db->entries = recs_lmdb_u64(p + 32);
    db->root = recs_lmdb_u64(p + 40);
}


static recs_status_t
recs_lmdb_read_meta(recs_lmdb_walk_t *w, uint64_t offset,
    uint64_t payload_size, recs_lmdb_meta_t *meta)
{
    char           buf[RECS_LMDB_META_SIZE];
    recs_status_t  rc;

    rc = recs_lmdb_read(w, offset, buf, sizeof(buf));
    if (rc != RECS_OK) {
        return rc;
    }

    if (recs_lmdb_u32(buf + 16) != RECS_LMDB_MAGIC) {
        return recs_error(w->err, RECS_CORRUPT, "\"%s\": the payload is not "
                          "an LMDB file", w->name);
    }

    if (recs_lmdb_u32(buf + 20) != RECS_LMDB_VERSION) {
        return recs_error(w->err, RECS_VERSION, "\"%s\" has LMDB data version "
                          "%u, this reader reads %u", w->name,
                          recs_lmdb_u32(buf + 20), RECS_LMDB_VERSION);
    }

    /* The page size stands where the free list's md_pad is. */
    meta->psize = recs_lmdb_u32(buf + 40);
    recs_lmdb_get_db(buf + 88, &meta->main);
    meta->last_page = recs_lmdb_u64(buf + 136);
    meta->txnid = recs_lmdb_u64(buf + 144);

    if (meta->psize < RECS_LMDB_PSIZE_MIN || meta->psize > RECS_LMDB_PSIZE_MAX
        || (meta->psize & (meta->psize - 1)) != 0)
    {
        return recs_error(w->err, RECS_CORRUPT, "\"%s\": bad LMDB page size "
                          "%u", w->name, meta->psize);
    }

    if (meta->last_page >= payload_size / meta->psize) {
        return recs_error(w->err, RECS_CORRUPT, "\"%s\": LMDB's pages reach "
                          "past the payload", w->name);
    }

    return RECS_OK;
}


/* LMDB goes by the newer of the two meta pages. */
static recs_status_t
recs_lmdb_read_metas(recs_lmdb_walk_t *w, uint64_t payload_size)
{
    recs_status_t     rc;
    recs_lmdb_meta_t  first, second;

    rc = recs_lmdb_read_meta(w, 0, payload_size, &first);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_lmdb_read_meta(w, first.psize, payload_size, &second);
    if (rc != RECS_OK) {
        return rc;
    }

    if (first.psize != second.psize) {
        return recs_error(w->err, RECS_CORRUPT, "\"%s\": two LMDB page sizes",
                          w->name);
    }

    w->meta = first.txnid < second.txnid ? second : first;

    return RECS_OK;
}


/* A value on pages of its own: n bytes behind a page header. */
static recs_status_t
recs_lmdb_check_overflow(recs_lmdb_walk_t *w, uint64_t page, uint32_t n)
{
    char           header[RECS_LMDB_HEADER_SIZE];
    uint64_t       n_pages;
    recs_status_t  rc;

    n_pages = ((uint64_t) RECS_LMDB_HEADER_SIZE - 1 + n) / w->meta.psize + 1;

    if (page < 2 || page > w->meta.last_page
        || n_pages > w->meta.last_page - page + 1)
    {
        return recs_lmdb_malformed(w, page, "a value lies outside the file");
    }

    rc = recs_lmdb_read(w, page * w->meta.psize, header, sizeof(header));
    if (rc != RECS_OK) {
        return rc;
    }

    if (recs_lmdb_u64(header) != page
        || recs_lmdb_u16(header + 10) != RECS_LMDB_OVERFLOW
        || recs_lmdb_u32(header + 12) != n_pages)
    {
        return recs_lmdb_malformed(w, page, "not the value that points here");
    }

    w->n_visited += n_pages;

    return RECS_OK;
}


/*
 * A database in the main one.  Those of ids are large: where they are is
 * noted, and they are walked later (recs_bundle_check_tree()).  LMDB finds
 * what stands under the name, so the name must stand there once.
 */
static recs_status_t
recs_lmdb_check_db(recs_lmdb_walk_t *w, uint64_t page, const char *key,
    size_t key_size, const char *data)
{
    unsigned        i;
    uint64_t        n_entries;
    recs_status_t   rc;
    recs_lmdb_db_t  db;

    static const char *const  names[RECS_LMDB_TREES] = {
        RECS_DB_ITEMS, RECS_DB_USERS
    };

    recs_lmdb_get_db(data, &db);

    for (i = 0; i < RECS_LMDB_TREES; i++) {

        if (key_size != strlen(names[i])
            || memcmp(key, names[i], key_size) != 0)
        {
            continue;
        }

        if (w->trees[i].found) {
            return recs_lmdb_malformed(w, page, "a database stands twice");
        }

        w->trees[i] = db;
        w->trees[i].found = 1;

        return RECS_OK;
    }

    n_entries = w->n_entries;
    rc = recs_lmdb_walk_tree(w, &db, RECS_LMDB_DEPTH_MAX);
    w->n_entries = n_entries;

    return rc;
}


/* An id and its number; only together do they tell whether they are right. */
static recs_status_t
recs_lmdb_check_id(recs_lmdb_walk_t *w, uint64_t page, const char *key,
    size_t key_size, size_t data_size)
{
    uint32_t  number;

    number = data_size == sizeof(uint32_t) ? recs_lmdb_u32(key + key_size)
                                           : UINT32_MAX;

    if (number >= w->ids->n) {
        return recs_lmdb_malformed(w, page, "an id leads to another row");
    }

    w->ids->sum += recs_digest_pair(key, key_size, number, w->ids->seed);

    return RECS_OK;
}


/* space: the bytes from the node to the end of its page. */
static recs_status_t
recs_lmdb_check_leaf(recs_lmdb_walk_t *w, uint64_t page, const char *node,
    size_t space, unsigned level)
{
    size_t       key_size, stored;
    uint16_t     flags;
    uint32_t     data_size;
    const char  *key;

    data_size = recs_lmdb_u32(node);
    flags = recs_lmdb_u16(node + 4);
    key_size = recs_lmdb_u16(node + 6);
    stored = flags == RECS_LMDB_BIGDATA ? sizeof(uint64_t) : data_size;

    if (key_size == 0 || key_size > space - RECS_LMDB_NODE_SIZE
        || stored > space - RECS_LMDB_NODE_SIZE - key_size)
    {
        return recs_lmdb_malformed(w, page, "a node reaches past its page");
    }

    key = node + RECS_LMDB_NODE_SIZE;
    w->n_entries++;

    if (w->ids != NULL) {
        return recs_lmdb_check_id(w, page, key, key_size,
                                  flags == 0 ? data_size : 0);
    }

    switch (flags) {

    case 0:
        return RECS_OK;

    case RECS_LMDB_BIGDATA:
        return recs_lmdb_check_overflow(w, recs_lmdb_u64(key + key_size),
                                        data_size);

    case RECS_LMDB_SUBDATA:
        if (level >= RECS_LMDB_DEPTH_MAX || data_size != RECS_LMDB_DB_SIZE) {
            return recs_lmdb_malformed(w, page, "a database out of place");
        }

        return recs_lmdb_check_db(w, page, key, key_size, key + key_size);

    default:
        return recs_lmdb_malformed(w, page, "a node of an unknown kind");
    }
}


static recs_status_t recs_lmdb_walk_page(recs_lmdb_walk_t *w, uint64_t page,
    unsigned level, unsigned depth);


static recs_status_t
recs_lmdb_check_node(recs_lmdb_walk_t *w, uint64_t page, const char *node,
    size_t space, unsigned level, unsigned depth)
{
    if (space < RECS_LMDB_NODE_SIZE) {
        return recs_lmdb_malformed(w, page, "a node reaches past its page");
    }

    if (depth == 1) {
        return recs_lmdb_check_leaf(w, page, node, space, level);
    }

    if (recs_lmdb_u16(node + 6) > space - RECS_LMDB_NODE_SIZE) {
        return recs_lmdb_malformed(w, page, "a node reaches past its page");
    }

    return recs_lmdb_walk_page(w, recs_lmdb_u32(node)
                                  | (uint64_t) recs_lmdb_u16(node + 4) << 32,
                               level + 1, depth - 1);
}


/* A page with depth - 1 levels below it. */
static recs_status_t
recs_lmdb_walk_page(recs_lmdb_walk_t *w, uint64_t page, unsigned level,
    unsigned depth)
{
    size_t          at;
    uint16_t        i, n, flags, lower, upper;
    const char     *p;
    recs_status_t   rc;

    if (page < 2 || page > w->meta.last_page) {
        return recs_lmdb_malformed(w, page, "outside the file");
    }

    /* In a file without loops no page is met twice. */
    if (++w->n_visited > w->meta.last_page) {
        return recs_lmdb_malformed(w, page, "the pages form a loop");
    }

    rc = recs_lmdb_get_page(w, page, level, &p);
    if (rc != RECS_OK) {
        return rc;
    }

    flags = recs_lmdb_u16(p + 10);
    lower = recs_lmdb_u16(p + 12);
    upper = recs_lmdb_u16(p + 14);
    n = (uint16_t) ((lower - RECS_LMDB_HEADER_SIZE) / 2);

    if (recs_lmdb_u64(p) != page
        || flags != (depth == 1 ? RECS_LMDB_LEAF : RECS_LMDB_BRANCH)
        || lower < RECS_LMDB_HEADER_SIZE || lower % 2 != 0 || lower > upper
        || upper > w->meta.psize || n < (depth == 1 ? 1 : 2))
    {
        return recs_lmdb_malformed(w, page, "bad header");
    }

    for (i = 0; i < n; i++) {
        at = recs_lmdb_u16(p + RECS_LMDB_HEADER_SIZE + 2 * i);

        if (at < upper || at % 2 != 0 || at > w->meta.psize) {
            return recs_lmdb_malformed(w, page, "a node out of place");
        }

        rc = recs_lmdb_check_node(w, page, p + at, w->meta.psize - at, level,
                                  depth);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_lmdb_walk_tree(recs_lmdb_walk_t *w, const recs_lmdb_db_t *db,
    unsigned level)
{
    recs_status_t  rc;

    if (db->flags != 0) {
        return recs_error(w->err, RECS_CORRUPT, "\"%s\": an LMDB database of "
                          "kind 0x%x", w->name, db->flags);
    }

    w->n_entries = 0;

    if (db->root == RECS_LMDB_NO_PAGE && db->depth == 0) {
        rc = RECS_OK;

    } else if (db->depth == 0 || db->depth > RECS_LMDB_DEPTH_MAX) {
        return recs_lmdb_malformed(w, db->root, "a tree of a wrong depth");

    } else {
        rc = recs_lmdb_walk_page(w, db->root, level, db->depth);
    }

    if (rc == RECS_OK && w->n_entries != db->entries) {
        return recs_lmdb_malformed(w, db->root, "a tree with another number "
                                   "of entries than it says");
    }

    return rc;
}


recs_status_t
recs_bundle_check_pages(recs_bundle_t *b, int fd, int walk, recs_error_t *err)
{
    recs_status_t     rc;
    recs_lmdb_walk_t  w;

    memset(&w, 0, sizeof(recs_lmdb_walk_t));
    w.name = b->name;
    w.fd = fd;
    w.err = err;
    w.trees = b->trees;

    rc = recs_lmdb_read_metas(&w, b->payload_size);
    b->meta = w.meta;

    if (rc != RECS_OK || !walk) {
        return rc;
    }

    w.pages = malloc((size_t) 2 * RECS_LMDB_DEPTH_MAX * w.meta.psize);
    if (w.pages == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to check \"%s\"",
                          b->name);
    }

    rc = recs_lmdb_walk_tree(&w, &w.meta.main, 0);
    free(w.pages);

    return rc;
}


recs_status_t
recs_bundle_check_tree(const recs_bundle_t *b, int fd, unsigned tree,
    uint32_t n, uint64_t seed, uint64_t *sum, recs_error_t *err)
{
    recs_status_t     rc;
    recs_lmdb_ids_t   ids;
    recs_lmdb_walk_t  w;

    memset(&w, 0, sizeof(recs_lmdb_walk_t));
    w.name = b->name;
    w.fd = fd;
    w.err = err;
    w.meta = b->meta;
    w.mapped = b;
    w.ids = &ids;

    ids.n = n;
    ids.seed = seed;
    ids.sum = 0;

    rc = recs_lmdb_walk_tree(&w, &b->trees[tree], 0);
    if (rc != RECS_OK) {
        return rc;
    }

    if (w.n_entries != n) {
        return recs_error(err, RECS_CORRUPT, "\"%s\": %llu ids for %u "
                          "records", b->name,
                          (unsigned long long) w.n_entries, n);
    }

    *sum = ids.sum;

    return RECS_OK;
}
