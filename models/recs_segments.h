/*
 * recs_segments: what is more popular in a context than elsewhere
 * (core/recs_segment.h), from the contexts of a dataset.  Every model that
 * carries popularity carries it.  Private to models/.
 *
 * A segment is published with RECS_SEGMENT_INTERACTIONS_MIN interactions of
 * RECS_SEGMENT_USERS_MIN users, and in it an item that
 * RECS_SEGMENT_ITEM_USERS_MIN of them have come to: nothing that is told of
 * fewer people says something about one of them.  A thinner segment, and one
 * without such an item, is left out: its visitors get the global list.
 */

#ifndef _RECS_SEGMENTS_H_INCLUDED_
#define _RECS_SEGMENTS_H_INCLUDED_


#include "recs_dataset.h"
#include "recs_model.h"


#define RECS_SEGMENT_INTERACTIONS_MIN  50
#define RECS_SEGMENT_USERS_MIN         20
#define RECS_SEGMENT_ITEM_USERS_MIN    10

/* Items of a segment: the best, so that so many places are exact. */
#define RECS_SEGMENT_ITEMS             100

/* m: what is known everywhere weighs as so many interactions here. */
#define RECS_SEGMENT_PRIOR             100.0


/* Zeroed before its first use. */
typedef struct {
    recs_segments_t   model;           /* of the arrays below */
    const char      **names;           /* borrowed from the dataset */
    uint32_t         *n_users;
    uint32_t         *n_interactions;
    uint64_t         *offsets;
    uint32_t         *items;
    float            *boosts;
} recs_segment_lists_t;


/*
 * Interactions count as they do for popularity [n_items], with the same
 * half-life.  model.n is 0 where nothing is to be published.  RECS_NOMEM:
 * lists is to be freed all the same.
 */
recs_status_t recs_segments_create(recs_segment_lists_t *lists,
    const recs_dataset_view_t *view, const float *popularity,
    double half_life_days);
void recs_segments_free(recs_segment_lists_t *lists);


#endif /* _RECS_SEGMENTS_H_INCLUDED_ */
