/*
 * recs_cmd_evaluate: what `recs evaluate` is about; private to
 * recs_cmd_evaluate*.c.
 */

#ifndef _RECS_CMD_EVALUATE_H_INCLUDED_
#define _RECS_CMD_EVALUATE_H_INCLUDED_


#include "recs_cli_rank.h"
#include "recs_cli_train.h"
#include "recs_evaluate.h"
#include "recs_split.h"


#define RECS_CMD_EVALUATE_FOLDS_MAX  100


/* A bundle, or a model to be trained; and how well it did. */
typedef struct {
    const char              *name;           /* as it was given */
    const char              *bundle;         /* its path; NULL: to train */
    recs_cli_train_t         train;
    recs_evaluation_t        evaluation;     /* of folds the mean */
    recs_evaluation_t        error;          /* of folds, of that mean */
    recs_evaluation_t        trained;        /* the hidden users, not hidden */
    recs_evaluation_rows_t   rows;           /* where models are compared */
} recs_contender_t;

typedef struct {
    const recs_args_t       *args;
    uint32_t                 at[RECS_EVALUATE_AT_MAX];
    uint32_t                 n_at;
    unsigned long            n_threads;
    recs_split_params_t      split;
    uint32_t                 n_folds;        /* 0: no cross-validation */
    double                   hidden;         /* share of the users; 0: none */
    unsigned long            n_known;        /* 0: all */
    recs_cli_rank_t          rank;
    recs_contender_t        *contenders;     /* the first is compared with */
    uint32_t                 n_contenders;
} recs_cmd_evaluate_t;


/* --split, --hidden and --known; returns an exit status, having told why. */
int recs_cmd_evaluate_plan(recs_cmd_evaluate_t *e);

/* Trains what is to be trained, and evaluates; an exit status. */
int recs_cmd_evaluate_measure(recs_cmd_evaluate_t *e);


#endif /* _RECS_CMD_EVALUATE_H_INCLUDED_ */
