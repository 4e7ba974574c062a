/*
 * recs_recent: which of the last ids have been seen already.
 *
 * A set of fixed size in memory that processes share, of two generations in
 * one table: an id is remembered while at least the next `window` ids are
 * added, and forgotten before twice as many have been.  A place is one word:
 * 48 bits of the id's hash and the generation that it was added in, which
 * says by itself whether the place is free again.  So nothing is ever cleared,
 * nothing is locked, and a process may be killed anywhere in between.
 *
 *     header | buckets[window / 2][16]
 *
 * At most 4 of a bucket's 16 places are taken on average; where all are, of
 * one in a million ids, the oldest gives way.  A new id is taken for another
 * with a probability below 2^-44.
 */

#ifndef _RECS_RECENT_H_INCLUDED_
#define _RECS_RECENT_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>


typedef struct recs_recent_s  recs_recent_t;


/* Bytes that a set of that window needs; it is a power of two, 64 to 2^24. */
size_t recs_recent_size(uint32_t window);

/*
 * Makes an empty set in that many bytes, which must be zero and aligned as a
 * cache line is.  The seed is secret: who knows it could choose ids that
 * crowd each other out.
 */
recs_recent_t *recs_recent_init(void *memory, uint32_t window, uint64_t seed);

/* Adds an id.  Returns 1 if it is new, 0 if it is in the set. */
int recs_recent_add(recs_recent_t *set, const char *id, size_t len);


#endif /* _RECS_RECENT_H_INCLUDED_ */
