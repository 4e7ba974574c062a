#include "recs_digest_avx2.h"

#if defined(__x86_64__)

#include <immintrin.h>

/* Everything that xxhash.h defines from here on is compiled for AVX2. */
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))),                 \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

#define XXH_VECTOR  2               /* its number for AVX2 */
#define XXH_INLINE_ALL
#include <xxhash.h>


void
recs_digest_update_avx2(recs_digest_t *digest, const void *data, size_t size)
{
    XXH3_128bits_update((XXH3_state_t *) (void *) digest, data, size);
}


#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif
