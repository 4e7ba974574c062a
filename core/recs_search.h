/*
 * recs_search: the exact best items for a vector over the whole catalogue.
 *
 * Rows are sorted by norm.  While Cauchy-Schwarz lets a block reach the
 * threshold, ||q|| * norm >= k-th best so far, its rows are scored; then the
 * scan stops.  The answer is the exact top-k of the f32 model under
 * recs_dot(), ties by item_order, always.
 */

#ifndef _RECS_SEARCH_H_INCLUDED_
#define _RECS_SEARCH_H_INCLUDED_


#include "recs_bundle.h"
#include "recs_topk.h"


/* One bit per item. */
typedef uint64_t  recs_bitmap_word_t;

#define recs_bitmap_words(n)     (((size_t) (n) + 63) / 64)
#define recs_bitmap_set(b, i)    ((b)[(i) >> 6] |= (uint64_t) 1 << ((i) & 63))
#define recs_bitmap_clear(b, i)                                               \
    ((b)[(i) >> 6] &= ~((uint64_t) 1 << ((i) & 63)))
#define recs_bitmap_test(b, i)   (((b)[(i) >> 6] >> ((i) & 63)) & 1)


typedef enum {
    RECS_SEARCH_DOT,            /* q . v */
    RECS_SEARCH_COSINE          /* q . v / (||q|| ||v||), 0 for a zero row */
} recs_search_measure_t;


/*
 * The inner product in the one fixed order of summation that every path
 * shares, without contraction, so that scores are bit-equal on every machine.
 * a and b hold n floats, n a multiple of 16 (rows are padded with zeros).
 */
float recs_dot(const float *a, const float *b, uint32_t n);

/*
 * Fills topk (initialised, empty) with the best items for query, a vector of
 * view->stride floats, without those whose bit is set in excluded
 * (recs_bitmap_words(n_items) words) or in blocked; either may be NULL.
 */
void recs_search(const recs_bundle_view_t *view, const float *query,
    recs_search_measure_t measure, const recs_bitmap_word_t *excluded,
    const recs_bitmap_word_t *blocked, recs_topk_t *topk);


#endif /* _RECS_SEARCH_H_INCLUDED_ */
