/*
 * recs_kernel_ymm: what the kernels with registers of 256 bits share: all but
 * the sums of products.  Private to the kernels; RECS_KERNEL_TARGET has at
 * least AVX2.
 */

#ifndef _RECS_KERNEL_YMM_H_INCLUDED_
#define _RECS_KERNEL_YMM_H_INCLUDED_


#include <immintrin.h>
#include <string.h>

#include "recs_kernel_scan.h"


#define RECS_YMM_INLINE  RECS_KERNEL_TARGET RECS_SCAN_INLINE

/* How far the hardware's own prefetch falls behind at full speed. */
#define RECS_YMM_AHEAD   2048


typedef struct {
    __m256i  of[4];             /* 8 items each */
} recs_sums_t;


/* The 16 lanes in two registers; multiplied, then added. */
RECS_KERNEL_TARGET static float
recs_kernel_dot(const float *a, const float *b, uint32_t n)
{
    __m128    quad;
    __m256    low, high;
    uint32_t  i;

    low = high = _mm256_setzero_ps();

    for (i = 0; i < n; i += 16) {
        low = _mm256_add_ps(low, _mm256_mul_ps(_mm256_loadu_ps(a + i),
                                               _mm256_loadu_ps(b + i)));
        high = _mm256_add_ps(high, _mm256_mul_ps(_mm256_loadu_ps(a + i + 8),
                                                 _mm256_loadu_ps(b + i + 8)));
    }

    low = _mm256_add_ps(low, high);
    quad = _mm_add_ps(_mm256_castps256_ps128(low),
                      _mm256_extractf128_ps(low, 1));
    quad = _mm_add_ps(quad, _mm_movehl_ps(quad, quad));

    return _mm_cvtss_f32(_mm_add_ss(quad, _mm_movehdup_ps(quad)));
}


RECS_YMM_INLINE __m256i
recs_ymm_query(const int8_t *codes)
{
    int32_t  four;

    memcpy(&four, codes, sizeof(int32_t));

    return _mm256_set1_epi32(four);
}


/* The two cache lines of a later group. */
RECS_YMM_INLINE void
recs_ymm_prefetch(const uint8_t *codes)
{
    _mm_prefetch((const char *) codes + RECS_YMM_AHEAD, _MM_HINT_T0);
    _mm_prefetch((const char *) codes + RECS_YMM_AHEAD + 64, _MM_HINT_T0);
}


RECS_YMM_INLINE __m256i
recs_ymm_items(const uint8_t *codes, int i)
{
    return _mm256_loadu_si256((const __m256i *) codes + i);
}


/* Bits only where there is one, which is rare. */
RECS_YMM_INLINE uint32_t
recs_sums_reach(const recs_sums_t *sums, int32_t least)
{
    int       i;
    __m256i   below, most;
    uint32_t  hits;

    below = _mm256_set1_epi32(least - 1);
    most = _mm256_max_epi32(_mm256_max_epi32(sums->of[0], sums->of[1]),
                            _mm256_max_epi32(sums->of[2], sums->of[3]));
    most = _mm256_cmpgt_epi32(most, below);

    if (_mm256_testz_si256(most, most)) {
        return 0;
    }

    hits = 0;

    for (i = 0; i < 4; i++) {
        most = _mm256_cmpgt_epi32(sums->of[i], below);
        hits |= (uint32_t) _mm256_movemask_ps(_mm256_castsi256_ps(most))
                << (8 * i);
    }

    return hits;
}


RECS_YMM_INLINE void
recs_sums_scores(const recs_sums_t *sums, int doubled, int32_t offset,
    float scale, float *scores)
{
    int      i;
    __m256i  products;

    for (i = 0; i < 4; i++) {
        products = _mm256_slli_epi32(sums->of[i], doubled);
        products = _mm256_sub_epi32(products, _mm256_set1_epi32(offset));
        _mm256_storeu_ps(scores + 8 * i,
                         _mm256_mul_ps(_mm256_set1_ps(scale),
                                       _mm256_cvtepi32_ps(products)));
    }
}


RECS_YMM_INLINE void
recs_scores_bonus(float *scores, const uint16_t *bonus, float step)
{
    int     i;
    __m256  b;

    for (i = 0; i < RECS_BLOCK_ITEMS; i += 8) {
        b = _mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(
                _mm_loadu_si128((const __m128i *) (bonus + i))));
        b = _mm256_mul_ps(_mm256_set1_ps(step), b);
        _mm256_storeu_ps(scores + i,
                         _mm256_add_ps(_mm256_loadu_ps(scores + i), b));
    }
}


RECS_YMM_INLINE uint32_t
recs_scores_reach(const float *scores, float limit)
{
    int       i;
    __m256    over;
    uint32_t  hits;

    hits = 0;

    for (i = 0; i < 4; i++) {
        over = _mm256_cmp_ps(_mm256_loadu_ps(scores + 8 * i),
                             _mm256_set1_ps(limit), _CMP_GE_OQ);
        hits |= (uint32_t) _mm256_movemask_ps(over) << (8 * i);
    }

    return hits;
}


/* All ones where value >= least, as unsigned: least - value saturates to 0. */
RECS_YMM_INLINE __m256i
recs_ymm_at_least(__m256i value, uint16_t least)
{
    return _mm256_cmpeq_epi16(_mm256_subs_epu16(
                                  _mm256_set1_epi16((int16_t) least), value),
                              _mm256_setzero_si256());
}


RECS_YMM_INLINE uint32_t
recs_bonus_reach(const uint16_t *bonus, uint16_t least)
{
    __m256i         low, high;
    const __m256i  *b;

    b = (const __m256i *) bonus;
    low = recs_ymm_at_least(_mm256_loadu_si256(b), least);
    high = recs_ymm_at_least(_mm256_loadu_si256(b + 1), least);

    return (uint32_t) _mm256_movemask_epi8(_mm256_permute4x64_epi64(
                          _mm256_packs_epi16(low, high), 0xd8));
}


/* Four at once, each with a maximum of its own. */
RECS_YMM_INLINE int
recs_bonus_any(const uint16_t *bonus, uint16_t least)
{
    uint32_t        i;
    __m256i         a, b, c, d;
    const __m256i  *v;

    v = (const __m256i *) bonus;
    a = b = c = d = _mm256_setzero_si256();

#pragma GCC unroll 8
    for (i = 0; i < 2 * RECS_SWEEP_BLOCKS; i += 4) {
        a = _mm256_max_epu16(a, _mm256_loadu_si256(v + i));
        b = _mm256_max_epu16(b, _mm256_loadu_si256(v + i + 1));
        c = _mm256_max_epu16(c, _mm256_loadu_si256(v + i + 2));
        d = _mm256_max_epu16(d, _mm256_loadu_si256(v + i + 3));
    }

    a = _mm256_max_epu16(_mm256_max_epu16(a, b), _mm256_max_epu16(c, d));
    a = recs_ymm_at_least(a, least);

    return !_mm256_testz_si256(a, a);
}


#endif /* _RECS_KERNEL_YMM_H_INCLUDED_ */
