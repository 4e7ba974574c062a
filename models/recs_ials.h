/*
 * recs_ials: what ials takes where a person did not say.  Private to models/.
 *
 * An item's unobserved users together weigh as much as 600 observations, or
 * the unobserved pairs ten times the observed ones, whichever is more.  Both
 * rules of thumb meet what was tuned for Gowalla (weight 0.0224,
 * regularization 0.00075 at 64 and 128 factors, 0.0022 at 256) and MovieLens
 * latest-small (1, 0.003 at 128 factors) in quality; the optimum is flat.
 */

#ifndef _RECS_IALS_H_INCLUDED_
#define _RECS_IALS_H_INCLUDED_


#include "recs_dataset.h"


double recs_ials_unobserved_weight(const recs_dataset_view_t *view);
double recs_ials_regularization(double n_factors, double unobserved_weight);


#endif /* _RECS_IALS_H_INCLUDED_ */
