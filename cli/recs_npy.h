/*
 * recs_npy: two-dimensional arrays of numpy's .npy format (NEP 1).
 *
 * Read: version 1, 2 or 3, little-endian float32 or float16, C order, 2-D;
 * anything else is refused by name.  Written: version 1, float32.
 */

#ifndef _RECS_NPY_H_INCLUDED_
#define _RECS_NPY_H_INCLUDED_


#include <stdint.h>

#include "recs_file.h"
#include "recs_status.h"


typedef struct {
    uint32_t   n_rows;
    uint32_t   n_cols;
    float     *values;                      /* [n_rows][n_cols] */
} recs_npy_t;


/*
 * RECS_IO       cannot be read
 * RECS_INVALID  not such an array, a size that disagrees with the header, a
 *               value that is not finite (err names file and row, from 0)
 *
 * The caller frees npy->values with free().
 */
recs_status_t recs_npy_read(recs_npy_t *npy, const char *path,
    recs_error_t *err);

/* The exact value of a half-precision number (IEEE 754 binary16). */
float recs_npy_half(uint16_t half);

/*
 * Writes the header of a float32 array, [n_rows][n_cols], or [n_rows] where
 * n_cols is 0; the rows follow with recs_file_write().
 */
recs_status_t recs_npy_write_header(recs_file_t *file, uint64_t n_rows,
    uint32_t n_cols, recs_error_t *err);


#endif /* _RECS_NPY_H_INCLUDED_ */
