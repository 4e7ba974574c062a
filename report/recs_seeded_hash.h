/*
 * recs_seeded_hash: 64 bits that stand for a text, within one process.
 *
 * XXH3-64 with a seed that nobody knows, so that no log is written to make
 * two texts meet.  Of ten million users two meet by chance once in 370,000
 * reports.
 */

#ifndef _RECS_SEEDED_HASH_H_INCLUDED_
#define _RECS_SEEDED_HASH_H_INCLUDED_


#include <stdint.h>

#include "recs_id.h"


uint64_t recs_hash_seed(void);

/* Never 0. */
uint64_t recs_seeded_hash(uint64_t seed, recs_str_t text);


#endif /* _RECS_SEEDED_HASH_H_INCLUDED_ */
