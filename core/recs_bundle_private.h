/*
 * recs_bundle_private: a bundle in memory, for the files that read it.
 */

#ifndef _RECS_BUNDLE_PRIVATE_H_INCLUDED_
#define _RECS_BUNDLE_PRIVATE_H_INCLUDED_


#include <lmdb.h>

#include "recs_bundle.h"
#include "recs_bundle_format.h"
#include "recs_model.h"
#include "recs_seal.h"


typedef struct {
    recs_str_t  name;
    recs_str_t  value;
} recs_manifest_pair_t;

typedef struct {
    recs_table_t  table;                /* n_rows 0 where there are none */
    const char  **shards;               /* owned; table.shards */
    uint64_t     *sizes;                /* bytes of each shard */
    uint32_t      n_shards;             /* 0: the bundle has no such table */
} recs_loaded_table_t;

/* The trees of ids: LMDB's databases `items` and `users`. */
#define RECS_TREE_ITEMS  0
#define RECS_TREE_USERS  1
#define RECS_LMDB_TREES  2

/* MDB_db and MDB_meta, as much of them as a reader goes by. */
typedef struct {
    uint16_t  flags;
    uint16_t  depth;
    uint64_t  entries;
    uint64_t  root;
    int       found;                    /* in the main database */
} recs_lmdb_db_t;

typedef struct {
    uint32_t        psize;
    uint64_t        last_page;
    uint64_t        txnid;
    recs_lmdb_db_t  main;
} recs_lmdb_meta_t;

struct recs_bundle_s {
    char                  *name;        /* in messages */
    recs_seal_t            seal;
    char                   hash8[9];
    uint64_t               payload_size;

    recs_lmdb_meta_t       meta;
    recs_lmdb_db_t         trees[RECS_LMDB_TREES];

    MDB_env               *env;
    MDB_txn               *txn;
    MDB_dbi                manifest_db;
    MDB_dbi                items_db;
    MDB_dbi                users_db;
    MDB_dbi                tables_db;

    const char            *map;         /* [payload_size] */

    recs_manifest_pair_t  *manifest;    /* in name order */
    uint32_t               n_manifest;

    recs_str_t            *item_columns;
    uint32_t               n_item_columns;
    recs_str_t            *user_columns;
    uint32_t               n_user_columns;

    recs_loaded_table_t    tables[RECS_TABLE_COUNT];

    recs_bundle_view_t     view;
};


/*
 * A part of the file in memory: size bytes, and as much of what follows as
 * makes room.
 */
typedef struct {
    const recs_bundle_t  *bundle;
    int                   fd;
    uint64_t              at;           /* in the file */
    uint64_t              size;
    uint64_t              room;
    const char           *bytes;        /* [room] */
} recs_chunk_t;

typedef struct recs_marks_s  recs_marks_t;


/*
 * Checks LMDB's meta pages and, with walk, every page of its trees but those
 * of ids, which it finds (recs_bundle_pages.c).  payload_size is known by
 * then.
 */
recs_status_t recs_bundle_check_pages(recs_bundle_t *b, int fd, int walk,
    recs_error_t *err);

/*
 * Checks every page of a tree of ids, that there are n and their numbers are
 * less than n; *sum is that of recs_digest_pair() over them.
 */
recs_status_t recs_bundle_check_tree(const recs_bundle_t *b, int fd,
    unsigned tree, uint32_t n, uint64_t seed, uint64_t *sum,
    recs_error_t *err);

/* Loads and checks the headers of all tables (recs_bundle_tables.c). */
recs_status_t recs_bundle_load_tables(recs_bundle_t *b, recs_error_t *err);

/* Loads the manifest and what it says of dims (recs_bundle_manifest.c). */
recs_status_t recs_bundle_load_manifest(recs_bundle_t *b, recs_error_t *err);
void recs_bundle_free_manifest(recs_bundle_t *b);

/*
 * Everything proportional to the contents, and the seal's hash where hashing
 * is not 0, in one pass over the file (recs_bundle_pass.c).
 */
recs_status_t recs_bundle_pass(const recs_bundle_t *b, int fd, int hashing,
    recs_error_t *err);

/* Its part over the rows of vectors: says which row recs_rows_good() meant. */
recs_status_t recs_bundle_check_rows(const recs_bundle_t *b,
    recs_error_t *err);

/* Its part over all that is not in the rows of vectors or in lists. */
recs_status_t recs_bundle_check_rest(const recs_bundle_t *b, int fd,
    recs_error_t *err);

/*
 * Brings the file's bytes from start to end into the map, or says why they
 * cannot be read: in the map, a page that cannot be read is a SIGBUS
 * (recs_bundle_settle.c).
 */
recs_status_t recs_bundle_settle(const recs_bundle_t *b, int fd,
    uint64_t start, uint64_t end, recs_error_t *err);
recs_status_t recs_bundle_settle_table(const recs_bundle_t *b, int fd,
    recs_table_id_t id, recs_error_t *err);

/* Its part over the item factors in codes. */
recs_status_t recs_bundle_check_codes(const recs_bundle_t *b, int fd,
    recs_error_t *err);

/*
 * Its part over what users have seen and the neighbours of items
 * (recs_bundle_check_lists.c): that a table's lists lie apart; the lists that
 * begin in a chunk, *wrong set where one is bad; and which one that was.
 */
recs_status_t recs_bundle_check_list_spans(const recs_bundle_t *b,
    recs_error_t *err);
recs_status_t recs_bundle_look_lists(const recs_chunk_t *chunk,
    recs_marks_t *marks, int *wrong, recs_error_t *err);
recs_status_t recs_bundle_check_lists(const recs_bundle_t *b, int fd,
    recs_marks_t *marks, recs_error_t *err);

/* 1 for a table of lists, 2 for one of their spans, else 0. */
int recs_bundle_is_list(recs_table_id_t id);

/* A byte for each item; freed by free(). */
recs_marks_t *recs_marks_create(uint32_t n_items);

/* Its part over the index of attribute values (recs_filter_check.c). */
recs_status_t recs_bundle_check_filters(const recs_bundle_t *b,
    recs_error_t *err);

/* Finds the trees in their tables; its part over them. */
recs_status_t recs_bundle_load_trees(recs_bundle_t *b, recs_error_t *err);
recs_status_t recs_bundle_check_trees(const recs_bundle_t *b,
    recs_error_t *err);

/* Finds the logistic regression in its tables; its part over them. */
recs_status_t recs_bundle_load_logistic(recs_bundle_t *b, recs_error_t *err);
recs_status_t recs_bundle_check_logistic(const recs_bundle_t *b,
    recs_error_t *err);

/* Its part over segments (recs_segment_check.c). */
recs_status_t recs_bundle_check_segments(const recs_bundle_t *b,
    recs_error_t *err);

/* The same of the pairwise network. */
recs_status_t recs_bundle_load_mlp(recs_bundle_t *b, recs_error_t *err);
recs_status_t recs_bundle_check_mlp(const recs_bundle_t *b,
    recs_error_t *err);

/* Its part over terms (recs_question_check.c). */
recs_status_t recs_bundle_check_terms(const recs_bundle_t *b,
    recs_error_t *err);

/* Refuses what stands at row of a table. */
recs_status_t recs_check_error(const recs_bundle_t *b, const char *what,
    uint64_t row, recs_error_t *err);

/* That a span, or every one, lies within its heap, 4-byte aligned. */
int recs_check_span(const recs_bundle_t *b, recs_table_id_t bytes,
    const recs_span_t *span);
recs_status_t recs_check_spans(const recs_bundle_t *b, recs_table_id_t bytes,
    recs_table_id_t spans, recs_error_t *err);

/* 1 if size bytes at p lie within the payload's map. */
int recs_bundle_inside(const recs_bundle_t *b, const void *p, uint64_t size);

/* Run i of a BYTES table through its spans; bounds were checked at load. */
recs_str_t recs_bundle_run(const recs_bundle_t *b, recs_table_id_t bytes,
    recs_table_id_t spans, uint64_t i);


#endif /* _RECS_BUNDLE_PRIVATE_H_INCLUDED_ */
