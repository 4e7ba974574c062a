/*
 * recs_codes: item rows in few bits, with a proven error.
 *
 * Rows are coded in blocks of RECS_BLOCK_ITEMS in norm order.  Rows and query
 * are turned by the same fixed rotation (recs_rotate.h), which changes no
 * inner product and leaves no factor much larger than another.  A block has
 * one scale: a turned row v is stored as integers c with
 *
 *     INT8  v^ = scale * c
 *     INT4  v^ = scale * (2 c + 1)
 *
 * and the block keeps an upper bound of every ||v - v^||.  For a query u,
 * coded as u^,
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

/* Factors with the zeros that pad a row. */
#define recs_codes_stride(n_factors)  (((n_factors) + 15) / 16 * 16)

#define recs_codes_blocks(n_items)                                            \
    (uint32_t) (((uint64_t) (n_items) + RECS_BLOCK_ITEMS - 1)                 \
                / RECS_BLOCK_ITEMS)


typedef enum {
    RECS_CODES_NONE = 0,        /* no codes: f32 rows only */
    RECS_CODES_INT8,            /* -127..127 */
    RECS_CODES_INT4             /* -8..7 */
} recs_codes_kind_t;


/* "int8", "int4", "none"; and back, NONE for any other name. */
const char *recs_codes_name(recs_codes_kind_t kind);
recs_codes_kind_t recs_codes_by_name(const char *name);


/*
 * What the scan reads of a block before its codes.  Bounds hold for the exact
 * norms and errors of all its rows; rows that the last block lacks count for
 * neither.
 */
typedef struct {
    float  norm;                /* no row is longer */
    float  norm_min;            /* no row is shorter */
    float  scale;               /* > 0 */
    float  error;               /* ||v - v^|| is not above */
} recs_code_block_t;


/*
 * Codes of a block, in the order in which a kernel reads them; a row's
 * stride makes whole groups:
 *
 *     INT8  for each group of 4 factors, for each of 32 items, 4 bytes, each
 *           c + 128
 *     INT4  for each group of 8 factors, for each of 32 items, 4 bytes: byte
 *           j holds factor 8 g + j in its low and 8 g + 4 + j in its high
 *           half, each c + 8
 */
size_t recs_codes_block_size(recs_codes_kind_t kind, uint32_t n_factors);

/*
 * Codes n_rows <= RECS_BLOCK_ITEMS rows of stride floats, none longer than
 * 1e18, into codes [recs_codes_block_size()] and block; what rows are missing
 * is coded as zero rows.  scratch: [RECS_BLOCK_ITEMS * stride].
 */
void recs_codes_encode(recs_codes_kind_t kind, uint32_t n_factors,
    const float *const *rows, uint32_t n_rows, float *scratch, uint8_t *codes,
    recs_code_block_t *block);

/*
 * An upper bound of ||v - v^|| for one row of a block, from its codes as they
 * lie there: what block->error must not be below.  scratch: [stride].
 */
double recs_codes_row_error(recs_codes_kind_t kind, uint32_t n_factors,
    const float *row, uint32_t item, const uint8_t *codes, float scale,
    float *scratch);


/*
 * An INT4 query is coded in pairs: with a the code at a low half's factor and
 * b the one at the high half's of the same byte, they weigh
 *
 *     low half  16 a + b        high half  16 b
 *
 * so that a byte, high half and low, is multiplied by b as it is, and the low
 * half alone by 16 a: 16 sum(low a) + sum(byte b).  Over so many consecutive
 * groups the products of bytes and b add up in 16 bits:
 */
#define RECS_CODES_INT4_SPAN  2

/*
 * A query in codes; bounds are upwards.  error is infinite for a vector that
 * is longer than 1e18 or not finite: then nothing is known of any score.
 */
typedef struct {
    int8_t   *codes;            /* [recs_codes_query_size()], -127..127, in
                                   the order of the factors; given */
    uint32_t  n_groups;
    int32_t   offset;           /* what the items' + 128, or 2 (c + 8) - 15,
                                   adds to the sum of products */
    int32_t   high_sum;         /* INT4: the sum of all b */
    double    scale;
    double    norm;             /* ||u||, and at most 2e-5 above it */
    double    coded_norm;       /* ||u^|| */
    double    error;            /* ||u - u^|| */
} recs_code_query_t;

size_t recs_codes_query_size(uint32_t n_factors);

/*
 * Codes vector [stride].  span: the kernel's, how many groups of an INT8
 * block it sums in 16 bits (recs_kernel.h); the codes are kept small enough.
 */
void recs_codes_query(recs_codes_kind_t kind, uint32_t n_factors,
    const float *vector, unsigned span, recs_code_query_t *query);


#endif /* _RECS_CODES_H_INCLUDED_ */
