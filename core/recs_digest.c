#include "recs_digest.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "recs_digest_avx2.h"


static XXH3_state_t *
recs_digest_state(const recs_digest_t *digest)
{
    return (XXH3_state_t *) (uintptr_t) digest;
}


recs_digest_t *
recs_digest_create(void)
{
    XXH3_state_t  *state;

    state = XXH3_createState();

    if (state != NULL) {
        XXH3_128bits_reset(state);
    }

    return (recs_digest_t *) state;
}


void
recs_digest_destroy(recs_digest_t *digest)
{
    XXH3_freeState(recs_digest_state(digest));
}


void
recs_digest_update(recs_digest_t *digest, const void *data, size_t size)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        recs_digest_update_avx2(digest, data, size);
        return;
    }
#endif

    XXH3_128bits_update(recs_digest_state(digest), data, size);
}


void
recs_digest_final(const recs_digest_t *digest, uint8_t hash[RECS_DIGEST_SIZE])
{
    XXH128_canonical_t  canonical;

    XXH128_canonicalFromHash(&canonical,
                             XXH3_128bits_digest(recs_digest_state(digest)));
    memcpy(hash, canonical.digest, RECS_DIGEST_SIZE);
}


uint64_t
recs_digest_long(const char *id, size_t len)
{
    return XXH3_64bits(id, len);
}
