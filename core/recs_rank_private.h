/*
 * recs_rank_private: what the kinds of ranking share.  Private to core/.
 */

#ifndef _RECS_RANK_PRIVATE_H_INCLUDED_
#define _RECS_RANK_PRIVATE_H_INCLUDED_


#include "recs_bundle_private.h"
#include "recs_features.h"


struct recs_rank_scratch_s {
    recs_features_t  *features;
    uint32_t         *keys;             /* of trees; NULL: there are none */
    float             past[RECS_MLP_HIDDEN_MAX];        /* recs_rank_mlp.h */
};


#endif /* _RECS_RANK_PRIVATE_H_INCLUDED_ */
