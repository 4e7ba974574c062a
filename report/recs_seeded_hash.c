#include "recs_seeded_hash.h"

#include <sys/random.h>
#include <xxhash.h>


uint64_t
recs_hash_seed(void)
{
    uint64_t  seed;

    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed)) {
        seed = (uintptr_t) &seed;
    }

    return seed;
}


uint64_t
recs_seeded_hash(uint64_t seed, recs_str_t text)
{
    uint64_t  hash;

    hash = XXH3_64bits_withSeed(text.data, text.len, seed);

    return hash != 0 ? hash : 1;
}
