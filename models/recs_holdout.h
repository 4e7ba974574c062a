/*
 * recs_holdout: part of a dataset held back in memory, to tell when training
 * should stop.  Private to models/.
 */

#ifndef _RECS_HOLDOUT_H_INCLUDED_
#define _RECS_HOLDOUT_H_INCLUDED_


#include "recs_dataset.h"
#include "recs_threads.h"


typedef struct {
    recs_dataset_view_t  train;           /* the rest: entities borrowed,
                                             arrays owned */
    uint64_t            *offsets;         /* [n_users + 1] */
    uint32_t            *items;           /* held back, by user */
} recs_holdout_t;


/*
 * Holds back the last ceil(share * n) interactions of every user of at least
 * two, by time and then by item index, but never all of them.
 */
recs_status_t recs_holdout_create(recs_holdout_t *holdout,
    const recs_dataset_view_t *view, double share, recs_error_t *err);
void recs_holdout_destroy(recs_holdout_t *holdout);

/*
 * NDCG@20 (recs_evaluate.h) of factor tables [][stride] on what was held
 * back, over at most 2,000 evenly spread users: a stopping rule, computed
 * through BLAS while training; figures to report come from recs_evaluate().
 */
recs_status_t recs_holdout_ndcg(const recs_holdout_t *holdout,
    const float *user_factors, const float *item_factors, uint32_t stride,
    recs_threads_t *threads, double *ndcg, recs_error_t *err);


#endif /* _RECS_HOLDOUT_H_INCLUDED_ */
