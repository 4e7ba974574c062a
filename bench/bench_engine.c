#include "bench_engine.h"
#include "bench_stats.h"
#include "recs_fold_in.h"

#include <stdlib.h>


struct bench_engine_s {
    const recs_bundle_view_t  *view;
    recs_search_scratch_t     *scratch;
    recs_bitmap_word_t        *excluded;
    float                     *fold_in;
    float                     *vector;
};


bench_engine_t *
bench_engine_create(const recs_bundle_view_t *view)
{
    bench_engine_t  *e;

    e = bench_alloc(sizeof(bench_engine_t));
    e->view = view;
    e->scratch = recs_search_scratch_create(view);
    e->excluded = bench_alloc(recs_bitmap_words(view->n_items)
                              * sizeof(recs_bitmap_word_t));
    e->fold_in = bench_alloc((recs_fold_in_scratch(view) + 1)
                             * sizeof(float));
    e->vector = bench_alloc(view->stride * sizeof(float));

    if (e->scratch == NULL) {
        bench_die("out of memory");
    }

    return e;
}


void
bench_engine_destroy(bench_engine_t *e)
{
    recs_search_scratch_destroy(e->scratch);
    free(e->excluded);
    free(e->fold_in);
    free(e->vector);
    free(e);
}


void
bench_engine_search(void *engine, const bench_query_t *query,
    recs_topk_t *topk)
{
    uint32_t              i;
    bench_engine_t       *e;
    recs_search_query_t   search;

    e = engine;

    search.vector = query->vector;
    search.measure = RECS_SEARCH_DOT;
    search.history = query->history;
    search.n_history = e->view->neighbor_id_size != 0 ? query->n_history : 0;
    search.excluded = e->excluded;
    search.blocked = NULL;
    search.allowed = query->allowed;
    search.allowed_items = query->allowed_items;
    search.n_allowed = query->n_allowed;
    search.deadline_ns = 0;

    for (i = 0; i < query->n_seen; i++) {
        recs_bitmap_set(e->excluded, query->seen[i]);
    }

    (void) recs_search(e->view, e->scratch, &search, topk);
    recs_topk_sort(topk);

    for (i = 0; i < query->n_seen; i++) {
        recs_bitmap_clear(e->excluded, query->seen[i]);
    }
}


void
bench_engine_session(void *engine, const bench_query_t *query,
    recs_topk_t *topk)
{
    bench_query_t    folded;
    bench_engine_t  *e;

    e = engine;
    folded = *query;
    folded.vector = e->vector;

    recs_fold_in(e->view, query->history, query->n_history, e->fold_in,
                 e->vector);
    bench_engine_search(engine, &folded, topk);
}
