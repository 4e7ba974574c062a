#include "recs_event_block.h"

#include <stdlib.h>
#include <string.h>

#include "recs_seeded_hash.h"


/* Of a block; a window may be larger by what one more read adds to it. */
#define RECS_EVENT_BLOCK_MAX  (RECS_EVENT_LINE_MAX + RECS_EVENT_BLOCK)

#define RECS_EVENT_PACK       65536               /* grows */


static void recs_event_block_fill(recs_event_block_t *block,
    recs_event_lane_t *lane);
static int recs_event_block_open(recs_event_block_t *block,
    recs_event_lane_t *lane);
static void recs_event_block_close(recs_event_lane_t *lane);
static void recs_event_block_skip(recs_event_lane_t *lane);
static int recs_event_block_take(recs_event_block_t *block,
    recs_event_lane_t *lane);
static void recs_event_block_line(recs_event_block_t *block, const char *line,
    size_t len, const recs_event_scan_t *scan, const recs_event_sink_t *sink,
    recs_event_parser_t *parser, uint64_t seed);
static int recs_event_block_counts(recs_event_counts_t *counts,
    const recs_event_t *event, const recs_event_scan_t *scan);
static void recs_event_block_key(recs_event_key_t *key,
    const recs_event_t *event, uint64_t seed);
static int recs_event_block_own(const recs_event_t *event);
static recs_event_entry_t *recs_event_block_entry(recs_event_block_t *block);


int
recs_event_block_init(recs_event_block_t *block)
{
    memset(block, 0, sizeof(*block));
    block->lines = malloc(RECS_EVENT_BLOCK_MAX + RECS_EVENT_PADDING);
    block->pack.size = RECS_EVENT_PACK;
    block->pack.data = malloc(RECS_EVENT_PACK);

    return block->lines != NULL && block->pack.data != NULL;
}


void
recs_event_block_free(recs_event_block_t *block)
{
    free(block->lines);
    free(block->entries);
    free(block->pack.data);
}


void
recs_event_block_read(recs_event_block_t *block, recs_event_lane_t *lane)
{
    memset(&block->counts, 0, sizeof(block->counts));
    block->len = 0;
    block->status = RECS_OK;

    recs_event_block_fill(block, lane);

    block->is_end = lane->is_done;
    block->n_read = lane->n_bytes
                    + (lane->is_open ? recs_input_bytes(&lane->input) : 0);
}


static void
recs_event_block_fill(recs_event_block_t *block, recs_event_lane_t *lane)
{
    size_t         wanted;
    recs_input_t  *in;

    while (block->len == 0) {

        if (!lane->is_open && !recs_event_block_open(block, lane)) {
            return;
        }

        in = &lane->input;

        wanted = RECS_EVENT_BLOCK;

        do {
            while (in->len < wanted && !in->eof) {
                block->status = recs_input_fill(in, &block->err);

                if (block->status != RECS_OK) {
                    recs_event_block_close(lane);
                    lane->is_done = 1;
                    return;
                }
            }

            wanted += RECS_EVENT_BLOCK;

        } while (!recs_event_block_take(block, lane));

        if (in->len == 0 && in->eof) {
            recs_event_block_close(lane);
        }
    }
}


/* 0: there is no further log, or it cannot be opened. */

static int
recs_event_block_open(recs_event_block_t *block, recs_event_lane_t *lane)
{
    if (lane->next >= lane->scan->n_paths) {
        lane->is_done = 1;
        return 0;
    }

    block->status = recs_input_open(&lane->input,
                                    lane->scan->paths[lane->next],
                                    &block->err);
    if (block->status != RECS_OK) {
        lane->is_done = 1;
        return 0;
    }

    lane->next += RECS_EVENT_LANES;
    lane->is_open = 1;
    lane->skipping = 0;

    return 1;
}


static void
recs_event_block_close(recs_event_lane_t *lane)
{
    lane->n_bytes += recs_input_bytes(&lane->input);
    recs_input_close(&lane->input);
    lane->is_open = 0;
}


/* On with an over-long line, to its end. */

static void
recs_event_block_skip(recs_event_lane_t *lane)
{
    const char    *lf;
    recs_input_t  *in;

    in = &lane->input;
    lf = memchr(in->data, '\n', in->len);

    if (lf != NULL) {
        recs_input_consume(in, (size_t) (lf - in->data) + 1, 1);
        lane->skipping = 0;

    } else {
        recs_input_consume(in, in->len, 0);
    }
}


/* The window's whole lines.  0: it has to grow, to hold one. */

static int
recs_event_block_take(recs_event_block_t *block, recs_event_lane_t *lane)
{
    size_t         len;
    const char    *lf;
    recs_input_t  *in;

    in = &lane->input;

    if (lane->skipping) {
        recs_event_block_skip(lane);
        return 1;
    }

    len = in->len < RECS_EVENT_BLOCK_MAX ? in->len : RECS_EVENT_BLOCK_MAX;

    if (!in->eof || len < in->len) {
        lf = memrchr(in->data, '\n', len);

        if (lf == NULL) {

            if (len <= RECS_EVENT_LINE_MAX) {
                return 0;
            }

            block->counts.n_lines++;
            block->counts.n_torn++;
            lane->skipping = 1;
            recs_input_consume(in, len, 0);

            return 1;
        }

        len = (size_t) (lf - in->data) + 1;
    }

    memcpy(block->lines, in->data, len);
    memset(block->lines + len, 0, RECS_EVENT_PADDING);
    block->len = len;
    recs_input_consume(in, len, 0);

    return 1;
}


void
recs_event_block_parse(recs_event_block_t *block,
    const recs_event_scan_t *scan, const recs_event_sink_t *sink,
    recs_event_parser_t *parser, uint64_t seed)
{
    const char  *line, *end, *lf;

    block->n_entries = 0;
    block->pack.len = 0;
    block->counts.n_bytes += block->len;

    line = block->lines;
    end = block->lines + block->len;

    while (line < end && block->status == RECS_OK) {
        lf = memchr(line, '\n', (size_t) (end - line));
        lf = lf != NULL ? lf : end;

        recs_event_block_line(block, line, (size_t) (lf - line), scan, sink,
                              parser, seed);
        line = lf + 1;
    }
}


static void
recs_event_block_line(recs_event_block_t *block, const char *line, size_t len,
    const recs_event_scan_t *scan, const recs_event_sink_t *sink,
    recs_event_parser_t *parser, uint64_t seed)
{
    size_t                before;
    recs_event_t          event;
    recs_event_entry_t   *entry;
    recs_event_result_t   result;

    result = len <= RECS_EVENT_LINE_MAX
             ? recs_event_parse(parser, line, len, &event) : RECS_EVENT_TORN;

    if (result == RECS_EVENT_EMPTY) {
        return;
    }

    block->counts.n_lines++;

    if (result == RECS_EVENT_NOMEM) {
        goto failed;
    }

    if (result != RECS_EVENT_OK) {
        block->counts.n_torn += result == RECS_EVENT_TORN;
        block->counts.n_foreign += result == RECS_EVENT_FOREIGN;
        return;
    }

    if (!recs_event_block_counts(&block->counts, &event, scan)) {
        return;
    }

    entry = recs_event_block_entry(block);
    if (entry == NULL) {
        goto failed;
    }

    before = block->pack.len;
    sink->pack(sink->data, &event, &block->pack);

    if (block->pack.failed) {
        goto failed;
    }

    entry->size = block->pack.len - before;
    recs_event_block_key(&entry->key, &event, seed);

    return;

failed:

    block->status = recs_error(&block->err, RECS_NOMEM,
                               "no memory to read events");
}


/* 1: an event that is of use; 0: it is counted. */

static int
recs_event_block_counts(recs_event_counts_t *counts,
    const recs_event_t *event, const recs_event_scan_t *scan)
{
    if (event->time_ms == 0) {
        counts->n_no_time++;
        return 0;
    }

    if (event->time_ms > scan->now_ms + RECS_EVENT_FUTURE_MS) {
        counts->n_future++;
        return 0;
    }

    /* Before its id is looked at: nobody's forged event hides a real one. */

    if (event->unverified && !scan->unverified) {
        counts->n_unverified++;
        return 0;
    }

    return 1;
}


static void
recs_event_block_key(recs_event_key_t *key, const recs_event_t *event,
    uint64_t seed)
{
    memset(key, 0, sizeof(*key));

    if (event->boot.len != 0) {
        key->run = recs_seeded_hash(seed + event->worker, event->boot);
        key->seq = event->seq;
    }

    if (event->id.len != 0 && !recs_event_block_own(event)) {
        key->id = recs_seeded_hash(seed, event->id);
    }
}


/* Whether the id is nginx's: boot-worker-seq. */

static int
recs_event_block_own(const recs_event_t *event)
{
    size_t       i;
    uint64_t     numbers[2];
    unsigned     n;
    const char  *p;

    if (event->boot.len == 0 || event->id.len < event->boot.len
        || memcmp(event->id.data, event->boot.data, event->boot.len) != 0)
    {
        return 0;
    }

    p = event->id.data;
    n = 0;
    numbers[0] = 0;
    numbers[1] = 0;

    for (i = event->boot.len; i < event->id.len; i++) {

        if (p[i] == '-' && n < 2) {
            n++;

        } else if (n > 0 && p[i] >= '0' && p[i] <= '9') {
            numbers[n - 1] = numbers[n - 1] * 10 + (uint64_t) (p[i] - '0');

        } else {
            return 0;
        }
    }

    return n == 2 && numbers[0] == event->worker && numbers[1] == event->seq;
}


static recs_event_entry_t *
recs_event_block_entry(recs_event_block_t *block)
{
    size_t               size;
    recs_event_entry_t  *entries;

    if (block->n_entries == block->entries_size) {
        size = block->entries_size != 0 ? 2 * block->entries_size : 1024;

        entries = realloc(block->entries, size * sizeof(recs_event_entry_t));
        if (entries == NULL) {
            return NULL;
        }

        block->entries = entries;
        block->entries_size = size;
    }

    return &block->entries[block->n_entries++];
}


void *
recs_event_pack(recs_event_pack_t *pack, size_t size)
{
    char    *data;
    void    *packed;
    size_t   bytes, larger;

    bytes = (size + 7) & ~(size_t) 7;

    if (pack->size - pack->len < bytes) {
        larger = 2 * pack->size + bytes;

        data = realloc(pack->data, larger);
        if (data == NULL) {
            pack->failed = 1;
            return NULL;
        }

        pack->data = data;
        pack->size = larger;
    }

    packed = pack->data + pack->len;
    pack->len += bytes;

    return packed;
}
