#include "recs_svd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_blas.h"
#include "recs_rng.h"


/*
 * Blocks are [n][width] by rows: to LAPACK their transposes, whose LQ
 * decomposition leaves orthonormal columns in the block.
 */
typedef struct {
    const recs_sparse_t  *a;
    recs_sparse_copy_t    transpose;
    recs_threads_t       *threads;
    uint32_t              width;

    float                *left;           /* [n_rows][width] */
    float                *right;          /* [n_columns][width] */
    float                *lower;          /* [width][width] column-major */
    float                *lower_u;
    float                *lower_vt;
    float                *values;         /* [width] */
    float                *tau;            /* [width] */
    int                  *integers;       /* [8 width] */
    float                *work;
    int                   n_work;
} recs_svd_state_t;


static void
recs_svd_state_free(recs_svd_state_t *s)
{
    recs_sparse_copy_free(&s->transpose);
    free(s->left);
    free(s->right);
    free(s->lower);
    free(s->lower_u);
    free(s->lower_vt);
    free(s->values);
    free(s->tau);
    free(s->integers);
    free(s->work);
}


/* LAPACK says itself how much room it wants. */
static int
recs_svd_work(recs_svd_state_t *s)
{
    int    info, n, width, ask;
    float  most, size;

    ask = -1;
    width = (int) s->width;
    n = (int) (s->a->n_rows > s->a->n_columns ? s->a->n_rows
                                              : s->a->n_columns);

    sgelqf_(&width, &n, s->left, &width, s->tau, &most, &ask, &info);
    sorglq_(&width, &n, &width, s->left, &width, s->tau, &size, &ask, &info);
    most = fmaxf(most, size);
    sgesdd_("S", &width, &width, s->lower, &width, s->values, s->lower_u,
            &width, s->lower_vt, &width, &size, &ask, s->integers, &info);

    /* A size is told as a float, which may have rounded it down. */
    return (int) (fmaxf(most, size) * 1.0001f) + 1;
}


static recs_status_t
recs_svd_state_init(recs_svd_state_t *s, recs_error_t *err)
{
    size_t         square, row;
    recs_status_t  status;

    status = recs_sparse_transpose(&s->transpose, s->a, err);
    if (status != RECS_OK) {
        return status;
    }

    row = s->width * sizeof(float);
    square = s->width * row;

    s->left = malloc(s->a->n_rows * row);
    s->right = malloc(s->a->n_columns * row);
    s->lower = malloc(square);
    s->lower_u = malloc(square);
    s->lower_vt = malloc(square);
    s->values = malloc(row);
    s->tau = malloc(row);
    s->integers = malloc(8 * s->width * sizeof(int));

    if (s->left == NULL || s->right == NULL || s->lower == NULL
        || s->lower_u == NULL || s->lower_vt == NULL || s->values == NULL
        || s->tau == NULL || s->integers == NULL)
    {
        return recs_error(err, RECS_NOMEM, "no memory to decompose a matrix "
                          "of %u x %u", s->a->n_rows, s->a->n_columns);
    }

    s->n_work = recs_svd_work(s);
    s->work = malloc((size_t) s->n_work * sizeof(float));

    return s->work != NULL ? RECS_OK
                           : recs_error(err, RECS_NOMEM, "out of memory");
}


static void
recs_svd_random(recs_svd_state_t *s, uint64_t seed)
{
    size_t      i, n;
    recs_rng_t  rng;

    n = (size_t) s->a->n_columns * s->width;
    recs_rng_seed(&rng, seed);

    for (i = 0; i < n; i++) {
        s->right[i] = (float) recs_rng_normal(&rng);
    }
}


/* block [n][width] = Q lower': Q takes its place, lower may be NULL. */
static int
recs_svd_orthonormalise(recs_svd_state_t *s, float *block, uint32_t n_rows,
    float *lower)
{
    int       n, width, info;
    uint32_t  i;

    n = (int) n_rows;
    width = (int) s->width;

    sgelqf_(&width, &n, block, &width, s->tau, s->work, &s->n_work, &info);

    if (info != 0) {
        return 0;
    }

    if (lower != NULL) {
        memset(lower, 0, (size_t) s->width * s->width * sizeof(float));

        for (i = 0; i < s->width; i++) {
            memcpy(lower + (size_t) i * (s->width + 1),
                   block + (size_t) i * (s->width + 1),
                   (s->width - i) * sizeof(float));
        }
    }

    sorglq_(&width, &n, &width, block, &width, s->tau, s->work, &s->n_work,
            &info);

    return info == 0;
}


/* A ~ left * lower * right', both of orthonormal columns. */
static int
recs_svd_iterate(recs_svd_state_t *s, const recs_svd_params_t *params)
{
    uint32_t  i;

    recs_svd_random(s, params->seed);

    for (i = 0; ; i++) {
        recs_sparse_multiply(s->a, s->right, s->width, s->threads, s->left);

        if (!recs_svd_orthonormalise(s, s->left, s->a->n_rows, NULL)) {
            return 0;
        }

        recs_sparse_multiply(&s->transpose.matrix, s->left, s->width,
                             s->threads, s->right);

        if (!recs_svd_orthonormalise(s, s->right, s->a->n_columns, s->lower))
        {
            return 0;
        }

        if (i == params->n_iterations) {
            return 1;
        }
    }
}


static int
recs_svd_finite(const float *values, uint32_t n)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        if (!isfinite(values[i])) {
            return 0;
        }
    }

    return 1;
}


static int
recs_svd_decompose(recs_svd_state_t *s)
{
    int  width, info;

    width = (int) s->width;

    sgesdd_("S", &width, &width, s->lower, &width, s->values, s->lower_u,
            &width, s->lower_vt, &width, s->work, &s->n_work, s->integers,
            &info);

    return info == 0 && recs_svd_finite(s->values, s->width);
}


/* A column of v and the one of u both change their sign, or neither. */
static void
recs_svd_sign(recs_svd_t *svd, uint32_t n_rows, uint32_t n_columns)
{
    float     largest, x;
    size_t    j;
    uint32_t  f;

    for (f = 0; f < svd->rank; f++) {
        largest = 0;

        for (j = f; j < (size_t) n_columns * svd->rank; j += svd->rank) {
            x = svd->v[j];
            largest = fabsf(x) > fabsf(largest) ? x : largest;
        }

        if (largest >= 0) {
            continue;
        }

        for (j = f; j < (size_t) n_columns * svd->rank; j += svd->rank) {
            svd->v[j] = -svd->v[j];
        }

        for (j = f; j < (size_t) n_rows * svd->rank; j += svd->rank) {
            svd->u[j] = -svd->u[j];
        }
    }
}


/* What a row without elements has, rounding leaves about 0. */
static void
recs_svd_clear(const recs_sparse_t *a, uint32_t rank, float *block)
{
    uint32_t  i;

    for (i = 0; i < a->n_rows; i++) {
        if (a->offsets[i] == a->offsets[i + 1]) {
            memset(block + (size_t) i * rank, 0, rank * sizeof(float));
        }
    }
}


static recs_status_t
recs_svd_finish(recs_svd_t *svd, const recs_svd_state_t *s, uint32_t rank,
    recs_error_t *err)
{
    int  width;

    width = (int) s->width;

    svd->rank = rank;
    svd->u = malloc((size_t) s->a->n_rows * rank * sizeof(float));
    svd->v = malloc((size_t) s->a->n_columns * rank * sizeof(float));
    svd->s = malloc(rank * sizeof(float));

    if (svd->u == NULL || svd->v == NULL || svd->s == NULL) {
        recs_svd_free(svd);
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    memcpy(svd->s, s->values, rank * sizeof(float));

    /* lower_u is column-major; V' so is V by rows. */
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans,
                (int) s->a->n_rows, (int) rank, width, 1, s->left, width,
                s->lower_u, width, 0, svd->u, (int) rank);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans,
                (int) s->a->n_columns, (int) rank, width, 1, s->right, width,
                s->lower_vt, width, 0, svd->v, (int) rank);

    recs_svd_clear(s->a, rank, svd->u);
    recs_svd_clear(&s->transpose.matrix, rank, svd->v);
    recs_svd_sign(svd, s->a->n_rows, s->a->n_columns);

    return RECS_OK;
}


recs_status_t
recs_svd(recs_svd_t *svd, const recs_sparse_t *a,
    const recs_svd_params_t *params, recs_threads_t *threads,
    recs_error_t *err)
{
    uint32_t          smaller;
    recs_status_t     status;
    recs_svd_state_t  s;

    smaller = a->n_rows < a->n_columns ? a->n_rows : a->n_columns;

    if (params->rank == 0 || params->rank > smaller) {
        return recs_error(err, RECS_INVALID, "a matrix of %u x %u has no "
                          "decomposition of rank %u", a->n_rows,
                          a->n_columns, params->rank);
    }

    memset(&s, 0, sizeof(recs_svd_state_t));
    s.a = a;
    s.threads = threads;
    s.width = smaller - params->rank < RECS_SVD_OVERSAMPLING
              ? smaller : params->rank + RECS_SVD_OVERSAMPLING;

    openblas_set_num_threads(1);

    status = recs_svd_state_init(&s, err);

    if (status == RECS_OK) {
        status = recs_svd_iterate(&s, params) && recs_svd_decompose(&s)
                 ? recs_svd_finish(svd, &s, params->rank, err)
                 : recs_error(err, RECS_INVALID, "a matrix of %u x %u cannot "
                              "be decomposed: are its values finite?",
                              a->n_rows, a->n_columns);
    }

    recs_svd_state_free(&s);

    return status;
}


void
recs_svd_free(recs_svd_t *svd)
{
    free(svd->u);
    free(svd->s);
    free(svd->v);
    memset(svd, 0, sizeof(recs_svd_t));
}
