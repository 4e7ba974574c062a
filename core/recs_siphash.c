#include "recs_siphash.h"

#include <string.h>


typedef struct {
    uint64_t  v0;
    uint64_t  v1;
    uint64_t  v2;
    uint64_t  v3;
} recs_siphash_state_t;


static inline uint64_t
recs_siphash_rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}


static inline void
recs_siphash_rounds(recs_siphash_state_t *s, unsigned n)
{
    while (n--) {
        s->v0 += s->v1;
        s->v1 = recs_siphash_rotate(s->v1, 13) ^ s->v0;
        s->v0 = recs_siphash_rotate(s->v0, 32);
        s->v2 += s->v3;
        s->v3 = recs_siphash_rotate(s->v3, 16) ^ s->v2;
        s->v0 += s->v3;
        s->v3 = recs_siphash_rotate(s->v3, 21) ^ s->v0;
        s->v2 += s->v1;
        s->v1 = recs_siphash_rotate(s->v1, 17) ^ s->v2;
        s->v2 = recs_siphash_rotate(s->v2, 32);
    }
}


static inline void
recs_siphash_word(recs_siphash_state_t *s, uint64_t word)
{
    s->v3 ^= word;
    recs_siphash_rounds(s, 2);
    s->v0 ^= word;
}


void
recs_siphash(const uint64_t seed[2], const void *data, size_t len,
    uint64_t hash[2])
{
    size_t                 left;
    uint64_t               word;
    const char            *p;
    recs_siphash_state_t   s;

    s.v0 = seed[0] ^ 0x736f6d6570736575;
    s.v1 = seed[1] ^ 0x646f72616e646f6d ^ 0xee;
    s.v2 = seed[0] ^ 0x6c7967656e657261;
    s.v3 = seed[1] ^ 0x7465646279746573;

    p = data;

    for (left = len; left >= sizeof(word); left -= sizeof(word)) {
        memcpy(&word, p, sizeof(word));
        recs_siphash_word(&s, word);
        p += sizeof(word);
    }

    word = 0;
    memcpy(&word, p, left);
    recs_siphash_word(&s, word | (uint64_t) len << 56);

    s.v2 ^= 0xee;
    recs_siphash_rounds(&s, 4);
    hash[0] = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;

    s.v1 ^= 0xdd;
    recs_siphash_rounds(&s, 4);
    hash[1] = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
