/*
 * recs_session_choose: how many of a session's last items should count, and
 * what a trained vector is worth beside them (core/recs_session_vector.h), by
 * what they do for interactions that were held out.  Private to models/.
 *
 * It takes data with times: sessions have an order, and what they are good
 * for is that tastes change.
 */

#ifndef _RECS_SESSION_CHOOSE_H_INCLUDED_
#define _RECS_SESSION_CHOOSE_H_INCLUDED_


#include "recs_holdout.h"
#include "recs_trainer.h"


typedef struct {
    uint32_t  window;         /* 0: the data has no times, nothing is chosen */
    double    prior;
    double    ndcg;           /* NDCG@20 of sessions of so many items */
    double    whole_ndcg;     /* and of whole histories */
} recs_session_choice_t;

typedef struct {
    const recs_dataset_view_t  *view;       /* all of the data */
    const recs_split_t         *split;      /* each user's last, held out */
    double                      fraction;   /* as split is by */
    const recs_model_t         *vectors;    /* trained on split's train */
    const recs_knn_lists_t     *lists;      /* the same; NULL: none */
    uint32_t                    n_neighbors;
    uint32_t                    history;
    double                      weight;     /* of the lists */
} recs_session_data_t;


/*
 * The window is the shortest of 5, 10, 20, 40 and all whose NDCG@20 is not
 * 0.5 % worse than the best: of users in both parts, answered as if they were
 * unknown.  The prior is the best of 1, 2, 5, 10, 20, 50: the session is then
 * the older half of what was held out, the newer half what is looked for.
 */
recs_status_t recs_session_choose(recs_session_choice_t *choice,
    const recs_session_data_t *data, recs_threads_t *threads,
    recs_error_t *err);

/* The same for vectors alone, which trainer trains on what is not held out. */
recs_status_t recs_session_validate(recs_session_choice_t *choice,
    const recs_dataset_view_t *view, double fraction,
    const recs_trainer_t *trainer, const recs_train_options_t *options,
    recs_threads_t *threads, recs_error_t *err);


#endif /* _RECS_SESSION_CHOOSE_H_INCLUDED_ */
