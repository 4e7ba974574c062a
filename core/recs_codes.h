/*
 * recs_codes: item rows in few bits, with a proven error.
 *
 * Rows are coded in blocks of RECS_BLOCK_ITEMS in norm order.  A block has
 * one scale: row v is stored as integers c with v^ = scale * c, after the
 * rotation below where the kind asks for it, and the block keeps an upper
 * bound of every ||v - v^||.  For a query u, coded as u^,
 *
 *     |u.v - u^.v^| <= ||u - u^|| ||v|| + ||u^|| ||v - v^||
 *
 * (Cauchy-Schwarz, twice), so that integers alone decide which few rows can
 * still be among the best; docs/search.md has the proof with the roundings.
 */

#ifndef _RECS_CODES_H_INCLUDED_
#define _RECS_CODES_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>


#define RECS_BLOCK_ITEMS  32


typedef enum {
    RECS_CODES_NONE = 0,        /* no codes: f32 rows only */
    RECS_CODES_INT8,            /* -127..127 */
    RECS_CODES_INT4             /* -8..7 around a half, rows rotated */
} recs_codes_kind_t;


/*
 * What the scan reads of a block before its codes.  Bounds hold for the exact
 * norms and errors of all its rows; a block's missing rows (the last one) are
 * zero rows.
 */
typedef struct {
    float  norm;                /* no row is longer */
    float  norm_min;            /* no row is shorter */
    float  scale;
    float  error;               /* ||v - v^|| is not above */
} recs_code_block_t;


/*
 * Codes of a block, in the order in which a kernel reads them:
 *
 *     INT8  for each group of 4 factors, for each of 32 items, 4 bytes, each
 *           code + 128
 *     INT4  for each group of 8 factors, for each of 32 items, 4 bytes: byte
 *           j holds factor 8 g + j in its low and 8 g + 4 + j in its high
 *           half
 */
size_t recs_codes_block_size(recs_codes_kind_t kind, uint32_t n_factors);

/*
 * Codes rows [n_rows <= RECS_BLOCK_ITEMS] of stride floats into codes
 * [recs_codes_block_size()] and block.  scratch: RECS_BLOCK_ITEMS rows.
 */
void recs_codes_encode(recs_codes_kind_t kind, uint32_t n_factors,
    const float *const *rows, uint32_t n_rows, float *scratch, uint8_t *codes,
    recs_code_block_t *block);


/* A query in codes; every bound is upwards. */
typedef struct {
    int8_t   *codes;            /* [recs_codes_query_size()], in the order of
                                   the block's groups */
    uint32_t  n_groups;
    int32_t   offset;           /* what the items' + 128 (or + 8) adds to the
                                   sum of products */
    float     scale;
    float     norm;             /* ||u|| */
    float     coded_norm;       /* ||u^|| */
    float     error;            /* ||u - u^|| */
} recs_code_query_t;

size_t recs_codes_query_size(uint32_t n_factors);

/* limit: the largest absolute code (recs_kernel_t.query_limit). */
void recs_codes_query(recs_codes_kind_t kind, uint32_t n_factors,
    const float *vector, int limit, float *scratch, recs_code_query_t *query);


#endif /* _RECS_CODES_H_INCLUDED_ */
