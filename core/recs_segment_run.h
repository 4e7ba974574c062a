/*
 * recs_segment_run: a segment as it stands in a bundle.  Private to core/.
 *
 *     recs_segment_head_t, u32 items[n_items], f32 boosts[n_items], the name
 */

#ifndef _RECS_SEGMENT_RUN_H_INCLUDED_
#define _RECS_SEGMENT_RUN_H_INCLUDED_


#include "recs_segment.h"


typedef struct {
    uint32_t  n_items;
    uint32_t  n_users;
    uint32_t  n_interactions;
} recs_segment_head_t;

#define RECS_SEGMENT_RUN_MAX                                                  \
    (sizeof(recs_segment_head_t)                                              \
     + RECS_SEGMENT_ITEMS_MAX * (sizeof(uint32_t) + sizeof(float))            \
     + RECS_SEGMENT_NAME_MAX)


#endif /* _RECS_SEGMENT_RUN_H_INCLUDED_ */
