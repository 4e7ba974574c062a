#include "recs_quality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


static int recs_quality_compare(const void *a, const void *b);
static void recs_quality_hits(const recs_quality_list_t *list, uint32_t k,
    double *values);
static void recs_quality_fame(const recs_quality_catalogue_t *catalogue,
    const recs_quality_list_t *list, uint32_t n, double *values);
static double recs_quality_diversity(const recs_bundle_view_t *view,
    const recs_answer_item_t *items, uint32_t n, double *sum);


const char *
recs_quality_name(recs_quality_t quality)
{
    static const char *const  names[] = {
#define RECS_QUALITY_TEXT(name, text)  text,
        RECS_QUALITY_MAP(RECS_QUALITY_TEXT)
#undef RECS_QUALITY_TEXT
    };

    return names[quality];
}


recs_status_t
recs_quality_catalogue(recs_quality_catalogue_t *catalogue,
    const recs_bundle_t *bundle, recs_error_t *err)
{
    uint32_t         i, user, n;
    const uint32_t  *seen;

    catalogue->view = recs_bundle_view(bundle);
    catalogue->n_users = 0;
    catalogue->item_users = calloc((size_t) catalogue->view->n_items + 1,
                                   sizeof(uint32_t));
    if (catalogue->item_users == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    for (user = 0; user < catalogue->view->n_users; user++) {
        seen = recs_bundle_seen(bundle, user, &n);
        catalogue->n_users += n > 0;

        for (i = 0; i < n; i++) {
            catalogue->item_users[seen[i]]++;
        }
    }

    return RECS_OK;
}


void
recs_quality_catalogue_free(recs_quality_catalogue_t *catalogue)
{
    free(catalogue->item_users);
}


static int
recs_quality_compare(const void *a, const void *b)
{
    uint32_t  x, y;

    x = *(const uint32_t *) a;
    y = *(const uint32_t *) b;

    return x < y ? -1 : x > y;
}


int
recs_quality_among(const uint32_t *items, uint32_t n, uint32_t item)
{
    return n > 0
           && bsearch(&item, items, n, sizeof(uint32_t),
                      recs_quality_compare) != NULL;
}


void
recs_quality(const recs_quality_catalogue_t *catalogue,
    const recs_quality_list_t *list, uint32_t k, double *sum, double *values)
{
    uint32_t  n;

    n = list->n < k ? list->n : k;

    recs_quality_hits(list, k, values);
    recs_quality_fame(catalogue, list, n, values);
    values[RECS_QUALITY_DIVERSITY] =
        recs_quality_diversity(catalogue->view, list->items, n, sum);
}


static void
recs_quality_hits(const recs_quality_list_t *list, uint32_t k, double *values)
{
    double    gain, ideal, average, recall, precision;
    uint32_t  i, hits, first, possible;

    gain = 0;
    ideal = 0;
    average = 0;
    hits = 0;
    first = 0;

    for (i = 0; i < list->n && i < k; i++) {
        if (recs_quality_among(list->wanted, list->n_wanted,
                               list->items[i].item))
        {
            hits++;
            first = first == 0 ? i + 1 : first;
            gain += 1 / log2(i + 2);
            average += (double) hits / (i + 1);
        }
    }

    possible = list->n_test < k ? list->n_test : k;

    for (i = 0; i < possible; i++) {
        ideal += 1 / log2(i + 2);
    }

    recall = (double) hits / list->n_test;
    precision = (double) hits / k;

    values[RECS_QUALITY_RECALL] = recall;
    values[RECS_QUALITY_NDCG] = gain / ideal;
    values[RECS_QUALITY_PRECISION] = precision;
    values[RECS_QUALITY_F1] = hits > 0
                              ? 2 * recall * precision / (recall + precision)
                              : 0;
    values[RECS_QUALITY_RECALL_MIN] = (double) hits / possible;
    values[RECS_QUALITY_HIT_RATE] = hits > 0;
    values[RECS_QUALITY_MAP] = average / possible;
    values[RECS_QUALITY_MRR] = hits > 0 ? 1.0 / first : 0;
}


/* How well known the first n are. */

static void
recs_quality_fame(const recs_quality_catalogue_t *catalogue,
    const recs_quality_list_t *list, uint32_t n, double *values)
{
    double    novelty, popularity;
    uint32_t  i, met;

    if (catalogue->n_users == 0) {
        values[RECS_QUALITY_NOVELTY] = (double) NAN;
        values[RECS_QUALITY_POPULARITY] = (double) NAN;
        return;
    }

    novelty = 0;
    popularity = 0;

    for (i = 0; i < n; i++) {
        met = catalogue->item_users[list->items[i].item];
        popularity += (double) met / catalogue->n_users;
        novelty -= log2((double) (met > 0 ? met : 1) / catalogue->n_users);
    }

    values[RECS_QUALITY_NOVELTY] = n > 0 ? novelty / n : 0;
    values[RECS_QUALITY_POPULARITY] = n > 0 ? popularity / n : 0;
}


double
recs_quality_popularity(const recs_quality_catalogue_t *catalogue,
    const uint32_t *items, uint32_t n)
{
    double    sum;
    uint32_t  i;

    if (n == 0 || catalogue->n_users == 0) {
        return (double) NAN;
    }

    sum = 0;

    for (i = 0; i < n; i++) {
        sum += (double) catalogue->item_users[items[i]] / catalogue->n_users;
    }

    return sum / n;
}


/*
 * Of all pairs at once: with s the sum of the unit vectors, m of them,
 * |s|^2 = m + the cosines of the ordered pairs.
 */

static double
recs_quality_diversity(const recs_bundle_view_t *view,
    const recs_answer_item_t *items, uint32_t n, double *sum)
{
    double        square, cosines;
    uint32_t      i, f, units;
    const float  *row;

    if (view->n_factors == 0) {
        return (double) NAN;
    }

    if (n < 2) {
        return 0;
    }

    memset(sum, 0, view->n_factors * sizeof(double));
    units = 0;

    for (i = 0; i < n; i++) {
        row = recs_table_row(&view->item_factors, items[i].item);
        square = 0;

        for (f = 0; f < view->n_factors; f++) {
            square += (double) row[f] * (double) row[f];
        }

        if (!(square > 0)) {
            continue;
        }

        units++;
        square = 1 / sqrt(square);

        for (f = 0; f < view->n_factors; f++) {
            sum[f] += square * (double) row[f];
        }
    }

    cosines = -(double) units;

    for (f = 0; f < view->n_factors; f++) {
        cosines += sum[f] * sum[f];
    }

    return 1 - cosines / ((double) n * (n - 1));
}


void
recs_quality_shown(uint32_t *shown, uint32_t n, double *coverage,
    double *gini)
{
    double    total, weighted;
    uint32_t  i, n_shown;

    qsort(shown, n, sizeof(uint32_t), recs_quality_compare);

    total = 0;
    weighted = 0;
    n_shown = 0;

    for (i = 0; i < n; i++) {
        n_shown += shown[i] > 0;
        total += shown[i];
        weighted += (2.0 * (i + 1) - n - 1) * shown[i];
    }

    *coverage = n > 0 ? (double) n_shown / n : (double) NAN;
    *gini = total > 0 ? weighted / (n * total) : (double) NAN;
}
