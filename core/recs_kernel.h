/*
 * recs_kernel: the inner loops of the search, one set per instruction set.
 *
 *     portable   C
 *     avx2       x86-64 with AVX2
 *     avxvnni    ... and AVX-VNNI
 *     avx512     ... with AVX-512 F, BW, VL, VNNI
 *     neon       AArch64 with the dot product extension
 *
 * Each is one object.  The best that this processor can run is chosen on the
 * first call of recs_kernel().  All give bit-equal scores: dot() has one
 * order of summation (recs_search.h), and the codes only ever decide what is
 * scored.
 */

#ifndef _RECS_KERNEL_H_INCLUDED_
#define _RECS_KERNEL_H_INCLUDED_


#include "recs_codes.h"
#include "recs_status.h"


/*
 * A scan over consecutive blocks.  An item's approximate score is
 *
 *     a = scale * query scale * (products - offset) + step * bonus
 *
 * and its score lies within a +- slack, the block's slack:
 *
 *     slack = query error * norm + query coded_norm * block error + rounding
 */
typedef struct {
    const uint8_t             *codes;       /* of block 0 of the run */
    size_t                     block_size;
    const recs_code_block_t   *blocks;      /* of block 0 of the run */
    const uint16_t            *bonus;       /* [32 n_blocks] or NULL */
    float                      step;        /* score per unit of bonus */
    const recs_code_query_t   *query;
    float                      rounding;    /* relative to ||u|| ||v|| */

    float                      threshold;   /* k-th best lower bound so far */
    unsigned                   cosine:1;    /* threshold counts ||u|| ||v|| */
    unsigned                   stopped:1;   /* out: no later block reaches
                                               the threshold */
    uint32_t                   block;       /* in, out: next to look at */
    uint32_t                   end;

    float                      approximate[RECS_BLOCK_ITEMS];   /* out */
    float                      slack;                           /* out */
} recs_scan_t;


typedef struct {
    const char  *name;
    int          query_limit;       /* largest absolute code of a query */

    int        (*usable)(void);     /* on this processor */

    float      (*dot)(const float *a, const float *b, uint32_t n);

    /*
     * Walks from scan->block to the first block with an item whose upper
     * bound reaches the threshold; returns those items as bits, scan->block
     * then being the block after.  0: the end, or stopped by the norm
     * (||u|| * norm + slack below the threshold; never stopped when cosine).
     * Without bonus; next_bonus*() adds it and stops on the dense part alone.
     */
    uint32_t   (*next_int8)(recs_scan_t *scan);
    uint32_t   (*next_int4)(recs_scan_t *scan);
    uint32_t   (*next_bonus_int8)(recs_scan_t *scan);
    uint32_t   (*next_bonus_int4)(recs_scan_t *scan);

    /*
     * After the stop: only an item with a bonus can still reach the
     * threshold.  Walks to the first block with one, compared as integers:
     * ||u|| * norm + slack + step * bonus >= threshold.
     */
    uint32_t   (*next_listed)(recs_scan_t *scan);
} recs_kernel_t;


/* The chosen one. */
const recs_kernel_t *recs_kernel(void);

/* All that were compiled in, best first, NULL last. */
const recs_kernel_t *const *recs_kernel_all(void);

/*
 * Forces one by name, for tests and benchmarks.
 * RECS_INVALID  there is none of that name, or this processor lacks it
 */
recs_status_t recs_kernel_use(const char *name, recs_error_t *err);


#endif /* _RECS_KERNEL_H_INCLUDED_ */
