/*
 * The kernel for x86-64 with AVX-VNNI: four products of unsigned items and
 * signed query codes are added to 32 bits at once.
 */

#include "recs_kernel_set.h"

#if defined(__x86_64__)

#include <cpuid.h>

#define RECS_KERNEL         recs_kernel_avxvnni
#define RECS_KERNEL_NAME    "avxvnni"
#define RECS_KERNEL_SPAN    0
#define RECS_KERNEL_TARGET  __attribute__((target("avx2,avxvnni")))

#include "recs_kernel_ymm.h"


/* Compilers know AVX-VNNI before they know its name here: leaf 7, 1. */
static int
recs_kernel_usable(void)
{
    unsigned  a, b, c, d;

    return __builtin_cpu_supports("avx2")
           && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1) != 0;
}


/* Even and odd groups apart: more sums at a time than the latency is long. */
RECS_YMM_INLINE void
recs_sums_int8(const uint8_t *codes, const recs_code_query_t *query,
    recs_sums_t *sums)
{
    __m256i        q, r, s0, s1, s2, s3, t0, t1, t2, t3;
    const int8_t  *c, *end;

    s0 = s1 = s2 = s3 = t0 = t1 = t2 = t3 = _mm256_setzero_si256();
    end = query->codes + 4 * query->n_groups;

    for (c = query->codes; c < end; c += 8, codes += 256) {
        recs_ymm_prefetch(codes);
        recs_ymm_prefetch(codes + 128);
        q = recs_ymm_query(c);
        r = recs_ymm_query(c + 4);
        s0 = _mm256_dpbusd_avx_epi32(s0, recs_ymm_items(codes, 0), q);
        s1 = _mm256_dpbusd_avx_epi32(s1, recs_ymm_items(codes, 1), q);
        s2 = _mm256_dpbusd_avx_epi32(s2, recs_ymm_items(codes, 2), q);
        s3 = _mm256_dpbusd_avx_epi32(s3, recs_ymm_items(codes, 3), q);
        t0 = _mm256_dpbusd_avx_epi32(t0, recs_ymm_items(codes, 4), r);
        t1 = _mm256_dpbusd_avx_epi32(t1, recs_ymm_items(codes, 5), r);
        t2 = _mm256_dpbusd_avx_epi32(t2, recs_ymm_items(codes, 6), r);
        t3 = _mm256_dpbusd_avx_epi32(t3, recs_ymm_items(codes, 7), r);
    }

    *sums = (recs_sums_t) { {
        _mm256_add_epi32(s0, t0), _mm256_add_epi32(s1, t1),
        _mm256_add_epi32(s2, t2), _mm256_add_epi32(s3, t3)
    } };
}


RECS_YMM_INLINE __m256i
recs_avxvnni_low(const uint8_t *codes, int i)
{
    return _mm256_and_si256(recs_ymm_items(codes, i), _mm256_set1_epi8(15));
}


/* 16 times the low halves' sum, and the bytes'. */
RECS_YMM_INLINE __m256i
recs_avxvnni_both(__m256i low, __m256i high)
{
    return _mm256_add_epi32(_mm256_slli_epi32(low, 4), high);
}


RECS_YMM_INLINE void
recs_sums_int4(const uint8_t *codes, const recs_code_query_t *query,
    recs_sums_t *sums)
{
    __m256i        q, r, s0, s1, s2, s3, t0, t1, t2, t3;
    const int8_t  *c, *end;

    s0 = s1 = s2 = s3 = t0 = t1 = t2 = t3 = _mm256_setzero_si256();
    end = query->codes + 8 * query->n_groups;

    for (c = query->codes; c < end; c += 8, codes += 128) {
        recs_ymm_prefetch(codes);
        q = recs_ymm_query(c);
        r = recs_ymm_query(c + 4);
        s0 = _mm256_dpbusd_avx_epi32(s0, recs_avxvnni_low(codes, 0), q);
        s1 = _mm256_dpbusd_avx_epi32(s1, recs_avxvnni_low(codes, 1), q);
        s2 = _mm256_dpbusd_avx_epi32(s2, recs_avxvnni_low(codes, 2), q);
        s3 = _mm256_dpbusd_avx_epi32(s3, recs_avxvnni_low(codes, 3), q);
        t0 = _mm256_dpbusd_avx_epi32(t0, recs_ymm_items(codes, 0), r);
        t1 = _mm256_dpbusd_avx_epi32(t1, recs_ymm_items(codes, 1), r);
        t2 = _mm256_dpbusd_avx_epi32(t2, recs_ymm_items(codes, 2), r);
        t3 = _mm256_dpbusd_avx_epi32(t3, recs_ymm_items(codes, 3), r);
    }

    *sums = (recs_sums_t) { {
        recs_avxvnni_both(s0, t0), recs_avxvnni_both(s1, t1),
        recs_avxvnni_both(s2, t2), recs_avxvnni_both(s3, t3)
    } };
}


#include "recs_kernel_body.h"

#endif
