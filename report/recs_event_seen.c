#include "recs_event_seen.h"

#include <stdlib.h>


#define RECS_SEEN_PAGE     4096                   /* events */
#define RECS_SEEN_INITIAL  1024


typedef struct {
    uint64_t   key;                               /* 0: free */
    uint64_t  *bits;                              /* NULL: all are there */
    uint32_t   n;
} recs_seen_page_t;

/* Hashes; open addressing, half full at most. */
typedef struct {
    uint64_t  *table;
    size_t     size;
    size_t     n;
} recs_seen_ids_t;

struct recs_event_seen_s {
    recs_seen_page_t  *pages;
    size_t             size;
    size_t             n;
    size_t             n_open;                    /* with bits */

    recs_seen_ids_t    young;
    recs_seen_ids_t    old;
};


static int recs_seen_number(recs_event_seen_t *seen, uint64_t run,
    uint64_t seq);
static recs_seen_page_t *recs_seen_page(recs_event_seen_t *seen,
    uint64_t key);
static int recs_seen_pages_grow(recs_event_seen_t *seen);
static int recs_seen_id(recs_event_seen_t *seen, uint64_t id);
static size_t recs_seen_slot(const recs_seen_ids_t *ids, uint64_t id);
static int recs_seen_ids_grow(recs_seen_ids_t *ids);
static uint64_t recs_seen_mix(uint64_t x);


recs_event_seen_t *
recs_event_seen_create(void)
{
    return calloc(1, sizeof(recs_event_seen_t));
}


void
recs_event_seen_destroy(recs_event_seen_t *seen)
{
    size_t  i;

    if (seen == NULL) {
        return;
    }

    for (i = 0; i < seen->size; i++) {
        free(seen->pages[i].bits);
    }

    free(seen->pages);
    free(seen->young.table);
    free(seen->old.table);
    free(seen);
}


int
recs_event_seen_add(recs_event_seen_t *seen, const recs_event_key_t *key)
{
    int  rc;

    if (key->run != 0) {
        rc = recs_seen_number(seen, key->run, key->seq);
        if (rc != 1) {
            return rc;
        }
    }

    return key->id != 0 ? recs_seen_id(seen, key->id) : 1;
}


static int
recs_seen_number(recs_event_seen_t *seen, uint64_t run, uint64_t seq)
{
    uint64_t           key, bit, *word;
    recs_seen_page_t  *page;

    if (seen->n >= seen->size / 2 && recs_seen_pages_grow(seen) != 0) {
        return -1;
    }

    key = recs_seen_mix(run ^ recs_seen_mix(seq / RECS_SEEN_PAGE)) | 1;
    page = recs_seen_page(seen, key);

    if (page->key == 0) {

        if (seen->n_open == RECS_EVENT_PAGES_MAX) {
            return recs_seen_id(seen, recs_seen_mix(key ^ seq) | 1);
        }

        page->bits = calloc(RECS_SEEN_PAGE / 64, sizeof(uint64_t));
        if (page->bits == NULL) {
            return -1;
        }

        page->key = key;
        seen->n++;
        seen->n_open++;
    }

    if (page->bits == NULL) {
        return 0;
    }

    word = &page->bits[seq % RECS_SEEN_PAGE / 64];
    bit = (uint64_t) 1 << seq % 64;

    if (*word & bit) {
        return 0;
    }

    *word |= bit;

    if (++page->n == RECS_SEEN_PAGE) {
        free(page->bits);
        page->bits = NULL;
        seen->n_open--;
    }

    return 1;
}


/* The page of key, or the place where it is to stand. */

static recs_seen_page_t *
recs_seen_page(recs_event_seen_t *seen, uint64_t key)
{
    size_t  i;

    i = key >> 1 & (seen->size - 1);

    while (seen->pages[i].key != 0 && seen->pages[i].key != key) {
        i = (i + 1) & (seen->size - 1);
    }

    return &seen->pages[i];
}


static int
recs_seen_pages_grow(recs_event_seen_t *seen)
{
    size_t              i;
    recs_event_seen_t   bigger;

    bigger = *seen;
    bigger.size = seen->size != 0 ? 2 * seen->size : RECS_SEEN_INITIAL;

    bigger.pages = calloc(bigger.size, sizeof(recs_seen_page_t));
    if (bigger.pages == NULL) {
        return -1;
    }

    for (i = 0; i < seen->size; i++) {
        if (seen->pages[i].key != 0) {
            *recs_seen_page(&bigger, seen->pages[i].key) = seen->pages[i];
        }
    }

    free(seen->pages);
    *seen = bigger;

    return 0;
}


static int
recs_seen_id(recs_event_seen_t *seen, uint64_t id)
{
    recs_seen_ids_t  *young;

    young = &seen->young;

    if (seen->old.n != 0 && seen->old.table[recs_seen_slot(&seen->old, id)]) {
        return 0;
    }

    if (young->n >= young->size / 2) {

        if (young->n >= RECS_EVENT_IDS_MIN) {
            free(seen->old.table);
            seen->old = *young;
            young->table = NULL;
            young->size = 0;
            young->n = 0;
        }

        if (recs_seen_ids_grow(young) != 0) {
            return -1;
        }
    }

    if (young->table[recs_seen_slot(young, id)] != 0) {
        return 0;
    }

    young->table[recs_seen_slot(young, id)] = id;
    young->n++;

    return 1;
}


static size_t
recs_seen_slot(const recs_seen_ids_t *ids, uint64_t id)
{
    size_t  i;

    i = id & (ids->size - 1);

    while (ids->table[i] != 0 && ids->table[i] != id) {
        i = (i + 1) & (ids->size - 1);
    }

    return i;
}


static int
recs_seen_ids_grow(recs_seen_ids_t *ids)
{
    size_t           i;
    recs_seen_ids_t  bigger;

    bigger.n = ids->n;
    bigger.size = ids->size != 0 ? 2 * ids->size : RECS_SEEN_INITIAL;

    bigger.table = calloc(bigger.size, sizeof(uint64_t));
    if (bigger.table == NULL) {
        return -1;
    }

    for (i = 0; i < ids->size; i++) {
        if (ids->table[i] != 0) {
            bigger.table[recs_seen_slot(&bigger, ids->table[i])]
                = ids->table[i];
        }
    }

    free(ids->table);
    *ids = bigger;

    return 0;
}


/* splitmix64's finalizer; 0 stays 0. */

static uint64_t
recs_seen_mix(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9;
    x ^= x >> 27;
    x *= 0x94d049bb133111eb;

    return x ^ x >> 31;
}
