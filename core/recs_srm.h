/*
 * recs_srm: is the split of an experiment what its weights say?
 *
 * A sample ratio mismatch (variants that get more or fewer units than they
 * should) tells that assignment, delivery or logging is broken, and then no
 * figure of the experiment can be believed.  This test may be looked at after
 * every unit, as often as anybody likes: under the right weights the chance
 * that its p ever falls to alpha is at most alpha.  (A chi-square with a fixed
 * sample size, looked at 500 times at .001, is wrong 30 times as often.)
 *
 * Units must be counted, each once.  Requests of one unit are not independent:
 * counting them flags fair experiments.
 */

#ifndef _RECS_SRM_H_INCLUDED_
#define _RECS_SRM_H_INCLUDED_


#include <stdint.h>


/* Below it an experiment is not to be trusted. */
#define RECS_SRM_ALPHA  0.001


/*
 * The p-value of counts[n] against weights[n], which are in proportion to
 * what is expected, positive and finite, or 0.  1 where there is nothing to
 * compare; 0 where a variant of weight 0 has units, or p is below 1e-308.
 *
 * It is min(1, 1/B), B the Bayes factor of a Dirichlet(RECS_SRM_PRIOR *
 * weights) mixture of multinomials against the multinomial of the weights
 * (M. Lindon and A. Malek, Anytime-Valid Inference for Multinomial Count Data,
 * NeurIPS 2022).  Who looks often keeps the smallest.
 */
double recs_srm_sequential(const uint64_t *counts, const double *weights,
    unsigned n);

/*
 * The prior's weight in units: the larger, the closer to the weights it takes
 * a mismatch to be.  At 1000 the test needs z = 5.4 at a thousand units, 4.3
 * at a hundred thousand and 4.5 at a million, and sees an arm that gets
 * nothing after 126 units.
 */
#define RECS_SRM_PRIOR  1000.0


#endif /* _RECS_SRM_H_INCLUDED_ */
