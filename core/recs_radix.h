/*
 * recs_radix: sorting many short arrays of 64-bit keys.
 *
 * By one byte after the other from the lowest, stable: for some hundred keys
 * several times faster than qsort().
 */

#ifndef _RECS_RADIX_H_INCLUDED_
#define _RECS_RADIX_H_INCLUDED_


#include <stdint.h>


/*
 * Sorts n keys, rising, by their bytes first to last (0: the lowest).  Keys
 * and spare, of n keys too, change places: the result is in *keys.
 */
void recs_radix_sort(uint64_t **keys, uint64_t **spare, uint32_t n,
    unsigned first, unsigned last);


#endif /* _RECS_RADIX_H_INCLUDED_ */
