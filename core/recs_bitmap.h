/*
 * recs_bitmap: one bit per item.
 */

#ifndef _RECS_BITMAP_H_INCLUDED_
#define _RECS_BITMAP_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>


typedef uint64_t  recs_bitmap_word_t;

#define recs_bitmap_words(n)     (((size_t) (n) + 63) / 64)
#define recs_bitmap_set(b, i)    ((b)[(i) >> 6] |= (uint64_t) 1 << ((i) & 63))
#define recs_bitmap_clear(b, i)                                               \
    ((b)[(i) >> 6] &= ~((uint64_t) 1 << ((i) & 63)))
#define recs_bitmap_test(b, i)   (((b)[(i) >> 6] >> ((i) & 63)) & 1)

/* The bits of items 32 j to 32 j + 31. */
#define recs_bitmap_block(b, j)                                               \
    ((uint32_t) ((b)[(j) >> 1] >> (((j) & 1) * 32)))


#endif /* _RECS_BITMAP_H_INCLUDED_ */
