/*
 * recs_rank_logistic: logistic regression over the features of a candidate
 * (recs_features.h).  With x the numeric features and h the hashes,
 *
 *     t(f)  = (x(f) - mean(f)) * scale(f), kept within RECS_LOGISTIC_CLIP of 0
 *     score = items(item)
 *             + the sum over f of weight(f) * t(f), or missing(f) of a NAN
 *             + the sum of weights(slot(h)) over the visitor's hashes h and
 *               those of his crosses with the item
 *
 * which is the logarithm of the odds, calibrated: scale and shift of
 * models/recs_platt.h are in the weights, the intercept is in items.  What is
 * of the item alone, its own hash and those of its attributes' values, is the
 * same for every visitor: items(item) is their sum, so none of it is looked up
 * in a request, and what is of the visitor alone is looked up once.
 */

#ifndef _RECS_RANK_LOGISTIC_H_INCLUDED_
#define _RECS_RANK_LOGISTIC_H_INCLUDED_


#include <stdint.h>


#define RECS_LOGISTIC_BITS_MAX      24
#define RECS_LOGISTIC_FEATURES_MAX  1024
#define RECS_LOGISTIC_WEIGHT_MAX    1e6f
#define RECS_LOGISTIC_NUMBER_MAX    1e30f

/* Candidates that are scored side by side. */
#define RECS_LOGISTIC_LANES         16

/* Standard deviations from the mean beyond which nothing more is said. */
#define RECS_LOGISTIC_CLIP          4.0f


/* A numeric feature. */
typedef struct {
    float  mean;
    float  scale;                       /* 1 / standard deviation, or 0 */
    float  weight;
    float  missing;                     /* what is added where there is none */
} recs_logistic_numeric_t;

typedef struct {
    uint32_t                        n_features; /* numeric; 0: no model */
    uint32_t                        bits;       /* 1 to RECS_.._BITS_MAX */
    const recs_logistic_numeric_t  *numeric;    /* [n_features] */
    const float                    *weights;    /* [2^bits] */
    const float                    *items;      /* [n_items] */
} recs_logistic_t;


/* Where the weight of a hash stands. */
static inline uint32_t
recs_logistic_slot(uint32_t bits, uint64_t hash)
{
    return (uint32_t) (hash >> (64 - bits));
}


/* What a numeric feature counts as: not NAN. */
static inline float
recs_logistic_standard(const recs_logistic_numeric_t *numeric, float value)
{
    float  t;

    t = (value - numeric->mean) * numeric->scale;
    t = t > -RECS_LOGISTIC_CLIP ? t : -RECS_LOGISTIC_CLIP;

    return t < RECS_LOGISTIC_CLIP ? t : RECS_LOGISTIC_CLIP;
}


/* What it adds to a score, without a branch: there may be no telling which
   candidates have it. */
static inline float
recs_logistic_term(const recs_logistic_numeric_t *numeric, float value)
{
    float  t;

    t = recs_logistic_standard(numeric, value) * numeric->weight;

    return value == value ? t : numeric->missing;
}


/* What is wrong with the model, or NULL; reads all of its arrays. */
const char *recs_logistic_check(const recs_logistic_t *logistic,
    uint32_t n_items);

/* What numeric features values[n_features] add to a score. */
float recs_logistic_numeric(const recs_logistic_t *logistic,
    const float *values);

/* The same of RECS_LOGISTIC_LANES candidates, values[n_features][LANES]. */
void recs_logistic_lanes(const recs_logistic_t *logistic, const float *values,
    float *sums);

/* The sum of the weights of hashes[n]. */
float recs_logistic_hashed(const recs_logistic_t *logistic,
    const uint64_t *hashes, uint32_t n);


#endif /* _RECS_RANK_LOGISTIC_H_INCLUDED_ */
