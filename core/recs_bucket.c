#include "recs_bucket.h"

#include "recs_bucket_hash.h"


void
recs_bucket_equal(double *weights, uint32_t n)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        weights[i] = 1.0 / n;
    }
}


void
recs_bucket_ranges(recs_bucket_range_t *ranges, uint32_t n, double coverage,
    const double *weights, uint32_t n_weights)
{
    double    sum, weight, start;
    uint32_t  i;

    coverage = coverage < 0 ? 0 : coverage > 1 ? 1 : coverage;
    sum = 0;

    for (i = 0; i < n_weights; i++) {
        sum += weights[i];
    }

    start = 0;

    for (i = 0; i < n; i++) {
        weight = n_weights != n || sum < 0.99 || sum > 1.01 ? 1.0 / n
                                                            : weights[i];
        ranges[i].lo = start;
        ranges[i].hi = start + coverage * weight;
        start += weight;
    }
}


int32_t
recs_bucket_choose(double hash, const recs_bucket_range_t *ranges, uint32_t n)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        if (hash >= ranges[i].lo && hash < ranges[i].hi) {
            return (int32_t) i;
        }
    }

    return -1;
}


uint32_t
recs_bucket_namespace(recs_str_t name, recs_str_t id)
{
    static const recs_str_t  between = { "__", 2 };

    uint32_t  h;

    h = recs_fnv1a(RECS_FNV1A_START, id);
    h = recs_fnv1a(h, between);

    return recs_fnv1a(h, name) % 1000;
}
