/*
 * The kernel for AArch64 with the dot product extension.  Its products are
 * of signed bytes: an unsigned one has its top bit turned first, and the sums
 * start at what that leaves out.
 */

#include "recs_kernel_set.h"

#if RECS_KERNEL_HAS_NEON

#include <arm_neon.h>
#include <string.h>
#include <sys/auxv.h>

#include "recs_kernel_scan.h"


#define RECS_KERNEL         recs_kernel_neon
#define RECS_KERNEL_NAME    "neon"
#define RECS_KERNEL_SPAN    0

#ifdef __ARM_FEATURE_DOTPROD
#define RECS_KERNEL_TARGET
#else
#define RECS_KERNEL_TARGET  __attribute__((target("arch=armv8.2-a+dotprod")))
#endif

#define RECS_NEON_INLINE    RECS_KERNEL_TARGET RECS_SCAN_INLINE

/* HWCAP_ASIMDDP of the kernel's hwcap.h */
#define RECS_NEON_DOTPROD   (1 << 20)


typedef struct {
    int32x4_t  of[8];           /* 4 items each */
} recs_sums_t;


static int
recs_kernel_usable(void)
{
    return (getauxval(AT_HWCAP) & RECS_NEON_DOTPROD) != 0;
}


/* The 16 lanes in four registers; multiplied, then added. */
RECS_KERNEL_TARGET static float
recs_kernel_dot(const float *a, const float *b, uint32_t n)
{
    uint32_t     i;
    float32x4_t  l0, l1, l2, l3;

    l0 = l1 = l2 = l3 = vdupq_n_f32(0);

    for (i = 0; i < n; i += 16) {
        l0 = vaddq_f32(l0, vmulq_f32(vld1q_f32(a + i), vld1q_f32(b + i)));
        l1 = vaddq_f32(l1, vmulq_f32(vld1q_f32(a + i + 4),
                                     vld1q_f32(b + i + 4)));
        l2 = vaddq_f32(l2, vmulq_f32(vld1q_f32(a + i + 8),
                                     vld1q_f32(b + i + 8)));
        l3 = vaddq_f32(l3, vmulq_f32(vld1q_f32(a + i + 12),
                                     vld1q_f32(b + i + 12)));
    }

    l0 = vaddq_f32(vaddq_f32(l0, l2), vaddq_f32(l1, l3));

    return (vgetq_lane_f32(l0, 0) + vgetq_lane_f32(l0, 2))
           + (vgetq_lane_f32(l0, 1) + vgetq_lane_f32(l0, 3));
}


RECS_NEON_INLINE int8x16_t
recs_neon_query(const int8_t *codes)
{
    int32_t  four;

    memcpy(&four, codes, sizeof(int32_t));

    return vreinterpretq_s8_s32(vdupq_n_s32(four));
}


RECS_NEON_INLINE void
recs_sums_int8(const uint8_t *codes, const recs_code_query_t *query,
    recs_sums_t *sums)
{
    int            i;
    int8x16_t      q;
    uint8x16_t     items, top;
    const int8_t  *c, *end;

    top = vdupq_n_u8(128);
    end = query->codes + 4 * query->n_groups;

    for (i = 0; i < 8; i++) {
        sums->of[i] = vdupq_n_s32(query->offset);
    }

    for (c = query->codes; c < end; c += 4, codes += 128) {
        q = recs_neon_query(c);

#pragma GCC unroll 8
        for (i = 0; i < 8; i++) {
            items = veorq_u8(vld1q_u8(codes + 16 * i), top);
            sums->of[i] = vdotq_s32(sums->of[i], vreinterpretq_s8_u8(items),
                                    q);
        }
    }
}


RECS_NEON_INLINE void
recs_sums_int4(const uint8_t *codes, const recs_code_query_t *query,
    recs_sums_t *sums)
{
    int            i;
    int8x16_t      q, r;
    int32x4_t      lows[8];
    uint8x16_t     items, low, top;
    const int8_t  *c, *end;

    top = vdupq_n_u8(128);
    end = query->codes + 8 * query->n_groups;

    for (i = 0; i < 8; i++) {
        lows[i] = vdupq_n_s32(0);
        sums->of[i] = vdupq_n_s32(128 * query->high_sum);
    }

    for (c = query->codes; c < end; c += 8, codes += 128) {
        q = recs_neon_query(c);
        r = recs_neon_query(c + 4);

#pragma GCC unroll 8
        for (i = 0; i < 8; i++) {
            items = vld1q_u8(codes + 16 * i);
            low = vandq_u8(items, vdupq_n_u8(15));
            items = veorq_u8(items, top);
            lows[i] = vdotq_s32(lows[i], vreinterpretq_s8_u8(low), q);
            sums->of[i] = vdotq_s32(sums->of[i], vreinterpretq_s8_u8(items),
                                    r);
        }
    }

    for (i = 0; i < 8; i++) {
        sums->of[i] = vaddq_s32(sums->of[i], vshlq_n_s32(lows[i], 4));
    }
}


/* Four lanes of all ones or none, as bits. */
RECS_NEON_INLINE uint32_t
recs_neon_bits(uint32x4_t lanes)
{
    static const uint32_t  bits[4] = { 1, 2, 4, 8 };

    return vaddvq_u32(vandq_u32(lanes, vld1q_u32(bits)));
}


/* Bits only where there is one, which is rare. */
RECS_NEON_INLINE uint32_t
recs_sums_reach(const recs_sums_t *sums, int32_t least)
{
    int        i;
    uint32_t   hits;
    int32x4_t  most;

    most = sums->of[0];

    for (i = 1; i < 8; i++) {
        most = vmaxq_s32(most, sums->of[i]);
    }

    if (vmaxvq_s32(most) < least) {
        return 0;
    }

    hits = 0;

    for (i = 0; i < 8; i++) {
        hits |= recs_neon_bits(vcgeq_s32(sums->of[i], vdupq_n_s32(least)))
                << (4 * i);
    }

    return hits;
}


RECS_NEON_INLINE void
recs_sums_scores(const recs_sums_t *sums, int doubled, int32_t offset,
    float scale, float *scores)
{
    int        i;
    int32x4_t  products;

    for (i = 0; i < 8; i++) {
        products = doubled ? vshlq_n_s32(sums->of[i], 1) : sums->of[i];
        products = vsubq_s32(products, vdupq_n_s32(offset));
        vst1q_f32(scores + 4 * i, vmulq_f32(vdupq_n_f32(scale),
                                            vcvtq_f32_s32(products)));
    }
}


RECS_NEON_INLINE void
recs_scores_bonus(float *scores, const uint16_t *bonus, float step)
{
    int          i;
    float32x4_t  b;

    for (i = 0; i < RECS_BLOCK_ITEMS; i += 4) {
        b = vcvtq_f32_u32(vmovl_u16(vld1_u16(bonus + i)));
        b = vmulq_f32(vdupq_n_f32(step), b);
        vst1q_f32(scores + i, vaddq_f32(vld1q_f32(scores + i), b));
    }
}


RECS_NEON_INLINE uint32_t
recs_scores_reach(const float *scores, float limit)
{
    int       i;
    uint32_t  hits;

    hits = 0;

    for (i = 0; i < 8; i++) {
        hits |= recs_neon_bits(vcgeq_f32(vld1q_f32(scores + 4 * i),
                                         vdupq_n_f32(limit))) << (4 * i);
    }

    return hits;
}


RECS_NEON_INLINE uint32_t
recs_bonus_reach(const uint16_t *bonus, uint16_t least)
{
    int         i;
    uint32_t    hits;
    uint16x4_t  over;

    hits = 0;

    for (i = 0; i < 8; i++) {
        over = vcge_u16(vld1_u16(bonus + 4 * i), vdup_n_u16(least));
        hits |= recs_neon_bits(vreinterpretq_u32_s32(vmovl_s16(
                    vreinterpret_s16_u16(over)))) << (4 * i);
    }

    return hits;
}


RECS_NEON_INLINE int
recs_bonus_any(const uint16_t *bonus, uint16_t least)
{
    uint32_t    i;
    uint16x8_t  most;

    most = vdupq_n_u16(0);

    for (i = 0; i < 4 * RECS_SWEEP_BLOCKS; i++) {
        most = vmaxq_u16(most, vld1q_u16(bonus + 8 * i));
    }

    return vmaxvq_u16(most) >= least;
}


#include "recs_kernel_body.h"

#endif
