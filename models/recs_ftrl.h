/*
 * recs_ftrl: logistic regression over many features of which an example has
 * few, learned an example at a time: FTRL-Proximal (McMahan et al. 2013, "Ad
 * click prediction: a view from the trenches", algorithm 1).
 *
 *     w_i = 0                                            where |z_i| <= l1
 *           (sign(z_i) l1 - z_i)
 *               / ((smoothing + sqrt(n_i)) / learning_rate + l2)      else
 *     p   = 1 / (1 + exp(-sum of w_i x_i))
 *     g_i = (p - y) x_i
 *     z_i += g_i - (sqrt(n_i + g_i^2) - sqrt(n_i)) / learning_rate * w_i
 *     n_i += g_i^2
 *
 * Each feature has a rate of its own, which falls as it is met, and l1 keeps
 * at 0 the weights of what is met too seldom to say anything.  Weight 0 is the
 * intercept: nothing punishes it.
 */

#ifndef _RECS_FTRL_H_INCLUDED_
#define _RECS_FTRL_H_INCLUDED_


#include <stdint.h>


typedef struct {
    double    learning_rate;                  /* the paper's alpha, > 0 */
    double    smoothing;                      /* its beta, >= 0 */
    double    l1;                             /* >= 0 */
    double    l2;                             /* >= 0 */
} recs_ftrl_params_t;

typedef struct {
    uint32_t  feature;                        /* below n_features; not 0 */
    float     value;
} recs_ftrl_term_t;

typedef struct recs_ftrl_s  recs_ftrl_t;


/* NULL: no memory.  n_features counts the intercept. */
recs_ftrl_t *recs_ftrl_create(uint32_t n_features,
    const recs_ftrl_params_t *params);
void recs_ftrl_destroy(recs_ftrl_t *ftrl);

/* The log odds of an example by the weights so far. */
double recs_ftrl_score(const recs_ftrl_t *ftrl, const recs_ftrl_term_t *terms,
    uint32_t n);

/*
 * Learns that the label of an example, of distinct features, is 0 or 1;
 * returns what recs_ftrl_score() would have.
 */
double recs_ftrl_learn(recs_ftrl_t *ftrl, const recs_ftrl_term_t *terms,
    uint32_t n, int label);

/* The weights as they are now: [n_features]. */
void recs_ftrl_weights(const recs_ftrl_t *ftrl, float *weights);


#endif /* _RECS_FTRL_H_INCLUDED_ */
