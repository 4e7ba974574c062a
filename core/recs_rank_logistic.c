#include "recs_rank_logistic.h"

#include <math.h>
#include <stddef.h>
#include <string.h>


/* Compilers cannot choose between floats without a branch by themselves. */
typedef float    recs_logistic_quad_t
    __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t  recs_logistic_mask_t  __attribute__((vector_size(16)));


static int
recs_logistic_weights_check(const float *weights, uint64_t n)
{
    uint64_t  i;

    for (i = 0; i < n; i++) {
        if (!(fabsf(weights[i]) <= RECS_LOGISTIC_WEIGHT_MAX)) {
            return 0;
        }
    }

    return 1;
}


static int
recs_logistic_numeric_check(const recs_logistic_numeric_t *numeric)
{
    return fabsf(numeric->mean) <= RECS_LOGISTIC_NUMBER_MAX
           && numeric->scale >= 0
           && numeric->scale <= RECS_LOGISTIC_NUMBER_MAX
           && recs_logistic_weights_check(&numeric->weight, 1)
           && recs_logistic_weights_check(&numeric->missing, 1);
}


const char *
recs_logistic_check(const recs_logistic_t *l, uint32_t n_items)
{
    uint32_t  i;

    if (l->n_features == 0 || l->n_features > RECS_LOGISTIC_FEATURES_MAX
        || l->bits == 0 || l->bits > RECS_LOGISTIC_BITS_MAX)
    {
        return "no features, or too many";
    }

    for (i = 0; i < l->n_features; i++) {
        if (!recs_logistic_numeric_check(&l->numeric[i])) {
            return "a numeric feature is not finite";
        }
    }

    if (!recs_logistic_weights_check(l->weights, (uint64_t) 1 << l->bits)) {
        return "a weight is not finite";
    }

    return recs_logistic_weights_check(l->items, n_items)
           ? NULL : "an item's weight is not finite";
}


float
recs_logistic_numeric(const recs_logistic_t *l, const float *values)
{
    float     sum;
    uint32_t  f;

    for (f = 0, sum = 0.0f; f < l->n_features; f++) {
        sum += recs_logistic_term(&l->numeric[f], values[f]);
    }

    return sum;
}


static inline recs_logistic_quad_t
recs_logistic_select(recs_logistic_mask_t mask, recs_logistic_quad_t a,
    recs_logistic_quad_t b)
{
    return (recs_logistic_quad_t) ((mask & (recs_logistic_mask_t) a)
                                   | (~mask & (recs_logistic_mask_t) b));
}


/* recs_logistic_term() of four. */
static inline recs_logistic_quad_t
recs_logistic_quad_term(const recs_logistic_numeric_t *numeric,
    recs_logistic_quad_t value)
{
    recs_logistic_quad_t  t, none, clip, missing;

    none = (recs_logistic_quad_t) { 0.0f, 0.0f, 0.0f, 0.0f };
    clip = none + RECS_LOGISTIC_CLIP;
    missing = none + numeric->missing;

    t = (value - numeric->mean) * numeric->scale;
    t = recs_logistic_select(t > -clip, t, -clip);
    t = recs_logistic_select(t < clip, t, clip);

    return recs_logistic_select(value == value, t * numeric->weight, missing);
}


void
recs_logistic_lanes(const recs_logistic_t *l, const float *values, float *sums)
{
    uint32_t                        f, i;
    recs_logistic_quad_t            lanes[RECS_LOGISTIC_LANES / 4];
    const recs_logistic_quad_t     *quads;
    const recs_logistic_numeric_t  *numeric;

    quads = (const recs_logistic_quad_t *) values;
    memset(lanes, 0, sizeof(lanes));

    for (f = 0; f < l->n_features; f++) {
        numeric = &l->numeric[f];

#pragma GCC unroll 4
        for (i = 0; i < RECS_LOGISTIC_LANES / 4; i++) {
            lanes[i] += recs_logistic_quad_term(numeric, quads[i]);
        }

        quads += RECS_LOGISTIC_LANES / 4;
    }

    memcpy(sums, lanes, sizeof(lanes));
}


float
recs_logistic_hashed(const recs_logistic_t *l, const uint64_t *hashes,
    uint32_t n)
{
    float     sum;
    uint32_t  i;

    for (i = 0, sum = 0.0f; i < n; i++) {
        sum += l->weights[recs_logistic_slot(l->bits, hashes[i])];
    }

    return sum;
}
