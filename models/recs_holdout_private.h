/*
 * recs_holdout_private: a holdout, for the files that score it.
 */

#ifndef _RECS_HOLDOUT_PRIVATE_H_INCLUDED_
#define _RECS_HOLDOUT_PRIVATE_H_INCLUDED_


#include "recs_holdout.h"
#include "recs_topk.h"


#define RECS_HOLDOUT_K      20
#define RECS_HOLDOUT_BLOCK  16           /* users scored at once */


typedef struct {
    int64_t   time_ms;
    uint32_t  item;
} recs_holdout_touched_t;

/* A thread's. */
typedef struct {
    float                   *vectors;    /* [BLOCK][stride] */
    float                   *dots;       /* [BLOCK][n_items] */
    float                   *sums;       /* [n_items], 0 between users */
    uint32_t                *met;        /* [n_items + 1] */
    recs_holdout_touched_t  *touched;    /* [longest history] */
} recs_holdout_scratch_t;

/* What is known of a user whatever the lists. */
typedef struct {
    uint32_t           user;
    uint32_t           n_best;
    recs_topk_entry_t  best[RECS_HOLDOUT_K];     /* by the vectors alone */
    double             ndcg;
    double             deviation;                /* of the dots */
} recs_holdout_user_t;

struct recs_holdout_s {
    const recs_dataset_view_t  *train;
    const recs_dataset_view_t  *test;
    const float                *user_factors;
    const float                *item_factors;
    uint32_t                    stride;
    recs_threads_t             *threads;

    float                      *norms;           /* [n_items] */
    uint8_t                    *sources;         /* [n_items] */
    recs_holdout_user_t        *users;           /* [n_users] */
    uint32_t                    n_users;
    recs_holdout_scratch_t     *scratch;         /* [n_threads] */

    /* Of one call of recs_holdout_lists(). */
    const recs_holdout_lists_t *lists;
    float                       weights[RECS_HOLDOUT_WEIGHTS];
    uint32_t                    n_weights;
    float                       heaviest;        /* of the weights */
    double                     *ndcg;            /* [n_users][WEIGHTS] */
    double                     *ratios;          /* [n_users] */
};


/* NDCG of what a user was answered. */
double recs_holdout_gain(const recs_holdout_t *h, uint32_t user,
    const recs_topk_t *topk);

/* The standard deviation of n numbers. */
double recs_holdout_deviation(double sum, double squares, uint32_t n);

float recs_holdout_dot(const float *a, const float *b, uint32_t n);

/* Calls run for blocks of RECS_HOLDOUT_BLOCK users, on all threads. */
void recs_holdout_run(recs_holdout_t *h, recs_chunk_fn run);


#endif /* _RECS_HOLDOUT_PRIVATE_H_INCLUDED_ */
