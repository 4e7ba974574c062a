#include "recs_search.h"

#include <float.h>
#include <math.h>


#define RECS_LANES         16
#define RECS_SEARCH_BLOCK  256


/* Four lanes, of any alignment: what every machine has registers for. */
typedef float  recs_quad_t
    __attribute__((vector_size(16), aligned(4), may_alias));


/*
 * The lanes are independent, so that vector registers of any width do not
 * change a single rounding.
 */
float
recs_dot(const float *a, const float *b, uint32_t n)
{
    uint32_t            i;
    recs_quad_t         l0, l1, l2, l3;
    const recs_quad_t  *p, *q;

    p = (const recs_quad_t *) a;
    q = (const recs_quad_t *) b;
    l0 = l1 = l2 = l3 = (recs_quad_t) { 0 };

    for (i = 0; i < n; i += RECS_LANES, p += 4, q += 4) {
        l0 += p[0] * q[0];
        l1 += p[1] * q[1];
        l2 += p[2] * q[2];
        l3 += p[3] * q[3];
    }

    l0 = (l0 + l2) + (l1 + l3);

    return (l0[0] + l0[2]) + (l0[1] + l0[3]);
}


/* Not below the exact norm of query: n + 1 roundings, all upwards covered. */
static double
recs_search_norm(const float *query, uint32_t n)
{
    double    sum;
    uint32_t  i;

    sum = 0.0;

    for (i = 0; i < n; i++) {
        sum += (double) query[i] * query[i];
    }

    return sqrt(sum) * (1.0 + (n + 1) * DBL_EPSILON);
}


/*
 * |recs_dot(q, v) - q . v| <= gamma * ||q|| ||v||, where gamma covers one
 * rounding per product and one per addition on the longest path (Higham,
 * Accuracy and Stability of Numerical Algorithms, section 3.1); underflow
 * adds at most n times the smallest denormal.
 */
static double
recs_search_reach(double query_norm, float norm, uint32_t n)
{
    double  roundings;

    roundings = (double) n / RECS_LANES + 6;

    return query_norm * norm * (1.0 + roundings * FLT_EPSILON)
           + n * (double) FLT_TRUE_MIN;
}


static float
recs_search_score(const recs_bundle_view_t *view, const float *query,
    recs_search_measure_t measure, float inverse_norm, uint32_t item)
{
    float         dot, norm;
    const float  *row;

    row = recs_table_row(&view->item_factors, item);
    dot = recs_dot(query, row, view->stride);

    if (measure == RECS_SEARCH_DOT) {
        return dot;
    }

    norm = sqrtf(recs_dot(row, row, view->stride));

    return norm > 0.0f ? dot * inverse_norm / norm : 0.0f;
}


static int
recs_search_skip(const recs_bitmap_word_t *excluded,
    const recs_bitmap_word_t *blocked, uint32_t item)
{
    return (excluded != NULL && recs_bitmap_test(excluded, item))
           || (blocked != NULL && recs_bitmap_test(blocked, item));
}


void
recs_search(const recs_bundle_view_t *view, const float *query,
    recs_search_measure_t measure, const recs_bitmap_word_t *excluded,
    const recs_bitmap_word_t *blocked, recs_topk_t *topk)
{
    float     score, inverse_norm, norm;
    double    query_norm;
    uint32_t  item, end;

    query_norm = recs_search_norm(query, view->stride);
    norm = sqrtf(recs_dot(query, query, view->stride));
    inverse_norm = norm > 0.0f ? 1.0f / norm : 0.0f;

    for (item = 0; item < view->n_items; item = end) {
        end = view->n_items - item < RECS_SEARCH_BLOCK
              ? view->n_items : item + RECS_SEARCH_BLOCK;

        if (measure == RECS_SEARCH_DOT
            && recs_search_reach(query_norm, view->item_norms[item],
                                 view->stride)
               < recs_topk_threshold(topk))
        {
            return;
        }

        for ( /* void */ ; item < end; item++) {
            score = recs_search_score(view, query, measure, inverse_norm,
                                      item);

            if (score >= recs_topk_threshold(topk)
                && !recs_search_skip(excluded, blocked, item))
            {
                recs_topk_push(topk, score, item, view->item_order[item]);
            }
        }
    }
}
