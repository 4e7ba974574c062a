/*
 * recs_policy: what a policy would have earned, from what another one did
 * (off-policy evaluation).
 *
 * A row is one place in which an item was shown, with the probability that
 * the logging policy gave it, what it earned, and the probability that the
 * evaluated (target) policy would have given it:
 *
 *     weight w = target / propensity
 *     IPS      = sum w r / n                 (Horvitz and Thompson 1952)
 *     SNIPS    = sum w r / sum w             (Swaminathan and Joachims 2015)
 *     DR       = sum (baseline + w (r - expected)) / n
 *                                            (Dudik, Langford, Li 2011)
 *
 * DR is right in the mean if either the propensities or the model of the
 * rewards are right.  Rows of one unit (a visitor) may depend on each other:
 * standard errors are between units, and those of ratios linearised.  A unit
 * of one row gives the textbook's s / sqrt(n).
 *
 * The mean weight is 1 for propensities that are true and cover the policy;
 * the effective sample size is (sum w)^2 / sum w^2 (Kish 1965).  An estimate
 * that rests on too little or on wrong propensities is refused; its numbers
 * are there all the same.
 */

#ifndef _RECS_POLICY_H_INCLUDED_
#define _RECS_POLICY_H_INCLUDED_


#include <stdint.h>


/* Refused below this effective sample size, and below this share of n. */
#define RECS_POLICY_ESS_MIN        100.0
#define RECS_POLICY_ESS_SHARE_MIN  0.01

/* ... and where the mean weight is so many standard errors off 1. */
#define RECS_POLICY_WEIGHT_SE_MAX  5.0


typedef struct {
    double    weight;                  /* target / propensity, >= 0 */
    double    reward;
    double    expected;                /* the model's reward of this item */
    double    baseline;                /* ... of the policy: the sum over the
                                          items of target * expected */
} recs_policy_row_t;

/* The rows of one unit, summed.  Zeroed before the first. */
typedef struct {
    uint64_t  n_rows;
    double    excess;                  /* sum of w - 1: exact where w is 1 */
    double    weighted;                /* sum of w r */
    double    reward;                  /* sum of r */
    double    robust;                  /* sum of DR's terms */
    double    squares;                 /* sum of w^2 */
    double    max_weight;
} recs_policy_unit_t;

#define RECS_POLICY_SUMS  5            /* n, excess, weighted, reward, robust */

/* All units.  Zeroed before the first. */
typedef struct {
    uint64_t  n_units;
    double    sums[RECS_POLICY_SUMS];
    double    products[RECS_POLICY_SUMS][RECS_POLICY_SUMS];
    double    squares;
    double    max_weight;
} recs_policy_t;

typedef struct {
    double    value;
    double    se;
    double    lo;
    double    hi;
} recs_policy_value_t;

/* Bits of recs_policy_estimate_t's refused. */
#define RECS_POLICY_FEW_EFFECTIVE   1      /* under RECS_POLICY_ESS_MIN */
#define RECS_POLICY_FEW_OF_MANY     2      /* under .._ESS_SHARE_MIN of n */
#define RECS_POLICY_FEW_UNITS       4      /* under RECS_POLICY_ESS_MIN */
#define RECS_POLICY_WRONG_WEIGHTS   8      /* over .._WEIGHT_SE_MAX */

typedef struct {
    uint64_t             n_rows;
    uint64_t             n_units;
    recs_policy_value_t  logged;       /* the logging policy's mean reward */
    recs_policy_value_t  ips;
    recs_policy_value_t  snips;
    recs_policy_value_t  dr;
    recs_policy_value_t  gain;         /* dr - logged */
    recs_policy_value_t  weight;       /* the mean weight */
    double               effective;    /* sample size */
    double               max_weight;
    unsigned             refused;      /* 0: can be believed */
} recs_policy_estimate_t;


void recs_policy_row(recs_policy_unit_t *unit, const recs_policy_row_t *row);
void recs_policy_add(recs_policy_t *policy, const recs_policy_unit_t *unit);

/*
 * Intervals are value +- z * se.  No rows: all 0, and refused.
 */
void recs_policy_estimate(const recs_policy_t *policy, double z,
    recs_policy_estimate_t *estimate);


#endif /* _RECS_POLICY_H_INCLUDED_ */
