/*
 * recs_rows: many rows of vectors looked at in one go, as fast as they come.
 */

#ifndef _RECS_ROWS_H_INCLUDED_
#define _RECS_ROWS_H_INCLUDED_


#include <stdint.h>


/*
 * 1 if all is well with rows [first, first + n) of a table, of which `rows`
 * is a 16-byte aligned copy, [n][stride] with the stride a multiple of 16:
 * every element is finite, those from n_factors on are 0, and, where norms
 * is not NULL, norms[row] is finite, not above norms[row - 1], and at least
 * recs_row_norm() of the row.
 */
int recs_rows_good(const float *rows, uint64_t n, uint32_t n_factors,
    uint32_t stride, const float *norms, uint64_t first);


#endif /* _RECS_ROWS_H_INCLUDED_ */
