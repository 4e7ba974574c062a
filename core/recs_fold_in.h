/*
 * recs_fold_in: a user vector from a handful of items, at serving time.
 */

#ifndef _RECS_FOLD_IN_H_INCLUDED_
#define _RECS_FOLD_IN_H_INCLUDED_


#include "recs_bundle.h"


#define RECS_FOLD_IN_ITEMS_MAX  64


/* Floats of scratch that recs_fold_in() needs. */
size_t recs_fold_in_scratch(const recs_bundle_view_t *view);

/*
 * Solves the normal equation of recs_model.h for the given items (at most
 * RECS_FOLD_IN_ITEMS_MAX are used, the first ones) into vector
 * [view->stride]: in the dual form, n x n, since A is diagonal plus a sum of
 * n outer products.  A bundle without a Gram diagonal gets the mean of the
 * items' vectors.
 */
void recs_fold_in(const recs_bundle_view_t *view, const uint32_t *items,
    uint32_t n, float *scratch, float *vector);


#endif /* _RECS_FOLD_IN_H_INCLUDED_ */
