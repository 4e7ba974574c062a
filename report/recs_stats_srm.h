/*
 * recs_stats_srm: do the variants have their shares of the units?  Pearson's
 * chi-square against the weights, for one look at a finished log; what is
 * looked at all the time takes the anytime-valid test instead.
 *
 * A broken ratio says that units were lost or found on the way to the log, and
 * not by chance: nothing the variants are compared by can be believed.
 */

#ifndef _RECS_STATS_SRM_H_INCLUDED_
#define _RECS_STATS_SRM_H_INCLUDED_


#include <stdint.h>

#include "recs_status.h"


/* Below this p the ratio is broken. */
#define RECS_STATS_SRM_ALPHA  0.001

/* Units that each variant must be due, for chi-square to hold. */
#define RECS_STATS_SRM_UNITS  8

typedef struct {
    double    chi2;
    double    p;
    unsigned  df;                         /* variants with a weight, less 1 */
} recs_stats_srm_t;


/*
 * counts[n]: units; weights[n]: their due shares, of any sum.  A variant of
 * weight 0 is due nobody: units in it give chi2 infinity and p 0.
 * RECS_REFUSED, and p 1, below two variants with a weight or where one is due
 * less than RECS_STATS_SRM_UNITS.
 */
recs_status_t recs_stats_srm(const uint64_t *counts, const double *weights,
    unsigned n, recs_stats_srm_t *srm);


#endif /* _RECS_STATS_SRM_H_INCLUDED_ */
