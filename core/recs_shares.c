#include "recs_shares.h"


/* How many values the hash has; 0: too many to count. */
static uint32_t
recs_shares_steps(recs_bucket_hash_t hash)
{
    switch (hash) {

    case RECS_HASH_GROWTHBOOK1:
        return 1000;

    case RECS_HASH_SPLIT_CLIENTS:
        return 0;

    default:
        return 10000;
    }
}


void
recs_shares(const recs_experiment_t *x, double *shares)
{
    double    sum;
    int32_t   variant;
    uint32_t  i, n;

    n = recs_shares_steps(x->hash);

    for (i = 0; i < x->n_variants; i++) {
        shares[i] = n == 0 ? x->ranges[i].hi - x->ranges[i].lo : 0;
    }

    for (i = 0; i < n; i++) {
        variant = recs_bucket_choose((double) i / n, x->ranges,
                                     x->n_variants);

        if (variant >= 0) {
            shares[variant]++;
        }
    }

    for (sum = 0, i = 0; i < x->n_variants; i++) {
        sum += shares[i];
    }

    for (i = 0; i < x->n_variants && sum > 0; i++) {
        shares[i] /= sum;
    }
}
