#include "recs_bucket_hash.h"

#include <string.h>


#define RECS_FNV1A_PRIME     16777619u
#define RECS_DECIMAL_DIGITS  10              /* of a uint32_t */


static const char *const  recs_bucket_hash_names[] = {
#define RECS_BUCKET_HASH_NAME(name, text)  text,
    RECS_BUCKET_HASH_MAP(RECS_BUCKET_HASH_NAME)
#undef RECS_BUCKET_HASH_NAME
};


int
recs_bucket_hash_find(recs_str_t name, recs_bucket_hash_t *hash)
{
    unsigned  i;

    for (i = 0; i < RECS_HASH_COUNT; i++) {
        if (strlen(recs_bucket_hash_names[i]) == name.len
            && memcmp(recs_bucket_hash_names[i], name.data, name.len) == 0)
        {
            *hash = (recs_bucket_hash_t) i;
            return 1;
        }
    }

    return 0;
}


uint32_t
recs_fnv1a(uint32_t hash, recs_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        hash = (hash ^ (uint8_t) text.data[i]) * RECS_FNV1A_PRIME;
    }

    return hash;
}


static uint32_t
recs_murmur_word(const uint8_t *p)
{
    return p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16
           | (uint32_t) p[3] << 24;
}


/* The 0 to 3 bytes behind the last word. */
static uint32_t
recs_murmur_rest(const uint8_t *p, size_t len)
{
    uint32_t  rest;

    rest = 0;

    while (len > 0) {
        rest = rest << 8 | p[--len];
    }

    return rest;
}


uint32_t
recs_murmur2(const void *data, size_t len)
{
    uint32_t        h, k;
    const uint8_t  *p;

    h = (uint32_t) len;

    for (p = data; len >= 4; p += 4, len -= 4) {
        k = recs_murmur_word(p) * 0x5bd1e995;
        k = (k ^ k >> 24) * 0x5bd1e995;
        h = h * 0x5bd1e995 ^ k;
    }

    if (len > 0) {
        h = (h ^ recs_murmur_rest(p, len)) * 0x5bd1e995;
    }

    h = (h ^ h >> 13) * 0x5bd1e995;

    return h ^ h >> 15;
}


static uint32_t
recs_murmur3_mix(uint32_t k)
{
    k *= 0xcc9e2d51;

    return (k << 15 | k >> 17) * 0x1b873593;
}


uint32_t
recs_murmur3(const void *data, size_t len, uint32_t seed)
{
    size_t          left;
    uint32_t        h;
    const uint8_t  *p;

    h = seed;
    left = len;

    for (p = data; left >= 4; p += 4, left -= 4) {
        h ^= recs_murmur3_mix(recs_murmur_word(p));
        h = (h << 13 | h >> 19) * 5 + 0xe6546b64;
    }

    if (left > 0) {
        h ^= recs_murmur3_mix(recs_murmur_rest(p, left));
    }

    h ^= (uint32_t) len;
    h = (h ^ h >> 16) * 0x85ebca6b;
    h = (h ^ h >> 13) * 0xc2b2ae35;

    return h ^ h >> 16;
}


static double
recs_bucket_growthbook2(recs_str_t salt, recs_str_t id)
{
    char        digits[RECS_DECIMAL_DIGITS], *p;
    uint32_t    h;
    recs_str_t  decimal;

    h = recs_fnv1a(recs_fnv1a(RECS_FNV1A_START, salt), id);
    p = digits + RECS_DECIMAL_DIGITS;

    do {
        *--p = (char) ('0' + h % 10);
        h /= 10;
    } while (h != 0);

    decimal.data = p;
    decimal.len = (size_t) (digits + RECS_DECIMAL_DIGITS - p);

    return recs_fnv1a(RECS_FNV1A_START, decimal) % 10000 / 10000.0;
}


static double
recs_bucket_growthbook1(recs_str_t salt, recs_str_t id)
{
    return recs_fnv1a(recs_fnv1a(RECS_FNV1A_START, id), salt) % 1000
           / 1000.0;
}


/* id and salt in one piece; returns their length. */
static size_t
recs_bucket_join(recs_str_t salt, recs_str_t id, char key[2 * RECS_ID_MAX])
{
    if (id.len > 0) {
        memcpy(key, id.data, id.len);
    }

    if (salt.len > 0) {
        memcpy(key + id.len, salt.data, salt.len);
    }

    return id.len + salt.len;
}


double
recs_bucket_hash(recs_bucket_hash_t hash, recs_str_t salt, recs_str_t id)
{
    char      key[2 * RECS_ID_MAX];
    size_t    len;
    uint64_t  h;

    if (id.len > RECS_ID_MAX) {
        id.len = RECS_ID_MAX;
    }

    if (salt.len > RECS_ID_MAX) {
        salt.len = RECS_ID_MAX;
    }

    switch (hash) {

    case RECS_HASH_GROWTHBOOK1:
        return recs_bucket_growthbook1(salt, id);

    case RECS_HASH_SPLIT_CLIENTS:
        len = recs_bucket_join(salt, id, key);
        return recs_murmur2(key, len) / 4294967296.0;

    case RECS_HASH_OPTIMIZELY:
        len = recs_bucket_join(salt, id, key);
        h = recs_murmur3(key, len, 1);
        return (double) (h * 10000 >> 32) / 10000.0;

    default: /* RECS_HASH_GROWTHBOOK2 */
        return recs_bucket_growthbook2(salt, id);
    }
}
