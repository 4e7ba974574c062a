/*
 * recs_kernel_check: a kernel against the portable one, without a test
 * framework, so that it also runs where there is none for the machine.
 */

#ifndef _RECS_KERNEL_CHECK_H_INCLUDED_
#define _RECS_KERNEL_CHECK_H_INCLUDED_


#include "recs_kernel.h"


/*
 * Runs every function of kernel over coded catalogues of all kinds, and over
 * codes at their limits; returns NULL, or what differed, with where in
 * detail.  *n_scans: how many scans were compared.
 */
const char *recs_kernel_check(const recs_kernel_t *kernel, char detail[128],
    uint32_t *n_scans);


#endif /* _RECS_KERNEL_CHECK_H_INCLUDED_ */
