/*
 * recs_event_seen: which events were there before.
 *
 * nginx numbers the events of each run and worker, so theirs are remembered
 * as bits, a page of which is dropped once it is full: 24 bytes for 4,096
 * events.  Ids of other writers are remembered by hash for a while, in two
 * generations: when the young one is full it becomes the old one.
 */

#ifndef _RECS_EVENT_SEEN_H_INCLUDED_
#define _RECS_EVENT_SEEN_H_INCLUDED_


#include <stdint.h>


/* Ids of a generation: at least so many stay remembered. */
#define RECS_EVENT_IDS_MIN    (2 * 1024 * 1024)

/* Pages with gaps; more, and events are remembered as ids are. */
#define RECS_EVENT_PAGES_MAX  65536


typedef struct {
    uint64_t  run;                     /* hash of boot and worker; 0: none */
    uint64_t  seq;
    uint64_t  id;                      /* hash of a writer's own; 0: none */
} recs_event_key_t;

typedef struct recs_event_seen_s  recs_event_seen_t;


/* NULL: no memory. */
recs_event_seen_t *recs_event_seen_create(void);
void recs_event_seen_destroy(recs_event_seen_t *seen);

/*
 * Remembers key.  1: it is new, 0: an event of this run and number, or of
 * this id, was there; -1: no memory.  Without run and id it is always new.
 */
int recs_event_seen_add(recs_event_seen_t *seen, const recs_event_key_t *key);


#endif /* _RECS_EVENT_SEEN_H_INCLUDED_ */
