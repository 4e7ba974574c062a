/*
 * recs_similar: what is like an item, remembered.
 *
 * By cosine an item's neighbours depend on the bundle alone, not on who asks.
 * So the numbers of its RECS_SIMILAR_LIST best are kept, without exclusions,
 * blocks and filters: what a query wants of them are its own best, as long as
 * there are enough.  They are scored anew, which costs nothing beside a scan,
 * and so are bit for bit what the search finds.
 *
 * One per bundle, and per thread or nginx worker.  Of fixed size, its pages
 * are touched only as lists come (recs_pages.h): 1.1 MB where all are used.
 *
 * An item's list is made when it is missed for the second time, so that those
 * that are asked for once cost what they would without a memory, and takes
 * the place of one that has not been asked for lately: a crawler's items
 * replace each other.
 */

#ifndef _RECS_SIMILAR_H_INCLUDED_
#define _RECS_SIMILAR_H_INCLUDED_


#include "recs_search.h"


#define RECS_SIMILAR_LIST   64          /* items of a list */
#define RECS_SIMILAR_LISTS  4096


typedef struct recs_similar_s  recs_similar_t;

/* NULL: no memory. */
recs_similar_t *recs_similar_create(void);
void recs_similar_destroy(recs_similar_t *similar);


/*
 * recs_search() for a query by cosine whose vector is the row of item: the
 * same answer, the same return.  A list is kept of whole searches only.  All
 * calls are for one bundle.
 */
int recs_similar_search(recs_similar_t *similar,
    const recs_bundle_view_t *view, recs_search_scratch_t *scratch,
    uint32_t item, const recs_search_query_t *query, recs_topk_t *topk);


#endif /* _RECS_SIMILAR_H_INCLUDED_ */
