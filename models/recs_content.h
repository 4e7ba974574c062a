/*
 * recs_content: vectors for items that nobody has met yet, from what their
 * attributes say.  Private to models/.
 *
 * Ridge regression of the trained item vectors on the features of
 * recs_content_features.h: with X the features and a 1 of the items that were
 * met, and Y their vectors,
 *
 *     W = (X' X + penalty * I)^-1 X' Y
 *
 * (nothing punishes the 1) and a new item's vector is its features times W.
 * All items count alike: to give those with many interactions more say makes
 * new items as long as the popular ones, and they push better ones out.  The
 * penalty is the one of a few that predicts best a tenth of the items which W
 * has not seen; where none predicts better than the mean vector, or an item
 * has no feature, there is no vector (all zero, as before).
 */

#ifndef _RECS_CONTENT_H_INCLUDED_
#define _RECS_CONTENT_H_INCLUDED_


#include "recs_dataset.h"


/* Of more items, so many, evenly spread, are learned from. */
#define RECS_CONTENT_ITEMS  65536


/* What came of it: notes for the manifest. */
typedef struct {
    uint32_t  n_features;
    uint32_t  n_items;                    /* that got a vector */
    double    penalty;
    double    explained;                  /* of the held-out vectors' variance
                                             about their mean, at most 1 */
} recs_content_report_t;


/*
 * Fills the rows of item_factors [n_items][n_factors] (index order) of items
 * without an interaction.  Deterministic; one thread.
 */
recs_status_t recs_content_fill(const recs_dataset_view_t *view,
    float *item_factors, uint32_t n_factors, recs_content_report_t *report,
    recs_error_t *err);


#endif /* _RECS_CONTENT_H_INCLUDED_ */
