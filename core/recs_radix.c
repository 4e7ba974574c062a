#include "recs_radix.h"

#include <string.h>


#define RECS_RADIX_DIGITS  256


void
recs_radix_sort(uint64_t **keys, uint64_t **spare, uint32_t n,
    unsigned first, unsigned last)
{
    uint32_t   i, digit, at, count, starts[RECS_RADIX_DIGITS];
    uint64_t  *from, *to, *swap;
    unsigned   byte, shift;

    from = *keys;
    to = *spare;

    for (byte = first; byte <= last; byte++) {
        shift = byte * 8;
        memset(starts, 0, sizeof(starts));

        for (i = 0; i < n; i++) {
            starts[from[i] >> shift & 0xff]++;
        }

        for (digit = 0, at = 0; digit < RECS_RADIX_DIGITS; digit++) {
            count = starts[digit];
            starts[digit] = at;
            at += count;
        }

        for (i = 0; i < n; i++) {
            to[starts[from[i] >> shift & 0xff]++] = from[i];
        }

        swap = from;
        from = to;
        to = swap;
    }

    *keys = from;
    *spare = to;
}
