/*
 * recs_holdout: how good is what training has so far?  Private to models/.
 *
 * NDCG@20 (recs_evaluate.h) of scores
 *
 *     dot + weight * sum over the user's last `history` items of their lists
 *
 * (recs_model.h) over at most 2,000 evenly spread users that are in both
 * parts of a split.  It decides while training, computed through BLAS; figures
 * to report come from recs_evaluate().
 */

#ifndef _RECS_HOLDOUT_H_INCLUDED_
#define _RECS_HOLDOUT_H_INCLUDED_


#include "recs_dataset.h"
#include "recs_knn_lists.h"
#include "recs_split.h"
#include "recs_threads.h"


#define RECS_HOLDOUT_WEIGHTS  16


typedef struct recs_holdout_s  recs_holdout_t;

/* Lists beside the vectors. */
typedef struct {
    const recs_knn_lists_t  *lists;
    uint32_t                 n_neighbors;         /* taken of each, at most */
    uint32_t                 history;
} recs_holdout_lists_t;


/*
 * Scores the vectors [][stride] of the split's train part, which must outlive
 * the holdout.  RECS_INVALID: no user is in both parts.
 */
recs_status_t recs_holdout_create(recs_holdout_t **holdout,
    const recs_split_t *split, const float *user_factors,
    const float *item_factors, uint32_t stride, recs_threads_t *threads,
    recs_error_t *err);
void recs_holdout_destroy(recs_holdout_t *holdout);

/* NDCG@20 of the vectors alone. */
double recs_holdout_ndcg(const recs_holdout_t *holdout);

/* [n_items], 1: an item whose list is asked for. */
const uint8_t *recs_holdout_sources(const recs_holdout_t *holdout);

/*
 * ndcg[n_weights] with lists, by weight, each 0 or more; at most
 * RECS_HOLDOUT_WEIGHTS of them.
 */
void recs_holdout_lists(recs_holdout_t *holdout,
    const recs_holdout_lists_t *lists, const double *weights,
    uint32_t n_weights, double *ndcg);

/*
 * The weight that makes both parts of the score vary alike: the mean over the
 * users of the standard deviation of the dots over the items, by that of the
 * sums.
 */
double recs_holdout_ratio(recs_holdout_t *holdout,
    const recs_holdout_lists_t *lists);


#endif /* _RECS_HOLDOUT_H_INCLUDED_ */
