/*
 * recs_rank_mlp: the pairwise network: a visitor's embedding u and a
 * candidate's v, joined, through one layer of rectified units to the logarithm
 * of the odds that he takes it.
 *
 *     score = bias + retrieved_weight * retrieved
 *             + sum over h of output_h * max((Wu u + Wv v + b)_h, 0)
 *
 * The first layer's matrix is [Wu Wv], so both products are known beforehand
 * for all items: Wv v + b is an item's row of `mlp_candidates`.  A visitor's
 * embedding is the mean of what the items of his past stand for there (each
 * item has two embeddings, one as a candidate and one as a part of a past; so
 * FISM, Kabbur et al. 2013, and Covington et al. 2016), hence Wu u is the mean
 * of their rows of `mlp_pasts`: a session is ranked as it was trained, though
 * nobody knows whose it is.  `mlp_users` has that mean over all that a user
 * has touched.  With s the sum of the rows of the n items of a session,
 *
 *     Wu u = (prior * user's row + s) / (prior + n)
 *
 * where prior is the bundle's session_prior (recs_session_vector.h), and 0 for
 * somebody who is not known.  Without an item it is 0.
 *
 * A unit's input may be multiplied by anything that its output is divided by,
 * so rows are whole numbers of 16 bits, each unit in its own measure: sums of
 * them are exact, and an item's row of 128 units is four cache lines.
 *
 * Products and sums are in f32, each rounded once, in one order
 * (recs_kernel_rectified.h): all machines give the same bits.
 */

#ifndef _RECS_RANK_MLP_H_INCLUDED_
#define _RECS_RANK_MLP_H_INCLUDED_


#include "recs_rank.h"


/*
 * Wu u of a visitor into past [n_hidden].  Items that the model does not have
 * are not counted.
 */
void recs_mlp_past(const recs_bundle_view_t *view,
    const recs_rank_visitor_t *visitor, float *past);

/* scores[n] of items[n]; as recs_rank(). */
void recs_mlp_score(const recs_bundle_view_t *view, const float *past,
    const uint32_t *items, const float *retrieved, uint32_t n, float *scores);


#endif /* _RECS_RANK_MLP_H_INCLUDED_ */
