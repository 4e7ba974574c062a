/*
 * recs_logistic: fits the logistic regression of core/recs_rank_logistic.h to
 * examples (recs_rank_examples.h), by FTRL-Proximal (recs_ftrl.h), which
 * passes over them in another order each time.
 *
 * Numeric features are standardised: mean and deviation are those of the
 * examples that have them.  Hashes share 2^RECS_LOGISTIC_BITS weights.
 *
 * Every RECS_LOGISTIC_HELD-th user is not learned from: Platt's scaling
 * (recs_platt.h) is fitted to what was found for these, so that the
 * probabilities are right for candidates of people never seen.  Where they took
 * all or nothing of it, scores stay as they are.
 */

#ifndef _RECS_LOGISTIC_H_INCLUDED_
#define _RECS_LOGISTIC_H_INCLUDED_


#include "recs_ftrl.h"
#include "recs_platt.h"
#include "recs_rank_examples.h"
#include "recs_rank_logistic.h"


#define RECS_LOGISTIC_BITS  18
#define RECS_LOGISTIC_HELD  8


typedef struct {
    recs_ftrl_params_t  ftrl;
    uint32_t            epochs;         /* at least 1 */
    uint64_t            seed;
} recs_logistic_params_t;

/* Zeroed where there is nothing; freed by recs_logistic_free(). */
typedef struct {
    recs_logistic_t           logistic; /* its items are set by
                                           recs_logistic_set_items() */
    float                     intercept;
    recs_platt_t              platt;    /* already in the weights */
    recs_logistic_numeric_t  *numeric;
    float                    *weights;
    float                    *items;
} recs_logistic_fit_t;


/* RECS_INVALID: of the examples to learn from, none or all have label 1. */
recs_status_t recs_logistic_train(recs_logistic_fit_t *fit,
    const recs_rank_examples_t *examples, const recs_logistic_params_t *params,
    recs_error_t *err);

/* What the items of a bundle of the same dataset add, whoever asks. */
recs_status_t recs_logistic_set_items(recs_logistic_fit_t *fit,
    const recs_bundle_t *bundle, recs_error_t *err);

void recs_logistic_free(recs_logistic_fit_t *fit);


#endif /* _RECS_LOGISTIC_H_INCLUDED_ */
