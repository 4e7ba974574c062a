/*
 * recs_segment: visitors in one context, and what is more popular with them.
 *
 * A context is a name and a value, such as country and "de": what the site
 * knows of a request without knowing the visitor.  A request has up to
 * RECS_CONTEXTS_MAX, of different names.  The segment "country=de" is all
 * that happened in it.
 *
 * A segment lists items with their boosts.  With c(i) the decayed interactions
 * of item i in the segment, p(i) its share of all of them everywhere and m
 * the weight of what is known everywhere, the item's share in the segment is
 *
 *     (c(i) + m * p(i)) / (sum of c + m)
 *
 * which is p(i) times a lift.  An item without an interaction there has the
 * lift m / (sum of c + m); that of any other is so many times this one:
 *
 *     boost(i) = 1 + c(i) / (m * p(i))
 *
 * Only the ratios matter for an order: an item that is not listed has boost
 * 1, and in several segments at once boosts are multiplied.
 */

#ifndef _RECS_SEGMENT_H_INCLUDED_
#define _RECS_SEGMENT_H_INCLUDED_


#include "recs_bundle.h"
#include "recs_segment_name.h"


#define RECS_SEGMENT_NO         UINT32_MAX
#define RECS_SEGMENTS_MAX       65536                   /* of a model */
#define RECS_SEGMENT_ITEMS_MAX  256                     /* of a segment */
#define RECS_BOOST_MAX          1e6f


/* Borrowed from the bundle. */
typedef struct {
    recs_str_t       name;              /* "country=de" */
    uint32_t         n_users;           /* that were there in training */
    uint32_t         n_interactions;
    uint32_t         n_items;
    const uint32_t  *items;             /* [n_items] rising */
    const float     *boosts;            /* [n_items] 1 to RECS_BOOST_MAX */
} recs_segment_t;


/* The number of the segment of that name, or RECS_SEGMENT_NO. */
uint32_t recs_segment_find(const recs_bundle_view_t *view, recs_str_t name);

/* number < view->segment_spans.n_rows; they stand in order of their names. */
void recs_segment_get(const recs_bundle_view_t *view, uint32_t number,
    recs_segment_t *segment);


#endif /* _RECS_SEGMENT_H_INCLUDED_ */
