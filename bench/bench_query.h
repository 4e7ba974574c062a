/*
 * bench_query: what every method of bench_search is asked, and how it answers.
 */

#ifndef _BENCH_QUERY_H_INCLUDED_
#define _BENCH_QUERY_H_INCLUDED_


#include "recs_bundle.h"
#include "recs_search.h"


#define BENCH_K_MAX  1000


typedef struct {
    const float               *vector;      /* [stride] */
    const uint32_t            *history;     /* items whose lists count */
    uint32_t                   n_history;
    const uint32_t            *seen;        /* ascending items to leave out */
    uint32_t                   n_seen;
    const recs_bitmap_word_t  *allowed;     /* a filter; NULL: everything */
    const uint32_t            *allowed_items;   /* the same, as a list */
    uint32_t                   n_allowed;
} bench_query_t;


/* Fills topk (initialised, empty) with the best items, sorted. */
typedef void (*bench_search_pt)(void *method, const bench_query_t *query,
    recs_topk_t *topk);


#endif /* _BENCH_QUERY_H_INCLUDED_ */
