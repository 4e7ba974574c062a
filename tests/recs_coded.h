/*
 * recs_coded: a small catalogue in codes, of an awkward kind, and its f32
 * rows beside it.
 */

#ifndef _RECS_CODED_H_INCLUDED_
#define _RECS_CODED_H_INCLUDED_


#include "recs_codes.h"
#include "recs_kernel.h"


typedef enum {
    RECS_CODED_NORMAL,          /* norms that fall by and by */
    RECS_CODED_FLAT,            /* all norms equal */
    RECS_CODED_SPREAD,          /* norms from 1e-30 to 1e17 in each block */
    RECS_CODED_DENORMAL,
    RECS_CODED_ZERO,            /* every third row, and the last block */
    RECS_CODED_EQUAL,           /* all rows the same */
    RECS_CODED_SPIKES,          /* one factor of each row is not 0 */
    RECS_CODED_CONSTANT,        /* all factors of a row are the same */
    RECS_CODED_STYLES
} recs_coded_style_t;


typedef struct {
    recs_codes_kind_t   kind;
    uint32_t            n_items;
    uint32_t            n_factors;
    uint32_t            stride;
    uint32_t            n_blocks;
    float              *rows;           /* [n_items][stride], norms fall */
    uint8_t            *codes;
    size_t              block_size;
    recs_code_block_t  *blocks;
    uint16_t           *bonus;          /* [n_blocks * 32], few not 0 */
    float              *query;          /* [stride] */
    recs_code_query_t   coded;          /* the query in codes */
} recs_coded_t;


/* span: as of recs_codes_query(). */
recs_coded_t *recs_coded(recs_codes_kind_t kind, recs_coded_style_t style,
    uint32_t n_items, uint32_t n_factors, unsigned span, uint64_t seed);
void recs_coded_free(recs_coded_t *coded);

/* A scan over all of it, as far as the catalogue knows. */
void recs_coded_scan(const recs_coded_t *coded, recs_scan_t *scan);


#endif /* _RECS_CODED_H_INCLUDED_ */
