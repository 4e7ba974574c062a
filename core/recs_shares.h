/*
 * recs_shares: what part of an experiment's units each variant gets, as
 * exactly as its hash can draw.
 *
 * A hash of 1000 values cannot give a variant 33.33 %: it gives 33.3 or 33.4.
 * Among a million units that difference is seen by recs_srm.h, which has to
 * expect what will be drawn, not what was asked for.
 */

#ifndef _RECS_SHARES_H_INCLUDED_
#define _RECS_SHARES_H_INCLUDED_


#include "recs_experiment.h"


/*
 * shares[x->n_variants] of a settled experiment, with a sum of 1; all 0 where
 * coverage lets nobody in.
 */
void recs_shares(const recs_experiment_t *x, double *shares);


#endif /* _RECS_SHARES_H_INCLUDED_ */
