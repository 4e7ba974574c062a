/*
 * recs_explore: an item that nobody has met takes a place now and then, so
 * that it is met.  Private to recs_recommend, whose header has the rules.
 */

#ifndef _RECS_EXPLORE_H_INCLUDED_
#define _RECS_EXPLORE_H_INCLUDED_


#include "recs_scratch.h"


/*
 * Sets the propensities of the finished answer, whose items are excluded, and
 * explores if it is this answer's turn.  Looks at RECS_EXPLORE_ITEMS items at
 * most: of more, at one of the stretches of so many that they make up, drawn
 * in proportion to its length.
 */
#define RECS_EXPLORE_ITEMS  4096

void recs_explore(const recs_bundle_view_t *view, recs_scratch_t *scratch,
    const recs_query_t *query, const recs_allowed_t *allowed,
    recs_answer_t *answer);


#endif /* _RECS_EXPLORE_H_INCLUDED_ */
