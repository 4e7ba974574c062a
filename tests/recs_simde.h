/*
 * recs_simde: SIMDe's portable intrinsics in place of the compiler's, for a
 * second object of a kernel's own source (make/test.mk), which needs none of
 * its instructions.
 *
 * That object's arithmetic is held to the portable kernel.  What this cannot
 * show is that a processor which has the instructions does what its manual
 * says: the kernel itself is tested on such a one.
 */

#ifndef _RECS_SIMDE_H_INCLUDED_
#define _RECS_SIMDE_H_INCLUDED_


#define SIMDE_ENABLE_NATIVE_ALIASES
#define SIMDE_NO_NATIVE
#include <simde/x86/avx512.h>


/* What SIMDe 0.7.4 lacks of those that the kernels use. */

static inline simde__m512
recs_simde_cvtepi32_ps(simde__m512i a)
{
    int                    i;
    simde__m512_private    to;
    simde__m512i_private   from;

    from = simde__m512i_to_private(a);

    for (i = 0; i < 16; i++) {
        to.f32[i] = (float) from.i32[i];
    }

    return simde__m512_from_private(to);
}


static inline simde__m512i
recs_simde_cvtepu16_epi32(simde__m256i a)
{
    int                    i;
    simde__m256i_private   from;
    simde__m512i_private   to;

    from = simde__m256i_to_private(a);

    for (i = 0; i < 16; i++) {
        to.i32[i] = from.u16[i];
    }

    return simde__m512i_from_private(to);
}


#define _mm512_cvtepi32_ps        recs_simde_cvtepi32_ps
#define _mm512_cvtepu16_epi32     recs_simde_cvtepu16_epi32
#define _mm256_dpbusd_avx_epi32   simde_mm256_dpbusd_epi32

/* The compiler's own header stays out, and its instructions too. */
#define _IMMINTRIN_H_INCLUDED
#define __IMMINTRIN_H
#define target(sets)


#endif /* _RECS_SIMDE_H_INCLUDED_ */
