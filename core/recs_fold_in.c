#include "recs_fold_in.h"
#include "recs_search.h"

#include <math.h>
#include <string.h>


size_t
recs_fold_in_scratch(const recs_bundle_view_t *view)
{
    return (size_t) RECS_FOLD_IN_ITEMS_MAX * view->stride   /* W D^-1/2 */
           + RECS_FOLD_IN_ITEMS_MAX * RECS_FOLD_IN_ITEMS_MAX
           + RECS_FOLD_IN_ITEMS_MAX
           + view->stride;                                  /* D^-1/2 */
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


/*
 * m [n][n], symmetric positive definite with eigenvalues of at least 1, is
 * overwritten by its Cholesky factor; y [n] by the solution of m y = y.
 */
static void
recs_fold_in_solve(float *m, float *y, uint32_t n)
{
    float     sum;
    uint32_t  i, j, k;

    for (i = 0; i < n; i++) {
        for (j = 0; j <= i; j++) {
            sum = m[i * n + j];

            for (k = 0; k < j; k++) {
                sum -= m[i * n + k] * m[j * n + k];
            }

            m[i * n + j] = i == j ? sqrtf(sum) : sum / m[j * n + j];
        }
    }

    for (i = 0; i < n; i++) {
        for (k = 0; k < i; k++) {
            y[i] -= m[i * n + k] * y[k];
        }

        y[i] /= m[i * n + i];
    }

    for (i = n; i-- > 0; /* void */) {
        for (k = i + 1; k < n; k++) {
            y[i] -= m[k * n + i] * y[k];
        }

        y[i] /= m[i * n + i];
    }
}


void
recs_fold_in(const recs_bundle_view_t *view, const uint32_t *items,
    uint32_t n, float *scratch, float *vector)
{
    float        *w, *m, *y, *d;
    double        reg;
    uint32_t      i, j, f;
    const float  *row;

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
    y = m + RECS_FOLD_IN_ITEMS_MAX * RECS_FOLD_IN_ITEMS_MAX;
    d = y + RECS_FOLD_IN_ITEMS_MAX;

    reg = view->regularization
          * pow(n + view->unobserved_weight * view->n_items,
                view->regularization_exponent);

    for (f = 0; f < view->stride; f++) {
        d[f] = f < view->n_factors
               ? (float) (1.0 / sqrt(view->unobserved_weight * view->gram[f]
                                     + reg))
               : 0.0f;
    }

    for (i = 0; i < n; i++) {
        row = recs_table_row(&view->item_factors, items[i]);

        for (f = 0; f < view->stride; f++) {
            w[i * view->stride + f] = row[f] * d[f];
        }

        for (j = 0; j <= i; j++) {
            m[i * n + j] = recs_dot(w + i * view->stride,
                                    w + j * view->stride, view->stride);
        }

        m[i * n + i] += 1.0f;
        y[i] = 1.0f;
    }

    recs_fold_in_solve(m, y, n);

    for (i = 0; i < n; i++) {
        for (f = 0; f < view->stride; f++) {
            vector[f] += w[i * view->stride + f] * d[f] * y[i];
        }
    }
}
