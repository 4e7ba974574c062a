/*
 * recs_reorder: what a search has found, put into another order.  Private to
 * recs_recommend.
 */

#ifndef _RECS_REORDER_H_INCLUDED_
#define _RECS_REORDER_H_INCLUDED_


#include "recs_rank.h"
#include "recs_recommend.h"
#include "recs_topk.h"


typedef struct recs_reorder_s  recs_reorder_t;

/* Its room stays untouched memory until it is used. */
recs_status_t recs_reorder_create(recs_reorder_t **reorder,
    const recs_bundle_t *bundle, recs_error_t *err);
void recs_reorder_destroy(recs_reorder_t *reorder);

recs_rank_scratch_t *recs_reorder_rank(const recs_reorder_t *reorder);

/* Whether the rung's items are reordered: then search for candidates. */
int recs_reorders(const recs_bundle_t *bundle, const recs_query_t *query,
    recs_source_t source);

/* How many of them, so that n can be shown. */
uint32_t recs_reorder_candidates(const recs_query_t *query, uint32_t n);

/* Of what was found, sorted, the n best by their new scores are left. */
void recs_reorder(recs_reorder_t *reorder, const recs_bundle_t *bundle,
    const recs_query_t *query, const recs_rank_visitor_t *visitor, uint32_t n,
    recs_topk_t *found);


#endif /* _RECS_REORDER_H_INCLUDED_ */
