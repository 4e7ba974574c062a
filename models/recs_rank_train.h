/*
 * recs_rank_train: a retrieval model and ranking models beside it.
 *
 * RECS_RANK_HOLDOUT of each user's interactions, the last (where the data has
 * no times: of all, drawn evenly) are held out; the retrieval model is fitted
 * to the rest, and the ranking models learn from what it finds.  Then the
 * retrieval model is fitted to everything, and the ranking models go with it.
 */

#ifndef _RECS_RANK_TRAIN_H_INCLUDED_
#define _RECS_RANK_TRAIN_H_INCLUDED_


#include "recs_rankers.h"


#define RECS_RANK_HOLDOUT  0.2
#define RECS_RANKERS_MAX   8


typedef struct {
    const recs_ranker_t  *ranker;
    double                values[RECS_PARAMS_MAX];
} recs_rank_choice_t;

typedef struct {
    const recs_trainer_t        *trainer;
    const recs_train_options_t  *options;         /* of the trainer */
    const recs_rank_choice_t    *choices;         /* [n] of distinct rankers */
    uint32_t                     n;               /* 1 to RECS_RANKERS_MAX */

    /* Writes a model somewhere and opens it. */
    recs_status_t              (*open)(const recs_model_t *model,
                                       recs_bundle_t **bundle,
                                       recs_error_t *err);
} recs_rank_train_t;


/*
 * The result is like a trainer's.  Parameters of ranker R stand in the
 * manifest as param.R.NAME.
 */
recs_status_t recs_rank_train(const recs_rank_train_t *train,
    const recs_dataset_t *dataset, recs_trained_t **trained,
    recs_error_t *err);


#endif /* _RECS_RANK_TRAIN_H_INCLUDED_ */
