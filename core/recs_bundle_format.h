/*
 * recs_bundle_format: the bytes of a bundle, shared by its writer and its
 * reader and by nobody else.  docs/bundle-format.md is the specification.
 */

#ifndef _RECS_BUNDLE_FORMAT_H_INCLUDED_
#define _RECS_BUNDLE_FORMAT_H_INCLUDED_


#include <stdint.h>

#include "recs_bundle.h"


#define RECS_BUNDLE_FORMAT      1         /* of the seal */

/* `reader` of the manifest: the newest that is read, and what asks for it. */
#define RECS_BUNDLE_READER      4
#define RECS_READER_PLAIN       1
#define RECS_READER_BY_WEIGHT   2       /* lists in another order: refused */
#define RECS_READER_NEIGHBORS   3
#define RECS_READER_FURTHER     4       /* opposed lists, or users' own */

/* recs_bundle_open_fd(): a file whose seal is still to be written. */
#define RECS_BUNDLE_UNSEALED    0x100

#define RECS_DB_MANIFEST        "manifest"
#define RECS_DB_ITEMS           "items"
#define RECS_DB_USERS           "users"
#define RECS_DB_TABLES          "tables"

#define RECS_TABLE_MAGIC        0x4c425452          /* "RTBL" */
#define RECS_TABLE_ALIGN        64
#define RECS_TABLE_VALUE_MIN    4096                /* an overflow page */
#define RECS_TABLE_KEY_MAX      48
#define RECS_TABLE_ROWS_MAX     ((uint64_t) 1 << 40)
#define RECS_SHARDS_MAX         65536
#define RECS_RUN_MAX            ((uint64_t) 1 << 31)    /* value < 4 GiB */

#define RECS_ENTITIES_MAX       ((uint32_t) 1 << 31)

/* Up to so many items a neighbour takes two bytes. */
#define RECS_NEIGHBOR_SHORT_MAX     65536

/* Behind the weights of `mlp_output`: that of the retrieval, and the bias. */
#define RECS_MLP_EXTRA              2

#define RECS_MANIFEST_NAME_MAX      255
#define RECS_FOLD_IN_EXPONENT_MAX   10.0


/* What the elements of a table are. */
typedef enum {
    RECS_TYPE_BYTES = 1,
    RECS_TYPE_F32,
    RECS_TYPE_U32,
    RECS_TYPE_SPAN,                                 /* recs_span_t */
    RECS_TYPE_GOLDEN,                               /* recs_golden_row_t */
    RECS_TYPE_CODES,                                /* recs_codes.h's bytes */
    RECS_TYPE_CODE_BLOCK,                           /* recs_code_block_t */
    RECS_TYPE_I16
} recs_type_t;


/* Every table: symbol, name, type, 1 where it may stand in several shards. */
#define RECS_TABLE_MAP(XX)                                                    \
    XX(ITEM_FACTORS,  "item_factors",   F32,    1)                            \
    XX(ITEM_NORMS,    "item_norms",     F32,    0)                            \
    XX(ITEM_ORDER,    "item_order",     U32,    0)                            \
    XX(ITEM_CODES,    "item_codes",     CODES,  1)                            \
    XX(CODE_BLOCKS,   "code_blocks",    CODE_BLOCK, 0)                        \
    XX(ITEM_SPANS,    "item_spans",     SPAN,   1)                            \
    XX(ITEM_RECORDS,  "item_records",   BYTES,  1)                            \
    XX(USER_FACTORS,  "user_factors",   F32,    1)                            \
    XX(USER_SPANS,    "user_spans",     SPAN,   1)                            \
    XX(USER_RECORDS,  "user_records",   BYTES,  1)                            \
    XX(SEEN_SPANS,    "seen_spans",     SPAN,   1)                            \
    XX(SEEN_ITEMS,    "seen_items",     BYTES,  1)                            \
    XX(RECENT_SPANS,  "recent_spans",   SPAN,   1)                            \
    XX(RECENT_ITEMS,  "recent_items",   BYTES,  1)                            \
    XX(NEIGHBOR_SPANS, "neighbor_spans", SPAN,  1)                            \
    XX(NEIGHBORS,     "neighbors",      BYTES,  1)                            \
    XX(OPPOSED_SPANS, "opposed_spans",  SPAN,   1)                            \
    XX(OPPOSED,       "opposed",        BYTES,  1)                            \
    XX(USER_LIST_SPANS, "user_list_spans", SPAN, 1)                           \
    XX(USER_LISTS,    "user_lists",     BYTES,  1)                            \
    XX(POPULARITY,    "popularity",     F32,    0)                            \
    XX(POPULAR_ITEMS, "popular_items",  U32,    0)                            \
    XX(GRAM,          "gram",           F32,    0)                            \
    XX(FILTER_COLUMNS, "filter_columns", U32,   0)                            \
    XX(FILTER_VALUE_SPANS, "filter_value_spans", SPAN, 1)                     \
    XX(FILTER_VALUES, "filter_values",  BYTES,  1)                            \
    XX(FILTER_ITEM_SPANS, "filter_item_spans", SPAN, 1)                       \
    XX(FILTER_ITEMS,  "filter_items",   BYTES,  1)                            \
    XX(ITEM_HASHES,   "item_hashes",    U32,    1)                            \
    XX(SEGMENT_SPANS, "segment_spans",  SPAN,   1)                            \
    XX(SEGMENTS,      "segments",       BYTES,  1)                            \
    XX(TREE_NODES,    "tree_nodes",     U32,    0)                            \
    XX(TREE_LEAVES,   "tree_leaves",    F32,    0)                            \
    XX(TREE_MEANS,    "tree_means",     F32,    0)                            \
    XX(LOGISTIC_NUMERIC, "logistic_numeric", F32, 0)                          \
    XX(LOGISTIC_WEIGHTS, "logistic_weights", F32, 0)                          \
    XX(LOGISTIC_ITEMS, "logistic_items", F32,   0)                            \
    XX(TERMS,         "terms",          U32,    0)                            \
    XX(TERM_WEIGHTS,  "term_weights",   F32,    0)                            \
    XX(TERM_FACTORS,  "term_factors",   F32,    1)                            \
    XX(MLP_OUTPUT,    "mlp_output",     F32,    0)                            \
    XX(MLP_CANDIDATES, "mlp_candidates", I16,   1)                            \
    XX(MLP_PASTS,     "mlp_pasts",      I16,    1)                            \
    XX(MLP_USERS,     "mlp_users",      I16,    1)                            \
    XX(GOLDEN,        "golden",         GOLDEN, 0)

typedef enum {
#define RECS_TABLE_ENUM(symbol, name, type, sharded)  RECS_TABLE_##symbol,
    RECS_TABLE_MAP(RECS_TABLE_ENUM)
#undef RECS_TABLE_ENUM
    RECS_TABLE_COUNT
} recs_table_id_t;


/*
 * Stands before the data of every shard.  LMDB hands out a large value at
 * address 16 mod 4096; 48 bytes later the data is 64-byte aligned.
 */
typedef struct {
    uint32_t  magic;
    uint32_t  type;
    uint32_t  shard;
    uint32_t  n_shards;
    uint64_t  n_rows;                   /* of the whole table */
    uint64_t  rows_per_shard;           /* BYTES: the size of the largest */
    uint32_t  row_size;                 /* bytes */
    uint32_t  reserved;                 /* 0 */
    uint64_t  size;                     /* bytes of data in this shard */
} recs_table_header_t;

_Static_assert(sizeof(recs_table_header_t) == 48, "data is 64-byte aligned");


#define RECS_GOLDEN_ITEMS  10

typedef struct {
    uint32_t  strategy;                 /* recs_source_t */
    uint32_t  subject;                  /* user or item number */
    uint32_t  n;
    uint32_t  items[RECS_GOLDEN_ITEMS];
    uint32_t  scores[RECS_GOLDEN_ITEMS];        /* bits of the floats */
} recs_golden_row_t;


const char *recs_table_name(recs_table_id_t id);
recs_type_t recs_table_type(recs_table_id_t id);
int recs_table_sharded(recs_table_id_t id);

/* Bytes of one element of the type. */
uint32_t recs_type_size(recs_type_t type);

/*
 * The norm of a row, in double precision and one order of summation, so that
 * the reader finds what the writer found; not finite where an element is not.
 */
double recs_row_norm(const float *row, uint32_t n_factors);


#endif /* _RECS_BUNDLE_FORMAT_H_INCLUDED_ */
