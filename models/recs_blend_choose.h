/*
 * recs_blend_choose: the open parameters of a blend, by what they do for a
 * holdout.  Private to models/.
 */

#ifndef _RECS_BLEND_CHOOSE_H_INCLUDED_
#define _RECS_BLEND_CHOOSE_H_INCLUDED_


#include "recs_checkpoint.h"
#include "recs_holdout.h"
#include "recs_session_choose.h"
#include "recs_split.h"


/* What is asked and, in the end, what was chosen. */
typedef struct {
    double    weight;                 /* of the lists; below 0: open */
    double    source_exponent;        /* below 0: open */
    double    user_exponent;          /* below 0: open */
    double    shrinkage;
    double    ease;                   /* regularization of lists by EASE; 0:
                                         they are of knn; below 0: open */
    uint32_t  n_neighbors;            /* 0: open */
    uint32_t  history;                /* 0: open */

    double    ndcg;                   /* NDCG@20 of the choice */
    double    dense_ndcg;             /* and of the vectors alone */

    recs_session_choice_t  session;   /* where the data has times */
} recs_blend_choice_t;


/*
 * Chooses what is open.  The exponents climb one after the other while
 * NDCG@20 gains 0.5 %, the weight along with each; lists are 200 long unless
 * 100 are 1 % better, the history is the shortest that is not 0.2 % worse.
 * Lists by EASE, where they are open, take the place of those where they are
 * 0.5 % better, and are not tried where users and items are more than 5,000.
 * The weight is 0 where lists do not help.  Then the session's parameters.
 * data's lists, weight and history are nothing.  What each try has come to is
 * saved to checkpoint, unless that is NULL.
 */
recs_status_t recs_blend_choose(recs_blend_choice_t *choice,
    const recs_session_data_t *data, recs_threads_t *threads,
    recs_checkpoint_t *checkpoint, recs_error_t *err);

/* The lists of a choice, of all items or of sources[n_items] alone. */
recs_status_t recs_blend_lists(recs_knn_lists_t *lists,
    const recs_blend_choice_t *choice, const recs_dataset_view_t *view,
    const uint8_t *sources, recs_threads_t *threads, recs_error_t *err);


#endif /* _RECS_BLEND_CHOOSE_H_INCLUDED_ */
