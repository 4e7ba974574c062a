/*
 * Ranking by logistic regression over numeric and hashed features.
 */

#include "recs_logistic.h"
#include "recs_rankers.h"

#include <stdlib.h>


enum {
    RECS_LOGISTIC_LEARNING_RATE,
    RECS_LOGISTIC_SMOOTHING,
    RECS_LOGISTIC_L1,
    RECS_LOGISTIC_L2,
    RECS_LOGISTIC_EPOCHS,
    RECS_LOGISTIC_N_PARAMS
};

static const recs_param_t  recs_logistic_params[] = {
    { "learning_rate", 0.05, 1e-4, 10, 0,
      "how far a weight moves at its first examples (alpha)" },
    { "smoothing", 1, 0, 1000, 0,
      "how soon that begins to fall (beta)" },
    { "l1", 1, 0, 1000, 0,
      "what a weight has to overcome to be more than 0" },
    { "l2", 1, 0, 1000, 0,
      "what pulls weights back to 0" },
    { "epochs", 3, 1, 100, 1,
      "passes over the examples" }
};


static recs_status_t
recs_logistic_ranker_train(const recs_rank_task_t *task,
    const recs_train_options_t *options, void **ranker, recs_error_t *err)
{
    recs_status_t            rc;
    recs_logistic_fit_t     *fit;
    recs_logistic_params_t   params;

    params.ftrl.learning_rate = options->values[RECS_LOGISTIC_LEARNING_RATE];
    params.ftrl.smoothing = options->values[RECS_LOGISTIC_SMOOTHING];
    params.ftrl.l1 = options->values[RECS_LOGISTIC_L1];
    params.ftrl.l2 = options->values[RECS_LOGISTIC_L2];
    params.epochs = (uint32_t) options->values[RECS_LOGISTIC_EPOCHS];
    params.seed = options->seed;

    fit = malloc(sizeof(recs_logistic_fit_t));
    if (fit == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    rc = recs_logistic_train(fit, task->examples, &params, err);

    if (rc == RECS_OK) {
        rc = recs_logistic_set_items(fit, task->bundle, err);

        if (rc == RECS_OK) {
            *ranker = fit;
            return RECS_OK;
        }

        recs_logistic_free(fit);
    }

    free(fit);

    return rc;
}


static void
recs_logistic_ranker_attach(const void *ranker, recs_model_t *model)
{
    const recs_logistic_fit_t  *fit;

    fit = ranker;
    model->logistic = &fit->logistic;
}


static void
recs_logistic_ranker_destroy(void *ranker)
{
    recs_logistic_free(ranker);
    free(ranker);
}


const recs_ranker_t  recs_logistic_ranker = {
    "logistic",
    "logistic regression over numeric and hashed features, by FTRL-Proximal",
    recs_logistic_params,
    RECS_LOGISTIC_N_PARAMS,
    recs_logistic_ranker_train,
    recs_logistic_ranker_attach,
    recs_logistic_ranker_destroy
};
