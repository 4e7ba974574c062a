#include "recs_sparse.h"

#include <stdlib.h>
#include <string.h>

#include "recs_blas.h"


#define RECS_SPARSE_CHUNK  256            /* rows */


typedef struct {
    const recs_sparse_t  *a;
    const float          *dense;
    uint32_t              width;
    float                *product;
} recs_sparse_product_t;


/* A counting sort: rows are walked in rising order, so they stay in it. */
static void
recs_sparse_transpose_fill(recs_sparse_copy_t *copy, const recs_sparse_t *a)
{
    uint32_t  i;
    uint64_t  k, at, sum, count;

    for (k = 0; k < a->offsets[a->n_rows]; k++) {
        copy->offsets[a->columns[k]]++;
    }

    for (i = 0, sum = 0; i < a->n_columns; i++) {
        count = copy->offsets[i];
        copy->offsets[i] = sum;
        sum += count;
    }

    for (i = 0; i < a->n_rows; i++) {
        for (k = a->offsets[i]; k < a->offsets[i + 1]; k++) {
            at = copy->offsets[a->columns[k]]++;
            copy->columns[at] = i;

            if (a->values != NULL) {
                copy->values[at] = a->values[k];
            }
        }
    }

    /* Each offset has moved to the start of the next row. */
    memmove(copy->offsets + 1, copy->offsets,
            a->n_columns * sizeof(uint64_t));
    copy->offsets[0] = 0;
}


recs_status_t
recs_sparse_transpose(recs_sparse_copy_t *copy, const recs_sparse_t *a,
    recs_error_t *err)
{
    size_t  n;

    n = (size_t) a->offsets[a->n_rows] + 1;

    copy->offsets = calloc((size_t) a->n_columns + 1, sizeof(uint64_t));
    copy->columns = malloc(n * sizeof(uint32_t));
    copy->values = a->values != NULL ? malloc(n * sizeof(float)) : NULL;

    if (copy->offsets == NULL || copy->columns == NULL
        || (a->values != NULL && copy->values == NULL))
    {
        recs_sparse_copy_free(copy);
        return recs_error(err, RECS_NOMEM, "no memory to transpose %zu "
                          "elements", n - 1);
    }

    recs_sparse_transpose_fill(copy, a);

    copy->matrix.n_rows = a->n_columns;
    copy->matrix.n_columns = a->n_rows;
    copy->matrix.offsets = copy->offsets;
    copy->matrix.columns = copy->columns;
    copy->matrix.values = copy->values;

    return RECS_OK;
}


void
recs_sparse_copy_free(recs_sparse_copy_t *copy)
{
    free(copy->offsets);
    free(copy->columns);
    free(copy->values);
    memset(copy, 0, sizeof(recs_sparse_copy_t));
}


static void
recs_sparse_multiply_chunk(void *data, uint32_t chunk, uint32_t thread)
{
    float                  *row;
    uint32_t                i, end;
    uint64_t                k;
    const recs_sparse_t    *a;
    recs_sparse_product_t  *p;

    (void) thread;

    p = data;
    a = p->a;
    i = chunk * RECS_SPARSE_CHUNK;
    end = a->n_rows - i > RECS_SPARSE_CHUNK ? i + RECS_SPARSE_CHUNK
                                            : a->n_rows;

    for ( /* void */ ; i < end; i++) {
        row = p->product + (size_t) i * p->width;
        memset(row, 0, p->width * sizeof(float));

        for (k = a->offsets[i]; k < a->offsets[i + 1]; k++) {
            cblas_saxpy((int) p->width, a->values != NULL ? a->values[k] : 1,
                        p->dense + (size_t) a->columns[k] * p->width, 1,
                        row, 1);
        }
    }
}


void
recs_sparse_multiply(const recs_sparse_t *a, const float *dense,
    uint32_t width, recs_threads_t *threads, float *product)
{
    recs_sparse_product_t  p;

    p.a = a;
    p.dense = dense;
    p.width = width;
    p.product = product;

    recs_threads_run(threads, a->n_rows / RECS_SPARSE_CHUNK
                              + (a->n_rows % RECS_SPARSE_CHUNK != 0),
                     recs_sparse_multiply_chunk, &p);
}
