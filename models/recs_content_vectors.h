/*
 * recs_content_vectors: vectors of items that were made elsewhere, of images
 * or by a language model say, as a part of what items say.  Private to models/.
 */

#ifndef _RECS_CONTENT_VECTORS_H_INCLUDED_
#define _RECS_CONTENT_VECTORS_H_INCLUDED_


#include "recs_threads.h"
#include "recs_trainer.h"


/* Zeroed before its first use; freed by recs_content_vectors_free(). */
typedef struct {
    uint32_t   n_factors;                 /* 0: there are none */
    uint32_t   n_items;                   /* that have one */
    float     *rows;                      /* [n_items][n_factors], zero where
                                             an item has none */
} recs_content_vectors_t;


/*
 * Given vectors in the order of the dataset's items, scaled to length 1; where
 * they have more than n_factors_max dimensions, in the n_factors_max that hold
 * the most of their squares (recs_svd.h).
 *
 * RECS_INVALID  none of them is of an item of the dataset, or all are zero
 */
recs_status_t recs_content_vectors_create(recs_content_vectors_t *v,
    const recs_dataset_t *dataset, const recs_item_vectors_t *given,
    uint32_t n_factors_max, uint64_t seed, recs_threads_t *threads,
    recs_error_t *err);
void recs_content_vectors_free(recs_content_vectors_t *v);


#endif /* _RECS_CONTENT_VECTORS_H_INCLUDED_ */
