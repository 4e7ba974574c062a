/*
 * Tickets, from 0, are handed out in turn; a ticket's lane is its number
 * modulo the lanes.  Reading is in order within each lane, applying in order
 * over all: whichever thread finishes the next block applies all that are
 * ready behind it.
 */

#include "recs_event_scan.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recs_event_block.h"
#include "recs_seeded_hash.h"


#define RECS_SCAN_THREADS_MAX  64

/* Entries between what is prepared and what is applied, twice. */
#define RECS_SCAN_AHEAD        8


typedef struct {
    const recs_event_scan_t   *options;
    const recs_event_sink_t   *sink;
    recs_event_seen_t         *seen;
    uint64_t                   seed;
    uint64_t                   total;            /* bytes of the files */

    recs_event_lane_t          lanes[RECS_EVENT_LANES];
    uint64_t                   turn[RECS_EVENT_LANES];  /* ticket to read */
    uint64_t                   bytes[RECS_EVENT_LANES];  /* read and applied */
    unsigned char              ended[RECS_EVENT_LANES];
    uint32_t                   n_ended;
    uint32_t                   n_lanes;

    pthread_mutex_t            mutex;
    pthread_cond_t             changed;
    uint64_t                   next_ticket;
    uint64_t                   next_apply;
    int                        applying;
    recs_event_block_t        *blocks;           /* of ticket modulo size */
    unsigned char             *ready;
    uint32_t                   size;

    recs_event_counts_t        counts;
    int                        stop;
    recs_status_t              status;
    recs_error_t               err;
} recs_scan_t;

/* How far the entries of a block are prepared. */
typedef struct {
    const char  *packed;               /* of entry n */
    size_t       n;
} recs_scan_ahead_t;


static recs_status_t recs_scan_files(recs_scan_t *s, recs_error_t *err);
static recs_status_t recs_scan_init(recs_scan_t *s, uint32_t n_threads,
    recs_error_t *err);
static void recs_scan_free(recs_scan_t *s);
static void recs_scan_run(recs_scan_t *s, uint32_t n_threads);
static void *recs_scan_thread(void *data);
static int recs_scan_block(recs_scan_t *s, recs_event_parser_t *parser);
static void recs_scan_apply_ready(recs_scan_t *s);
static recs_status_t recs_scan_apply(recs_scan_t *s, uint32_t lane,
    const recs_event_block_t *block, recs_error_t *err);
static void recs_scan_fail(recs_scan_t *s, recs_status_t status,
    const recs_error_t *err);
static void recs_scan_prepare(recs_scan_t *s, const recs_event_block_t *block,
    recs_scan_ahead_t *ahead, size_t last, int again);
static void recs_scan_add(recs_event_counts_t *sum,
    const recs_event_counts_t *counts);


recs_status_t
recs_event_scan(const recs_event_scan_t *scan, const recs_event_sink_t *sink,
    recs_event_counts_t *counts, recs_error_t *err)
{
    long           n;
    uint32_t       n_threads;
    recs_scan_t    s;
    recs_status_t  status;

    memset(&s, 0, sizeof(s));
    s.options = scan;
    s.sink = sink;

    status = recs_scan_files(&s, err);
    if (status != RECS_OK) {
        return status;
    }

    n = scan->n_threads != 0 ? (long) scan->n_threads
                             : sysconf(_SC_NPROCESSORS_ONLN);
    n_threads = n < 1 ? 1 : n > RECS_SCAN_THREADS_MAX ? RECS_SCAN_THREADS_MAX
                                                      : (uint32_t) n;

    status = recs_scan_init(&s, n_threads, err);
    if (status != RECS_OK) {
        return status;
    }

    recs_scan_run(&s, n_threads);
    recs_scan_free(&s);

    if (s.status != RECS_OK) {
        return recs_error(err, s.status, "%s", s.err.message);
    }

    *counts = s.counts;

    return RECS_OK;
}


/* A name that is wrong is told before anything is read. */

static recs_status_t
recs_scan_files(recs_scan_t *s, recs_error_t *err)
{
    uint32_t       i;
    struct stat    st;
    recs_input_t   input;
    recs_status_t  status;

    for (i = 0; i < s->options->n_paths; i++) {

        /* What can be read but once is not opened to look. */

        if (strcmp(s->options->paths[i], "-") == 0
            || (stat(s->options->paths[i], &st) == 0 && !S_ISREG(st.st_mode)
                && !S_ISDIR(st.st_mode)))
        {
            continue;
        }

        status = recs_input_open(&input, s->options->paths[i], err);
        if (status != RECS_OK) {
            return status;
        }

        s->total += input.total;
        recs_input_close(&input);
    }

    return RECS_OK;
}


static recs_status_t
recs_scan_init(recs_scan_t *s, uint32_t n_threads, recs_error_t *err)
{
    uint32_t  i;

    pthread_mutex_init(&s->mutex, NULL);
    pthread_cond_init(&s->changed, NULL);

    s->seed = recs_hash_seed();
    s->n_lanes = s->options->n_paths < RECS_EVENT_LANES
                 ? s->options->n_paths : RECS_EVENT_LANES;

    for (i = 0; i < s->n_lanes; i++) {
        s->lanes[i].scan = s->options;
        s->lanes[i].next = i;
        s->turn[i] = i;
    }

    s->size = 2 * n_threads + 1;
    s->seen = recs_event_seen_create();
    s->blocks = calloc(s->size, sizeof(recs_event_block_t));
    s->ready = calloc(s->size, 1);

    if (s->seen == NULL || s->blocks == NULL || s->ready == NULL) {
        goto failed;
    }

    for (i = 0; i < s->size; i++) {
        if (!recs_event_block_init(&s->blocks[i])) {
            goto failed;
        }
    }

    return RECS_OK;

failed:

    recs_scan_free(s);

    return recs_error(err, RECS_NOMEM, "no memory to read events");
}


static void
recs_scan_free(recs_scan_t *s)
{
    uint32_t  i;

    for (i = 0; i < s->n_lanes; i++) {
        if (s->lanes[i].is_open) {
            recs_input_close(&s->lanes[i].input);
        }
    }

    for (i = 0; s->blocks != NULL && i < s->size; i++) {
        recs_event_block_free(&s->blocks[i]);
    }

    free(s->blocks);
    free(s->ready);
    recs_event_seen_destroy(s->seen);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->mutex);
}


static void
recs_scan_run(recs_scan_t *s, uint32_t n_threads)
{
    uint32_t   i, n;
    pthread_t  threads[RECS_SCAN_THREADS_MAX];

    for (n = 0; n + 1 < n_threads; n++) {
        if (pthread_create(&threads[n], NULL, recs_scan_thread, s) != 0) {
            break;
        }
    }

    recs_scan_thread(s);

    for (i = 0; i < n; i++) {
        pthread_join(threads[i], NULL);
    }
}


static void *
recs_scan_thread(void *data)
{
    recs_scan_t          *s;
    recs_error_t          err;
    recs_event_parser_t  *parser;

    s = data;
    parser = recs_event_parser_create(s->options->with_items);

    pthread_mutex_lock(&s->mutex);

    if (parser == NULL) {
        recs_scan_fail(s, recs_error(&err, RECS_NOMEM,
                                     "no memory to parse events"), &err);
    }

    while (recs_scan_block(s, parser)) {
        recs_scan_apply_ready(s);
    }

    pthread_mutex_unlock(&s->mutex);
    recs_event_parser_destroy(parser);

    return NULL;
}


/* Reads and parses one block; the mutex is held around it.  0: no more. */

static int
recs_scan_block(recs_scan_t *s, recs_event_parser_t *parser)
{
    uint32_t             lane;
    uint64_t             ticket;
    recs_event_block_t  *block;

    while (!s->stop && s->next_ticket - s->next_apply == s->size) {
        pthread_cond_wait(&s->changed, &s->mutex);
    }

    if (s->stop) {
        return 0;
    }

    ticket = s->next_ticket++;
    lane = (uint32_t) (ticket % s->n_lanes);
    block = &s->blocks[ticket % s->size];

    while (s->turn[lane] != ticket) {
        pthread_cond_wait(&s->changed, &s->mutex);
    }

    pthread_mutex_unlock(&s->mutex);
    recs_event_block_read(block, &s->lanes[lane]);
    pthread_mutex_lock(&s->mutex);

    s->turn[lane] += s->n_lanes;
    pthread_cond_broadcast(&s->changed);

    pthread_mutex_unlock(&s->mutex);
    recs_event_block_parse(block, s->options, s->sink, parser, s->seed);
    pthread_mutex_lock(&s->mutex);

    s->ready[ticket % s->size] = 1;

    return 1;
}


/* The mutex is held; it is not while a block is applied. */

static void
recs_scan_apply_ready(recs_scan_t *s)
{
    uint32_t             lane;
    recs_error_t         err;
    recs_status_t        status;
    recs_event_block_t  *block;

    while (!s->applying && s->ready[s->next_apply % s->size]) {
        block = &s->blocks[s->next_apply % s->size];
        lane = (uint32_t) (s->next_apply % s->n_lanes);
        s->applying = 1;

        if (!s->stop) {
            pthread_mutex_unlock(&s->mutex);
            status = recs_scan_apply(s, lane, block, &err);
            pthread_mutex_lock(&s->mutex);

            if (status != RECS_OK) {
                recs_scan_fail(s, status, &err);
            }
        }

        s->applying = 0;
        s->ready[s->next_apply % s->size] = 0;
        s->next_apply++;

        s->n_ended += block->is_end && !s->ended[lane];
        s->ended[lane] = block->is_end;

        if (s->n_ended == s->n_lanes) {
            s->stop = 1;
        }

        pthread_cond_broadcast(&s->changed);
    }
}


/* The first failure ends it; the mutex is held. */

static void
recs_scan_fail(recs_scan_t *s, recs_status_t status, const recs_error_t *err)
{
    if (s->status == RECS_OK) {
        s->status = status;
        s->err = *err;
    }

    s->stop = 1;
    pthread_cond_broadcast(&s->changed);
}


static recs_status_t
recs_scan_apply(recs_scan_t *s, uint32_t lane,
    const recs_event_block_t *block, recs_error_t *err)
{
    int                        is_new;
    size_t                     i;
    uint64_t                   bytes;
    const char                *packed;
    recs_status_t              status;
    recs_scan_ahead_t          far, near;
    const recs_event_entry_t  *entry;

    if (block->status != RECS_OK) {
        *err = block->err;
        return block->status;
    }

    packed = block->pack.data;
    far = (recs_scan_ahead_t) { packed, 0 };
    near = far;

    for (i = 0; i < block->n_entries; i++) {
        recs_scan_prepare(s, block, &far, i + 2 * RECS_SCAN_AHEAD, 0);
        recs_scan_prepare(s, block, &near, i + RECS_SCAN_AHEAD, 1);

        entry = &block->entries[i];
        is_new = recs_event_seen_add(s->seen, &entry->key);

        if (is_new == -1) {
            return recs_error(err, RECS_NOMEM,
                              "no memory to tell events apart");
        }

        s->counts.n_events += (uint64_t) is_new;
        s->counts.n_duplicates += !is_new;

        if (is_new && entry->size != 0) {
            status = s->sink->apply(s->sink->data, packed, entry->size, err);
            if (status != RECS_OK) {
                return status;
            }
        }

        packed += entry->size;
    }

    recs_scan_add(&s->counts, &block->counts);
    s->bytes[lane] = block->n_read;

    if (s->options->progress != NULL) {
        bytes = 0;

        for (i = 0; i < s->n_lanes; i++) {
            bytes += s->bytes[i];
        }

        s->options->progress(s->options->progress_data, bytes, s->total);
    }

    return RECS_OK;
}


/* Up to the entry at last. */

static void
recs_scan_prepare(recs_scan_t *s, const recs_event_block_t *block,
    recs_scan_ahead_t *ahead, size_t last, int again)
{
    const recs_event_entry_t  *entry;

    while (s->sink->prepare != NULL && ahead->n <= last
           && ahead->n < block->n_entries)
    {
        entry = &block->entries[ahead->n++];

        if (entry->size != 0) {
            s->sink->prepare(s->sink->data, ahead->packed, again);
            ahead->packed += entry->size;
        }
    }
}


static void
recs_scan_add(recs_event_counts_t *sum, const recs_event_counts_t *counts)
{
    sum->n_bytes += counts->n_bytes;
    sum->n_lines += counts->n_lines;
    sum->n_torn += counts->n_torn;
    sum->n_foreign += counts->n_foreign;
    sum->n_no_time += counts->n_no_time;
    sum->n_future += counts->n_future;
    sum->n_unverified += counts->n_unverified;
}
