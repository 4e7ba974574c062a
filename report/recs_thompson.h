/*
 * recs_thompson: how often a bandit should draw each arm (Thompson 1933;
 * Chapelle and Li 2011).
 *
 * An arm is drawn as often as it is believed to be the best: the share of
 * seeded draws from the arms' posteriors in which it is.  Of a rate the
 * posterior is Beta(1 + successes, 1 + failures).  Of a mean it is normal,
 * with a prior worth one unit like those of all arms together: an arm that
 * nobody has met yet may be anywhere.
 */

#ifndef _RECS_THOMPSON_H_INCLUDED_
#define _RECS_THOMPSON_H_INCLUDED_


#include <stdint.h>


#define RECS_THOMPSON_ARMS_MAX  16
#define RECS_THOMPSON_DRAWS     100000

/* Probabilities are multiples of 1 / RECS_THOMPSON_STEPS, as draws are. */
#define RECS_THOMPSON_STEPS     10000


typedef enum {
    RECS_THOMPSON_RATE,
    RECS_THOMPSON_MEAN
} recs_thompson_kind_t;

typedef struct {
    uint64_t  n;                       /* units */
    double    mean;                    /* of a rate: the share, 0 to 1 */
    double    variance;                /* of a mean: between units */
} recs_thompson_arm_t;


/*
 * best[n]: the share of n_draws in which the arm is best, summing to 1.
 * lower: the least is the best.
 *
 * Returns 0, and best is not set, where the arms say nothing: there are no
 * units, or no outcome at all.
 */
int recs_thompson_best(const recs_thompson_arm_t *arms, unsigned n,
    recs_thompson_kind_t kind, int lower, uint32_t n_draws, uint64_t seed,
    double *best);

/*
 * best as probabilities of at least floor, in steps: each arm has the floor,
 * what is left is shared out by best.  steps[n] sum to RECS_THOMPSON_STEPS.
 * 0 <= floor <= 1 / n.
 */
void recs_thompson_steps(const double *best, unsigned n, double floor,
    uint32_t *steps);


#endif /* _RECS_THOMPSON_H_INCLUDED_ */
