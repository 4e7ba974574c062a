#include "recs_fold_in.h"
#include "recs_kernel.h"

#include <math.h>
#include <string.h>


/*
 * With D the inverse of A's diagonal part and W the items' rows,
 *
 *     (I + W D W') y = 1,    x = D W' y
 *
 * The matrix is factored as L diag L', by columns: what is subtracted from an
 * element does not depend on its neighbours, so that registers of any width
 * give the same roundings.  The right side is one more row below the matrix.
 */


#define RECS_FOLD_IN_ROWS  (RECS_FOLD_IN_ITEMS_MAX + 1)     /* of the matrix */
#define RECS_FOLD_IN_COLS  RECS_FOLD_IN_ITEMS_MAX


typedef float  recs_quad_t
    __attribute__((vector_size(16), aligned(4), may_alias));


size_t
recs_fold_in_scratch(const recs_bundle_view_t *view)
{
    return (size_t) RECS_FOLD_IN_ITEMS_MAX * view->stride       /* W D */
           + RECS_FOLD_IN_ROWS * RECS_FOLD_IN_COLS
           + RECS_FOLD_IN_COLS
           + view->stride;                                      /* D */
}


/* y += a * x, n a multiple of 4. */
static inline void
recs_fold_in_add(float *y, float a, const float *x, uint32_t n)
{
    uint32_t            i;
    recs_quad_t        *to;
    const recs_quad_t  *from;

    to = (recs_quad_t *) y;
    from = (const recs_quad_t *) x;

    for (i = 0; i < n / 4; i++) {
        to[i] += a * from[i];
    }
}


static void
recs_fold_in_mean(const recs_bundle_view_t *view, const uint32_t *items,
    uint32_t n, float *vector)
{
    uint32_t      i, f;
    const float  *row;

    for (i = 0; i < n; i++) {
        row = recs_table_row(&view->item_factors, items[i]);

        for (f = 0; f < view->stride; f++) {
            vector[f] += row[f] / (float) n;
        }
    }
}


static void
recs_fold_in_diagonal(const recs_bundle_view_t *view, uint32_t n, float *d)
{
    float     weight, reg;
    uint32_t  f;

    weight = (float) view->unobserved_weight;
    reg = (float) (view->regularization
                   * pow(n + view->unobserved_weight * view->n_items,
                         view->regularization_exponent));

    for (f = 0; f < view->n_factors; f++) {
        d[f] = 1.0f / (weight * view->gram[f] + reg);
    }

    memset(d + f, 0, (view->stride - f) * sizeof(float));
}


/* Fills the lower half of m and the row below it; w gets the rows of W D. */
static void
recs_fold_in_matrix(const recs_bundle_view_t *view, const uint32_t *items,
    uint32_t n, const float *d, float *w, float *m)
{
    float             (*dot)(const float *a, const float *b, uint32_t n);
    uint32_t            i, j, f;
    recs_quad_t        *to;
    const float        *row;
    const recs_quad_t  *from, *by;

    dot = recs_kernel()->dot;
    by = (const recs_quad_t *) d;
    memset(m + n * RECS_FOLD_IN_COLS, 0, RECS_FOLD_IN_COLS * sizeof(float));

    for (i = 0; i < n; i++) {
        row = recs_table_row(&view->item_factors, items[i]);
        from = (const recs_quad_t *) row;
        to = (recs_quad_t *) (w + (size_t) i * view->stride);

        for (f = 0; f < view->stride / 4; f++) {
            to[f] = from[f] * by[f];
        }

        memset(m + i * RECS_FOLD_IN_COLS + i / 4 * 4, 0, 4 * sizeof(float));

        for (j = 0; j <= i; j++) {
            m[i * RECS_FOLD_IN_COLS + j] = dot(row,
                w + (size_t) j * view->stride, view->stride);
        }

        m[i * RECS_FOLD_IN_COLS + i] += 1.0f;
        m[n * RECS_FOLD_IN_COLS + i] = 1.0f;
    }
}


/*
 * m [n + 1][n], symmetric with eigenvalues of at least 1, its lower half and
 * the right side given, is overwritten; returns the solution, its last row.
 * column: [RECS_FOLD_IN_COLS].
 */
static const float *
recs_fold_in_solve(float *m, float *column, uint32_t n)
{
    float     inverse, factor, *row, *y;
    uint32_t  i, k, from;

    memset(column, 0, RECS_FOLD_IN_COLS * sizeof(float));

    for (k = 0; k < n; k++) {
        inverse = 1.0f / m[k * RECS_FOLD_IN_COLS + k];
        column[k] = 0.0f;

        for (i = k + 1; i < n; i++) {
            column[i] = m[i * RECS_FOLD_IN_COLS + k];
        }

        from = k / 4 * 4;

        for (i = k + 1; i <= n; i++) {
            row = m + i * RECS_FOLD_IN_COLS;
            factor = row[k] * inverse;
            recs_fold_in_add(row + from, -factor, column + from,
                             ((i < n ? i : n - 1) / 4 + 1) * 4 - from);
            row[k] = factor;
        }
    }

    y = m + n * RECS_FOLD_IN_COLS;

    for (k = n; k-- > 1; /* void */) {
        row = m + k * RECS_FOLD_IN_COLS;
        recs_fold_in_add(y, -y[k], row, k / 4 * 4);

        for (i = k / 4 * 4; i < k; i++) {
            y[i] -= y[k] * row[i];
        }
    }

    return y;
}


void
recs_fold_in(const recs_bundle_view_t *view, const uint32_t *items,
    uint32_t n, float *scratch, float *vector)
{
    float        *w, *m, *d, *column;
    uint32_t      i, f;
    const float  *y;

    memset(vector, 0, view->stride * sizeof(float));

    if (n > RECS_FOLD_IN_ITEMS_MAX) {
        n = RECS_FOLD_IN_ITEMS_MAX;
    }

    if (n == 0) {
        return;
    }

    if (view->gram == NULL) {
        recs_fold_in_mean(view, items, n, vector);
        return;
    }

    w = scratch;
    m = w + (size_t) RECS_FOLD_IN_ITEMS_MAX * view->stride;
    column = m + RECS_FOLD_IN_ROWS * RECS_FOLD_IN_COLS;
    d = column + RECS_FOLD_IN_COLS;

    for (i = 0; i < n; i++) {
        for (f = 0; f < view->stride; f += 16) {
            __builtin_prefetch((const float *)
                recs_table_row(&view->item_factors, items[i]) + f);
        }
    }

    recs_fold_in_diagonal(view, n, d);
    recs_fold_in_matrix(view, items, n, d, w, m);
    y = recs_fold_in_solve(m, column, n);

    for (i = 0; i < n; i++) {
        recs_fold_in_add(vector, y[i], w + (size_t) i * view->stride,
                         view->stride);
    }
}
