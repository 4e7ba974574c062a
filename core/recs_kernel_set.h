/*
 * recs_kernel_set: the kernels by name.  Private to core/.
 */

#ifndef _RECS_KERNEL_SET_H_INCLUDED_
#define _RECS_KERNEL_SET_H_INCLUDED_


#include "recs_kernel.h"


/* clang has the intrinsics only where all of its target has them. */
#if defined(__aarch64__)                                                      \
    && (defined(__ARM_FEATURE_DOTPROD) || !defined(__clang__))
#define RECS_KERNEL_HAS_NEON  1
#else
#define RECS_KERNEL_HAS_NEON  0
#endif


extern const recs_kernel_t  recs_kernel_portable;

#if defined(__x86_64__)
extern const recs_kernel_t  recs_kernel_avx2;
extern const recs_kernel_t  recs_kernel_avxvnni;
extern const recs_kernel_t  recs_kernel_avx512;
#endif

#if RECS_KERNEL_HAS_NEON
extern const recs_kernel_t  recs_kernel_neon;
#endif


#endif /* _RECS_KERNEL_SET_H_INCLUDED_ */
