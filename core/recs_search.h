/*
 * recs_search: the exact best items over the whole catalogue.
 *
 * The score of item i for a query is the f32 number
 *
 *     s_i = recs_dot(u, v_i) + step * (sum over j of q_ji)
 *
 * with a dense part (the vector u) and a sparse one: q_ji is the weight of i
 * in the neighbour list of item j of the visitor's history, step the bundle's
 * neighbor_step.  Product and sum are rounded once each.  A list of the
 * visitor's own counts as one of these; with opposed lists the same product
 * of their weights is subtracted last.  Without a history
 * the second part is absent; without a vector the first is 0 and only items
 * that some list names are answers.
 *
 * With RECS_SEARCH_COSINE it is recs_dot(u, v_i) / ||u|| / item_norms[i],
 * rounded after each division, 0 where a norm is 0.  No lists are added; that
 * of the first item of the history only tells which items to score first.
 *
 * The answer is the exact top-k of these numbers, equal ones by item_order,
 * always: codes (recs_codes.h) and norms only decide which items need
 * scoring.  docs/search.md describes the passes and proves the bounds.
 *
 * Passes of a query with everything in it:
 *
 *     lists       add the neighbour lists into an accumulator over the items
 *     heads       score the first entries of each list: a first threshold
 *     scan        blocks in norm order, while ||u|| * norm can reach the
 *                 threshold: integer products give each item an upper bound;
 *                 where that reaches it, the item is scored by recs_dot(),
 *                 and its score raises the threshold
 *     harvest     items beyond the scan whose sum of weights can still reach
 *                 the threshold; the accumulator is cleared
 *     finish      what was kept is sorted
 */

#ifndef _RECS_SEARCH_H_INCLUDED_
#define _RECS_SEARCH_H_INCLUDED_


#include "recs_bitmap.h"
#include "recs_bundle.h"
#include "recs_topk.h"


typedef enum {
    RECS_SEARCH_DOT,
    RECS_SEARCH_COSINE
} recs_search_measure_t;


typedef struct {
    const float               *vector;      /* [stride], NULL: lists only */
    recs_search_measure_t      measure;
    const uint32_t            *history;     /* items whose lists are added, at
                                               most RECS_HISTORY_MAX */
    uint32_t                   n_history;
    const recs_neighbors_t    *user_list;   /* added too; NULL: none */
    const recs_bitmap_word_t  *excluded;    /* recs_bitmap_words(n_items) */
    const recs_bitmap_word_t  *blocked;     /* words; NULL: nothing */
    const recs_bitmap_word_t  *allowed;     /* a filter; NULL: everything */
    const uint32_t            *allowed_items;   /* ... as ascending items,
                                                   where they are few; NULL:
                                                   by bitmap alone */
    uint32_t                   n_allowed;
    uint64_t                   deadline_ns; /* CLOCK_MONOTONIC; 0: none */
} recs_search_query_t;


/*
 * The inner product in the one fixed order of summation that every path
 * shares, without contraction, so that scores are bit-equal on every machine:
 * 16 lanes, lane l summing the products of elements l, l + 16, ... in turn,
 * then halves added, 8 + 8, 4 + 4, 2 + 2, 1 + 1.  n is a multiple of 16 (rows
 * are padded with zeros).
 */
float recs_dot(const float *a, const float *b, uint32_t n);


/* What a search needs between calls; one per thread or nginx worker. */
typedef struct recs_search_scratch_s  recs_search_scratch_t;

/* NULL: no memory.  Pages proportional to the items stay untouched. */
recs_search_scratch_t *recs_search_scratch_create(
    const recs_bundle_view_t *view);
void recs_search_scratch_destroy(recs_search_scratch_t *scratch);


/*
 * Fills topk (initialised, empty, k at most RECS_TOPK_MAX) with the best items
 * for query, best first.  Returns 0, or 1: out of time, the best of what was
 * looked at.
 */
int recs_search(const recs_bundle_view_t *view,
    recs_search_scratch_t *scratch, const recs_search_query_t *query,
    recs_topk_t *topk);


#endif /* _RECS_SEARCH_H_INCLUDED_ */
