/*
 * recs_event_block: whole lines of one log, and what was made of them;
 * private to recs_event_scan.
 */

#ifndef _RECS_EVENT_BLOCK_H_INCLUDED_
#define _RECS_EVENT_BLOCK_H_INCLUDED_


#include "recs_event_scan.h"
#include "recs_input.h"


/* The logs that are read one after the other, in a lane of their own. */
typedef struct {
    const recs_event_scan_t  *scan;
    uint32_t                  next;    /* path to open */
    int                       is_open;
    int                       is_done;
    int                       skipping;   /* an over-long line */
    uint64_t                  n_bytes;    /* of closed files */
    recs_input_t              input;
} recs_event_lane_t;

/* One event of a block. */
typedef struct {
    recs_event_key_t  key;
    size_t            size;            /* of what was packed; 0: nothing */
} recs_event_entry_t;

struct recs_event_pack_s {
    char    *data;
    size_t   len;
    size_t   size;
    int      failed;                   /* no memory */
};

typedef struct {
    char                 *lines;
    size_t                len;
    int                   is_end;      /* of the lane */
    uint64_t              n_read;      /* bytes of the lane's files */
    recs_event_counts_t   counts;

    recs_event_entry_t   *entries;
    size_t                n_entries;
    size_t                entries_size;
    recs_event_pack_t     pack;

    recs_status_t         status;      /* of reading or of parsing */
    recs_error_t          err;
} recs_event_block_t;


/* 0: no memory. */
int recs_event_block_init(recs_event_block_t *block);
void recs_event_block_free(recs_event_block_t *block);

/*
 * The next lines of the lane's logs; none, with lane->is_done, at their end or
 * after an error.
 */
void recs_event_block_read(recs_event_block_t *block, recs_event_lane_t *lane);

void recs_event_block_parse(recs_event_block_t *block,
    const recs_event_scan_t *scan, const recs_event_sink_t *sink,
    recs_event_parser_t *parser, uint64_t seed);


#endif /* _RECS_EVENT_BLOCK_H_INCLUDED_ */
