/*
 * recs_trainer: what every model offers, and the registry of them.
 *
 * A trainer turns a dataset into a recs_model_t (core/recs_model.h).  It does
 * not print, exit or read the environment; it reports through a callback.
 * Adding a model is one file, one row in recs_trainers.c, tests and a line in
 * the README.
 */

#ifndef _RECS_TRAINER_H_INCLUDED_
#define _RECS_TRAINER_H_INCLUDED_


#include "recs_dataset.h"
#include "recs_model.h"


/* One hyper-parameter: its row in --help, its default and its bounds. */
typedef struct {
    const char  *name;                    /* as in --set name=value */
    double       value;                   /* default */
    double       min;
    double       max;
    int          integer;                 /* 1, or RECS_PARAM_CHOICE */
    const char  *help;
} recs_param_t;

#define RECS_PARAMS_MAX  24

/* One of words, which stand at the head of the help: "a|b|c: what they are".
   The value is the word's place among them. */
#define RECS_PARAM_CHOICE  2


typedef struct {
    uint32_t     epoch;                   /* from 1; 0 before the first */
    uint32_t     n_epochs;
    double       loss;                    /* NAN where not computed */
    double       metric;                  /* validation NDCG@20, or NAN */
    double       seconds;                 /* since training began */
    double       eta_seconds;
} recs_progress_t;

/* recs_checkpoint.h: what a training that was killed goes on from. */
struct recs_checkpoint_s;

/* Vectors of items that were made elsewhere. */
typedef struct {
    uint32_t            n;
    uint32_t            n_factors;
    const float        *values;           /* [n][n_factors], finite */
    const recs_str_t   *ids;              /* [n], each once */
} recs_item_vectors_t;

typedef struct {
    const double   *values;               /* [n_params], checked */
    uint64_t        seed;
    uint32_t        n_threads;
    void          (*progress)(void *data, const recs_progress_t *p);
    void           *progress_data;
    struct recs_checkpoint_s
                   *checkpoint;           /* NULL: none */
    const recs_item_vectors_t
                   *item_vectors;         /* for `content`; NULL: none */
} recs_train_options_t;


typedef struct recs_trained_s  recs_trained_t;

typedef struct {
    const char          *name;            /* as in --model */
    const char          *summary;
    const recs_param_t  *params;          /* [n_params] */
    uint32_t             n_params;

    /*
     * Trains; the result owns its arrays and borrows ids and attributes from
     * the dataset, which must outlive it.  Deterministic for a seed and a
     * number of threads.
     */
    recs_status_t      (*train)(const recs_dataset_t *dataset,
                                const recs_train_options_t *options,
                                recs_trained_t **trained, recs_error_t *err);
} recs_trainer_t;


struct recs_trained_s {
    recs_model_t   model;
    void         (*destroy)(recs_trained_t *trained);
};


/* By name, NULL if there is none; and by position, NULL after the last. */
const recs_trainer_t *recs_trainer_find(const char *name);
const recs_trainer_t *recs_trainer_at(uint32_t i);

/* The position of a parameter; n_params where there is none. */
uint32_t recs_trainer_param(const recs_trainer_t *trainer, const char *name);

/*
 * Sets one of values[trainer->n_params] (defaults from
 * recs_trainer_defaults()) from "name=value".  RECS_INVALID: no such
 * parameter (err lists them), not a number, or out of bounds.
 */
void recs_trainer_defaults(const recs_trainer_t *trainer, double *values);
recs_status_t recs_trainer_set(const recs_trainer_t *trainer, double *values,
    const char *setting, recs_error_t *err);

/*
 * The same for any parameters params[n]; owner, as "model ials", stands in the
 * message.
 */
recs_status_t recs_params_set(const char *owner, const recs_param_t *params,
    uint32_t n, double *values, const char *setting, recs_error_t *err);

/* Writes a value as a setting has it. */
void recs_param_text(const recs_param_t *param, double value, char *text,
    size_t size);


#endif /* _RECS_TRAINER_H_INCLUDED_ */
