/*
 * recs_kernel_scan: what every kernel decides by in the same way, so that all
 * return the same items.  Private to the kernels.  In doubles, whose own
 * roundings are far below the eight of floats that are added.
 */

#ifndef _RECS_KERNEL_SCAN_H_INCLUDED_
#define _RECS_KERNEL_SCAN_H_INCLUDED_


#include <float.h>
#include <math.h>
#include <string.h>

#include "recs_kernel.h"


#define RECS_SCAN_INLINE  static inline __attribute__((always_inline))

/* The roundings between the sum of products and the approximate score. */
#define RECS_SCAN_ROUNDING  (8 * (double) FLT_EPSILON)

/* ... and their underflow, the longest row having 2^25 units of a scale. */
#define RECS_SCAN_UNDERFLOW  (4 * (double) FLT_MIN)

/* ||u|| is known to within so much. */
#define RECS_SCAN_NORM_DOWN  (1.0 - 4e-5)


/* Blocks that sweep() passes by at once. */
#define RECS_SWEEP_BLOCKS  8
typedef uint16_t  recs_sweep_block_t
    __attribute__((vector_size(RECS_BLOCK_ITEMS * sizeof(uint16_t))));


#define RECS_SCAN_AHEAD  4

typedef double  recs_scan_ahead_t
    __attribute__((vector_size(RECS_SCAN_AHEAD * sizeof(double))));
typedef int64_t  recs_scan_mask_t
    __attribute__((vector_size(RECS_SCAN_AHEAD * sizeof(int64_t))));
typedef int32_t  recs_scan_least_t
    __attribute__((vector_size(RECS_SCAN_AHEAD * sizeof(int32_t))));


/* Of the whole walk. */
typedef struct {
    double  dense;              /* at most scored per unit of norm */
    double  per_norm;           /* slack per unit of norm */
    double  per_error;          /* slack per unit of error */
    double  margin;
    double  threshold;
    double  cosine, cosine_min; /* the threshold per unit of norm, norm_min */
    double  scale;
    double  offset;
} recs_scan_terms_t;


RECS_SCAN_INLINE recs_scan_terms_t
recs_scan_terms(const recs_scan_t *scan)
{
    double                    rounding;
    recs_scan_terms_t         t;
    const recs_code_query_t  *q;

    q = scan->query;
    rounding = scan->rounding + RECS_SCAN_ROUNDING;

    t.dense = q->norm * (1.0 + rounding);
    t.per_norm = q->error + q->norm * rounding;
    t.per_error = q->coded_norm * (1.0 + RECS_SCAN_ROUNDING);
    t.margin = scan->margin + RECS_SCAN_UNDERFLOW;
    t.threshold = scan->threshold;
    t.cosine = t.cosine_min = 0.0;
    t.scale = q->scale;
    t.offset = q->offset;

    if (scan->cosine) {
        t.threshold = 0.0;

        if (scan->threshold > 0.0f) {
            t.cosine_min = scan->threshold * q->norm * RECS_SCAN_NORM_DOWN;

        } else {
            t.cosine = scan->threshold * q->norm;
        }
    }

    return t;
}


/* No row from this block on reaches the threshold without a bonus. */
RECS_SCAN_INLINE int
recs_scan_stops(const recs_scan_t *scan, const recs_scan_terms_t *t,
    const recs_code_block_t *b)
{
    return !scan->cosine && t->dense * b->norm + t->margin < t->threshold;
}


RECS_SCAN_INLINE double
recs_scan_slack(const recs_scan_terms_t *t, const recs_code_block_t *b)
{
    return t->per_norm * b->norm + t->per_error * b->error + t->margin;
}


/* What an approximate score must reach; NaN where nothing is known. */
RECS_SCAN_INLINE double
recs_scan_limit(const recs_scan_terms_t *t, const recs_code_block_t *b)
{
    return t->threshold + t->cosine * b->norm + t->cosine_min * b->norm_min
           - recs_scan_slack(t, b);
}


/*
 * The same in units of the products, of up to RECS_SCAN_AHEAD blocks at once:
 * block by block it would cost a third of what the products cost.  What is
 * no number is the least of all.
 */
RECS_SCAN_INLINE void
recs_scan_products(const recs_scan_terms_t *t, const recs_code_block_t *b,
    uint32_t n, int doubled, int32_t *least)
{
    recs_scan_mask_t          over;
    recs_scan_ahead_t         limit, norm, norm_min, scale, error;
    recs_scan_least_t         rounded;
    const recs_code_block_t  *b1, *b2, *b3;
    const recs_scan_ahead_t   low = { -2e9, -2e9, -2e9, -2e9 };
    const recs_scan_ahead_t   high = { 2e9, 2e9, 2e9, 2e9 };

    b1 = n > 1 ? b + 1 : b;
    b2 = n > 2 ? b + 2 : b;
    b3 = n > 3 ? b + 3 : b;

    norm = (recs_scan_ahead_t) { b->norm, b1->norm, b2->norm, b3->norm };
    norm_min = (recs_scan_ahead_t) { b->norm_min, b1->norm_min, b2->norm_min,
                                     b3->norm_min };
    scale = (recs_scan_ahead_t) { b->scale, b1->scale, b2->scale, b3->scale };
    error = (recs_scan_ahead_t) { b->error, b1->error, b2->error, b3->error };

    limit = t->threshold + t->cosine * norm + t->cosine_min * norm_min
            - (t->per_norm * norm + t->per_error * error + t->margin);
    limit = limit / (t->scale * scale) + t->offset;
    limit = doubled ? limit * 0.5 : limit;

    over = limit > low;
    limit = (recs_scan_ahead_t) (((recs_scan_mask_t) limit & over)
                                 | ((recs_scan_mask_t) low & ~over));
    over = limit > high;
    limit = (recs_scan_ahead_t) (((recs_scan_mask_t) high & over)
                                 | ((recs_scan_mask_t) limit & ~over));

    rounded = __builtin_convertvector(limit, recs_scan_least_t);
    memcpy(least, &rounded, sizeof(recs_scan_least_t));
}


/* The limit as a float that no sum of floats in its place is rounded below. */
RECS_SCAN_INLINE float
recs_scan_float(double limit)
{
    return limit > -FLT_MAX
           ? (float) (limit - fabs(limit) * FLT_EPSILON) : -INFINITY;
}


RECS_SCAN_INLINE float
recs_scan_slack_up(double slack)
{
    return (float) (slack * (1.0 + FLT_EPSILON));
}


/*
 * The least bonus with which a row of the block's norm reaches the threshold;
 * UINT16_MAX + 1 where none does.  Not below 1: the walk without bonus has
 * been here.
 */
RECS_SCAN_INLINE uint32_t
recs_scan_bonus(const recs_scan_t *scan, const recs_scan_terms_t *t,
    const recs_code_block_t *b)
{
    double  x;

    x = (t->threshold - t->margin - t->dense * b->norm) / scan->step
        * (1.0 - FLT_EPSILON);
    x = x > 1.0 ? x : 1.0;
    x = x < UINT16_MAX + 1 ? x : UINT16_MAX + 1;

    return (uint32_t) x;
}


#endif /* _RECS_KERNEL_SCAN_H_INCLUDED_ */
