/*
 * recs_ials_fit: the epochs of implicit ALS on a dataset.  Private to
 * recs_ials.c.
 */

#ifndef _RECS_IALS_FIT_H_INCLUDED_
#define _RECS_IALS_FIT_H_INCLUDED_


#include <time.h>

#include "recs_session_choose.h"
#include "recs_split.h"
#include "recs_threads.h"
#include "recs_trainer.h"


enum {
    RECS_IALS_FACTORS,
    RECS_IALS_REGULARIZATION,
    RECS_IALS_EXPONENT,
    RECS_IALS_UNOBSERVED_WEIGHT,
    RECS_IALS_EPOCHS,
    RECS_IALS_VALIDATION,
    RECS_IALS_PATIENCE,
    RECS_IALS_HALF_LIFE,
    RECS_IALS_N_PARAMS
};


typedef struct {
    const recs_train_options_t  *options;
    double                       values[RECS_IALS_N_PARAMS];
    recs_threads_t              *threads;
    struct timespec              started;

    uint32_t                     n_users;
    uint32_t                     n_items;
    uint32_t                     stride;
    float                       *users;       /* [n_users][stride] */
    float                       *items;       /* [n_items][stride] */
    float                       *gram;        /* [n_factors], of the items */

    double                       raw;         /* regularization */
    double                       loss;        /* of the last epoch */
    double                       best_ndcg;
    uint32_t                     n_epochs;    /* the best number of them */
    recs_session_choice_t        session;
} recs_ials_t;


/*
 * Fits the vectors to view: n_epochs times, to which the options' checkpoint
 * may have brought some.  With a holdout, whose train the view is, until
 * patience runs out: then n_epochs becomes the best number, by best_ndcg.
 */
recs_status_t recs_ials_fit(recs_ials_t *ials,
    const recs_dataset_view_t *view, const recs_split_t *holdout,
    recs_error_t *err);


#endif /* _RECS_IALS_FIT_H_INCLUDED_ */
