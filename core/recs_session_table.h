/*
 * recs_session_table: sessions of visitors in memory that processes share.
 *
 *     header
 *     n_sets times:
 *         8 heads     sequence, checksum, key, time and number of items
 *         8 records   [n_items] hash and weight in 8 bytes
 *
 * Records have a fixed size and their places, there is no pointer in it and
 * nothing is allocated.  A visitor may stand in the 8 places of either set
 * that the halves of his key name; a new one goes where there is more room,
 * and where there is none, the one written longest ago makes way.  So hardly
 * anybody has to go before the table is nearly full.
 *
 * A process may be killed between any two instructions.  The sequence is odd
 * while a record is written: readers, who never wait for a lock, take a record
 * only if the sequence was even and the same before and after, and the
 * checksum is right.  A record that a killed writer has left odd is never
 * served; the next writer who meets it empties it.
 *
 * Writers are the caller's to serialise, by a lock that is released when its
 * holder dies.  Times are milliseconds of one monotonic clock; if it goes back
 * nevertheless, nothing expires before its time.
 */

#ifndef _RECS_SESSION_TABLE_H_INCLUDED_
#define _RECS_SESSION_TABLE_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>

#include "recs_id.h"
#include "recs_session.h"
#include "recs_status.h"


#define RECS_SESSION_WAYS  8


typedef struct recs_session_table_s  recs_session_table_t;

/* Of a visitor's id, under the table's seed: the id itself is not kept. */
typedef struct {
    uint64_t  words[2];
} recs_session_key_t;

/* What an update did besides. */
#define RECS_SESSION_NEW      0x01      /* the visitor had none */
#define RECS_SESSION_EVICTED  0x02      /* another visitor's went for it */
#define RECS_SESSION_TORN     0x04      /* a half-written one was emptied */


/*
 * Makes size bytes at memory, aligned to 64 and all zero, a table of sessions
 * of at most n_items items (1 to RECS_SESSION_ITEMS_MAX); seed is random.
 * RECS_LIMIT: size does not hold a single set.
 */
recs_status_t recs_session_table_init(void *memory, size_t size,
    uint32_t n_items, const uint64_t seed[2]);

/* The table at memory, NULL where it is none of n_items within size bytes. */
recs_session_table_t *recs_session_table_at(void *memory, size_t size,
    uint32_t n_items);

/* Places for records. */
uint64_t recs_session_table_capacity(const recs_session_table_t *table);

void recs_session_table_key(const recs_session_table_t *table, recs_str_t id,
    recs_session_key_t *key);

/*
 * The visitor's session; n is 0 where there is none that was written within
 * ttl_ms before now_ms.
 */
void recs_session_table_read(const recs_session_table_t *table,
    const recs_session_key_t *key, uint64_t now_ms, uint64_t ttl_ms,
    recs_session_t *session);

/* The visitor has touched the item; returns RECS_SESSION_...  Serialised. */
unsigned recs_session_table_add(recs_session_table_t *table,
    const recs_session_key_t *key, uint64_t hash, uint64_t now_ms,
    uint64_t ttl_ms);

/* Deletes the visitor's record; 0 if there was none.  Serialised. */
int recs_session_table_forget(recs_session_table_t *table,
    const recs_session_key_t *key);

/* A count of all records, for tests; with writers at work, of a moment. */
typedef struct {
    uint64_t  whole;
    uint64_t  empty;
    uint64_t  torn;                     /* odd */
    uint64_t  wrong;                    /* even, but the checksum is not it */
} recs_session_census_t;

void recs_session_table_census(const recs_session_table_t *table,
    recs_session_census_t *census);


#endif /* _RECS_SESSION_TABLE_H_INCLUDED_ */
