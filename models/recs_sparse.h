/*
 * recs_sparse: a sparse matrix by rows, and what it is multiplied with.
 * Private to models/.
 */

#ifndef _RECS_SPARSE_H_INCLUDED_
#define _RECS_SPARSE_H_INCLUDED_


#include <stdint.h>

#include "recs_status.h"
#include "recs_threads.h"


/* The columns of a row are distinct and rise. */
typedef struct {
    uint32_t         n_rows;
    uint32_t         n_columns;
    const uint64_t  *offsets;             /* [n_rows + 1] */
    const uint32_t  *columns;             /* [offsets[n_rows]] */
    const float     *values;              /* [offsets[n_rows]]; NULL: all 1 */
} recs_sparse_t;

/* One that owns its arrays; zeroed before its first use. */
typedef struct {
    recs_sparse_t    matrix;
    uint64_t        *offsets;
    uint32_t        *columns;
    float           *values;
} recs_sparse_copy_t;


/* a's columns as rows.  RECS_NOMEM. */
recs_status_t recs_sparse_transpose(recs_sparse_copy_t *copy,
    const recs_sparse_t *a, recs_error_t *err);
void recs_sparse_copy_free(recs_sparse_copy_t *copy);

/*
 * product [n_rows][width] = a * dense [n_columns][width].  The same bytes
 * from any number of threads.
 */
void recs_sparse_multiply(const recs_sparse_t *a, const float *dense,
    uint32_t width, recs_threads_t *threads, float *product);


#endif /* _RECS_SPARSE_H_INCLUDED_ */
