#include "recs_gram.h"
#include "recs_blas.h"

#include <stdlib.h>
#include <string.h>


#define RECS_GRAM_PARTS  32       /* partial Gram matrices, whatever n_rows */
#define RECS_GRAM_BLOCK  512      /* rows rotated at once */


typedef struct {
    float     *table;
    uint32_t   n_rows;
    uint32_t   n_factors;
    uint32_t   stride;

    uint32_t   part_rows;
    float     *parts;             /* [RECS_GRAM_PARTS][n_factors ^ 2] */
    float     *basis;             /* [n_factors][n_factors], column-major */
    float     *blocks;            /* [n_threads][RECS_GRAM_BLOCK][stride] */
} recs_gram_t;


static void
recs_gram_part(void *data, uint32_t chunk, uint32_t thread)
{
    size_t        first, n;
    recs_gram_t  *g;

    (void) thread;

    g = data;
    first = (size_t) chunk * g->part_rows;

    if (first >= g->n_rows) {
        return;
    }

    n = g->n_rows - first < g->part_rows ? g->n_rows - first : g->part_rows;

    cblas_ssyrk(CblasColMajor, CblasLower, CblasNoTrans, (int) g->n_factors,
                (int) n, 1, g->table + first * g->stride, (int) g->stride, 0,
                g->parts + (size_t) chunk * g->n_factors * g->n_factors,
                (int) g->n_factors);
}


static void
recs_gram_rotate_block(void *data, uint32_t chunk, uint32_t thread)
{
    float        *rows, *block;
    size_t        first, n;
    recs_gram_t  *g;

    g = data;
    first = (size_t) chunk * RECS_GRAM_BLOCK;
    n = g->n_rows - first < RECS_GRAM_BLOCK ? g->n_rows - first
                                            : RECS_GRAM_BLOCK;
    rows = g->table + first * g->stride;
    block = g->blocks + (size_t) thread * RECS_GRAM_BLOCK * g->stride;

    memcpy(block, rows, n * g->stride * sizeof(float));

    /* row-major rows = block * Q is column-major rows' = Q' * block' */
    cblas_sgemm(CblasColMajor, CblasTrans, CblasNoTrans, (int) g->n_factors,
                (int) n, (int) g->n_factors, 1, g->basis,
                (int) g->n_factors, block, (int) g->stride, 0, rows,
                (int) g->stride);
}


/* Adds the parts up, in their order and in double, into basis. */

static void
recs_gram_sum(recs_gram_t *g)
{
    double    sum;
    size_t    i, n;
    uint32_t  part;

    n = (size_t) g->n_factors * g->n_factors;

    for (i = 0; i < n; i++) {
        sum = 0;

        for (part = 0; part < RECS_GRAM_PARTS; part++) {
            sum += g->parts[part * n + i];
        }

        g->basis[i] = (float) sum;
    }
}


static recs_status_t
recs_gram_eigen(recs_gram_t *g, float *eigenvalues, recs_error_t *err)
{
    int        d, lwork, liwork, info, *iwork;
    float     *work;
    uint32_t   i;

    d = (int) g->n_factors;
    lwork = 1 + 6 * d + 2 * d * d;
    liwork = 3 + 5 * d;

    work = malloc((size_t) lwork * sizeof(float));
    iwork = malloc((size_t) liwork * sizeof(int));

    if (work == NULL || iwork == NULL) {
        free(work);
        free(iwork);
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    ssyevd_("V", "L", &d, g->basis, &d, eigenvalues, work, &lwork, iwork,
            &liwork, &info);

    free(work);
    free(iwork);

    if (info != 0) {
        return recs_error(err, RECS_INVALID, "training diverged: the Gram "
                          "matrix has no eigenvalues; raise regularization");
    }

    for (i = 0; i < g->n_factors; i++) {
        if (eigenvalues[i] < 0) {
            eigenvalues[i] = 0;
        }
    }

    return RECS_OK;
}


recs_status_t
recs_gram_rotate(float *table, uint32_t n_rows, uint32_t n_factors,
    uint32_t stride, recs_threads_t *threads, float *eigenvalues,
    recs_error_t *err)
{
    size_t         n;
    recs_gram_t    g;
    recs_status_t  status;

    n = (size_t) n_factors * n_factors;

    g.table = table;
    g.n_rows = n_rows;
    g.n_factors = n_factors;
    g.stride = stride;
    g.part_rows = n_rows / RECS_GRAM_PARTS + 1;
    g.parts = calloc(RECS_GRAM_PARTS * n, sizeof(float));
    g.basis = malloc(n * sizeof(float));
    g.blocks = malloc((size_t) recs_threads_n(threads) * RECS_GRAM_BLOCK
                      * stride * sizeof(float));

    if (g.parts == NULL || g.basis == NULL || g.blocks == NULL) {
        status = recs_error(err, RECS_NOMEM, "out of memory");
        goto done;
    }

    recs_threads_run(threads, RECS_GRAM_PARTS, recs_gram_part, &g);
    recs_gram_sum(&g);

    status = recs_gram_eigen(&g, eigenvalues, err);
    if (status != RECS_OK) {
        goto done;
    }

    recs_threads_run(threads,
                     (n_rows + RECS_GRAM_BLOCK - 1) / RECS_GRAM_BLOCK,
                     recs_gram_rotate_block, &g);

done:

    free(g.parts);
    free(g.basis);
    free(g.blocks);

    return status;
}
