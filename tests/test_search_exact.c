/*
 * Every kernel against two brute forces, on awkward catalogues and queries:
 *
 *     f32      the definition in recs_search.h, item by item, sorted: lists
 *              and scores must be equal bit for bit
 *     f64      the same in doubles: at each rank the item must be the same,
 *              or the two items' scores closer than what the roundings of
 *              both can amount to
 *
 * 100,000 queries a kernel, fewer under the sanitizers; RECS_TEST_QUERIES in
 * the environment asks for another number.
 */

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_fewer.h"
#include "recs_kernel.h"
#include "recs_search_case.h"


#define N_MAX    700
#define QUERIES  (100000 / RECS_FEWER)
#define A_CASE   40                     /* queries of one catalogue */


typedef struct {
    recs_topk_entry_t  entry;
    double             score;
    double             tolerance;
} expected_t;


static uint64_t  seed = 20261124;


static void
add_list(const recs_bundle_view_t *view, const recs_neighbors_t *list,
    uint32_t *sums)
{
    uint32_t  j, id;

    for (j = 0; j < list->n; j++) {
        id = view->neighbor_id_size == 2
             ? ((const uint16_t *) list->ids)[j]
             : ((const uint32_t *) list->ids)[j];
        sums[id] += list->weights[j];
    }
}


static void
add_lists(const recs_bundle_view_t *view, const recs_search_query_t *q,
    uint32_t *sums, uint32_t *opposed)
{
    uint32_t          i;
    recs_neighbors_t  list;

    for (i = 0; i < q->n_history; i++) {
        recs_bundle_neighbors(view, q->history[i], &list);
        add_list(view, &list, sums);

        if (view->opposed_spans.n_rows > 0) {
            recs_bundle_opposed(view, q->history[i], &list);
            add_list(view, &list, opposed);
        }
    }

    if (q->user_list != NULL) {
        add_list(view, q->user_list, sums);
    }
}


static void
exact_dot(const float *u, const float *v, uint32_t n, expected_t *e)
{
    double    product;
    uint32_t  f;

    e->score = e->tolerance = 0;

    for (f = 0; f < n; f++) {
        product = (double) u[f] * v[f];
        e->score += product;
        e->tolerance += fabs(product);
    }

    e->tolerance = (n / 16 + 6) * ldexp(e->tolerance, -24)
                   + n * (double) FLT_TRUE_MIN;
}


static void
expect_cosine(const recs_bundle_view_t *view, const recs_search_query_t *q,
    expected_t *e)
{
    float   own, norm;
    double  scale;

    own = sqrtf(recs_dot(q->vector, q->vector, view->stride));
    norm = view->item_norms[e->entry.item];

    if (own == 0.0f || norm == 0.0f) {
        e->entry.score = 0.0f;
        e->score = e->tolerance = 0;
        return;
    }

    e->entry.score = e->entry.score / own / norm;
    scale = (double) own * norm;
    e->score /= scale;
    e->tolerance = e->tolerance / scale
                   + (view->stride / 16 + 8) * ldexp(fabs(e->score), -23)
                   + (double) FLT_TRUE_MIN / norm + (double) FLT_TRUE_MIN;
}


/* 0: no answer. */
static int
expect(const recs_bundle_view_t *view, const recs_search_query_t *q,
    uint32_t item, const uint32_t *sums, const uint32_t *opposed,
    expected_t *e)
{
    float         bonus, malus;
    const float  *row;

    if ((q->excluded != NULL && recs_bitmap_test(q->excluded, item))
        || (q->blocked != NULL && recs_bitmap_test(q->blocked, item))
        || (q->allowed != NULL && !recs_bitmap_test(q->allowed, item))
        || (q->vector == NULL && sums[item] == 0))
    {
        return 0;
    }

    memset(e, 0, sizeof(expected_t));
    e->entry.item = item;
    e->entry.order = view->item_order[item];

    if (q->vector != NULL) {
        row = recs_table_row(&view->item_factors, item);
        e->entry.score = recs_dot(q->vector, row, view->stride);
        exact_dot(q->vector, row, view->stride, e);
    }

    if (q->measure == RECS_SEARCH_COSINE) {
        expect_cosine(view, q, e);

    } else if (q->n_history > 0 || q->user_list != NULL) {
        bonus = view->neighbor_step * (float) sums[item];
        e->entry.score = q->vector != NULL ? e->entry.score + bonus : bonus;
        e->score += (double) view->neighbor_step * sums[item];
        e->tolerance += ldexp(fabs(e->score) + bonus, -23)
                        + (double) FLT_TRUE_MIN;

        malus = view->neighbor_step * (float) opposed[item];
        e->entry.score -= malus;
        e->score -= (double) view->neighbor_step * opposed[item];
        e->tolerance += ldexp(fabs(e->score) + malus, -23)
                        + (double) FLT_TRUE_MIN;
    }

    return 1;
}


static int
by_f32(const void *one, const void *two)
{
    const expected_t  *a, *b;

    a = one;
    b = two;

    if (a->entry.score != b->entry.score) {
        return a->entry.score < b->entry.score ? 1 : -1;
    }

    return a->entry.order < b->entry.order ? -1 : 1;
}


static int
by_f64(const void *one, const void *two)
{
    const expected_t  *a, *b;

    a = one;
    b = two;

    if (a->score != b->score) {
        return a->score < b->score ? 1 : -1;
    }

    return a->entry.order < b->entry.order ? -1 : 1;
}


static void
check_query(recs_search_case_t *c, recs_search_scratch_t *scratch,
    const recs_search_query_t *q, uint32_t k)
{
    uint32_t                     i, j, n;
    uint32_t                     sums[N_MAX], opposed[N_MAX];
    expected_t                   f32[N_MAX], f64[N_MAX];
    recs_topk_t                  topk;
    recs_error_t                 err;
    recs_topk_entry_t            got[N_MAX + 5];
    const recs_kernel_t *const  *kernel;

    memset(sums, 0, sizeof(sums));
    memset(opposed, 0, sizeof(opposed));
    add_lists(c->view, q, sums, opposed);
    n = 0;

    for (i = 0; i < c->view->n_items; i++) {
        n += (uint32_t) expect(c->view, q, i, sums, opposed, &f32[n]);
    }

    memcpy(f64, f32, n * sizeof(expected_t));
    qsort(f32, n, sizeof(expected_t), by_f32);
    qsort(f64, n, sizeof(expected_t), by_f64);
    n = n < k ? n : k;

    for (i = 0; i < n; i++) {
        if (f32[i].entry.item != f64[i].entry.item
            && fabs(f32[i].score - f64[i].score)
               > f32[i].tolerance + f64[i].tolerance)
        {
            fail_msg("seed %llu: rank %u: f32 item %u, f64 item %u",
                     (unsigned long long) seed, i, f32[i].entry.item,
                     f64[i].entry.item);
        }
    }

    for (kernel = recs_kernel_all(); *kernel != NULL; kernel++) {
        if (recs_kernel_use((*kernel)->name, &err) != RECS_OK) {
            continue;
        }

        recs_topk_init(&topk, got, k);
        assert_int_equal(recs_search(c->view, scratch, q, &topk), 0);
        recs_topk_sort(&topk);

        for (j = 0; j < topk.n && j < n; j++) {
            if (memcmp(&got[j], &f32[j].entry, sizeof(recs_topk_entry_t))
                != 0)
            {
                break;
            }
        }

        if (topk.n != n || j != n) {
            fail_msg("seed %llu, kernel %s: style %u, %u items of %u, codes "
                     "%u, k %u: %u found of %u, rank %u: item %u (%.9g), not "
                     "%u (%.9g)", (unsigned long long) seed, (*kernel)->name,
                     c->style, c->view->n_items, c->view->n_factors,
                     c->view->codes_kind, k, topk.n, n, j,
                     j < topk.n ? got[j].item : 0,
                     j < topk.n ? got[j].score : 0,
                     j < n ? f32[j].entry.item : 0,
                     j < n ? f32[j].entry.score : 0);
        }
    }
}


static void
test_exact(void **state)
{
    uint32_t                i, k, n_queries;
    const char             *queries;
    recs_rng_t              rng;
    recs_search_case_t     *c;
    recs_search_query_t     query;
    recs_search_scratch_t  *scratch;

    (void) state;

    queries = getenv("RECS_TEST_QUERIES");
    n_queries = queries != NULL ? (uint32_t) atoi(queries) : QUERIES;

    for ( /* void */ ; n_queries > 0; seed++) {
        recs_rng_seed(&rng, seed);
        c = recs_search_case(&rng);
        scratch = recs_search_scratch_create(c->view);
        assert_non_null(scratch);

        for (i = 0; i < A_CASE && n_queries > 0; i++, n_queries--) {
            recs_search_case_query(c, &rng, &query, &k);
            check_query(c, scratch, &query, k);
        }

        recs_search_scratch_destroy(scratch);
        recs_search_case_free(c);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_exact)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
