/*
 * recs_heaviest: rows of weights cut to the heaviest of each, as lists.
 * Private to models/.
 *
 * Rows are made in chunks of RECS_HEAVIEST_CHUNK, the chunks in parallel, the
 * rows of one in turn by the same thread:
 *
 *     recs_heaviest_add() for what may be in the row, then
 *     recs_heaviest_end() once for every row that has any
 *
 * Ties are broken by the column, so that the lists are the same from any
 * number of threads.
 */

#ifndef _RECS_HEAVIEST_H_INCLUDED_
#define _RECS_HEAVIEST_H_INCLUDED_


#include <stdint.h>
#include <string.h>

#include "recs_status.h"


#define RECS_HEAVIEST_CHUNK  64          /* rows */


/* Zeroed before its first use. */
typedef struct {
    uint64_t  *offsets;                                 /* [n_rows + 1] */
    uint32_t  *items;             /* columns of each, the heaviest first */
    float     *weights;
} recs_knn_lists_t;


/* A thread's: the row at hand. */
typedef struct {
    uint64_t  *keys;                                    /* [n_columns + 1] */
    uint64_t  *spare;                                   /* [n_columns + 1] */
    uint32_t  *bins;
    uint32_t   n;
} recs_heaviest_row_t;

typedef struct recs_heaviest_chunk_s  recs_heaviest_chunk_t;

typedef struct {
    uint32_t                n_rows;
    uint32_t                n_columns;
    uint32_t                n_kept;      /* at most, of each row */
    uint32_t                n_threads;
    uint32_t                n_chunks;

    recs_heaviest_row_t    *rows;                       /* [n_threads] */
    recs_heaviest_chunk_t  *chunks;                     /* [n_chunks] */
    uint32_t               *counts;                     /* [n_rows] */
    unsigned                column_bytes;
    int                     no_memory;
} recs_heaviest_t;


/* The counts are set; what they need is allocated.  RECS_NOMEM. */
recs_status_t recs_heaviest_create(recs_heaviest_t *heaviest);
void recs_heaviest_free(recs_heaviest_t *heaviest);

/* Column may be in the row that thread makes; weight is at least 0. */
static inline void
recs_heaviest_add(recs_heaviest_t *heaviest, uint32_t thread, uint32_t column,
    float weight)
{
    uint32_t              bits;
    recs_heaviest_row_t  *row;

    row = &heaviest->rows[thread];

    /* Floats that are not negative are in the order of their bits. */
    memcpy(&bits, &weight, sizeof(uint32_t));

    row->keys[row->n++] = (uint64_t) ~bits << 32 | column;
}

/* What was added is the row; failure is told by recs_heaviest_join(). */
void recs_heaviest_end(recs_heaviest_t *heaviest, uint32_t thread,
    uint32_t row);

/* Puts the rows behind one another.  RECS_NOMEM, of any of the calls. */
recs_status_t recs_heaviest_join(recs_heaviest_t *heaviest,
    recs_knn_lists_t *lists);

void recs_knn_lists_free(recs_knn_lists_t *lists);


#endif /* _RECS_HEAVIEST_H_INCLUDED_ */
