/*
 * recs_cli_train: what `recs train` and `recs evaluate --data` share: the
 * options that choose a model, and training with progress.
 */

#ifndef _RECS_CLI_TRAIN_H_INCLUDED_
#define _RECS_CLI_TRAIN_H_INCLUDED_


#include "recs_checkpoint.h"
#include "recs_cli.h"
#include "recs_rank_train.h"


#define RECS_CLI_TRAIN_OPTIONS                                                \
    { "model", "NAME", "one of the models below, with their parameters" },    \
    { "set", "NAME=VALUE", "a parameter of the model (repeatable)" },         \
    { "settings", "FILE", "parameters as recs tune -o writes them; --set goes "\
      "above\nthem" },                                                        \
    { "seed", "N", "seed of all random numbers (1)" },                        \
    { "threads", "N", "threads to use (one per processor)" },                 \
    { "quiet", NULL, "no progress" }

#define RECS_CLI_RANK_SET_OPTION                                              \
    { "rank-set", "[KIND.]NAME=VALUE", "a parameter of a ranking model,\n"     \
      "of one kind or of all that have it (repeatable)" }


typedef struct {
    const recs_trainer_t  *trainer;
    double                 values[RECS_PARAMS_MAX];
    unsigned long          seed;
    unsigned long          n_threads;     /* 0: one per processor */
    recs_checkpoint_t     *checkpoint;    /* NULL: none */
    const recs_item_vectors_t
                          *item_vectors;  /* of recs_cli_vectors.h, or NULL */
    recs_rank_choice_t     rankers[RECS_RANKERS_MAX];
    uint32_t               n_rankers;
} recs_cli_train_t;


/* Reads the options; returns RECS_EXIT_OK or, having printed why, USAGE. */
int recs_cli_train_init(recs_cli_train_t *train, const recs_args_t *args);

/* The same of one model by name, with its defaults; --set is not read. */
int recs_cli_train_choose(recs_cli_train_t *train, const recs_args_t *args,
    const char *name);

/*
 * Adds the ranking models "a,b", with --rank-set; those that are only served
 * (none) are passed over.
 */
int recs_cli_train_rank(recs_cli_train_t *train, const recs_args_t *args,
    const char *names);

/* What a trainer is given, but for the progress. */
void recs_cli_train_options(const recs_cli_train_t *train,
    recs_train_options_t *options);

/* Trains with a meter. */
recs_status_t recs_cli_train_run(const recs_cli_train_t *train,
    const recs_dataset_t *dataset, recs_trained_t **trained,
    recs_error_t *err);

/* Every model with its parameters, for --help. */
void recs_cli_train_help(void);


#endif /* _RECS_CLI_TRAIN_H_INCLUDED_ */
