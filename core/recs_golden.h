/*
 * recs_golden: answers that travel with the bundle.
 *
 * When a bundle is written, the top RECS_GOLDEN_COUNT of up to
 * RECS_GOLDEN_QUERIES users (items, where there are no users) are stored with
 * their scores.  Recomputing them proves that this machine's reader, scorer
 * and floating point give bit for bit what the writer's gave.
 */

#ifndef _RECS_GOLDEN_H_INCLUDED_
#define _RECS_GOLDEN_H_INCLUDED_


#include "recs_bundle.h"


#define RECS_GOLDEN_QUERIES  32
#define RECS_GOLDEN_COUNT    10


/*
 * Recomputes golden answers until all have passed or budget_ms has gone (at
 * least one is always checked); *n_checked says how many.  A second thread
 * shares the work and has ended when the call returns.
 *
 * RECS_CORRUPT  an answer differs; err names the first that does
 */
recs_status_t recs_golden_check(const recs_bundle_t *bundle,
    unsigned budget_ms, unsigned *n_checked, recs_error_t *err);


#endif /* _RECS_GOLDEN_H_INCLUDED_ */
