/*
 * recs_popular: the rung `popular`.  Private to recs_recommend.
 *
 * In no segment the order is that of popular_items.  In some it is that of
 * popularity times the boosts: an item that no list has stands where its
 * popularity puts it, so the few that have one are merged with the first of
 * the others.
 */

#ifndef _RECS_POPULAR_H_INCLUDED_
#define _RECS_POPULAR_H_INCLUDED_


#include "recs_scratch.h"
#include "recs_segment.h"


/*
 * Fills the answer up with the most popular of what may be shown; what it
 * takes, and what it has looked at in lists, is excluded from then on.
 */
void recs_popular(const recs_bundle_t *bundle, recs_scratch_t *scratch,
    const recs_query_t *query, const recs_allowed_t *allowed,
    recs_answer_t *answer);

/*
 * The query's segments in rising number, each once: a product of boosts, in
 * floats, depends on its order.  Returns how many.
 */
uint32_t recs_popular_segments(const recs_bundle_view_t *view,
    const recs_query_t *query, uint32_t numbers[RECS_CONTEXTS_MAX]);


#endif /* _RECS_POPULAR_H_INCLUDED_ */
