/*
 * recs_evaluate_recent: what a hidden user has met, in the order in which a
 * session would have it.  Private to models/.
 */

#ifndef _RECS_EVALUATE_RECENT_H_INCLUDED_
#define _RECS_EVALUATE_RECENT_H_INCLUDED_


#include "recs_dataset.h"


/* An item that a visitor has met, and what comes first. */
typedef struct {
    int64_t   order;
    uint32_t  item;
} recs_evaluate_met_t;


/*
 * The user's items into recent, the last first; those of data without times
 * in an order that is drawn evenly, always the same.  numbers [n_items]
 * translates them to the bundle's, RECS_ITEM_NO: left out.  met and recent
 * have room for all.  Returns how many.
 */
uint32_t recs_evaluate_recent(const recs_dataset_view_t *known, uint32_t user,
    const uint32_t *numbers, recs_evaluate_met_t *met, uint32_t *recent);


#endif /* _RECS_EVALUATE_RECENT_H_INCLUDED_ */
