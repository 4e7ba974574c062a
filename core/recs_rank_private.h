/*
 * recs_rank_private: what the kinds of ranking share.  Private to core/.
 */

#ifndef _RECS_RANK_PRIVATE_H_INCLUDED_
#define _RECS_RANK_PRIVATE_H_INCLUDED_


#include "recs_bundle_private.h"
#include "recs_features.h"


/* What a visitor's own hashes are and add to a score. */
typedef struct {
    uint32_t  n_hashes;
    uint64_t  hashes[RECS_FEATURES_VISITOR_HASHES];
    float     score;
} recs_logistic_visitor_t;

struct recs_rank_scratch_s {
    recs_features_t  *features;
    float             lanes[RECS_FEATURE_COUNT][RECS_LOGISTIC_LANES];
    uint32_t         *keys;             /* of trees; NULL: there are none */
    float             past[RECS_MLP_HIDDEN_MAX];        /* recs_rank_mlp.h */
};

/* Of the visitor that features were told last (recs_rank_logistic_ask.c). */
void recs_logistic_visitor(const recs_logistic_t *logistic,
    const recs_features_t *features, recs_logistic_visitor_t *visitor);

/* What his crosses with an item add. */
float recs_logistic_crosses(const recs_logistic_t *logistic,
    recs_features_t *features, const recs_logistic_visitor_t *visitor,
    uint32_t item);


#endif /* _RECS_RANK_PRIVATE_H_INCLUDED_ */
