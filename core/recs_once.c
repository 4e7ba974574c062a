#include "recs_once.h"

#include <xxhash.h>


/* Four bits of a word, some of which may be the same. */
static uint64_t
recs_once_mask(uint64_t hash)
{
    return (uint64_t) 1 << (hash >> 58)
           | (uint64_t) 1 << (hash >> 52 & 63)
           | (uint64_t) 1 << (hash >> 46 & 63)
           | (uint64_t) 1 << (hash >> 40 & 63);
}


/*
 * An id has bits in two words.  The second's are set before the first's: who
 * finds the first's set by this very id finds the second's set too, and of
 * those who do not, one sets them.
 */
int
recs_once_add(const recs_once_t *once, const char *id, size_t len)
{
    int                first_was, second_was;
    uint64_t           first_mask, second_mask;
    XXH128_hash_t      hash;
    _Atomic uint64_t  *first, *second;

    hash = XXH3_128bits_withSeed(id, len, once->seed);

    first = &once->words[hash.low64 & (once->n_words - 1)];
    second = &once->words[hash.high64 & (once->n_words - 1)];
    first_mask = recs_once_mask(hash.low64);
    second_mask = recs_once_mask(hash.high64);

    first_was = (atomic_load(first) & first_mask) == first_mask;
    second_was = (atomic_fetch_or(second, second_mask) & second_mask)
                 == second_mask;

    if (first_was) {
        return !second_was;
    }

    return (atomic_fetch_or(first, first_mask) & first_mask) != first_mask;
}
