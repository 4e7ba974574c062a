/*
 * recs_bundle: reading a sealed bundle.
 *
 * A bundle is one file: an LMDB environment and a seal behind it
 * (docs/bundle-format.md).  It is opened in steps, none of which trusts what
 * a former has not shown:
 *
 *     1. the seal    size, magic, version, byte order: a truncated map is a
 *                    SIGBUS
 *     2. structure   LMDB's pages, by read(2); tables present, dims agree,
 *                    rows aligned
 *     3. contents    XXH3-128 of every payload byte, by read(2): LMDB itself
 *                    notices almost no damage.  Meanwhile, and by a second
 *                    thread that has ended when the call returns: values
 *                    finite, indexes in range, norms sorted.  A wrong hash is
 *                    reported before anything else
 *     4. answers     the golden answers are recomputed (recs_golden.h)
 *
 * Items are numbered 0..n_items-1 in falling order of their norm: that is
 * `item` everywhere in core/.  item_order[item] is the index the item had in
 * training; it breaks ties and is the row order of `recs export`.
 *
 * Threads: a bundle is immutable and may be read from any thread.  Processes:
 * open one per process, never use it across fork() (LMDB's rule).
 */

#ifndef _RECS_BUNDLE_H_INCLUDED_
#define _RECS_BUNDLE_H_INCLUDED_


#include <stdint.h>

#include "recs_codes.h"
#include "recs_id.h"
#include "recs_mlp_layers.h"
#include "recs_rank_logistic.h"
#include "recs_rank_trees.h"
#include "recs_language.h"
#include "recs_record.h"
#include "recs_status.h"


#define RECS_ITEM_NO  UINT32_MAX
#define RECS_USER_NO  UINT32_MAX
#define RECS_TERM_NO  UINT32_MAX

#define RECS_MANIFEST_VALUE_MAX  4096

#define RECS_NEIGHBOR_HEADS  8


/* What recs_bundle_open() may skip. */
#define RECS_BUNDLE_SEAL_KNOWN  0x01   /* this very file's seal was verified */
#define RECS_BUNDLE_TRUSTED     0x02   /* ... and its structure: attach only */


/*
 * A table of equal rows.  A value of LMDB is under 4 GiB, so a large table
 * stands in several shards of rows_per_shard rows each (the last may be
 * shorter).  Every shard is 64-byte aligned.
 */
typedef struct {
    const char *const  *shards;
    uint64_t            n_rows;
    uint64_t            rows_per_shard;
    size_t              row_size;                       /* bytes */
} recs_table_t;


static inline const void *
recs_table_row(const recs_table_t *t, uint64_t row)
{
    if (row < t->rows_per_shard) {
        return t->shards[0] + row * t->row_size;
    }

    return t->shards[row / t->rows_per_shard]
           + (row % t->rows_per_shard) * t->row_size;
}


/* A run of bytes in a heap of shards; it never crosses them. */
typedef struct {
    uint64_t  offset;                                   /* 0 mod 4 */
    uint32_t  len;
    uint32_t  shard;
} recs_span_t;


/* An item by its hash (recs_item_hash.h). */
typedef struct {
    uint32_t  high;                     /* bits 16 to 47 of the hash */
    uint32_t  low;                      /* bits 0 to 15 */
    uint32_t  item;
} recs_hashed_item_t;


static inline uint64_t
recs_hashed_item_hash(const recs_hashed_item_t *row)
{
    return (uint64_t) row->high << 16 | row->low;
}


/* A term by its hash (recs_text.h). */
typedef struct {
    uint32_t  high;                     /* bits 32 to 63 of the hash */
    uint32_t  low;
} recs_hashed_term_t;


static inline uint64_t
recs_hashed_term_hash(const recs_hashed_term_t *row)
{
    return (uint64_t) row->high << 32 | row->low;
}


typedef struct recs_bundle_s  recs_bundle_t;


/* What the scorer reads; borrowed, valid until recs_bundle_close(). */
typedef struct {
    uint32_t         n_items;
    uint32_t         n_users;
    uint32_t         n_factors;          /* 0: the model has no vectors */
    uint32_t         stride;             /* floats per row, padded with 0 */

    recs_table_t     item_factors;       /* float [n_items][stride] */
    const float     *item_norms;         /* [n_items], falling, each at least
                                            the exact norm of its row */
    const uint32_t  *item_order;         /* [n_items] */

    /*
     * The item factors again, in codes (recs_codes.h), in blocks of
     * RECS_BLOCK_ITEMS; kind RECS_CODES_NONE: there are none.
     */
    recs_codes_kind_t         codes_kind;
    uint32_t                  n_blocks;
    recs_table_t              codes;     /* a row is a block */
    const recs_code_block_t  *code_blocks;              /* [n_blocks] */

    recs_table_t     user_factors;       /* float [n_users][stride]; 0 rows
                                            where users are only folded in */

    const float     *popularity;         /* [n_items], NULL: none */
    const uint32_t  *popular_items;      /* [n_items], best first, ties by
                                            item_order; NULL: none */

    const float     *gram;               /* [n_factors], NULL: no fold-in */
    double           unobserved_weight;
    double           regularization;
    double           regularization_exponent;

    /* Of recs_session_vector.h, with defaults where the bundle has none. */
    uint32_t         session_window;     /* 1 to RECS_SESSION_WINDOW_MAX */
    float            session_prior;      /* > 0 */

    /*
     * Neighbour lists.  With acc the sum, over the visitor's last
     * neighbor_history items, of the weight that item has in their lists, an
     * integer that fits 16 bits,
     *
     *     score = recs_dot(user, item) + neighbor_step * (float) acc
     *
     * product and sum in f32, each rounded once.  A visitor whom training knew
     * may have a list of his own, which acc counts too; with opposed lists,
     * and opp the same sum over those of the items,
     *
     *     score = recs_dot(user, item) + neighbor_step * (float) acc
     *             - neighbor_step * (float) opp
     *
     * each rounded once, from left to right.
     */
    unsigned            neighbor_id_size;       /* 0: no lists; 2 or 4 */
    uint32_t            neighbor_history;       /* 1 to RECS_HISTORY_MAX */
    float               neighbor_step;
    recs_table_t        neighbor_spans;         /* recs_span_t [n_items] */
    const char *const  *neighbor_lists;         /* shards of the lists */
    recs_table_t        opposed_spans;          /* ... [n_items]; no rows: no
                                                   opposed lists */
    const char *const  *opposed_lists;
    recs_table_t        user_list_spans;        /* ... [n_users]; no rows:
                                                   users have no lists */
    const char *const  *user_lists;

    recs_table_t        item_hashes;            /* recs_hashed_item_t, rising;
                                                   no rows: none are known */

    recs_table_t        segment_spans;          /* recs_span_t; no rows: no
                                                   segments (recs_segment.h) */
    const char *const  *segment_runs;           /* shards of them */

    recs_trees_t     trees;              /* n_trees 0: none */
    recs_logistic_t  logistic;           /* n_features 0: none */

    recs_mlp_output_t   mlp;                    /* n_hidden 0: none */
    recs_table_t        mlp_candidates;         /* int16_t [n_items][n_hidden]
                                                   (recs_rank_mlp.h) */
    recs_table_t        mlp_pasts;              /* the same */
    recs_table_t        mlp_users;              /* [n_users][n_hidden] */

    /* What the words of a question mean (recs_question.h). */
    recs_table_t        terms;                  /* recs_hashed_term_t, rising;
                                                   no rows: no questions */
    const float        *term_weights;           /* [n_terms] more than 0 */
    recs_table_t        term_factors;           /* float [n_terms][stride] */
    recs_languages_t    languages;              /* that the items are in */
} recs_bundle_view_t;


/*
 * An item's neighbours: the heaviest RECS_NEIGHBOR_HEADS first, by falling
 * weight, equal weights in rising number; then the rest, in rising number and
 * none heavier than those.  They are distinct, none is the item itself, none
 * weighs 0.
 */
typedef struct {
    const void     *ids;      /* item numbers, uint16_t or uint32_t [n] */
    const uint8_t  *weights;                            /* [n] */
    uint32_t        n;
} recs_neighbors_t;


static inline void
recs_bundle_list(const recs_table_t *spans, const char *const *lists,
    uint32_t row, unsigned id_size, recs_neighbors_t *list)
{
    const char         *run;
    const recs_span_t  *span;

    span = recs_table_row(spans, row);
    run = lists[span->shard] + span->offset;

    list->n = id_size == 2 ? span->len / 3 : span->len / 5;
    list->ids = run;
    list->weights = (const uint8_t *) run + (size_t) list->n * id_size;
}


/* For a view with lists: neighbor_id_size is not 0. */
static inline void
recs_bundle_neighbors(const recs_bundle_view_t *view, uint32_t item,
    recs_neighbors_t *list)
{
    recs_bundle_list(&view->neighbor_spans, view->neighbor_lists, item,
                     view->neighbor_id_size, list);
}


/* For a view whose opposed_spans, or user_list_spans, has rows. */
static inline void
recs_bundle_opposed(const recs_bundle_view_t *view, uint32_t item,
    recs_neighbors_t *list)
{
    recs_bundle_list(&view->opposed_spans, view->opposed_lists, item,
                     view->neighbor_id_size, list);
}


static inline void
recs_bundle_user_list(const recs_bundle_view_t *view, uint32_t user,
    recs_neighbors_t *list)
{
    recs_bundle_list(&view->user_list_spans, view->user_lists, user,
                     view->neighbor_id_size, list);
}


/* The weight that item has in a list of the view; 0: it is not in it. */
uint32_t recs_bundle_list_weight(const recs_bundle_view_t *view,
    const recs_neighbors_t *list, uint32_t item);


/*
 * Opens the bundle behind descriptor fd, which stays the caller's and may be
 * closed afterwards.  The file is reopened through /proc/self/fd, so that
 * what was verified is what is mapped, whatever the path names by then.
 * `name` stands in error messages only.
 *
 * RECS_CORRUPT  damaged, truncated or structurally wrong; err says where
 * RECS_VERSION  a format, byte order or word size this reader does not read
 * RECS_IO       not a regular file, unreadable
 */
recs_status_t recs_bundle_open_fd(recs_bundle_t **bundle, int fd,
    const char *name, unsigned flags, recs_error_t *err);

/* The same by path; a model directory means its `current`. */
recs_status_t recs_bundle_open(recs_bundle_t **bundle, const char *path,
    unsigned flags, recs_error_t *err);

void recs_bundle_close(recs_bundle_t *bundle);

const recs_bundle_view_t *recs_bundle_view(const recs_bundle_t *bundle);

/* First 8 hex digits of the payload's hash, NUL-terminated. */
const char *recs_bundle_hash8(const recs_bundle_t *bundle);

/* Bytes of the file, seal included. */
uint64_t recs_bundle_size(const recs_bundle_t *bundle);

/*
 * A manifest value ("algorithm", "created", "param.factors", ...), or
 * {NULL, 0}.  recs_bundle_manifest_next() walks all of them in name order,
 * *pos from 0.
 */
recs_str_t recs_bundle_manifest(const recs_bundle_t *bundle,
    const char *name);
int recs_bundle_manifest_next(const recs_bundle_t *bundle, uint32_t *pos,
    recs_str_t *name, recs_str_t *value);

/* id -> number: RECS_ITEM_NO / RECS_USER_NO where the model has no such id. */
uint32_t recs_bundle_item(const recs_bundle_t *bundle, recs_str_t id);
uint32_t recs_bundle_user(const recs_bundle_t *bundle, recs_str_t id);

/* number -> record (recs_record.h). */
recs_str_t recs_bundle_item_record(const recs_bundle_t *bundle,
    uint32_t item);
recs_str_t recs_bundle_user_record(const recs_bundle_t *bundle,
    uint32_t user);

/* Attribute name -> column, RECS_COLUMN_NO where there is none; and back. */
uint32_t recs_bundle_item_column(const recs_bundle_t *bundle,
    recs_str_t name);
recs_str_t recs_bundle_item_column_name(const recs_bundle_t *bundle,
    uint32_t column);
uint32_t recs_bundle_user_column(const recs_bundle_t *bundle,
    recs_str_t name);
recs_str_t recs_bundle_user_column_name(const recs_bundle_t *bundle,
    uint32_t column);

/* A table as it lies in the file, for `recs inspect`. */
typedef struct {
    const char  *name;
    uint64_t     n_rows;
    size_t       row_size;
    uint32_t     n_shards;
    uint64_t     size;                                  /* bytes of data */
} recs_bundle_table_t;

/* Walks the tables, *pos from 0; returns 0 after the last. */
int recs_bundle_table_next(const recs_bundle_t *bundle, uint32_t *pos,
    recs_bundle_table_t *table);

/* The user's training items, ascending; borrowed, 4-byte aligned. */
const uint32_t *recs_bundle_seen(const recs_bundle_t *bundle, uint32_t user,
    uint32_t *n_seen);

/*
 * The user's last neighbor_history training items, the last first; where
 * training knew no times, the first of recs_bundle_seen().  None where the
 * model has no lists.
 */
const uint32_t *recs_bundle_recent(const recs_bundle_t *bundle,
    uint32_t user, uint32_t *n_recent);


#endif /* _RECS_BUNDLE_H_INCLUDED_ */
