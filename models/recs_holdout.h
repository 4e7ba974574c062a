/*
 * recs_holdout: when should training stop?  Private to models/.
 */

#ifndef _RECS_HOLDOUT_H_INCLUDED_
#define _RECS_HOLDOUT_H_INCLUDED_


#include "recs_dataset.h"
#include "recs_threads.h"


/*
 * NDCG@20 (recs_evaluate.h) of factor tables [][stride] on the held-out part
 * of a split, over at most 2,000 evenly spread users that are in both parts.
 * It is a stopping rule, computed through BLAS while training; figures to
 * report come from recs_evaluate().
 *
 * RECS_INVALID: no user is in both parts.
 */
recs_status_t recs_holdout_ndcg(const recs_dataset_view_t *train,
    const recs_dataset_view_t *test, const float *user_factors,
    const float *item_factors, uint32_t stride, recs_threads_t *threads,
    double *ndcg, recs_error_t *err);


#endif /* _RECS_HOLDOUT_H_INCLUDED_ */
