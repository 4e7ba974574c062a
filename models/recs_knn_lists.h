/*
 * recs_knn_lists: which items are met together.  Private to models/.
 *
 * With X the users' items, 0 or 1, and n the number of interactions of a row
 * or column, the weight that source item j gives to item i is
 *
 *     c = sum over the users of both of n_u ^ -user_exponent
 *     w = c / (n_j ^ source_exponent * n_i ^ (1 - source_exponent))
 *           * c / (c + shrinkage)
 *
 * the cosine family: source_exponent 0.5 and user_exponent 0 are the cosine
 * (the norm of a column of X is n ^ 0.5), user_exponent 1 is a two-step random
 * walk made symmetric, a source_exponent below 0.5 holds popular items down.
 */

#ifndef _RECS_KNN_LISTS_H_INCLUDED_
#define _RECS_KNN_LISTS_H_INCLUDED_


#include "recs_dataset.h"
#include "recs_heaviest.h"
#include "recs_threads.h"


#define RECS_KNN_NEIGHBORS_MAX  1000


typedef struct {
    uint32_t        n_neighbors;      /* at most, of each source */
    double          source_exponent;
    double          user_exponent;
    double          shrinkage;

    const uint8_t  *sources;          /* [n_items], 1: wanted; NULL: all */
} recs_knn_params_t;


/*
 * The heaviest neighbours of every item, ties by index.  The same from any
 * number of threads.  Takes time in proportion to the sum of n_u ^ 2.
 */
recs_status_t recs_knn_lists_build(recs_knn_lists_t *lists,
    const recs_dataset_view_t *view, const recs_knn_params_t *params,
    recs_threads_t *threads, recs_error_t *err);
/*
 * What one step of a stored byte should stand for (recs_model.h): one weight
 * in 10,000 is heavier than 255 of them, and counts 255.
 */
double recs_knn_lists_unit(const recs_knn_lists_t *lists, uint32_t n_items);


#endif /* _RECS_KNN_LISTS_H_INCLUDED_ */
