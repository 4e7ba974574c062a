/*
 * The kernel for x86-64 with AVX2: products of unsigned items and signed
 * query codes, added in 16 bits: pairs of INT8, which the query's span keeps
 * from saturating, and four pairs of INT4, 8 * 15 * 127.
 */

#include "recs_kernel_set.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "recs_kernel_scan.h"


#define RECS_KERNEL         recs_kernel_avx2
#define RECS_KERNEL_NAME    "avx2"
#define RECS_KERNEL_SPAN    1
#define RECS_KERNEL_TARGET  __attribute__((target("avx2")))

#define RECS_AVX2_INLINE    RECS_KERNEL_TARGET RECS_SCAN_INLINE

/* How far the hardware's own prefetch falls behind at full speed. */
#define RECS_AVX2_AHEAD  2048


typedef struct {
    __m256i  of[4];             /* 8 items each */
} recs_sums_t;


static int
recs_kernel_usable(void)
{
    return __builtin_cpu_supports("avx2");
}


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


RECS_AVX2_INLINE __m256i
recs_avx2_query(const int8_t *codes)
{
    int32_t  four;

    memcpy(&four, codes, sizeof(int32_t));

    return _mm256_set1_epi32(four);
}


/* The two cache lines of a later group. */
RECS_AVX2_INLINE void
recs_avx2_prefetch(const uint8_t *codes)
{
    _mm_prefetch((const char *) codes + RECS_AVX2_AHEAD, _MM_HINT_T0);
    _mm_prefetch((const char *) codes + RECS_AVX2_AHEAD + 64, _MM_HINT_T0);
}


RECS_AVX2_INLINE __m256i
recs_avx2_items(const uint8_t *codes, int i)
{
    return _mm256_loadu_si256((const __m256i *) codes + i);
}


RECS_AVX2_INLINE __m256i
recs_avx2_widen(__m256i wide, __m256i sum)
{
    return _mm256_add_epi32(wide,
                            _mm256_madd_epi16(sum, _mm256_set1_epi16(1)));
}


RECS_AVX2_INLINE __m256i
recs_avx2_add_int8(__m256i sum, __m256i items, __m256i q)
{
    return recs_avx2_widen(sum, _mm256_maddubs_epi16(items, q));
}


RECS_AVX2_INLINE void
recs_sums_int8(const uint8_t *codes, const recs_code_query_t *query,
    recs_sums_t *sums)
{
    __m256i        q, s0, s1, s2, s3;
    const int8_t  *c, *end;

    s0 = s1 = s2 = s3 = _mm256_setzero_si256();
    end = query->codes + 4 * query->n_groups;

#pragma GCC unroll 4
    for (c = query->codes; c < end; c += 4, codes += 128) {
        recs_avx2_prefetch(codes);
        q = recs_avx2_query(c);
        s0 = recs_avx2_add_int8(s0, recs_avx2_items(codes, 0), q);
        s1 = recs_avx2_add_int8(s1, recs_avx2_items(codes, 1), q);
        s2 = recs_avx2_add_int8(s2, recs_avx2_items(codes, 2), q);
        s3 = recs_avx2_add_int8(s3, recs_avx2_items(codes, 3), q);
    }

    *sums = (recs_sums_t) { { s0, s1, s2, s3 } };
}


/* The sums of one group of 8 items, factors 0-3 and 4-7. */
RECS_AVX2_INLINE __m256i
recs_avx2_int4(const uint8_t *codes, __m256i low, __m256i high)
{
    __m256i  half, items;

    half = _mm256_set1_epi8(15);
    items = recs_avx2_items(codes, 0);
    low = _mm256_maddubs_epi16(_mm256_and_si256(items, half), low);
    items = _mm256_and_si256(_mm256_srli_epi16(items, 4), half);

    return _mm256_add_epi16(low, _mm256_maddubs_epi16(items, high));
}


RECS_AVX2_INLINE void
recs_sums_int4(const uint8_t *codes, const recs_code_query_t *query,
    recs_sums_t *sums)
{
    __m256i        l0, h0, l1, h1, w0, w1, w2, w3;
    const int8_t  *c, *end;

    w0 = w1 = w2 = w3 = _mm256_setzero_si256();
    end = query->codes + 8 * query->n_groups;

    for (c = query->codes; c < end; c += 16, codes += 256) {
        l0 = recs_avx2_query(c);
        h0 = recs_avx2_query(c + 4);
        l1 = recs_avx2_query(c + 8);
        h1 = recs_avx2_query(c + 12);

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


/* Bits only where there is one, which is rare. */
RECS_AVX2_INLINE uint32_t
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


RECS_AVX2_INLINE void
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


RECS_AVX2_INLINE void
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


RECS_AVX2_INLINE uint32_t
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
RECS_AVX2_INLINE __m256i
recs_avx2_at_least(__m256i value, uint16_t least)
{
    return _mm256_cmpeq_epi16(_mm256_subs_epu16(
                                  _mm256_set1_epi16((int16_t) least), value),
                              _mm256_setzero_si256());
}


RECS_AVX2_INLINE uint32_t
recs_bonus_reach(const uint16_t *bonus, uint16_t least)
{
    __m256i         low, high;
    const __m256i  *b;

    b = (const __m256i *) bonus;
    low = recs_avx2_at_least(_mm256_loadu_si256(b), least);
    high = recs_avx2_at_least(_mm256_loadu_si256(b + 1), least);

    return (uint32_t) _mm256_movemask_epi8(_mm256_permute4x64_epi64(
                          _mm256_packs_epi16(low, high), 0xd8));
}


RECS_AVX2_INLINE int
recs_bonus_any(const uint16_t *bonus, uint32_t n_blocks, uint16_t least)
{
    __m256i         most;
    uint32_t        i;
    const __m256i  *b;

    b = (const __m256i *) bonus;
    most = _mm256_setzero_si256();

    for (i = 0; i < 2 * n_blocks; i++) {
        most = _mm256_max_epu16(most, _mm256_loadu_si256(b + i));
    }

    most = recs_avx2_at_least(most, least);

    return !_mm256_testz_si256(most, most);
}


#include "recs_kernel_body.h"

#endif
