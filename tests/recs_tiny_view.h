/*
 * recs_tiny_view: what the scorer reads, without a bundle around it.
 */

#ifndef _RECS_TINY_VIEW_H_INCLUDED_
#define _RECS_TINY_VIEW_H_INCLUDED_


#include "recs_bundle.h"


/*
 * A view of the rows factors [n_items][n_factors], sorted by norm, in shards
 * of rows_per_shard rows; item_order tells the row that an item was.
 */
recs_bundle_view_t *recs_tiny_view(const float *factors, uint32_t n_items,
    uint32_t n_factors, uint32_t rows_per_shard);
void recs_tiny_view_free(recs_bundle_view_t *view);


#endif /* _RECS_TINY_VIEW_H_INCLUDED_ */
