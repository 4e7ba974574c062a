/*
 * recs_rotate: the one orthogonal map that is applied to a vector before it
 * is coded (recs_codes.h), so that no factor is much larger than another
 * whatever basis the model came in.
 *
 * Fixed random signs, then Walsh-Hadamard transforms over the powers of two
 * that the length is the sum of; where there are several, once more after a
 * permutation, so that every block takes its share of every other.  Nothing
 * is stored: O(n log n) additions (Ailon and Chazelle 2009; Suresh et al.
 * 2017 for its use in quantisation).
 */

#ifndef _RECS_ROTATE_H_INCLUDED_
#define _RECS_ROTATE_H_INCLUDED_


#include <stdint.h>


/*
 * The computed result is off the exact one by at most this, relative to the
 * vector's norm: 2 rounds of 10 stages of additions and one product, each
 * rounding once, and the products' constant.
 */
#define RECS_ROTATE_ROUNDING  (26 * 0x1p-24)


/*
 * Turns from into to, n floats each, n a multiple of 16 up to 1024; they may
 * not overlap.  No partial sum exceeds n times the largest element.
 */
void recs_rotate(const float *from, float *to, uint32_t n);


#endif /* _RECS_ROTATE_H_INCLUDED_ */
