/*
 * recs_once: which ids have been counted.
 *
 * A Bloom filter of fixed size in zeroed memory that processes share.  It
 * forgets nothing: no id is ever called new twice, also where several
 * processes add it at once.  The price is that a new id may be taken for an
 * old one and stay uncounted: with a chance of
 *
 *     4e-5 at 32 bits per id held, .001 at 16, .03 at 8, .3 at 4
 *
 * so a count levels off, by chance alone, instead of growing wrong.  Nothing
 * is locked, and a process may be killed anywhere in between: at worst the
 * one id that it was adding is counted twice or not.
 */

#ifndef _RECS_ONCE_H_INCLUDED_
#define _RECS_ONCE_H_INCLUDED_


#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>


typedef struct {
    _Atomic uint64_t  *words;
    uint64_t           n_words;         /* a power of two, at most 2^24 */
    uint64_t           seed;            /* secret, and the same in all
                                           processes: who knows it could
                                           choose ids that hide others */
} recs_once_t;


/* Adds an id.  Returns 1 if it is new, 0 if it has been added before. */
int recs_once_add(const recs_once_t *once, const char *id, size_t len);


#endif /* _RECS_ONCE_H_INCLUDED_ */
