#include "bench_engine.h"
#include "bench_stats.h"
#include "recs_fold_in.h"

#include <stdlib.h>


struct bench_engine_s {
    const recs_bundle_view_t  *view;
    recs_bitmap_word_t        *excluded;
    recs_bitmap_word_t        *blocked;     /* the complement of a filter */
    const recs_bitmap_word_t  *allowed;     /* that filter */
    float                     *fold_in;
    float                     *vector;
};


bench_engine_t *
bench_engine_create(const recs_bundle_view_t *view)
{
    size_t           words;
    bench_engine_t  *e;

    words = recs_bitmap_words(view->n_items) + 1;
    e = bench_alloc(sizeof(bench_engine_t));
    e->view = view;
    e->excluded = bench_alloc(words * sizeof(recs_bitmap_word_t));
    e->blocked = bench_alloc(words * sizeof(recs_bitmap_word_t));
    e->fold_in = bench_alloc((recs_fold_in_scratch(view) + 1)
                             * sizeof(float));
    e->vector = bench_alloc(view->stride * sizeof(float));

    return e;
}


void
bench_engine_destroy(bench_engine_t *e)
{
    free(e->excluded);
    free(e->blocked);
    free(e->fold_in);
    free(e->vector);
    free(e);
}


static const recs_bitmap_word_t *
bench_engine_blocked(bench_engine_t *e, const recs_bitmap_word_t *allowed)
{
    size_t  i;

    if (allowed == NULL) {
        return NULL;
    }

    for (i = 0; e->allowed != allowed
                && i < recs_bitmap_words(e->view->n_items); i++)
    {
        e->blocked[i] = ~allowed[i];
    }

    e->allowed = allowed;

    return e->blocked;
}


void
bench_engine_search(void *engine, const bench_query_t *query,
    recs_topk_t *topk)
{
    uint32_t         i;
    bench_engine_t  *e;

    e = engine;

    for (i = 0; i < query->n_seen; i++) {
        recs_bitmap_set(e->excluded, query->seen[i]);
    }

    recs_search(e->view, query->vector, RECS_SEARCH_DOT, e->excluded,
                bench_engine_blocked(e, query->allowed), topk);
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
