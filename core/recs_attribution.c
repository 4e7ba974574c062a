#include "recs_attribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_fold_in.h"
#include "recs_pages.h"


/*
 * With Z [n][n_factors], z_if = sqrt(w_i D_f) v_if, the matrix is I + Z'Z or,
 * in its dual form, I + Z Z'; and with t_f = sqrt(D_f) v_jf
 *
 *     c_i / sqrt(w_i) = (Z (I + Z'Z)^-1 t)_i = ((I + Z Z')^-1 Z t)_i
 */

#define RECS_ATTRIBUTION_LANES  4
#define RECS_ATTRIBUTION_PANEL  8               /* outer products at a time */

typedef double  recs_doubles_t
    __attribute__((vector_size(8 * RECS_ATTRIBUTION_LANES), aligned(8),
                   may_alias));


struct recs_attribution_s {
    const recs_bundle_view_t  *view;
    size_t                     stride;          /* of the matrix, in doubles */
    size_t                     matrix_size;
    double                    *matrix;          /* then its Cholesky factor,
                                                   the lower triangle */
    double                    *panel;           /* [PANEL][stride] */
    double                    *solution;        /* [stride] */
    double                    *scaled;          /* t [n_factors] */
    float                     *diagonal;        /* D, then its roots */

    const uint32_t            *items;
    const float               *weights;
    uint32_t                   n;
    uint32_t                   order;
    unsigned                   dual:1;
};


recs_attribution_t *
recs_attribution_create(const recs_bundle_view_t *view)
{
    size_t               n_factors;
    recs_attribution_t  *a;

    a = calloc(1, sizeof(recs_attribution_t));
    if (a == NULL) {
        return NULL;
    }

    n_factors = view->n_factors;

    a->view = view;
    a->stride = (n_factors + RECS_ATTRIBUTION_LANES)
                / RECS_ATTRIBUTION_LANES * RECS_ATTRIBUTION_LANES;
    a->matrix_size = a->stride * a->stride * sizeof(double);
    a->matrix = recs_pages_map(a->matrix_size);
    a->panel = calloc(RECS_ATTRIBUTION_PANEL * a->stride, sizeof(double));
    a->solution = calloc(a->stride, sizeof(double));
    a->scaled = calloc(a->stride, sizeof(double));
    a->diagonal = calloc(a->stride, sizeof(float));

    if (a->matrix == NULL || a->panel == NULL || a->solution == NULL
        || a->scaled == NULL || a->diagonal == NULL)
    {
        recs_attribution_destroy(a);
        return NULL;
    }

    return a;
}


void
recs_attribution_destroy(recs_attribution_t *a)
{
    if (a == NULL) {
        return;
    }

    recs_pages_unmap(a->matrix, a->matrix_size);
    free(a->panel);
    free(a->solution);
    free(a->scaled);
    free(a->diagonal);
    free(a);
}


static const float *
recs_attribution_row(const recs_attribution_t *a, uint32_t i)
{
    return recs_table_row(&a->view->item_factors, a->items[i]);
}


static double
recs_attribution_root(const recs_attribution_t *a, uint32_t i)
{
    return a->weights != NULL ? sqrt((double) a->weights[i]) : 1;
}


/* Adds the panel's outer products to the lower triangle. */
static void
recs_attribution_add(recs_attribution_t *a)
{
    double          s[RECS_ATTRIBUTION_PANEL];
    uint32_t        i, k, p;
    recs_doubles_t  sum;

    for (i = 0; i < a->order; i++) {
        for (p = 0; p < RECS_ATTRIBUTION_PANEL; p++) {
            s[p] = a->panel[p * a->stride + i];
        }

        for (k = 0; k <= i; k += RECS_ATTRIBUTION_LANES) {
            sum = *(recs_doubles_t *) (a->matrix + i * a->stride + k);

            for (p = 0; p < RECS_ATTRIBUTION_PANEL; p++) {
                sum += s[p] * *(const recs_doubles_t *)
                                  (a->panel + p * a->stride + k);
            }

            *(recs_doubles_t *) (a->matrix + i * a->stride + k) = sum;
        }
    }
}


/* A panel is of items or, in the dual form, of factors. */
static void
recs_attribution_matrix(recs_attribution_t *a)
{
    double        root;
    uint32_t      i, f, first, last, n;
    const float  *row;

    memset(a->matrix, 0, (size_t) a->order * a->stride * sizeof(double));

    for (i = 0; i < a->order; i++) {
        a->matrix[i * a->stride + i] = 1;
    }

    n = a->dual ? a->view->n_factors : a->n;

    for (first = 0; first < n; first = last) {
        last = n - first < RECS_ATTRIBUTION_PANEL
               ? n : first + RECS_ATTRIBUTION_PANEL;

        memset(a->panel, 0, RECS_ATTRIBUTION_PANEL * a->stride
                            * sizeof(double));

        for (i = a->dual ? 0 : first; i < (a->dual ? a->n : last); i++) {
            row = recs_attribution_row(a, i);
            root = recs_attribution_root(a, i);

            if (a->dual) {
                for (f = first; f < last; f++) {
                    a->panel[(f - first) * a->stride + i] =
                                    root * a->diagonal[f] * row[f];
                }

            } else {
                for (f = 0; f < a->view->n_factors; f++) {
                    a->panel[(i - first) * a->stride + f] =
                                    root * a->diagonal[f] * row[f];
                }
            }
        }

        recs_attribution_add(a);
    }
}


static double
recs_attribution_dot(const double *a, const double *b, uint32_t n)
{
    double          rest;
    uint32_t        i;
    recs_doubles_t  even, odd;

    const uint32_t  lanes = RECS_ATTRIBUTION_LANES;

    even = odd = (recs_doubles_t) { 0 };

    for (i = 0; i + 2 * lanes <= n; i += 2 * lanes) {
        even += *(const recs_doubles_t *) (a + i)
                * *(const recs_doubles_t *) (b + i);
        odd += *(const recs_doubles_t *) (a + i + lanes)
               * *(const recs_doubles_t *) (b + i + lanes);
    }

    even += odd;
    rest = (even[0] + even[1]) + (even[2] + even[3]);

    for ( /* void */ ; i < n; i++) {
        rest += a[i] * b[i];
    }

    return rest;
}


/* Cholesky, row by row; returns 0 where it is not positive and finite. */
static int
recs_attribution_factor(recs_attribution_t *a)
{
    double    *row, *other;
    uint32_t   i, k;

    for (i = 0; i < a->order; i++) {
        row = a->matrix + i * a->stride;

        for (k = 0; k < i; k++) {
            other = a->matrix + k * a->stride;
            row[k] = (row[k] - recs_attribution_dot(row, other, k))
                     / other[k];
        }

        row[i] = sqrt(row[i] - recs_attribution_dot(row, row, i));

        if (!(row[i] > 0 && isfinite(row[i]))) {
            return 0;
        }
    }

    return 1;
}


/* Solves for what stands in a->solution, in place. */
static void
recs_attribution_solve(recs_attribution_t *a)
{
    double    *row, *x;
    uint32_t   i, k;

    x = a->solution;

    for (i = 0; i < a->order; i++) {
        row = a->matrix + i * a->stride;
        x[i] = (x[i] - recs_attribution_dot(row, x, i)) / row[i];
    }

    for (i = a->order; i-- > 0; /* void */ ) {
        row = a->matrix + i * a->stride;
        x[i] /= row[i];

        for (k = 0; k < i; k++) {
            x[k] -= row[k] * x[i];
        }
    }
}


static int
recs_attribution_known(const recs_attribution_t *a)
{
    uint32_t  i;

    for (i = 0; i < a->n; i++) {
        if (a->items[i] >= a->view->n_items) {
            return 0;
        }
    }

    return 1;
}


int
recs_attribution_begin(recs_attribution_t *a, const uint32_t *items,
    const float *weights, uint32_t n)
{
    double    work;
    uint32_t  f, n_factors;

    n_factors = a->view->n_factors;

    if (n == 0 || n > RECS_ATTRIBUTION_ITEMS_MAX || n_factors == 0
        || a->view->gram == NULL)
    {
        return 0;
    }

    a->items = items;
    a->weights = weights;
    a->n = n;
    a->dual = n < n_factors;
    a->order = a->dual ? n : n_factors;

    work = (double) a->order * a->order / 2
           * ((a->dual ? n_factors : n) + a->order / 3.0)
           + (double) RECS_ATTRIBUTION_ANSWER
             * ((double) n * n_factors + (double) a->order * a->order);

    if (work > RECS_ATTRIBUTION_WORK_MAX || !recs_attribution_known(a)) {
        return 0;
    }

    recs_fold_in_diagonal(a->view, n, a->diagonal);

    for (f = 0; f < n_factors; f++) {
        a->diagonal[f] = sqrtf(a->diagonal[f]);
    }

    recs_attribution_matrix(a);

    return recs_attribution_factor(a);
}


/* Row i of Z times t. */
static double
recs_attribution_times(const recs_attribution_t *a, uint32_t i,
    const double *t)
{
    double        sum;
    uint32_t      f;
    const float  *row;

    row = recs_attribution_row(a, i);
    sum = 0;

    for (f = 0; f < a->view->n_factors; f++) {
        sum += t[f] * a->diagonal[f] * row[f];
    }

    return recs_attribution_root(a, i) * sum;
}


void
recs_attribution_terms(recs_attribution_t *a, uint32_t item, double *terms)
{
    double        *t;
    uint32_t       i, f;
    const float   *row;

    t = a->dual ? a->scaled : a->solution;
    row = recs_table_row(&a->view->item_factors, item);

    for (f = 0; f < a->view->n_factors; f++) {
        t[f] = (double) a->diagonal[f] * row[f];
    }

    if (a->dual) {
        for (i = 0; i < a->n; i++) {
            a->solution[i] = recs_attribution_times(a, i, t);
        }
    }

    recs_attribution_solve(a);

    for (i = 0; i < a->n; i++) {
        terms[i] = recs_attribution_root(a, i)
                   * (a->dual ? a->solution[i]
                              : recs_attribution_times(a, i, a->solution));
    }
}
