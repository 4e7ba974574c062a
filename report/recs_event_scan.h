/*
 * recs_event_scan: the events of many logs, in parallel, each once.
 *
 * Up to RECS_EVENT_LANES files are read side by side, a block of whole lines
 * of each in turn: the logs of workers, which cover the same time, come
 * together.  Blocks are parsed by as many threads as there are; what is
 * made of them arrives in the blocks' order, one at a time.  So the order of
 * the events depends on the files alone.
 *
 * Left out and counted: torn and foreign lines, events from the future,
 * events without a valid token, and those that were there before: the same
 * boot, worker and seq of nginx, or the same id of another writer (a client's,
 * an application's): recs_event_seen.h says for how long.
 */

#ifndef _RECS_EVENT_SCAN_H_INCLUDED_
#define _RECS_EVENT_SCAN_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>

#include "recs_event.h"
#include "recs_event_seen.h"
#include "recs_status.h"


#define RECS_EVENT_LANES       8
#define RECS_EVENT_BLOCK       (256 * 1024)       /* half of a cache */

/* How much later than now an event may be. */
#define RECS_EVENT_FUTURE_MS   86400000


typedef struct {
    const char  *const *paths;         /* "-": stdin */
    uint32_t            n_paths;
    uint32_t            n_threads;     /* 0: one per processor */
    int                 unverified;    /* these too */
    int                 with_items;    /* of exposures */
    int64_t             now_ms;

    /* Now and then, from one thread at a time; may be NULL. */
    void              (*progress)(void *data, uint64_t bytes, uint64_t total);
    void               *progress_data;
} recs_event_scan_t;

typedef struct {
    uint64_t  n_bytes;                 /* unpacked */
    uint64_t  n_lines;                 /* without blank ones */
    uint64_t  n_events;                /* that were handed on */
    uint64_t  n_torn;                  /* no JSON, or over-long */
    uint64_t  n_foreign;               /* JSON, but no event */
    uint64_t  n_no_time;               /* without a time: no use here */
    uint64_t  n_future;
    uint64_t  n_unverified;
    uint64_t  n_duplicates;
} recs_event_counts_t;


/* What pack() makes of an event; grows as needed. */
typedef struct recs_event_pack_s  recs_event_pack_t;

/* size bytes, aligned to 8, that are apply()'s; NULL: no memory. */
void *recs_event_pack(recs_event_pack_t *pack, size_t size);

typedef struct {
    /*
     * In any thread: keeps what apply() will need of the event, by one call of
     * recs_event_pack() at most, or none where it is of no interest.
     */
    void           (*pack)(void *data, const recs_event_t *event,
                           recs_event_pack_t *pack);

    /*
     * What was packed of an event that is soon applied, at times twice: to
     * fetch what that will need.  May be NULL.
     */
    void           (*prepare)(void *data, const void *packed, int again);

    /* In order, one at a time: what was packed of one event. */
    recs_status_t  (*apply)(void *data, const void *packed, size_t size,
                            recs_error_t *err);
    void            *data;
} recs_event_sink_t;


/*
 * RECS_IO, RECS_INVALID  a file cannot be read, or is damaged: err names it
 * and whatever apply() returns
 */
recs_status_t recs_event_scan(const recs_event_scan_t *scan,
    const recs_event_sink_t *sink, recs_event_counts_t *counts,
    recs_error_t *err);


#endif /* _RECS_EVENT_SCAN_H_INCLUDED_ */
