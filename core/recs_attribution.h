/*
 * recs_attribution: what each item of a visitor contributes to a score.
 *
 * A vector folded in (recs_fold_in.h) from items i of weights w is
 *
 *     x = A^-1 sum of w_i v_i,     A = D^-1 + sum of w_i v_i v_i'
 *
 * so that the score of an item j falls into one term per item (Hu, Koren and
 * Volinsky 2008, section 5):
 *
 *     x.v_j = sum of c_i,          c_i = w_i v_i' A^-1 v_j
 *
 * A is factored once for all j: in its dual form, n x n, where that is the
 * smaller one.  Private to recs_explain.
 */

#ifndef _RECS_ATTRIBUTION_H_INCLUDED_
#define _RECS_ATTRIBUTION_H_INCLUDED_


#include "recs_bundle.h"


#define RECS_ATTRIBUTION_ITEMS_MAX  4096

/*
 * Multiplications that a factoring and the terms of an answer may take, some
 * tens of milliseconds; and of how many items that is.
 */
#define RECS_ATTRIBUTION_WORK_MAX   (1 << 26)
#define RECS_ATTRIBUTION_ANSWER     100


/* One per thread or nginx worker. */
typedef struct recs_attribution_s  recs_attribution_t;

/* Of view, which must outlive it; pages stay untouched.  NULL: no memory. */
recs_attribution_t *recs_attribution_create(const recs_bundle_view_t *view);
void recs_attribution_destroy(recs_attribution_t *attribution);

/*
 * Factors A of n items, borrowed until the next call, as weights are, whose
 * NULL stands for 1 each.  Returns 0 where there is nothing to tell: no items,
 * no Gram diagonal, more of them or of work than the limits above, or numbers
 * that cannot be solved for.
 */
int recs_attribution_begin(recs_attribution_t *attribution,
    const uint32_t *items, const float *weights, uint32_t n);

/* c_i of item j, into terms[n]. */
void recs_attribution_terms(recs_attribution_t *attribution, uint32_t item,
    double *terms);


#endif /* _RECS_ATTRIBUTION_H_INCLUDED_ */
