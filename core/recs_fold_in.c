#include "recs_fold_in.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>


struct recs_fold_in_s {
    const recs_bundle_view_t  *view;
    float                     *diagonals;   /* of D by n: [][stride] */
    float                     *scaled;      /* [][stride] */
    const float               *rows[RECS_FOLD_IN_ITEMS_MAX];
    float                      roots[RECS_FOLD_IN_ITEMS_MAX];
    float                      solution[RECS_FOLD_IN_ITEMS_MAX];
    float                      matrix[RECS_FOLD_IN_ITEMS_MAX
                                      * RECS_FOLD_IN_COLUMNS];
    float                      units[RECS_FOLD_IN_ITEMS_MAX
                                     * RECS_FOLD_IN_COLUMNS];
};


/* A factor that no item has and nothing punishes is divided by something. */
void
recs_fold_in_diagonal(const recs_bundle_view_t *view, uint32_t n, float *to)
{
    double    d, reg;
    uint32_t  f;

    reg = view->regularization
          * pow(n + view->unobserved_weight * view->n_items,
                view->regularization_exponent);

    for (f = 0; f < view->n_factors; f++) {
        d = view->unobserved_weight * view->gram[f] + reg;
        to[f] = d > FLT_MIN ? (float) (1 / d) : 0;
    }
}


recs_fold_in_t *
recs_fold_in_create(const recs_bundle_view_t *view)
{
    size_t           size;
    uint32_t         n;
    recs_fold_in_t  *f;

    f = calloc(1, sizeof(recs_fold_in_t));
    if (f == NULL) {
        return NULL;
    }

    f->view = view;
    size = (size_t) RECS_FOLD_IN_ITEMS_MAX * view->stride + 1;
    f->diagonals = calloc(size, sizeof(float));
    f->scaled = calloc(size, sizeof(float));

    if (f->diagonals == NULL || f->scaled == NULL) {
        recs_fold_in_destroy(f);
        return NULL;
    }

    for (n = 1; n <= RECS_FOLD_IN_ITEMS_MAX && view->gram != NULL; n++) {
        recs_fold_in_diagonal(view, n, f->diagonals
                                       + (size_t) (n - 1) * view->stride);
    }

    return f;
}


void
recs_fold_in_destroy(recs_fold_in_t *f)
{
    if (f == NULL) {
        return;
    }

    free(f->diagonals);
    free(f->scaled);
    free(f);
}


const recs_bundle_view_t *
recs_fold_in_view(const recs_fold_in_t *f)
{
    return f->view;
}


void
recs_fold_in_mean(const recs_bundle_view_t *view, const uint32_t *items,
    const float *weights, uint32_t n, float *vector)
{
    float         sum, weight;
    uint32_t      i, f;
    const float  *row;

    memset(vector, 0, view->stride * sizeof(float));
    sum = (float) n;

    if (weights != NULL) {
        for (i = 0, sum = 0; i < n; i++) {
            sum += weights[i];
        }
    }

    for (i = 0; i < n; i++) {
        row = recs_table_row(&view->item_factors, items[i]);
        weight = (weights != NULL ? weights[i] : 1.0f) / sum;

        for (f = 0; f < view->stride; f++) {
            vector[f] += weight * row[f];
        }
    }
}


/* All rows on their way before the first is needed. */
static void
recs_fold_in_fetch(recs_fold_in_t *f, const uint32_t *items, uint32_t n)
{
    uint32_t  i, k;

    for (i = 0; i < n; i++) {
        f->rows[i] = recs_table_row(&f->view->item_factors, items[i]);

        for (k = 0; k < f->view->stride; k += 16) {
            __builtin_prefetch(f->rows[i] + k);
        }
    }
}


void
recs_fold_in(recs_fold_in_t *f, const uint32_t *items, const float *weights,
    uint32_t n, float *vector)
{
    uint32_t               i;
    recs_fold_in_terms_t   terms;

    if (n > RECS_FOLD_IN_ITEMS_MAX) {
        n = RECS_FOLD_IN_ITEMS_MAX;
    }

    if (n == 0 || f->view->gram == NULL) {
        recs_fold_in_mean(f->view, items, weights, n, vector);
        return;
    }

    recs_fold_in_fetch(f, items, n);

    if (weights != NULL) {
        for (i = 0; i < n; i++) {
            f->roots[i] = sqrtf(weights[i]);
        }
    }

    terms.rows = f->rows;
    terms.roots = weights != NULL ? f->roots : NULL;
    terms.n = n;
    terms.stride = f->view->stride;
    terms.diagonal = f->diagonals + (size_t) (n - 1) * f->view->stride;
    terms.scaled = f->scaled;
    terms.matrix = f->matrix;
    terms.units = f->units;
    terms.solution = f->solution;

    recs_kernel()->fold_in(&terms, vector);
}
