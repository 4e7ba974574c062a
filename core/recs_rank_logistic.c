#include "recs_rank_logistic.h"

#include <math.h>
#include <stddef.h>


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
    float                           sum;
    uint32_t                        i;
    const recs_logistic_numeric_t  *numeric;

    for (i = 0, sum = 0.0f; i < l->n_features; i++) {
        numeric = &l->numeric[i];
        sum += values[i] == values[i]
               ? recs_logistic_standard(numeric, values[i]) * numeric->weight
               : numeric->missing;
    }

    return sum;
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
