/*
 * recs_policy_clicks: which of the places that a visitor saw earned a click.
 *
 * A click is the last place's, at most a window before it, that showed the
 * item to the visitor in the slot; a place earns one click at most.  All
 * clicks are added first; of what was shown, only what may have earned one is
 * kept.
 */

#ifndef _RECS_POLICY_CLICKS_H_INCLUDED_
#define _RECS_POLICY_CLICKS_H_INCLUDED_


#include "recs_id.h"
#include "recs_policy.h"
#include "recs_status.h"


typedef struct recs_policy_clicks_s  recs_policy_clicks_t;

typedef struct {
    uint32_t           user;           /* by number */
    recs_str_t         slot;
    recs_str_t         item;
    int64_t            time_ms;
} recs_policy_event_t;

/* A place that waits to hear whether it was clicked: reward is 0 or 1. */
typedef struct {
    recs_policy_row_t  row;
    uint32_t           user;
    uint32_t           key;            /* private */
    int64_t            time_ms;
} recs_policy_waiting_t;


/* NULL: no memory. */
recs_policy_clicks_t *recs_policy_clicks_create(void);
void recs_policy_clicks_destroy(recs_policy_clicks_t *clicks);

/* *first: 1, or 0 if the visitor has clicked the item in the slot before. */
recs_status_t recs_policy_clicks_add(recs_policy_clicks_t *clicks,
    const recs_policy_event_t *click, int *first);

/* *waits: 1 and the row is kept, or 0: it has earned nothing. */
recs_status_t recs_policy_clicks_shown(recs_policy_clicks_t *clicks,
    const recs_policy_event_t *shown, const recs_policy_row_t *row,
    int *waits);

/*
 * Settles the rewards of the rows that wait: waiting[0 .. *n - 1], until
 * _destroy.  Returns the number of clicks that no row explains.
 */
uint64_t recs_policy_clicks_settle(recs_policy_clicks_t *clicks,
    int64_t window_ms, const recs_policy_waiting_t **waiting, uint64_t *n);


#endif /* _RECS_POLICY_CLICKS_H_INCLUDED_ */
