#include "recs_content.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_blas.h"
#include "recs_content_features.h"


#define RECS_CONTENT_HELD_OUT  10         /* every tenth item */

static const double  recs_content_penalties[] = { 0.3, 1, 3, 10, 30 };

#define RECS_CONTENT_N_PENALTIES                                              \
    (sizeof(recs_content_penalties) / sizeof(recs_content_penalties[0]))


typedef struct {
    const recs_dataset_view_t   *view;
    const float                 *factors;
    uint32_t                     n_factors;

    uint32_t                    *counts;  /* [n_items], interactions */
    uint32_t                    *items;   /* learned from */
    uint32_t                     n_items;
    recs_content_vocabulary_t    vocabulary;
    uint32_t                     n;       /* features and the constant 1 */

    float                       *a;       /* [n][n], X' X, lower half */
    float                       *b;       /* [n_factors][n], X' Y */
    float                       *root;    /* a's Cholesky factor */
    float                       *w;       /* [n_factors][n] */
} recs_content_t;


static void
recs_content_free(recs_content_t *c)
{
    recs_content_vocabulary_free(&c->vocabulary);
    free(c->counts);
    free(c->items);
    free(c->a);
    free(c->b);
    free(c->root);
    free(c->w);
}


/* The items that were met, evenly thinned out. */
static recs_status_t
recs_content_items(recs_content_t *c, recs_error_t *err)
{
    uint32_t                    i, n, n_met;
    uint64_t                    j;
    const recs_dataset_view_t  *view;

    view = c->view;

    c->counts = calloc((size_t) view->n_items + 1, sizeof(uint32_t));
    c->items = malloc(((size_t) RECS_CONTENT_ITEMS + 1) * sizeof(uint32_t));

    if (c->counts == NULL || c->items == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    for (j = 0; j < view->n_interactions; j++) {
        c->counts[view->items[j]]++;
    }

    n_met = 0;

    for (i = 0; i < view->n_items; i++) {
        n_met += c->counts[i] > 0;
    }

    for (i = 0, n = 0; i < view->n_items; i++) {
        if (c->counts[i] == 0) {
            continue;
        }

        if (n_met <= RECS_CONTENT_ITEMS
            || (uint64_t) n * RECS_CONTENT_ITEMS / n_met
               != (uint64_t) (n + 1) * RECS_CONTENT_ITEMS / n_met)
        {
            c->items[c->n_items++] = i;
        }

        n++;
    }

    return RECS_OK;
}


static recs_status_t
recs_content_init(recs_content_t *c, recs_error_t *err)
{
    size_t         square;
    recs_status_t  status;

    status = recs_content_vocabulary_create(&c->vocabulary,
                                            &c->view->item_entities,
                                            c->items, c->n_items, err);
    if (status != RECS_OK || c->vocabulary.n == 0) {
        return status;
    }

    c->n = c->vocabulary.n + 1;
    square = (size_t) c->n * c->n;

    c->a = calloc(square, sizeof(float));
    c->root = malloc(square * sizeof(float));
    c->b = calloc((size_t) c->n * c->n_factors, sizeof(float));
    c->w = malloc((size_t) c->n * c->n_factors * sizeof(float));

    if (c->a == NULL || c->root == NULL || c->b == NULL || c->w == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    return RECS_OK;
}


/* What the item's attributes say; the constant 1 follows unsaid. */
static void
recs_content_item_row(const recs_content_t *c, uint32_t item,
    recs_content_row_t *row)
{
    const recs_entities_t  *entities;

    entities = &c->view->item_entities;
    recs_content_row(&c->vocabulary, entities->record(entities->data, item),
                     row);
}


static void
recs_content_add(recs_content_t *c, uint32_t item)
{
    float               x, *a;
    uint32_t            i, j, f, n, feature;
    const float        *y;
    recs_content_row_t  row;

    recs_content_item_row(c, item, &row);

    n = c->n;
    y = c->factors + (size_t) item * c->n_factors;

    for (i = 0; i <= row.n; i++) {
        feature = i < row.n ? row.features[i] : n - 1;
        x = i < row.n ? row.weight : 1.0f;
        a = c->a + feature;

        for (j = 0; j < row.n && j <= i; j++) {
            a[(size_t) row.features[j] * n] += x * row.weight;
        }

        for (f = 0; f < c->n_factors; f++) {
            c->b[(size_t) f * n + feature] += x * y[f];
        }
    }

    c->a[(size_t) n * n - 1] += 1.0f;
}


/* Those that are held out, or the others. */
static void
recs_content_add_items(recs_content_t *c, int held_out)
{
    uint32_t  i;

    for (i = 0; i < c->n_items; i++) {
        if ((i % RECS_CONTENT_HELD_OUT == 0) == held_out) {
            recs_content_add(c, c->items[i]);
        }
    }
}


/* 0: not positive definite, for all its penalty. */
static int
recs_content_solve(recs_content_t *c, double penalty)
{
    int       n, n_factors, info;
    size_t    i;

    n = (int) c->n;
    n_factors = (int) c->n_factors;

    memcpy(c->root, c->a, (size_t) n * n * sizeof(float));
    memcpy(c->w, c->b, (size_t) n * n_factors * sizeof(float));

    /* The constant goes unpunished. */
    for (i = 0; i + 1 < c->n; i++) {
        c->root[i * (c->n + 1)] += (float) penalty;
    }

    spotrf_("L", &n, c->root, &n, &info);

    if (info != 0) {
        return 0;
    }

    spotrs_("L", &n, &n_factors, c->root, &n, c->w, &n, &info);

    return info == 0;
}


/* Returns 0 where the item has no feature. */
static int
recs_content_predict(const recs_content_t *c, uint32_t item, float *vector)
{
    float               x;
    uint32_t            i, f;
    const float        *w;
    recs_content_row_t  row;

    recs_content_item_row(c, item, &row);

    for (f = 0; f < c->n_factors; f++) {
        w = c->w + (size_t) f * c->n;
        x = 0;

        for (i = 0; i < row.n; i++) {
            x += w[row.features[i]];
        }

        vector[f] = x * row.weight + w[c->n - 1];
    }

    return row.n > 0;
}


/* The mean vector of what was added; it predicts without features. */
static void
recs_content_mean(const recs_content_t *c, float *mean)
{
    float     total;
    uint32_t  f;

    total = c->a[(size_t) c->n * c->n - 1];

    for (f = 0; f < c->n_factors; f++) {
        mean[f] = total > 0 ? c->b[(size_t) f * c->n + c->n - 1] / total : 0;
    }
}


/* The share of the held-out vectors' variance that w explains. */
static double
recs_content_explained(const recs_content_t *c, const float *mean)
{
    float         vector[RECS_FACTORS_MAX];
    double        error, variance, d;
    uint32_t      i, f, item;
    const float  *y;

    error = 0;
    variance = 0;

    for (i = 0; i < c->n_items; i += RECS_CONTENT_HELD_OUT) {
        item = c->items[i];

        if (!recs_content_predict(c, item, vector)) {
            continue;
        }

        y = c->factors + (size_t) item * c->n_factors;

        for (f = 0; f < c->n_factors; f++) {
            d = y[f] - vector[f];
            error += d * d;
            d = y[f] - mean[f];
            variance += d * d;
        }
    }

    return variance > 0 ? 1 - error / variance : 0;
}


/* On the held-out items; report->explained stays 0 where nothing helps. */
static void
recs_content_choose(recs_content_t *c, recs_content_report_t *report)
{
    float     mean[RECS_FACTORS_MAX];
    double    explained;
    uint32_t  i;

    recs_content_add_items(c, 0);
    recs_content_mean(c, mean);

    for (i = 0; i < RECS_CONTENT_N_PENALTIES; i++) {
        if (!recs_content_solve(c, recs_content_penalties[i])) {
            continue;
        }

        explained = recs_content_explained(c, mean);

        if (explained > report->explained) {
            report->explained = explained;
            report->penalty = recs_content_penalties[i];
        }
    }

    recs_content_add_items(c, 1);
}


static void
recs_content_fill_new(recs_content_t *c, float *item_factors,
    recs_content_report_t *report)
{
    float     vector[RECS_FACTORS_MAX];
    uint32_t  i;

    for (i = 0; i < c->view->n_items; i++) {
        if (c->counts[i] == 0 && recs_content_predict(c, i, vector)) {
            memcpy(item_factors + (size_t) i * c->n_factors, vector,
                   c->n_factors * sizeof(float));
            report->n_items++;
        }
    }
}


recs_status_t
recs_content_fill(const recs_dataset_view_t *view, float *item_factors,
    uint32_t n_factors, recs_content_report_t *report, recs_error_t *err)
{
    recs_status_t   status;
    recs_content_t  c;

    memset(report, 0, sizeof(recs_content_report_t));
    memset(&c, 0, sizeof(recs_content_t));
    c.view = view;
    c.factors = item_factors;
    c.n_factors = n_factors;

    status = recs_content_items(&c, err);

    if (status == RECS_OK && c.n_items < view->n_items) {
        status = recs_content_init(&c, err);
    }

    if (status != RECS_OK || c.n == 0) {
        goto done;
    }

    recs_content_choose(&c, report);

    if (report->explained > 0 && recs_content_solve(&c, report->penalty)) {
        report->n_features = c.vocabulary.n;
        recs_content_fill_new(&c, item_factors, report);
    }

done:

    recs_content_free(&c);

    return status;
}
