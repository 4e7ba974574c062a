/*
 * The bytes of a dataset file; private to dataset/.
 *
 *     recs_dataset_header_t
 *     section 0 .. RECS_SECTION_COUNT - 1, each 64-byte aligned
 *
 * and in a file of version 2, which a dataset is written as only where it has
 * contexts, behind them
 *
 *     sections up to RECS_SECTION_ALL - 1
 *     recs_dataset_contexts_t, 64-byte aligned, at the end of the file
 *
 * Numbers are in the machine's own order; another order is refused by
 * byte_order.  The file is an intermediate of one machine, not an archive.
 */

#ifndef _RECS_DATASET_FORMAT_H_INCLUDED_
#define _RECS_DATASET_FORMAT_H_INCLUDED_


#include <stdint.h>

#include "recs_dataset.h"


#define RECS_DATASET_MAGIC       "recsdata"
#define RECS_DATASET_PLAIN       1         /* versions */
#define RECS_DATASET_CONTEXTS    2
#define RECS_DATASET_BYTE_ORDER  0x01020304
#define RECS_DATASET_ALIGN       64
#define RECS_DATASET_OWNED       13


typedef enum {
    RECS_SECTION_USER_OFFSETS,         /* u64 [n_users + 1] */
    RECS_SECTION_ITEMS,                /* u32 [n_interactions] */
    RECS_SECTION_WEIGHTS,              /* f32 [n_interactions] */
    RECS_SECTION_TIMES,                /* i64 [n_interactions] */
    RECS_SECTION_ITEM_OFFSETS,         /* u64 [n_items + 1] into the next */
    RECS_SECTION_ITEM_RECORDS,         /* recs_record bytes, one by one */
    RECS_SECTION_ITEM_COLUMNS,         /* names, each ended by a NUL */
    RECS_SECTION_RECORD_OFFSETS,       /* u64 [n_users + 1] into the next */
    RECS_SECTION_USER_RECORDS,
    RECS_SECTION_USER_COLUMNS,
    RECS_SECTION_COUNT,

    RECS_SECTION_CONTEXTS = RECS_SECTION_COUNT,   /* u32 [n_interactions] */
    RECS_SECTION_CONTEXT_ROWS,         /* u32 [n_contexts][RECS_CONTEXTS_MAX] */
    RECS_SECTION_SEGMENTS,             /* names, each ended by a NUL */
    RECS_SECTION_ALL
} recs_section_id_t;

typedef struct {
    uint64_t          offset;          /* from the start of the file */
    uint64_t          size;
} recs_section_t;

typedef struct {
    char              magic[8];
    uint32_t          version;
    uint32_t          byte_order;
    uint64_t          file_size;
    uint64_t          payload_hash;    /* XXH3-64 of all after the header */
    uint32_t          n_users;
    uint32_t          n_items;
    uint64_t          n_interactions;
    int64_t           from_ms;
    int64_t           to_ms;
    uint32_t          n_item_columns;
    uint32_t          n_user_columns;
    recs_section_t    sections[RECS_SECTION_COUNT];
    uint64_t          header_hash;     /* XXH3-64 of all before this field */
} recs_dataset_header_t;


typedef struct {
    uint32_t          n_contexts;
    uint32_t          n_segments;
    recs_section_t    sections[RECS_SECTION_ALL - RECS_SECTION_COUNT];
} recs_dataset_contexts_t;


/* Records by index in a mapped section: recs_entities_t's data. */
typedef struct {
    const uint64_t   *offsets;
    const char       *bytes;
} recs_records_t;

struct recs_dataset_s {
    recs_dataset_view_t   view;
    recs_records_t        items;
    recs_records_t        users;
    const char          **columns;     /* of items, then of users */
    const char          **segments;
    void                 *map;
    size_t                map_size;

    /* What a dataset over borrowed arrays owns of them: freed at close. */
    void                 *owned[RECS_DATASET_OWNED];
};


/*
 * A dataset over somebody else's arrays; they must outlive it, except for
 * those that the caller puts into owned.  NULL: no memory.
 */
recs_dataset_t *recs_dataset_borrow(const recs_dataset_view_t *view);

/* Sets from_ms and to_ms from times_ms. */
void recs_dataset_span(recs_dataset_view_t *view);

/* Maps the contexts of a checked file of version 2, and says what is wrong. */
const char *recs_dataset_contexts_fault(recs_dataset_t *dataset);

/* A recs_entities_t's record() over a recs_records_t. */
recs_str_t recs_dataset_record(void *data, uint32_t index);


#endif /* _RECS_DATASET_FORMAT_H_INCLUDED_ */
