/*
 * recs_cmd_tune: a search for hyper-parameters under way; private to
 * recs_cmd_tune*.c.
 */

#ifndef _RECS_CMD_TUNE_H_INCLUDED_
#define _RECS_CMD_TUNE_H_INCLUDED_


#include "recs_cli_train.h"
#include "recs_quality.h"
#include "recs_split.h"
#include "recs_tune.h"


#define RECS_CMD_TUNE_TRIALS_MAX  10000


typedef struct {
    const recs_args_t    *args;
    recs_cli_train_t      train;
    uint8_t               fixed[RECS_PARAMS_MAX];      /* by --set */
    recs_quality_t        metric;
    unsigned long         at;
    double                seconds;        /* to spend, over all runs */
    unsigned long         max_trials;

    recs_dataset_t       *data;
    recs_split_params_t   rule;
    recs_split_t          split;          /* of data, where there is no test */
    recs_dataset_t       *test;
    const recs_dataset_t *train_on;
    const recs_dataset_t *test_on;

    int                   searches;       /* ranges are those of --search */
    recs_tune_space_t     space;
    recs_tune_trial_t    *trials;         /* [TRIALS_MAX] */
    uint32_t              n_trials;

    int                   state;          /* descriptor; -1: none is kept */
    const char           *state_path;
} recs_cmd_tune_t;


/*
 * Opens the file of --state, if there is one, and takes over the trials in it;
 * another process that has it open is refused.  A trial that a killed process
 * left unfinished is cut off.
 *
 * RECS_REFUSED: the file is of another search, or none of ours; it is left as
 * it is.
 */
recs_status_t recs_cmd_tune_state_open(recs_cmd_tune_t *tune,
    recs_error_t *err);
void recs_cmd_tune_state_close(recs_cmd_tune_t *tune);

/* Adds the last trial, and syncs it. */
recs_status_t recs_cmd_tune_state_add(recs_cmd_tune_t *tune,
    recs_error_t *err);

/* The outcome on stdout and, with -o, as a file of settings. */
recs_status_t recs_cmd_tune_tell(const recs_cmd_tune_t *tune,
    recs_error_t *err);


#endif /* _RECS_CMD_TUNE_H_INCLUDED_ */
