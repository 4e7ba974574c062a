/*
 * recs_ease_lists: the item-item weights of EASE (Steck 2019), as lists.
 * Private to models/.
 *
 * With X [n_users][n_items] the users' items, 0 or 1, and B the matrix with a
 * diagonal of 0 that minimises
 *
 *     ||X - X B||^2 + regularization ||B||^2
 *
 * the weight that source item j gives to item i is B_ji.  With
 * P = (X'X + regularization I)^-1 it is -P_ji / P_ii; where there are fewer
 * users than items, with M = (X X' + regularization I)^-1, of the same
 * equation (Woodbury) it is
 *
 *     B_ji = (X'M X)_ji / (1 - (X'M X)_ii)
 *
 * so that what is inverted has the smaller of the two sizes.
 */

#ifndef _RECS_EASE_LISTS_H_INCLUDED_
#define _RECS_EASE_LISTS_H_INCLUDED_


#include "recs_dataset.h"
#include "recs_heaviest.h"
#include "recs_inverse.h"


typedef struct {
    double                regularization;               /* > 0 */
    uint32_t              n_neighbors;   /* at most, of each source */
    double                memory;        /* GiB that may be asked for */

    recs_inverse_step_fn  step;          /* of the inversion; may be NULL */
    void                 *data;
} recs_ease_params_t;


/*
 * lists: the heaviest neighbours of every item that weigh more than 0;
 * opposed, which may be NULL: those that weigh less, as their size.  Ties by
 * index.  The same from any number of threads.
 *
 * RECS_LIMIT    the matrix would take more than params->memory: n^2 floats
 *               and 2 * 512 n, n the smaller of users and items
 * RECS_INVALID  as of recs_inverse()
 */
recs_status_t recs_ease_lists_build(recs_knn_lists_t *lists,
    recs_knn_lists_t *opposed, const recs_dataset_view_t *view,
    const recs_ease_params_t *params, recs_threads_t *threads,
    recs_error_t *err);


#endif /* _RECS_EASE_LISTS_H_INCLUDED_ */
