/*
 * recs_outcomes: what units did, kept until their first exposures are known.
 *
 * Chunks of outcomes are sorted by day and, but for a first one that never
 * fills, written to a file that has no name: memory does not grow with them.
 * They come back day by day; within a day in the order in which they were
 * added.
 */

#ifndef _RECS_OUTCOMES_H_INCLUDED_
#define _RECS_OUTCOMES_H_INCLUDED_


#include <stdint.h>

#include "recs_status.h"


#define RECS_OUTCOMES_CHUNK  (256 * 1024)
#define RECS_OUTCOME_DAY_MS  86400000


typedef struct {
    uint64_t  unit;                    /* hash of the user */
    uint64_t  time_ms:48;
    uint64_t  event:8;
    uint64_t  experiment:8;            /* of the caller's, as event */
    double    value;
} recs_outcome_t;

typedef struct recs_outcomes_s  recs_outcomes_t;


/* folder: where the file is made, when it is needed; borrowed. */
recs_status_t recs_outcomes_create(recs_outcomes_t **outcomes,
    const char *folder, recs_error_t *err);
void recs_outcomes_destroy(recs_outcomes_t *outcomes);

/* RECS_IO: the file cannot be made or written. */
recs_status_t recs_outcomes_add(recs_outcomes_t *outcomes,
    const recs_outcome_t *outcome, recs_error_t *err);

/* No more are added.  *last_ms: the latest time, 0 where there are none. */
recs_status_t recs_outcomes_finish(recs_outcomes_t *outcomes,
    int64_t *last_ms, recs_error_t *err);

/*
 * The next outcomes, all of one day, rising; *n is 0 at the end.  They are
 * valid until the next call.
 */
recs_status_t recs_outcomes_next(recs_outcomes_t *outcomes,
    const recs_outcome_t **day, uint32_t *n, recs_error_t *err);


#endif /* _RECS_OUTCOMES_H_INCLUDED_ */
