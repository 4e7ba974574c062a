/*
 * recs_interactions: the growing buffer of what users did to items.
 *
 * A row is a distinct (user, item, time, value, event), where the event is
 * that in one context.  When the buffer is
 * full, duplicates are dropped before it grows: memory follows the distinct
 * rows, not those read.
 */

#ifndef _RECS_INTERACTIONS_H_INCLUDED_
#define _RECS_INTERACTIONS_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>

#include "recs_status.h"


typedef struct {
    uint32_t             user;
    uint32_t             item;
    int64_t              time_ms;
    float                value;
    uint32_t             event;
} recs_interaction_t;

/* Zeroed before its first use. */
typedef struct {
    recs_interaction_t  *rows;                    /* [n] of size */
    size_t               n;
    size_t               size;
    uint64_t             n_duplicates;            /* dropped so far */
} recs_interactions_t;


recs_status_t recs_interactions_add(recs_interactions_t *in,
    const recs_interaction_t *row);

/* Sorts by user, item, time, event, value and drops duplicates. */
recs_status_t recs_interactions_compact(recs_interactions_t *in);

/*
 * After a compact: sums the rows of one user and item into one with the time
 * and event of the latest, each value times weights[event].  Returns how many
 * rows went into others.
 */
uint64_t recs_interactions_aggregate(recs_interactions_t *in,
    const double *weights);

void recs_interactions_free(recs_interactions_t *in);


#endif /* _RECS_INTERACTIONS_H_INCLUDED_ */
