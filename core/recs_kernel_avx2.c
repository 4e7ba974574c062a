/*
 * The kernel for x86-64 with AVX2: products of unsigned items and signed
 * query codes, added in 16 bits: pairs of INT8 and bytes of INT4, which the
 * query's span keeps from saturating.
 */

#include "recs_kernel_set.h"

#if defined(__x86_64__)

#define RECS_KERNEL         recs_kernel_avx2
#define RECS_KERNEL_NAME    "avx2"
#define RECS_KERNEL_SPAN    2
#define RECS_KERNEL_TARGET  __attribute__((target("avx2")))


#include "recs_kernel_ymm.h"


static int
recs_kernel_usable(void)
{
    return __builtin_cpu_supports("avx2");
}


RECS_YMM_INLINE __m256i
recs_avx2_widen(__m256i wide, __m256i sum)
{
    return _mm256_add_epi32(wide,
                            _mm256_madd_epi16(sum, _mm256_set1_epi16(1)));
}


/* The bytes of 8 items in two groups, times their codes. */
RECS_YMM_INLINE __m256i
recs_avx2_bytes(__m256i one, __m256i two, __m256i q, __m256i r)
{
    return _mm256_add_epi16(_mm256_maddubs_epi16(one, q),
                            _mm256_maddubs_epi16(two, r));
}


/* Adds two groups of 8 items. */
#define recs_avx2_add_int8(i)                                                 \
    w##i = recs_avx2_widen(w##i, recs_avx2_bytes(recs_ymm_items(codes, i),    \
                                     recs_ymm_items(codes, 4 + (i)), q, r))


RECS_YMM_INLINE void
recs_sums_int8(const uint8_t *codes, const recs_code_query_t *query,
    recs_sums_t *sums)
{
    __m256i        q, r, w0, w1, w2, w3;
    const int8_t  *c, *end;

    w0 = w1 = w2 = w3 = _mm256_setzero_si256();
    end = query->codes + 4 * query->n_groups;

#pragma GCC unroll 2
    for (c = query->codes; c < end; c += 8, codes += 256) {
        recs_ymm_prefetch(codes);
        recs_ymm_prefetch(codes + 128);
        q = recs_ymm_query(c);
        r = recs_ymm_query(c + 4);
        recs_avx2_add_int8(0);
        recs_avx2_add_int8(1);
        recs_avx2_add_int8(2);
        recs_avx2_add_int8(3);
    }

    *sums = (recs_sums_t) { { w0, w1, w2, w3 } };
}


/* Low halves of 8 items in two groups, times their codes. */
RECS_YMM_INLINE __m256i
recs_avx2_low(__m256i one, __m256i two, __m256i q, __m256i r)
{
    __m256i  half;

    half = _mm256_set1_epi8(15);

    return _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_and_si256(one, half),
                                                 q),
                            _mm256_maddubs_epi16(_mm256_and_si256(two, half),
                                                 r));
}


/* Adds two groups of 8 items to the low halves' sum and to the bytes'. */
#define recs_avx2_add_int4(i)                                                 \
    one = recs_ymm_items(codes, i);                                           \
    two = recs_ymm_items(codes, 4 + (i));                                     \
    l##i = _mm256_add_epi16(l##i, recs_avx2_low(one, two, q, s));             \
    w##i = recs_avx2_widen(w##i, recs_avx2_bytes(one, two, r, t))

#define recs_avx2_add_low(i)                                                  \
    w##i = _mm256_add_epi32(w##i, _mm256_madd_epi16(l##i,                     \
                                      _mm256_set1_epi16(16)))


/* Low halves are added in 16 bits for 8 groups: 8 * 2 * 15 * 127. */
RECS_YMM_INLINE void
recs_sums_int4(const uint8_t *codes, const recs_code_query_t *query,
    recs_sums_t *sums)
{
    __m256i        q, r, s, t, one, two, l0, l1, l2, l3, w0, w1, w2, w3;
    const int8_t  *c, *stop, *end;

    w0 = w1 = w2 = w3 = _mm256_setzero_si256();
    c = query->codes;
    end = c + 8 * query->n_groups;

    while (c < end) {
        l0 = l1 = l2 = l3 = _mm256_setzero_si256();
        stop = end - c < 64 ? end : c + 64;

        for ( /* void */ ; c < stop; c += 16, codes += 256) {
            recs_ymm_prefetch(codes);
            recs_ymm_prefetch(codes + 128);
            q = recs_ymm_query(c);
            r = recs_ymm_query(c + 4);
            s = recs_ymm_query(c + 8);
            t = recs_ymm_query(c + 12);
            recs_avx2_add_int4(0);
            recs_avx2_add_int4(1);
            recs_avx2_add_int4(2);
            recs_avx2_add_int4(3);
        }

        recs_avx2_add_low(0);
        recs_avx2_add_low(1);
        recs_avx2_add_low(2);
        recs_avx2_add_low(3);
    }

    *sums = (recs_sums_t) { { w0, w1, w2, w3 } };
}


#include "recs_kernel_body.h"

#endif
