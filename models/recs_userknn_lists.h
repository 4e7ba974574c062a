/*
 * recs_userknn_lists: what a user's neighbours are interested in.  Private to
 * models/.
 *
 * The neighbours of a user are the n_neighbors with whom he shares most, by
 * cosine over the items of both (recs_knn_lists.h, with users in the place of
 * items), an item of n users counting n ^ -item_exponent.  The weight of item
 * i in his list is
 *
 *     sum over his neighbours j of r_ji,   r_ji = n_j ^ -0.5
 *
 * where j has met i, n_j the number of his items: each r_j is of length 1.
 */

#ifndef _RECS_USERKNN_LISTS_H_INCLUDED_
#define _RECS_USERKNN_LISTS_H_INCLUDED_


#include "recs_dataset.h"
#include "recs_heaviest.h"
#include "recs_threads.h"


typedef struct {
    uint32_t  n_neighbors;                /* of a user */
    uint32_t  n_items;                    /* of a list, at most */
    double    item_exponent;
} recs_userknn_params_t;


/*
 * A list for every user, the heaviest first, ties by index.  The same from any
 * number of threads.  Takes time in proportion to the sum, over the items, of
 * the square of their users.  RECS_NOMEM.
 */
recs_status_t recs_userknn_lists_build(recs_knn_lists_t *lists,
    const recs_dataset_view_t *view, const recs_userknn_params_t *params,
    recs_threads_t *threads, recs_error_t *err);


#endif /* _RECS_USERKNN_LISTS_H_INCLUDED_ */
