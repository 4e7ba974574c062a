/*
 * recs_tune: which hyper-parameters to try next.
 *
 * A tree-structured Parzen estimator (Bergstra et al. 2011).  Trial 0 is what
 * was asked for.  The next ones cover the ranges evenly, in an order that the
 * seed shifts.  Then each is, of points drawn around the best quarter of the
 * trials, the one that is likeliest among these against all others.
 *
 * A suggestion depends on the space and on the trials before it, on nothing
 * else: a search that was broken off goes on as if it had not been.
 */

#ifndef _RECS_TUNE_H_INCLUDED_
#define _RECS_TUNE_H_INCLUDED_


#include "recs_trainer.h"


/* Where one of the trainer's parameters is looked for. */
typedef struct {
    uint32_t  param;                      /* its position */
    double    min;
    double    max;
    int       log;                        /* 1: on a logarithmic scale */
} recs_tune_range_t;

typedef struct {
    const recs_trainer_t  *trainer;
    uint64_t               seed;
    uint32_t               n_ranges;      /* 0: nothing to look for */
    recs_tune_range_t      ranges[RECS_PARAMS_MAX];
} recs_tune_space_t;

typedef struct {
    double  values[RECS_PARAMS_MAX];      /* of the trainer's parameters */
    double  quality;                      /* more is better; NAN: it failed */
    double  seconds;
} recs_tune_trial_t;


/*
 * "name=lo:hi": looks for name between the two, on a logarithmic scale where
 * lo is above 0 and hi at least 10 times lo.  RECS_INVALID: no such parameter,
 * no such numbers, out of the parameter's bounds, or named twice.
 */
recs_status_t recs_tune_search(recs_tune_space_t *space, const char *text,
    recs_error_t *err);

/*
 * The ranges that nobody asked for: of parameters that decide the quality of
 * a fit and not what it costs to serve it, around values[n_params], what the
 * trainer took by itself.  Those that are fixed [n_params] are left out.
 */
void recs_tune_ranges(recs_tune_space_t *space, const double *values,
    const uint8_t *fixed);

/*
 * Sets the parameters of ranges in values[n_params], after n trials, at least
 * one.  Values have 4 digits, so that they can be told and read again.
 */
void recs_tune_suggest(const recs_tune_space_t *space,
    const recs_tune_trial_t *trials, uint32_t n, double *values);

/* The best of n trials, the first of equals; n where all have failed. */
uint32_t recs_tune_best(const recs_tune_trial_t *trials, uint32_t n);


#endif /* _RECS_TUNE_H_INCLUDED_ */
