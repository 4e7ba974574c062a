/*
 * recs_rank_explain: what a ranking model's score is the sum of.
 */

#ifndef _RECS_RANK_EXPLAIN_H_INCLUDED_
#define _RECS_RANK_EXPLAIN_H_INCLUDED_


#include "recs_contributions.h"
#include "recs_rank.h"


/*
 * Adds what makes up the score that recs_rank() gives an item, for a bundle
 * that has this kind: of trees the features on the way through them
 * (recs_trees_explain()).  A network is in no parts: all of its `score` is one.
 */
void recs_rank_explain(const recs_bundle_t *bundle,
    recs_rank_scratch_t *scratch, recs_rank_t kind,
    const recs_rank_visitor_t *visitor, uint32_t item, float retrieved,
    float score, recs_contributions_t *to);


#endif /* _RECS_RANK_EXPLAIN_H_INCLUDED_ */
