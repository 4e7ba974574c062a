/*
 * The sweep operator (Dempster 1969) by blocks.  With k the block at hand,
 * D = A_kk and the others i, j, a step is
 *
 *     A_kk <- -D^-1
 *     A_ik <- A_ik D^-1
 *     A_ij <- A_ij - A_ik D^-1 A_kj
 *
 * and after all of them A has become -A^-1.  Every step is one product of
 * matrices over tiles that do not depend on each other, which a Cholesky
 * factor, its inverse and their product are not; D, a Schur complement of a
 * positive definite matrix, is positive definite.
 */

#include "recs_inverse.h"
#include "recs_blas.h"

#include <stdlib.h>
#include <string.h>


#define RECS_INVERSE_BLOCK  512


typedef struct {
    float      *a;                              /* [n][n] */
    uint32_t    n;
    uint32_t    n_blocks;

    uint32_t    block;                          /* of the step */
    float      *pivot;                          /* [size][size], D^-1 */
    float      *panel;                          /* [n][size], A_ik */
    float      *product;                        /* [n][size], A_ik D^-1 */
} recs_inverse_t;


static uint32_t
recs_inverse_start(uint32_t block)
{
    return block * RECS_INVERSE_BLOCK;
}


static uint32_t
recs_inverse_size(const recs_inverse_t *inverse, uint32_t block)
{
    uint32_t  rest;

    rest = inverse->n - recs_inverse_start(block);

    return rest < RECS_INVERSE_BLOCK ? rest : RECS_INVERSE_BLOCK;
}


static float *
recs_inverse_tile(const recs_inverse_t *inverse, uint32_t row, uint32_t column)
{
    return inverse->a + (size_t) recs_inverse_start(row) * inverse->n
           + recs_inverse_start(column);
}


/* to[j][i] = from[i][j], in squares that stay in the cache. */
static void
recs_inverse_turn(const float *from, uint32_t n_rows, uint32_t n_columns,
    size_t from_stride, float *to, size_t to_stride)
{
    uint32_t  i, j, r, c;

    for (i = 0; i < n_rows; i += 16) {
        for (j = 0; j < n_columns; j += 16) {
            for (r = i; r < n_rows && r < i + 16; r++) {
                for (c = j; c < n_columns && c < j + 16; c++) {
                    to[c * to_stride + r] = from[r * from_stride + c];
                }
            }
        }
    }
}


/* The pivot's inverse, both triangles. */
static int
recs_inverse_pivot(recs_inverse_t *inverse)
{
    int          n, info;
    float       *tile, *pivot;
    uint32_t     i, j, size;

    size = recs_inverse_size(inverse, inverse->block);
    tile = recs_inverse_tile(inverse, inverse->block, inverse->block);
    pivot = inverse->pivot;
    n = (int) size;

    for (i = 0; i < size; i++) {
        memcpy(pivot + (size_t) i * size, tile + (size_t) i * inverse->n,
               (i + 1) * sizeof(float));
    }

    /* Lower by rows is upper by columns. */
    spotrf_("U", &n, pivot, &n, &info);

    if (info == 0) {
        spotri_("U", &n, pivot, &n, &info);
    }

    for (i = 0; i < size; i++) {
        for (j = 0; j < i; j++) {
            pivot[(size_t) j * size + i] = pivot[(size_t) i * size + j];
        }
    }

    return info == 0;
}


/* The rows of one block of the panel and its product. */
static void
recs_inverse_panel(void *data, uint32_t row, uint32_t thread)
{
    float           *panel;
    uint32_t         i, size, n_rows;
    recs_inverse_t  *inverse;

    (void) thread;

    inverse = data;

    if (row == inverse->block) {
        return;
    }

    size = recs_inverse_size(inverse, inverse->block);
    n_rows = recs_inverse_size(inverse, row);
    panel = inverse->panel + (size_t) recs_inverse_start(row) * size;

    if (row > inverse->block) {
        for (i = 0; i < n_rows; i++) {
            memcpy(panel + (size_t) i * size,
                   recs_inverse_tile(inverse, row, inverse->block)
                   + (size_t) i * inverse->n,
                   size * sizeof(float));
        }

    } else {
        recs_inverse_turn(recs_inverse_tile(inverse, inverse->block, row),
                          size, n_rows, inverse->n, panel, size);
    }

    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int) n_rows,
                (int) size, (int) size, 1, panel, (int) size, inverse->pivot,
                (int) size, 0,
                inverse->product + (size_t) recs_inverse_start(row) * size,
                (int) size);
}


/* One tile of the lower triangle. */
static void
recs_inverse_update(void *data, uint32_t tile, uint32_t thread)
{
    float           *a;
    uint32_t         i, row, column, size;
    const float     *from;
    recs_inverse_t  *inverse;

    (void) thread;

    inverse = data;
    row = tile / inverse->n_blocks;
    column = tile % inverse->n_blocks;

    if (column > row) {
        return;
    }

    size = recs_inverse_size(inverse, inverse->block);
    a = recs_inverse_tile(inverse, row, column);

    if (row == inverse->block && column == inverse->block) {
        for (i = 0; i < size * size; i++) {
            a[(size_t) (i / size) * inverse->n + i % size] =
                                                       -inverse->pivot[i];
        }

    } else if (column == inverse->block) {
        from = inverse->product + (size_t) recs_inverse_start(row) * size;

        for (i = 0; i < recs_inverse_size(inverse, row); i++) {
            memcpy(a + (size_t) i * inverse->n, from + (size_t) i * size,
                   size * sizeof(float));
        }

    } else if (row == inverse->block) {
        from = inverse->product + (size_t) recs_inverse_start(column) * size;
        recs_inverse_turn(from, recs_inverse_size(inverse, column), size, size,
                          a, inverse->n);

    } else {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans,
                    (int) recs_inverse_size(inverse, row),
                    (int) recs_inverse_size(inverse, column), (int) size, -1,
                    inverse->product
                    + (size_t) recs_inverse_start(row) * size, (int) size,
                    inverse->panel
                    + (size_t) recs_inverse_start(column) * size, (int) size,
                    1, a, (int) inverse->n);
    }
}


/* The sign, and the upper triangle. */
static void
recs_inverse_finish(void *data, uint32_t tile, uint32_t thread)
{
    float           *a;
    uint32_t         i, j, row, column, n_rows, n_columns;
    recs_inverse_t  *inverse;

    (void) thread;

    inverse = data;
    row = tile / inverse->n_blocks;
    column = tile % inverse->n_blocks;

    if (column > row) {
        return;
    }

    a = recs_inverse_tile(inverse, row, column);
    n_rows = recs_inverse_size(inverse, row);

    for (i = 0; i < n_rows; i++) {
        n_columns = row == column ? i + 1
                                  : recs_inverse_size(inverse, column);

        for (j = 0; j < n_columns; j++) {
            a[(size_t) i * inverse->n + j] = -a[(size_t) i * inverse->n + j];
        }
    }

    if (row != column) {
        recs_inverse_turn(a, n_rows, recs_inverse_size(inverse, column),
                          inverse->n, recs_inverse_tile(inverse, column, row),
                          inverse->n);
        return;
    }

    for (i = 0; i < n_rows; i++) {
        for (j = 0; j < i; j++) {
            a[(size_t) j * inverse->n + i] = a[(size_t) i * inverse->n + j];
        }
    }
}


static recs_status_t
recs_inverse_run(recs_inverse_t *inverse, recs_threads_t *threads,
    recs_inverse_step_fn step, void *data, recs_error_t *err)
{
    uint32_t  n;

    n = inverse->n_blocks;

    for (inverse->block = 0; inverse->block < n; inverse->block++) {
        if (!recs_inverse_pivot(inverse)) {
            return recs_error(err, RECS_INVALID, "the matrix of %u rows is "
                              "not positive definite; a larger "
                              "regularization makes it so", inverse->n);
        }

        recs_threads_run(threads, n, recs_inverse_panel, inverse);
        recs_threads_run(threads, n * n, recs_inverse_update, inverse);

        if (step != NULL) {
            step(data, inverse->block + 1, n);
        }
    }

    recs_threads_run(threads, n * n, recs_inverse_finish, inverse);

    return RECS_OK;
}


recs_status_t
recs_inverse(float *a, uint32_t n, recs_threads_t *threads,
    recs_inverse_step_fn step, void *data, recs_error_t *err)
{
    size_t          width;
    recs_status_t   status;
    recs_inverse_t  inverse;

    if (n == 0) {
        return RECS_OK;
    }

    openblas_set_num_threads(1);

    memset(&inverse, 0, sizeof(recs_inverse_t));
    inverse.a = a;
    inverse.n = n;
    inverse.n_blocks = (n - 1) / RECS_INVERSE_BLOCK + 1;

    width = n < RECS_INVERSE_BLOCK ? n : RECS_INVERSE_BLOCK;
    inverse.pivot = malloc(width * width * sizeof(float));
    inverse.panel = malloc(n * width * sizeof(float));
    inverse.product = malloc(n * width * sizeof(float));

    status = inverse.pivot != NULL && inverse.panel != NULL
             && inverse.product != NULL
             ? recs_inverse_run(&inverse, threads, step, data, err)
             : recs_error(err, RECS_NOMEM, "no memory to invert a matrix of "
                          "%u rows", n);

    free(inverse.pivot);
    free(inverse.panel);
    free(inverse.product);

    return status;
}
