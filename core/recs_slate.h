/*
 * recs_slate: a list chosen as a whole, of candidates that were scored one by
 * one.  Private to recs_recommend.
 *
 * With diversity D, maximal marginal relevance (Carbonell and Goldstein 1998):
 * the next item is the one with the highest
 *
 *     (1 - D) * r - D * max(0, over the items chosen, cos(item, chosen))
 *
 * r being its score, scaled so that the candidates' go from 0 to 1; equal ones
 * in the order of the candidates.  An item without a vector is like no other.
 *
 * With limits, no value of an attribute (recs_filter.h: what stands between
 * '|', the first RECS_SLATE_PARTS of an item) is on the list more than n
 * times; what lacks the attribute is not limited.  What the rungs before have
 * given to the list counts.
 */

#ifndef _RECS_SLATE_H_INCLUDED_
#define _RECS_SLATE_H_INCLUDED_


#include "recs_recommend.h"
#include "recs_topk.h"


#define RECS_SLATE_PARTS  8


typedef struct recs_slate_s  recs_slate_t;

/* Its room stays untouched memory until it is used.  NULL: no memory. */
recs_slate_t *recs_slate_create(void);
void recs_slate_destroy(recs_slate_t *slate);

/* Does the query want one? */
static inline int
recs_slates(const recs_query_t *query)
{
    return query->diversity > 0.0f || query->n_limits > 0;
}


/* Starts an answer: nothing is on the list. */
void recs_slate_clear(recs_slate_t *slate);

/*
 * Of found, sorted, at most RECS_CANDIDATES_MAX, up to n are left, in the
 * order in which they are chosen, with the scores they had.  Takes at most
 * n * found->n products of vectors; allocates nothing.
 */
void recs_slate_choose(recs_slate_t *slate, const recs_bundle_t *bundle,
    const recs_query_t *query, uint32_t n, recs_topk_t *found);


#endif /* _RECS_SLATE_H_INCLUDED_ */
