#include "recs_content_vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_svd.h"


/* An item that the dataset has not is passed over. */
static recs_status_t
recs_content_vectors_take(recs_content_vectors_t *v,
    const recs_dataset_t *dataset, const recs_item_vectors_t *given,
    recs_error_t *err)
{
    float        *row;
    double        norm;
    uint32_t      i, f, item, n;
    const float  *value;

    n = recs_dataset_view(dataset)->n_items;
    v->n_factors = given->n_factors;
    v->rows = calloc((size_t) n * given->n_factors + 1, sizeof(float));

    if (v->rows == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for %u vectors",
                          given->n);
    }

    for (i = 0; i < given->n; i++) {
        item = recs_dataset_item(dataset, given->ids[i]);
        value = given->values + (size_t) i * given->n_factors;
        norm = 0;

        for (f = 0; f < given->n_factors; f++) {
            norm += (double) value[f] * value[f];
        }

        if (item == UINT32_MAX || !(norm > 0)) {
            continue;
        }

        row = v->rows + (size_t) item * given->n_factors;

        for (f = 0; f < given->n_factors; f++) {
            row[f] = (float) (value[f] / sqrt(norm));
        }

        v->n_items++;
    }

    return v->n_items > 0
           ? RECS_OK
           : recs_error(err, RECS_INVALID, "none of the %u vectors is of an "
                        "item of the dataset, or all are zero: are the ids "
                        "those of the items?", given->n);
}


static int
recs_content_vectors_none(const recs_content_vectors_t *v, uint32_t item)
{
    uint32_t      f;
    const float  *row;

    row = v->rows + (size_t) item * v->n_factors;

    for (f = 0; f < v->n_factors; f++) {
        if (row[f] != 0.0f) {
            return 0;
        }
    }

    return 1;
}


/* A dense matrix is a sparse one; items that were given none have no row. */
static recs_status_t
recs_content_vectors_reduce(recs_content_vectors_t *v, uint32_t n_items,
    uint32_t n_factors, uint64_t seed, recs_threads_t *threads,
    recs_error_t *err)
{
    uint32_t            i, f;
    uint64_t            k;
    recs_svd_t          svd;
    recs_status_t       status;
    recs_svd_params_t   params;
    recs_sparse_copy_t  dense;

    memset(&svd, 0, sizeof(recs_svd_t));
    memset(&dense, 0, sizeof(recs_sparse_copy_t));

    dense.offsets = malloc(((size_t) n_items + 1) * sizeof(uint64_t));
    dense.columns = malloc((size_t) n_items * v->n_factors
                           * sizeof(uint32_t));
    dense.values = malloc((size_t) n_items * v->n_factors * sizeof(float));

    if (dense.offsets == NULL || dense.columns == NULL
        || dense.values == NULL)
    {
        recs_sparse_copy_free(&dense);
        return recs_error(err, RECS_NOMEM, "no memory for vectors");
    }

    for (i = 0, k = 0; i < n_items; i++) {
        dense.offsets[i] = k;

        if (recs_content_vectors_none(v, i)) {
            continue;
        }

        for (f = 0; f < v->n_factors; f++) {
            dense.columns[k] = f;
            dense.values[k++] = v->rows[(size_t) i * v->n_factors + f];
        }
    }

    dense.offsets[n_items] = k;
    dense.matrix.n_rows = n_items;
    dense.matrix.n_columns = v->n_factors;
    dense.matrix.offsets = dense.offsets;
    dense.matrix.columns = dense.columns;
    dense.matrix.values = dense.values;

    params.rank = n_factors < n_items ? n_factors : n_items;
    params.n_iterations = RECS_SVD_ITERATIONS;
    params.seed = seed;

    status = recs_svd(&svd, &dense.matrix, &params, threads, err);

    if (status == RECS_OK) {
        for (k = 0; k < (uint64_t) n_items * svd.rank; k++) {
            svd.u[k] *= svd.s[k % svd.rank];
        }

        free(v->rows);
        v->rows = svd.u;
        v->n_factors = svd.rank;
        svd.u = NULL;
    }

    recs_svd_free(&svd);
    recs_sparse_copy_free(&dense);

    return status;
}


recs_status_t
recs_content_vectors_create(recs_content_vectors_t *v,
    const recs_dataset_t *dataset, const recs_item_vectors_t *given,
    uint32_t n_factors_max, uint64_t seed, recs_threads_t *threads,
    recs_error_t *err)
{
    recs_status_t  status;

    status = recs_content_vectors_take(v, dataset, given, err);

    if (status == RECS_OK && v->n_factors > n_factors_max) {
        status = recs_content_vectors_reduce(v,
                                             recs_dataset_view(dataset)
                                             ->n_items,
                                             n_factors_max, seed, threads,
                                             err);
    }

    return status;
}


void
recs_content_vectors_free(recs_content_vectors_t *v)
{
    free(v->rows);
    memset(v, 0, sizeof(recs_content_vectors_t));
}
