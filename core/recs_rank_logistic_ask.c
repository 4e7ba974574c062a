/*
 * Logistic regression about a visitor: what is the same for all candidates
 * once, then their crosses.
 */

#include "recs_rank_private.h"


void
recs_logistic_visitor(const recs_logistic_t *l,
    const recs_features_t *features, recs_logistic_visitor_t *visitor)
{
    visitor->n_hashes = recs_features_visitor_hashes(features,
                                                     visitor->hashes);
    visitor->score = recs_logistic_hashed(l, visitor->hashes,
                                          visitor->n_hashes);
}


float
recs_logistic_crosses(const recs_logistic_t *l, recs_features_t *features,
    const recs_logistic_visitor_t *visitor, uint32_t item)
{
    float     sum;
    uint32_t  i, j, n;
    uint64_t  hash, hashes[RECS_FEATURES_ITEM_HASHES];

    if (visitor->n_hashes == 0) {
        return 0.0f;
    }

    n = recs_features_item_hashes(features, item, hashes);

    for (i = 0, sum = 0.0f; i < n; i++) {
        for (j = 0; j < visitor->n_hashes; j++) {
            hash = recs_features_cross(visitor->hashes[j], hashes[i]);
            sum += l->weights[recs_logistic_slot(l->bits, hash)];
        }
    }

    return sum;
}
