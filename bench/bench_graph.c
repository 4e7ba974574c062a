#include "bench_graph.h"
#include "bench_hnsw.h"
#include "bench_stats.h"
#include "recs_rng.h"

#include <math.h>
#include <stdlib.h>


#define BENCH_GRAPH_STEP    1.05
#define BENCH_GRAPH_COARSE  1.5
#define BENCH_GRAPH_EQUAL   1e-6        /* scores that differ by rounding */


typedef struct {
    bench_hnsw_t  *hnsw;
    uint32_t       ef;
} bench_graph_point_t;

struct bench_graph_s {
    const recs_bundle_view_t  *view;
    bench_hnsw_t              *hnsw;
    const char                *method;
    bench_graph_point_t        points[64];      /* contexts of cases */
    uint32_t                   n_points;
    double                     seconds;
    uint64_t                   memory;
};


static uint32_t *
bench_graph_order(const recs_bundle_view_t *view, int shuffled)
{
    uint32_t    i, j, item, *items;
    recs_rng_t  rng;

    items = bench_alloc(view->n_items * sizeof(uint32_t));
    recs_rng_seed(&rng, 1);

    for (i = 0; i < view->n_items; i++) {
        items[view->item_order[i]] = i;
    }

    for (i = 0; shuffled && i < view->n_items; i++) {
        j = i + (uint32_t) (recs_rng_uniform(&rng) * (view->n_items - i));
        item = items[i];
        items[i] = items[j];
        items[j] = item;
    }

    return items;
}


bench_graph_t *
bench_graph_create(const recs_bundle_view_t *view, int shuffled)
{
    uint32_t        i, *items;
    uint64_t        resident, start;
    bench_graph_t  *g;

    if (bench_hnsw_create == NULL) {
        return NULL;
    }

    g = bench_alloc(sizeof(bench_graph_t));
    g->view = view;
    g->method = shuffled ? "hnswlib shuffled" : "hnswlib";
    items = bench_graph_order(view, shuffled);
    resident = bench_resident();
    start = bench_now_ns();

    g->hnsw = bench_hnsw_create(view->n_factors, view->n_items);

    if (g->hnsw == NULL) {
        bench_die("hnswlib: out of memory");
    }

    for (i = 0; i < view->n_items; i++) {
        bench_hnsw_add(g->hnsw, recs_table_row(&view->item_factors, items[i]),
                       items[i]);
    }

    g->seconds = (double) (bench_now_ns() - start) / 1e9;
    g->memory = bench_resident() - resident;
    free(items);

    return g;
}


void
bench_graph_destroy(bench_graph_t *g)
{
    bench_hnsw_destroy(g->hnsw);
    free(g);
}


double
bench_graph_build_seconds(const bench_graph_t *g)
{
    return g->seconds;
}


uint64_t
bench_graph_memory(const bench_graph_t *g)
{
    return g->memory;
}


static void
bench_graph_search(void *point, const bench_query_t *query, recs_topk_t *topk)
{
    uint32_t              i, items[BENCH_K_MAX];
    bench_graph_point_t  *p;

    p = point;
    bench_hnsw_set_ef(p->hnsw, p->ef);
    topk->n = bench_hnsw_search(p->hnsw, query->vector, topk->k, items);

    for (i = 0; i < topk->n; i++) {
        topk->entries[i].item = items[topk->n - 1 - i];
    }
}


/* The share of the answers that are as good as the true k-th. */
static double
bench_graph_recall(bench_graph_t *g, uint32_t ef, const bench_case_t *truth,
    const float *kth)
{
    float                 score;
    uint32_t              i, j;
    uint64_t              hits;
    recs_topk_t           topk;
    recs_topk_entry_t     entries[BENCH_K_MAX];
    bench_graph_point_t   point;
    const bench_query_t  *q;

    point.hnsw = g->hnsw;
    point.ef = ef;
    hits = 0;

    for (i = 0; i < truth->n_queries; i++) {
        q = &truth->queries[i];
        recs_topk_init(&topk, entries, truth->k);
        bench_graph_search(&point, q, &topk);

        for (j = 0; j < topk.n; j++) {
            score = recs_dot(q->vector,
                             recs_table_row(&g->view->item_factors,
                                            entries[j].item),
                             g->view->stride);
            hits += score >= kth[i] - BENCH_GRAPH_EQUAL * fabsf(kth[i]);
        }
    }

    return (double) hits / ((double) truth->n_queries * truth->k);
}


static float *
bench_graph_kth(const bench_case_t *truth)
{
    float              *kth;
    uint32_t            i;
    recs_topk_t         topk;
    recs_topk_entry_t   entries[BENCH_K_MAX];

    kth = bench_alloc(truth->n_queries * sizeof(float));

    for (i = 0; i < truth->n_queries; i++) {
        recs_topk_init(&topk, entries, truth->k);
        truth->search(truth->context, &truth->queries[i], &topk);
        kth[i] = topk.n == truth->k ? entries[topk.n - 1].score : -INFINITY;
    }

    return kth;
}


static uint32_t
bench_graph_next(uint32_t ef, double step)
{
    return (uint32_t) (ef * step) > ef ? (uint32_t) (ef * step) : ef + 1;
}


static void
bench_graph_case(bench_graph_t *g, const bench_case_t *truth, uint32_t ef,
    double recall, bench_case_t *c)
{
    bench_graph_point_t  *point;

    if (g->n_points == sizeof(g->points) / sizeof(g->points[0])) {
        bench_die("too many points of hnswlib");
    }

    point = &g->points[g->n_points++];
    point->hnsw = g->hnsw;
    point->ef = ef;

    *c = *truth;
    c->method = g->method;
    c->search = bench_graph_search;
    c->context = point;
    c->ef = ef;
    c->recall = recall;
}


uint32_t
bench_graph_cases(bench_graph_t *g, const bench_case_t *truth, double recall,
    uint32_t ef_max, bench_case_t cases[2])
{
    float     *kth;
    double     low_recall, high_recall, step;
    uint32_t   low, high;

    kth = bench_graph_kth(truth);
    low = 0;
    low_recall = 0;
    high = truth->k;
    step = BENCH_GRAPH_COARSE;

    for ( ;; ) {
        high_recall = bench_graph_recall(g, high, truth, kth);

        if (high_recall < recall) {
            low = high;
            low_recall = high_recall;

            if (low >= ef_max) {
                break;
            }

        } else if (step == BENCH_GRAPH_COARSE && low != 0) {
            step = BENCH_GRAPH_STEP;

        } else {
            break;
        }

        high = bench_graph_next(low, step);
        high = high < ef_max ? high : ef_max;
    }

    free(kth);

    if (low == 0 || high_recall < recall) {
        bench_graph_case(g, truth, high, high_recall, &cases[0]);
        return 1;
    }

    bench_graph_case(g, truth, low, low_recall, &cases[0]);
    bench_graph_case(g, truth, high, high_recall, &cases[1]);

    return 2;
}
