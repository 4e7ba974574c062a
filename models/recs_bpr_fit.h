/*
 * recs_bpr_fit: Bayesian personalised ranking (Rendle et al. 2009) by
 * stochastic gradient descent.  Private to models/.
 *
 * Vectors of users p and of items q are to minimise, over triples of a user,
 * an item that he has met and one that he has not,
 *
 *     -ln sigma(p (q_i - q_j))
 *         + regularization / 2 (|p|^2 + |q_i|^2 + |q_j|^2)
 *
 * The last coordinate of p is 1 and stays so: that of q is the item's bias.
 *
 * Users and items are dealt into RECS_BPR_BLOCKS blocks each, items anew for
 * every epoch.  A part of an epoch is one block of users with one of items,
 * from which the items not met are drawn as well; parts that share neither
 * run side by side.  So there are no races, and the result is the same from
 * any number of threads.
 */

#ifndef _RECS_BPR_FIT_H_INCLUDED_
#define _RECS_BPR_FIT_H_INCLUDED_


#include "recs_dataset.h"
#include "recs_threads.h"


#define RECS_BPR_BLOCKS  8


typedef struct {
    uint32_t  n_factors;                  /* with the bias: 2 at least */
    uint32_t  n_epochs;                   /* over which the rate falls */
    double    learning_rate;              /* at first; falls to a tenth */
    double    regularization;
    uint64_t  seed;
} recs_bpr_params_t;

typedef struct recs_bpr_fit_s  recs_bpr_fit_t;


/* RECS_NOMEM.  What it is given must outlive it. */
recs_status_t recs_bpr_fit_create(recs_bpr_fit_t **fit,
    const recs_dataset_view_t *view, const recs_bpr_params_t *params,
    recs_error_t *err);
void recs_bpr_fit_destroy(recs_bpr_fit_t *fit);

/* users [n_users][n_factors], items [n_items][n_factors]: where it begins. */
void recs_bpr_fit_start(const recs_bpr_fit_t *fit, float *users,
    float *items);

/* Epoch 0, 1, ...: one triple for each interaction.  Returns the mean loss
   without the regularization, each triple's before its step. */
double recs_bpr_fit_epoch(recs_bpr_fit_t *fit, uint32_t epoch, float *users,
    float *items, recs_threads_t *threads);

/* One step of descent on one triple of rows [n]; returns its loss. */
float recs_bpr_step(float *user, float *met, float *other, uint32_t n,
    float rate, float regularization);


#endif /* _RECS_BPR_FIT_H_INCLUDED_ */
