/*
 * recs_stats_bootstrap: how sure is a mean difference of two models that
 * answered the same users?
 *
 * The paired bootstrap over users: their differences are drawn with
 * replacement, all metrics of a user together, and the mean of each resample
 * taken.  The interval is BCa, bias-corrected and accelerated (Efron and
 * Tibshirani 1993, 14.3): with z0 from the share of resamples below the
 * estimate, ties one half, and the acceleration of a mean, sum of (x - mean)^3
 * over 6 (sum of (x - mean)^2)^1.5, which the jackknife gives exactly, it lies
 * between the resamples' quantiles
 *
 *     Phi(z0 + (z0 +- z) / (1 - a (z0 +- z)))
 *
 * Users are what is drawn: nothing is said of other data, or of training again
 * with another seed.
 */

#ifndef _RECS_STATS_BOOTSTRAP_H_INCLUDED_
#define _RECS_STATS_BOOTSTRAP_H_INCLUDED_


#include <stdint.h>

#include "recs_status.h"


#define RECS_STATS_RESAMPLES      10000
#define RECS_STATS_BOOTSTRAP_MAX  16


typedef struct {
    uint32_t  n_resamples;
    uint64_t  seed;
    double    alpha;                      /* 0.05: intervals of 95 % */
} recs_stats_bootstrap_params_t;

typedef struct {
    double    estimate;                   /* the mean */
    double    lo, hi;
} recs_stats_bootstrap_t;


/*
 * differences is [n][m], m at most RECS_STATS_BOOTSTRAP_MAX; results [m].  All
 * differences alike: lo and hi are the estimate.  A metric with a difference
 * that is not finite has NAN.  The same result for the same seed.
 *
 * RECS_INVALID: less than two users, or no metric, or too many.
 */
recs_status_t recs_stats_bootstrap(const double *differences, uint32_t n,
    uint32_t m, const recs_stats_bootstrap_params_t *params,
    recs_stats_bootstrap_t *results, recs_error_t *err);


#endif /* _RECS_STATS_BOOTSTRAP_H_INCLUDED_ */
