/*
 * recs_kernel_set: the kernels by name.  Private to core/.
 */

#ifndef _RECS_KERNEL_SET_H_INCLUDED_
#define _RECS_KERNEL_SET_H_INCLUDED_


#include "recs_kernel.h"


extern const recs_kernel_t  recs_kernel_portable;

#if defined(__x86_64__)
extern const recs_kernel_t  recs_kernel_avx2;
#endif


#endif /* _RECS_KERNEL_SET_H_INCLUDED_ */
