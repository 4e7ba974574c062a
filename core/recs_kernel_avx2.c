/*
 * The kernel for x86-64 with AVX2: products of unsigned items and signed
 * query codes, added in 16 bits: pairs of INT8, which the query's span keeps
 * from saturating, and four pairs of INT4, 8 * 15 * 127.
 */

#include "recs_kernel_set.h"

#if defined(__x86_64__)

#define RECS_KERNEL         recs_kernel_avx2
#define RECS_KERNEL_NAME    "avx2"
#define RECS_KERNEL_SPAN    1
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


RECS_YMM_INLINE __m256i
recs_avx2_add_int8(__m256i sum, __m256i items, __m256i q)
{
    return recs_avx2_widen(sum, _mm256_maddubs_epi16(items, q));
}


RECS_YMM_INLINE void
recs_sums_int8(const uint8_t *codes, const recs_code_query_t *query,
    recs_sums_t *sums)
{
    __m256i        q, s0, s1, s2, s3;
    const int8_t  *c, *end;

    s0 = s1 = s2 = s3 = _mm256_setzero_si256();
    end = query->codes + 4 * query->n_groups;

#pragma GCC unroll 4
    for (c = query->codes; c < end; c += 4, codes += 128) {
        recs_ymm_prefetch(codes);
        q = recs_ymm_query(c);
        s0 = recs_avx2_add_int8(s0, recs_ymm_items(codes, 0), q);
        s1 = recs_avx2_add_int8(s1, recs_ymm_items(codes, 1), q);
        s2 = recs_avx2_add_int8(s2, recs_ymm_items(codes, 2), q);
        s3 = recs_avx2_add_int8(s3, recs_ymm_items(codes, 3), q);
    }

    *sums = (recs_sums_t) { { s0, s1, s2, s3 } };
}


/* The sums of one group of 8 items, factors 0-3 and 4-7. */
RECS_YMM_INLINE __m256i
recs_avx2_int4(const uint8_t *codes, __m256i low, __m256i high)
{
    __m256i  half, items;

    half = _mm256_set1_epi8(15);
    items = recs_ymm_items(codes, 0);
    low = _mm256_maddubs_epi16(_mm256_and_si256(items, half), low);
    items = _mm256_and_si256(_mm256_srli_epi16(items, 4), half);

    return _mm256_add_epi16(low, _mm256_maddubs_epi16(items, high));
}


RECS_YMM_INLINE void
recs_sums_int4(const uint8_t *codes, const recs_code_query_t *query,
    recs_sums_t *sums)
{
    __m256i        l0, h0, l1, h1, w0, w1, w2, w3;
    const int8_t  *c, *end;

    w0 = w1 = w2 = w3 = _mm256_setzero_si256();
    end = query->codes + 8 * query->n_groups;

    for (c = query->codes; c < end; c += 16, codes += 256) {
        l0 = recs_ymm_query(c);
        h0 = recs_ymm_query(c + 4);
        l1 = recs_ymm_query(c + 8);
        h1 = recs_ymm_query(c + 12);

        w0 = recs_avx2_widen(w0, _mm256_add_epi16(
                 recs_avx2_int4(codes, l0, h0),
                 recs_avx2_int4(codes + 128, l1, h1)));
        w1 = recs_avx2_widen(w1, _mm256_add_epi16(
                 recs_avx2_int4(codes + 32, l0, h0),
                 recs_avx2_int4(codes + 160, l1, h1)));
        w2 = recs_avx2_widen(w2, _mm256_add_epi16(
                 recs_avx2_int4(codes + 64, l0, h0),
                 recs_avx2_int4(codes + 192, l1, h1)));
        w3 = recs_avx2_widen(w3, _mm256_add_epi16(
                 recs_avx2_int4(codes + 96, l0, h0),
                 recs_avx2_int4(codes + 224, l1, h1)));
    }

    *sums = (recs_sums_t) { { w0, w1, w2, w3 } };
}


#include "recs_kernel_body.h"

#endif
