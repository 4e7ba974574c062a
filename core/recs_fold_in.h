/*
 * recs_fold_in: a vector from a handful of items, at serving time.
 */

#ifndef _RECS_FOLD_IN_H_INCLUDED_
#define _RECS_FOLD_IN_H_INCLUDED_


#include "recs_bundle.h"
#include "recs_kernel.h"


/* What a fold-in needs between calls; one per thread or nginx worker. */
typedef struct recs_fold_in_s  recs_fold_in_t;

/* Of view, which must outlive it.  NULL: no memory. */
recs_fold_in_t *recs_fold_in_create(const recs_bundle_view_t *view);
void recs_fold_in_destroy(recs_fold_in_t *f);

const recs_bundle_view_t *recs_fold_in_view(const recs_fold_in_t *f);

/*
 * Solves the normal equation of recs_model.h for n items (the first
 * RECS_FOLD_IN_ITEMS_MAX of them) into vector [view->stride]:
 *
 *     (D^-1 + sum of w v v') x = sum of w v,
 *     D^-1 = unobserved_weight * gram + reg(n)
 *
 * in its dual form, n x n.  weights [n], NULL: 1 each.  No items: zero.  A
 * bundle without a Gram diagonal gets recs_fold_in_mean().
 */
void recs_fold_in(recs_fold_in_t *f, const uint32_t *items,
    const float *weights, uint32_t n, float *vector);

/* D of n items, into to[n_factors]. */
void recs_fold_in_diagonal(const recs_bundle_view_t *view, uint32_t n,
    float *to);

/* The items' mean vector, by weight. */
void recs_fold_in_mean(const recs_bundle_view_t *view, const uint32_t *items,
    const float *weights, uint32_t n, float *vector);


#endif /* _RECS_FOLD_IN_H_INCLUDED_ */
