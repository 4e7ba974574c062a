#include "bench_brute.h"
#include "bench_stats.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>


#define BENCH_BONUS_MAX  65535


struct bench_brute_s {
    const recs_bundle_view_t  *view;
    float                     *scores;                  /* [n_items] */
    uint64_t                  *bonus;                   /* [n_items] */
    recs_bitmap_word_t        *excluded;
};


bench_brute_t *
bench_brute_create(const recs_bundle_view_t *view)
{
    bench_brute_t  *b;

    b = bench_alloc(sizeof(bench_brute_t));
    b->view = view;
    b->scores = bench_alloc((size_t) view->n_items * sizeof(float));
    b->bonus = bench_alloc((size_t) view->n_items * sizeof(uint64_t));
    b->excluded = bench_alloc(recs_bitmap_words(view->n_items)
                              * sizeof(recs_bitmap_word_t));
    openblas_set_num_threads(1);

    return b;
}


void
bench_brute_destroy(bench_brute_t *b)
{
    free(b->scores);
    free(b->bonus);
    free(b->excluded);
    free(b);
}


static void
bench_brute_select(bench_brute_t *b, const bench_query_t *query,
    recs_topk_t *topk)
{
    float     threshold;
    uint32_t  i;

    for (i = 0; i < query->n_seen; i++) {
        recs_bitmap_set(b->excluded, query->seen[i]);
    }

    threshold = recs_topk_threshold(topk);

    for (i = 0; i < b->view->n_items; i++) {

        if (b->scores[i] < threshold
            || recs_bitmap_test(b->excluded, i)
            || (query->allowed != NULL
                && !recs_bitmap_test(query->allowed, i)))
        {
            continue;
        }

        recs_topk_push(topk, b->scores[i], i, b->view->item_order[i]);
        threshold = recs_topk_threshold(topk);
    }

    recs_topk_sort(topk);

    for (i = 0; i < query->n_seen; i++) {
        recs_bitmap_clear(b->excluded, query->seen[i]);
    }
}


void
bench_brute_blas(void *brute, const bench_query_t *query, recs_topk_t *topk)
{
    uint64_t             i, n;
    bench_brute_t       *b;
    const recs_table_t  *rows;

    b = brute;
    rows = &b->view->item_factors;

    for (i = 0; i < rows->n_rows; i += n) {
        n = rows->n_rows - i < rows->rows_per_shard ? rows->n_rows - i
                                                    : rows->rows_per_shard;
        cblas_sgemv(CblasRowMajor, CblasNoTrans, (int) n,
                    (int) b->view->n_factors, 1, recs_table_row(rows, i),
                    (int) b->view->stride, query->vector, 1, 0,
                    b->scores + i, 1);
    }

    bench_brute_select(b, query, topk);
}


static void
bench_brute_lists(bench_brute_t *b, const bench_query_t *query)
{
    uint32_t                   i, j, id;
    recs_neighbors_t           list;
    const recs_bundle_view_t  *view;

    view = b->view;
    memset(b->bonus, 0, view->n_items * sizeof(uint64_t));

    for (i = 0; i < query->n_history; i++) {
        recs_bundle_neighbors(view, query->history[i], &list);

        for (j = 0; j < list.n; j++) {
            id = view->neighbor_id_size == 2
                 ? ((const uint16_t *) list.ids)[j]
                 : ((const uint32_t *) list.ids)[j];
            b->bonus[id] += list.weights[j];
        }
    }

    for (i = 0; i < view->n_items; i++) {
        b->bonus[i] = b->bonus[i] < BENCH_BONUS_MAX ? b->bonus[i]
                                                    : BENCH_BONUS_MAX;

        if (b->bonus[i] != 0) {
            b->scores[i] += view->neighbor_step * (float) b->bonus[i];
        }
    }
}


void
bench_brute_exact(void *brute, const bench_query_t *query, recs_topk_t *topk)
{
    uint32_t        i;
    bench_brute_t  *b;

    b = brute;

    for (i = 0; i < b->view->n_items; i++) {
        b->scores[i] = recs_dot(query->vector,
                                recs_table_row(&b->view->item_factors, i),
                                b->view->stride);
    }

    if (b->view->neighbor_id_size != 0 && query->n_history > 0) {
        bench_brute_lists(b, query);
    }

    bench_brute_select(b, query, topk);
}
