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
 * scored.  For one and the same query all return the same items.
 */

#ifndef _RECS_KERNEL_H_INCLUDED_
#define _RECS_KERNEL_H_INCLUDED_


#include "recs_codes.h"
#include "recs_status.h"


#define RECS_LISTED_MAX  64


/* An item whose bonus may lift it high enough; counted from block 0 on. */
typedef struct {
    uint32_t  item;
    uint32_t  bonus;
} recs_listed_t;


/*
 * A scan over consecutive blocks.  An item's approximate score is
 *
 *     a = scale * query scale * (products - offset) + step * bonus
 *
 * (one product in floats of step and bonus, one addition), and its score lies
 * within a +- slack, the block's slack:
 *
 *     slack = query error * norm + query coded_norm * block error
 *             + (rounding + the kernel's own) * ||u|| * norm + margin
 *
 * norm and error being the block's.  The kernel's own roundings, underflow
 * among them, are in slack without the caller's doing.
 */
typedef struct {
    const uint8_t             *codes;       /* of block 0 of the run */
    size_t                     block_size;
    const recs_code_block_t   *blocks;      /* of block 0 of the run */
    uint16_t                  *bonus;       /* [32 n_blocks] or NULL */
    float                      step;        /* score per unit of bonus */
    const recs_code_query_t   *query;
    double                     rounding;    /* of dot(), relative to
                                               ||u|| ||v|| */
    double                     margin;      /* absolute: of the bonus */

    float                      threshold;   /* k-th best lower bound so far;
                                               -INFINITY: there is none */
    unsigned                   cosine:1;    /* threshold counts ||u|| ||v|| */
    unsigned                   stopped:1;   /* out: no later block reaches
                                               the threshold without bonus */
    uint32_t                   block;       /* in, out: next to look at */
    uint32_t                   end;

    float                      approximate[RECS_BLOCK_ITEMS];   /* out */
    float                      slack;                           /* out */
} recs_scan_t;


#define RECS_FOLD_IN_ITEMS_MAX  64
#define RECS_FOLD_IN_COLUMNS    (RECS_FOLD_IN_ITEMS_MAX + 8)


/*
 * With R the rows, each times its root, and D a diagonal, the vector
 * x = D R' y where (I + R D R') y = roots.
 */
typedef struct {
    const float *const  *rows;              /* [n] of [stride] */
    const float         *roots;             /* [8], [n] where that is more,
                                               all finite; NULL: 1 each */
    uint32_t             n;                 /* 1 to RECS_FOLD_IN_ITEMS_MAX */
    uint32_t             stride;            /* a multiple of 16 */
    const float         *diagonal;          /* [stride]: D */

    float               *scaled;            /* room: [2][stride] */
    float               *matrix;            /* [n][RECS_FOLD_IN_COLUMNS] */
    float               *units;             /* the same */
    float               *solution;          /* [n] */
} recs_fold_in_terms_t;


typedef struct {
    const char  *name;
    unsigned     query_span;    /* for recs_codes_query(): consecutive groups
                                   whose products are summed in 16 bits; 0:
                                   none are */

    int        (*usable)(void);     /* on this processor */

    float      (*dot)(const float *a, const float *b, uint32_t n);

    /*
     * Walks from scan->block to the first block with an item whose upper
     * bound reaches the threshold; returns those items as bits, scan->block
     * then being the block after.  The last block's missing rows may be among
     * them.  0: the end, or stopped by the norm: ||u|| * norm with rounding
     * and margin is below the threshold (never stopped when cosine).
     * Without bonus; next_bonus*() adds it and stops on the dense part alone.
     */
    uint32_t   (*next_int8)(recs_scan_t *scan);
    uint32_t   (*next_int4)(recs_scan_t *scan);
    uint32_t   (*next_bonus_int8)(recs_scan_t *scan);
    uint32_t   (*next_bonus_int4)(recs_scan_t *scan);

    /*
     * After the stop: only an item with a bonus can still reach the
     * threshold.  Walks from scan->block on, notes every item with
     * ||u|| * norm + margin + step * bonus >= threshold, compared as integers
     * with the norm of its block or of one shortly before it, and sets the
     * bonus of all items that it passed to 0.  Returns how many items were
     * noted; scan->block is then the block after, and the end has been
     * reached or no other block's items might fit.
     */
    uint32_t   (*sweep)(recs_scan_t *scan,
                        recs_listed_t listed[RECS_LISTED_MAX]);

    /* Into vector [stride]; bit-equal, too (recs_fold_in.h). */
    void       (*fold_in)(const recs_fold_in_terms_t *terms, float *vector);

    /*
     * The sum of weights * max(a + b, 0), n a multiple of 16; bit-equal, too
     * (recs_rank_mlp.h).
     */
    float      (*rectified)(const float *a, const int16_t *b,
                            const float *weights, uint32_t n);
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
