/*
 * recs_bucket: GrowthBook's rules for what a hash in [0, 1) means, in its
 * double arithmetic (specification 0.8.0 of its SDKs).
 */

#ifndef _RECS_BUCKET_H_INCLUDED_
#define _RECS_BUCKET_H_INCLUDED_


#include <stdint.h>

#include "recs_id.h"


/* lo <= n < hi */
typedef struct {
    double  lo;
    double  hi;
} recs_bucket_range_t;


/* weights[n] that are all the same. */
void recs_bucket_equal(double *weights, uint32_t n);

/*
 * ranges[n] of variants with these weights, each filled from its start up to
 * the coverage: who is in stays in while coverage grows.  Coverage is cut to
 * 0..1; weights that are not n, or sum to less than 0.99 or more than 1.01,
 * count as equal ones.
 */
void recs_bucket_ranges(recs_bucket_range_t *ranges, uint32_t n,
    double coverage, const double *weights, uint32_t n_weights);

/* The first of ranges[n] that hash is in, or -1. */
int32_t recs_bucket_choose(double hash, const recs_bucket_range_t *ranges,
    uint32_t n);

/* Where an id stands in a namespace, 0 to 999: fnv1a32(id "__" name) % 1000. */
uint32_t recs_bucket_namespace(recs_str_t name, recs_str_t id);


#endif /* _RECS_BUCKET_H_INCLUDED_ */
