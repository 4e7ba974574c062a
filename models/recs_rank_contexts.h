/*
 * recs_rank_contexts: in what context a user of held-out data asks.
 */

#ifndef _RECS_RANK_CONTEXTS_H_INCLUDED_
#define _RECS_RANK_CONTEXTS_H_INCLUDED_


#include "recs_dataset.h"
#include "recs_rank.h"
#include "recs_segment_name.h"


/*
 * Of a user who has interactions: the context of the first stands for all,
 * borrowed from the data.  Returns how many, 0 where the data has none.
 */
uint32_t recs_rank_contexts(const recs_dataset_view_t *view, uint32_t user,
    recs_rank_context_t contexts[RECS_CONTEXTS_MAX]);


#endif /* _RECS_RANK_CONTEXTS_H_INCLUDED_ */
