/*
 * recs_bucket_hash: where an id falls in [0, 1) under a salt.
 *
 * Each is the rule of another product, so that an experiment that runs there
 * moves here and nobody changes his variant:
 *
 *     growthbook2    fnv1a32(decimal(fnv1a32(salt id))) % 10000 / 10000
 *     growthbook1    fnv1a32(id salt) % 1000 / 1000
 *     split_clients  murmur2(id salt) / 2^32, as nginx hashes "${id}salt"
 *     optimizely     floor(murmur3(id salt, seed 1) / 2^32 * 10000) / 10000
 *
 * Bytes are hashed, UTF-8 where others hash UTF-16: the same for ASCII.
 */

#ifndef _RECS_BUCKET_HASH_H_INCLUDED_
#define _RECS_BUCKET_HASH_H_INCLUDED_


#include <stdint.h>

#include "recs_id.h"


#define RECS_BUCKET_HASH_MAP(XX)                                              \
    XX(GROWTHBOOK2,    "growthbook2")                                         \
    XX(GROWTHBOOK1,    "growthbook1")                                         \
    XX(SPLIT_CLIENTS,  "split_clients")                                       \
    XX(OPTIMIZELY,     "optimizely")

typedef enum {
#define RECS_BUCKET_HASH_ENUM(name, text)  RECS_HASH_##name,
    RECS_BUCKET_HASH_MAP(RECS_BUCKET_HASH_ENUM)
#undef RECS_BUCKET_HASH_ENUM
    RECS_HASH_COUNT
} recs_bucket_hash_t;


/* Returns 0 where no hash has this name. */
int recs_bucket_hash_find(recs_str_t name, recs_bucket_hash_t *hash);

/* In [0, 1).  Of id and salt no more than RECS_ID_MAX bytes count. */
double recs_bucket_hash(recs_bucket_hash_t hash, recs_str_t salt,
    recs_str_t id);

/* FNV-1a of 32 bits; goes on from hash, RECS_FNV1A_START at first. */
#define RECS_FNV1A_START  2166136261u

uint32_t recs_fnv1a(uint32_t hash, recs_str_t text);

/* MurmurHash2 as in ngx_murmur_hash2(), MurmurHash3_x86_32. */
uint32_t recs_murmur2(const void *data, size_t len);
uint32_t recs_murmur3(const void *data, size_t len, uint32_t seed);


#endif /* _RECS_BUCKET_HASH_H_INCLUDED_ */
