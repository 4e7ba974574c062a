/*
 * recs_topk: the k best of many scores, in the caller's storage.
 *
 * A bounded min-heap.  Order: higher score first, equal scores by the lower
 * `order`.  A score that is not finite counts as absent.
 */

#ifndef _RECS_TOPK_H_INCLUDED_
#define _RECS_TOPK_H_INCLUDED_


#include <stdint.h>


#define RECS_TOPK_MAX  1024         /* k of what is kept between calls */

typedef struct {
    float     score;
    uint32_t  item;
    uint32_t  order;
} recs_topk_entry_t;

typedef struct {
    recs_topk_entry_t  *entries;                        /* [k] */
    uint32_t            k;
    uint32_t            n;
} recs_topk_t;


/* k may be 0; entries is the caller's, of at least k entries. */
void recs_topk_init(recs_topk_t *topk, recs_topk_entry_t *entries,
    uint32_t k);

/*
 * The score below which nothing can enter any more (an equal score still may,
 * by its order): -INFINITY until k entries are in.
 */
float recs_topk_threshold(const recs_topk_t *topk);

void recs_topk_push(recs_topk_t *topk, float score, uint32_t item,
    uint32_t order);

/* Sorts the entries best first, where they are not; the heap is finished. */
void recs_topk_sort(recs_topk_t *topk);

/* The same of n entries without a heap; scratch: [n]. */
void recs_topk_sort_entries(recs_topk_entry_t *entries, uint32_t n,
    recs_topk_entry_t *scratch);


#endif /* _RECS_TOPK_H_INCLUDED_ */
