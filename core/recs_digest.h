/*
 * recs_digest: XXH3 at the speed of the processor, for the seal of a bundle
 * and for what is compared in bulk.
 *
 * xxHash as a library is built for the oldest processor of its kind; compiled
 * in here it is also there for AVX2, which is three times as fast.
 */

#ifndef _RECS_DIGEST_H_INCLUDED_
#define _RECS_DIGEST_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>
#include <string.h>


#define RECS_DIGEST_SIZE  16


/* XXH3-128 with seed 0 of bytes that come in parts. */
typedef struct recs_digest_s  recs_digest_t;

/* NULL where there is no memory. */
recs_digest_t *recs_digest_create(void);
void recs_digest_destroy(recs_digest_t *digest);

void recs_digest_update(recs_digest_t *digest, const void *data, size_t size);

/* In the canonical, big-endian form. */
void recs_digest_final(const recs_digest_t *digest,
    uint8_t hash[RECS_DIGEST_SIZE]);

/* XXH3-64. */
uint64_t recs_digest_long(const char *id, size_t len);


/* The bits of a product of 128 bits, folded. */
static inline uint64_t
recs_digest_fold(uint64_t a, uint64_t b)
{
    unsigned __int128  product;

    product = (unsigned __int128) a * b;

    return (uint64_t) product ^ (uint64_t) (product >> 64);
}


/*
 * A hash of (id, number), len at least 1.  Two sets of pairs whose hashes
 * have the same sum are the same set, whatever the order of either, but for
 * an accident of 1 in 2^64 or so.
 */
static inline uint64_t
recs_digest_pair(const char *id, size_t len, uint32_t number, uint64_t seed)
{
    uint32_t  first, last;
    uint64_t  low, high;

    low = high = 0;

    if (len > 16) {
        low = recs_digest_long(id, len);

    } else if (len >= 8) {
        memcpy(&low, id, 8);
        memcpy(&high, id + len - 8, 8);

    } else if (len >= 4) {
        memcpy(&first, id, 4);
        memcpy(&last, id + len - 4, 4);
        low = first;
        high = last;

    } else {
        low = (unsigned char) id[0];
        high = (uint64_t) (unsigned char) id[len / 2] << 8
               | (unsigned char) id[len - 1];
    }

    low = recs_digest_fold(low ^ seed ^ 0xa0761d6478bd642fu,
                           high ^ (uint64_t) len << 56
                           ^ 0xe7037ed1a0b428dbu);

    return recs_digest_fold(low + seed,
                            (number + (uint64_t) 1) * 0x9e3779b97f4a7c15u);
}


#endif /* _RECS_DIGEST_H_INCLUDED_ */
