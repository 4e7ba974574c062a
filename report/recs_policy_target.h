/*
 * recs_policy_target: the policy that is evaluated, from a file.
 *
 *     ITEM PROBABILITY [POSITION [SLOT]]
 *
 * a line, parted by tabs where the line has one (ids may hold blanks), else
 * by blanks.  PROBABILITY: that this item stands at a place.  POSITION counts
 * from 1; without it, or as "*", the line holds for every position, without
 * SLOT for every slot.  Of the lines for a place only the most specific count:
 * those of slot and position, else of the slot, else of the position, else
 * those of neither.  Their probabilities sum to 1 within RECS_POLICY_SUM_SLACK
 * and are scaled to 1; an item that has no line is never shown.
 */

#ifndef _RECS_POLICY_TARGET_H_INCLUDED_
#define _RECS_POLICY_TARGET_H_INCLUDED_


#include <stdint.h>

#include "recs_id.h"
#include "recs_status.h"


#define RECS_POLICY_SUM_SLACK     1e-4
#define RECS_POLICY_POSITION_MAX  10000

typedef struct recs_policy_target_s  recs_policy_target_t;


/*
 * RECS_INVALID: a line that is no such line, an item twice for a place,
 * probabilities that do not sum to 1; err names file and line.
 */
recs_status_t recs_policy_target_read(recs_policy_target_t **target,
    const char *path, recs_error_t *err);
void recs_policy_target_destroy(recs_policy_target_t *target);

/* 0 <= probability <= 1. */
double recs_policy_target_probability(const recs_policy_target_t *target,
    recs_str_t slot, uint32_t position, recs_str_t item);


#endif /* _RECS_POLICY_TARGET_H_INCLUDED_ */
