#include "bench_engine.h"
#include "bench_stats.h"
#include "recs_session_vector.h"

#include <stdlib.h>


struct bench_engine_s {
    const recs_bundle_view_t  *view;
    recs_search_scratch_t     *scratch;
    recs_bitmap_word_t        *excluded;
    recs_fold_in_t            *fold_in;
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
    e->fold_in = recs_fold_in_create(view);
    e->vector = bench_alloc(view->stride * sizeof(float));

    if (e->scratch == NULL || e->fold_in == NULL) {
        bench_die("out of memory");
    }

    return e;
}


void
bench_engine_destroy(bench_engine_t *e)
{
    recs_search_scratch_destroy(e->scratch);
    free(e->excluded);
    recs_fold_in_destroy(e->fold_in);
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
    search.user_list = NULL;
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
    bench_query_t           folded;
    bench_engine_t         *e;
    recs_session_vector_t   session;

    e = engine;
    folded = *query;
    folded.vector = e->vector;

    session.items = query->history;
    session.n = query->n_history;
    session.half_life = 0;
    session.trained = NULL;

    recs_session_vector(e->fold_in, &session, e->vector, NULL);
    bench_engine_search(engine, &folded, topk);
}
