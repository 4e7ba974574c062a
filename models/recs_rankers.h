/*
 * recs_rankers: the ranking models there are, one line each in recs_rankers.c.
 *
 * A ranking model is trained beside a retrieval model, on what that finds
 * (recs_rank_examples.h), and goes into the same bundle.
 */

#ifndef _RECS_RANKERS_H_INCLUDED_
#define _RECS_RANKERS_H_INCLUDED_


#include "recs_rank_examples.h"
#include "recs_trainer.h"


/* What one may learn from. */
typedef struct {
    const recs_dataset_t        *dataset;         /* all there is */
    const recs_split_t          *split;           /* of it */
    const recs_bundle_t         *bundle;          /* fitted to split->train */
    const recs_rank_examples_t  *examples;        /* of split->test */
} recs_rank_task_t;

typedef struct {
    const char          *name;            /* as recs_rank_name() */
    const char          *summary;
    const recs_param_t  *params;          /* [n_params], as a trainer's */
    uint32_t             n_params;

    /*
     * Trains; the result owns its arrays, and nothing of the task is needed
     * any more.  Deterministic for a seed and a number of threads.
     */
    recs_status_t      (*train)(const recs_rank_task_t *task,
                                const recs_train_options_t *options,
                                void **ranker, recs_error_t *err);

    /* Shows it to a model of the same dataset, which must not outlive it. */
    void               (*attach)(const void *ranker, recs_model_t *model);
    void               (*destroy)(void *ranker);
} recs_ranker_t;


extern const recs_ranker_t  recs_logistic_ranker;
extern const recs_ranker_t  recs_mlp_ranker;
extern const recs_ranker_t  recs_trees_ranker;

/* By name, NULL if there is none; and by position, NULL after the last. */
const recs_ranker_t *recs_ranker_find(const char *name);
const recs_ranker_t *recs_ranker_at(uint32_t i);


#endif /* _RECS_RANKERS_H_INCLUDED_ */
