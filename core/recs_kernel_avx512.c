/*
 * The kernel for x86-64 with AVX-512 F, BW, VL and VNNI: 16 items a register.
 */

#include "recs_kernel_set.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "recs_kernel_scan.h"


#define RECS_KERNEL         recs_kernel_avx512
#define RECS_KERNEL_NAME    "avx512"
#define RECS_KERNEL_SPAN    0
#define RECS_KERNEL_TARGET                                                    \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

#define RECS_ZMM_INLINE     RECS_KERNEL_TARGET RECS_SCAN_INLINE

/* How far the hardware's own prefetch falls behind at full speed. */
#define RECS_ZMM_AHEAD      2048


typedef struct {
    __m512i  of[2];             /* 16 items each */
} recs_sums_t;


static int
recs_kernel_usable(void)
{
    return __builtin_cpu_supports("avx512f")
           && __builtin_cpu_supports("avx512bw")
           && __builtin_cpu_supports("avx512vl")
           && __builtin_cpu_supports("avx512vnni");
}


/* The 16 lanes in one register; multiplied, then added. */
RECS_KERNEL_TARGET static float
recs_kernel_dot(const float *a, const float *b, uint32_t n)
{
    float     lanes[16];
    __m128    quad;
    __m512    sum;
    uint32_t  i;

    sum = _mm512_setzero_ps();

    for (i = 0; i < n; i += 16) {
        sum = _mm512_add_ps(sum, _mm512_mul_ps(_mm512_loadu_ps(a + i),
                                               _mm512_loadu_ps(b + i)));
    }

    _mm512_storeu_ps(lanes, sum);

    quad = _mm_add_ps(_mm_add_ps(_mm_loadu_ps(lanes), _mm_loadu_ps(lanes + 8)),
                      _mm_add_ps(_mm_loadu_ps(lanes + 4),
                                 _mm_loadu_ps(lanes + 12)));
    quad = _mm_add_ps(quad, _mm_movehl_ps(quad, quad));

    return _mm_cvtss_f32(_mm_add_ss(quad, _mm_shuffle_ps(quad, quad, 1)));
}


RECS_ZMM_INLINE __m512i
recs_zmm_query(const int8_t *codes)
{
    int32_t  four;

    memcpy(&four, codes, sizeof(int32_t));

    return _mm512_set1_epi32(four);
}


RECS_ZMM_INLINE __m512i
recs_zmm_items(const uint8_t *codes)
{
    _mm_prefetch((const char *) codes + RECS_ZMM_AHEAD, _MM_HINT_T0);

    return _mm512_loadu_si512(codes);
}


/* Even and odd groups apart: the sums wait less for each other. */
RECS_ZMM_INLINE void
recs_sums_int8(const uint8_t *codes, const recs_code_query_t *query,
    recs_sums_t *sums)
{
    __m512i        q, r, s0, s1, t0, t1;
    const int8_t  *c, *end;

    s0 = s1 = t0 = t1 = _mm512_setzero_si512();
    end = query->codes + 4 * query->n_groups;

    for (c = query->codes; c < end; c += 8, codes += 256) {
        q = recs_zmm_query(c);
        r = recs_zmm_query(c + 4);
        s0 = _mm512_dpbusd_epi32(s0, recs_zmm_items(codes), q);
        s1 = _mm512_dpbusd_epi32(s1, recs_zmm_items(codes + 64), q);
        t0 = _mm512_dpbusd_epi32(t0, recs_zmm_items(codes + 128), r);
        t1 = _mm512_dpbusd_epi32(t1, recs_zmm_items(codes + 192), r);
    }

    sums->of[0] = _mm512_add_epi32(s0, t0);
    sums->of[1] = _mm512_add_epi32(s1, t1);
}


RECS_ZMM_INLINE void
recs_sums_int4(const uint8_t *codes, const recs_code_query_t *query,
    recs_sums_t *sums)
{
    __m512i        q, r, x, y, half, s0, s1, t0, t1;
    const int8_t  *c, *end;

    half = _mm512_set1_epi8(15);
    s0 = s1 = t0 = t1 = _mm512_setzero_si512();
    end = query->codes + 8 * query->n_groups;

    for (c = query->codes; c < end; c += 8, codes += 128) {
        q = recs_zmm_query(c);
        r = recs_zmm_query(c + 4);
        x = recs_zmm_items(codes);
        y = recs_zmm_items(codes + 64);
        s0 = _mm512_dpbusd_epi32(s0, _mm512_and_si512(x, half), q);
        s1 = _mm512_dpbusd_epi32(s1, _mm512_and_si512(y, half), q);
        t0 = _mm512_dpbusd_epi32(t0, x, r);
        t1 = _mm512_dpbusd_epi32(t1, y, r);
    }

    sums->of[0] = _mm512_add_epi32(_mm512_slli_epi32(s0, 4), t0);
    sums->of[1] = _mm512_add_epi32(_mm512_slli_epi32(s1, 4), t1);
}


RECS_ZMM_INLINE uint32_t
recs_sums_reach(const recs_sums_t *sums, int32_t least)
{
    __m512i  bound;

    bound = _mm512_set1_epi32(least);

    return (uint32_t) _mm512_cmpge_epi32_mask(sums->of[0], bound)
           | (uint32_t) _mm512_cmpge_epi32_mask(sums->of[1], bound) << 16;
}


RECS_ZMM_INLINE void
recs_sums_scores(const recs_sums_t *sums, int doubled, int32_t offset,
    float scale, float *scores)
{
    int      i;
    __m512i  products;

    for (i = 0; i < 2; i++) {
        products = doubled ? _mm512_slli_epi32(sums->of[i], 1) : sums->of[i];
        products = _mm512_sub_epi32(products, _mm512_set1_epi32(offset));
        _mm512_storeu_ps(scores + 16 * i,
                         _mm512_mul_ps(_mm512_set1_ps(scale),
                                       _mm512_cvtepi32_ps(products)));
    }
}


RECS_ZMM_INLINE void
recs_scores_bonus(float *scores, const uint16_t *bonus, float step)
{
    int     i;
    __m512  b;

    for (i = 0; i < RECS_BLOCK_ITEMS; i += 16) {
        b = _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(
                _mm256_loadu_si256((const __m256i *) (bonus + i))));
        b = _mm512_mul_ps(_mm512_set1_ps(step), b);
        _mm512_storeu_ps(scores + i,
                         _mm512_add_ps(_mm512_loadu_ps(scores + i), b));
    }
}


RECS_ZMM_INLINE uint32_t
recs_scores_reach(const float *scores, float limit)
{
    __m512  bound;

    bound = _mm512_set1_ps(limit);

    return (uint32_t) _mm512_cmp_ps_mask(_mm512_loadu_ps(scores), bound,
                                         _CMP_GE_OQ)
           | (uint32_t) _mm512_cmp_ps_mask(_mm512_loadu_ps(scores + 16),
                                           bound, _CMP_GE_OQ) << 16;
}


RECS_ZMM_INLINE uint32_t
recs_bonus_reach(const uint16_t *bonus, uint16_t least)
{
    return _mm512_cmpge_epu16_mask(_mm512_loadu_si512(bonus),
                                   _mm512_set1_epi16((int16_t) least));
}


RECS_ZMM_INLINE int
recs_bonus_any(const uint16_t *bonus, uint16_t least)
{
    __m512i   most;
    uint32_t  i;

    most = _mm512_setzero_si512();

#pragma GCC unroll 8
    for (i = 0; i < RECS_SWEEP_BLOCKS; i++) {
        most = _mm512_max_epu16(most, _mm512_loadu_si512(bonus
                                          + RECS_BLOCK_ITEMS * i));
    }

    return _mm512_cmpge_epu16_mask(most, _mm512_set1_epi16((int16_t) least))
           != 0;
}


#include "recs_kernel_body.h"

#endif
