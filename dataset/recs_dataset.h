/*
 * recs_dataset: cleaned behaviour data in one file that is mapped.
 *
 * Users and items are numbered in the order of their ids (recs_id_compare()).
 * Interactions are aggregated, one per (user, item), and stand by user in
 * rising item index (CSR).  The file is written once, by the importer or by
 * a split, and never changed.
 */

#ifndef _RECS_DATASET_H_INCLUDED_
#define _RECS_DATASET_H_INCLUDED_


#include <stdint.h>

#include "recs_file.h"
#include "recs_model.h"
#include "recs_record.h"
#include "recs_segment_name.h"
#include "recs_status.h"


typedef struct recs_dataset_s  recs_dataset_t;


/* Behind the last segment of a context; sorts last. */
#define RECS_CONTEXT_END  UINT32_MAX

/*
 * In what context (recs_segment.h) each interaction happened: its latest
 * event.  Most share a context with many: so they are numbered.
 */
typedef struct {
    const uint32_t     *numbers;       /* [n_interactions] NULL: the data has
                                          no contexts */
    uint32_t            n;             /* number 0 is the empty context */
    const uint32_t     *rows;          /* [n][RECS_CONTEXTS_MAX] segments,
                                          rising, then RECS_CONTEXT_END */
    uint32_t            n_segments;
    const char *const  *segments;      /* [n_segments] "country=de", rising */
} recs_contexts_t;


/* Borrowed, valid until recs_dataset_close(). */
typedef struct {
    uint32_t         n_users;
    uint32_t         n_items;
    uint64_t         n_interactions;

    const uint64_t  *user_offsets;        /* [n_users + 1] */
    const uint32_t  *items;               /* [n_interactions] */
    const float     *weights;             /* summed value of the events */
    const int64_t   *times_ms;            /* latest event; 0: unknown */

    int64_t          from_ms;             /* time span; 0, 0: no times */
    int64_t          to_ms;

    recs_contexts_t  contexts;

    recs_entities_t  item_entities;       /* ids and attributes */
    recs_entities_t  user_entities;
} recs_dataset_view_t;


/*
 * Maps and checks a dataset: header, section bounds, offsets rising, indexes
 * in range, records well-formed, weights finite, contexts known.
 */
recs_status_t recs_dataset_open(recs_dataset_t **dataset, const char *path,
    recs_error_t *err);
void recs_dataset_close(recs_dataset_t *dataset);

const recs_dataset_view_t *recs_dataset_view(const recs_dataset_t *dataset);

/* Of all that is in the file; 0 where it was not read from one. */
uint64_t recs_dataset_hash(const recs_dataset_t *dataset);

/* id -> index, or UINT32_MAX.  O(log n). */
uint32_t recs_dataset_user(const recs_dataset_t *dataset, recs_str_t id);
uint32_t recs_dataset_item(const recs_dataset_t *dataset, recs_str_t id);


/*
 * Writes view as a dataset file: temporary file, fsync, rename.  Used by the
 * importer and by the split, which hands in fewer interactions over the same
 * users and items.
 */
recs_status_t recs_dataset_write(const recs_dataset_view_t *view,
    const char *path, recs_error_t *err);

/* The same into a file that the caller has created, and ends. */
recs_status_t recs_dataset_write_file(const recs_dataset_view_t *view,
    recs_file_t *file, recs_error_t *err);


/*
 * The transpose: for each item its users in rising order, and (optionally)
 * the position of that interaction in the by-user arrays.  The caller frees
 * the arrays with free().
 */
recs_status_t recs_dataset_transpose(const recs_dataset_view_t *view,
    uint64_t **item_offsets, uint32_t **users, uint64_t **positions,
    recs_error_t *err);


#endif /* _RECS_DATASET_H_INCLUDED_ */
