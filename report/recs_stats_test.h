/*
 * recs_stats_test: is a treatment's mean another than the control's, by how
 * much, and how sure is that?
 *
 * Each variant is first made a sample: the mean over its units, and the
 * variance of what one unit adds to that mean.  Two samples are then compared,
 * in the metric's unit or relative to the control (delta method), with an
 * interval for
 *
 *   - one look, decided on before the data was seen: Welch's t; or
 *   - any number of looks, stopping when one likes: the asymptotic confidence
 *     sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021, arXiv
 *     2103.06476v7: equations 9, 155 and 161), over all units of both samples.
 *     A fixed test looked at 100 times calls 38 % of A/A tests won.
 *
 * The choices are GrowthBook's, and its published vectors are in the test: the
 * t has the degrees of freedom of the absolute difference, also when that is
 * relative.
 *
 * Decide by the absolute difference and tell the lift by recs_stats_lift():
 * where the control is not known to a few percent the relative uplift is
 * skewed, and the delta method's interval of it may hold zero where the
 * difference does not.
 */

#ifndef _RECS_STATS_TEST_H_INCLUDED_
#define _RECS_STATS_TEST_H_INCLUDED_


#include "recs_moments.h"
#include "recs_status.h"


/* Where a confidence sequence is about at its narrowest: units of both. */
#define RECS_STATS_TUNING  5000

typedef struct {
    double    alpha;                      /* 0.05: intervals of 95 % */
    double    tuning;                     /* units; 0: one look */
    unsigned  relative:1;
} recs_stats_params_t;

typedef struct {
    uint64_t  n;                          /* units */
    double    mean;
    double    variance;                   /* of one unit's share in it */
} recs_stats_sample_t;

typedef struct {
    double  estimate;                     /* treatment against control */
    double  se;
    double  lo, hi;                       /* interval of level 1 - alpha */
    double  p;                            /* two-sided */
} recs_stats_result_t;

/* What all variants together say of a covariate. */
typedef struct {
    double  theta;                        /* outcome per covariate */
    double  mean;                         /* of the covariate */
} recs_stats_cuped_t;


/* A mean over units: revenue, clicks. */
recs_stats_sample_t recs_stats_mean(const recs_moments_t *m);

/* A rate of units: n_ones of n converted. */
recs_stats_sample_t recs_stats_rate(uint64_t n_ones, uint64_t n);

/*
 * The sum of y over the sum of x, where both belong to units: clicks per
 * exposure.  Exposures of one unit are not independent, so the unit's are
 * taken together (delta method).  No units, or no x: n is 0.
 */
recs_stats_sample_t recs_stats_ratio(const recs_pair_moments_t *m);

/*
 * CUPED (Deng, Xu, Kohavi and Walker 2013): what x of the time before the
 * experiment foretells of y is taken out of y; correlation r leaves 1 - r^2 of
 * the variance.  Theta is the slope inside the n_variants, 0 if x does not
 * vary.  Each adjusted mean stays on y's scale.
 */
recs_stats_cuped_t recs_stats_cuped(const recs_pair_moments_t *variants,
    unsigned n_variants);
recs_stats_sample_t recs_stats_adjusted(const recs_pair_moments_t *m,
    const recs_stats_cuped_t *cuped);

/*
 * One sample of strata: days, countries, times of equal weights.  shares[n],
 * which sum to 1, are the strata's of all units, the same for each variant; so
 * that a variant which was given its units at a better time wins nothing by
 * that.  n is 0 where a stratum with a share has less than two units.
 */
recs_stats_sample_t recs_stats_weighted(const recs_stats_sample_t *strata,
    const double *shares, unsigned n);

/*
 * Compares.  RECS_REFUSED where there is nothing to compare: a sample below
 * two units, no variance at all, a relative uplift over a control that is not
 * above zero, values so large that they overflow.  *result is then what says
 * nothing: estimate and se 0, all real numbers, p 1.
 */
recs_status_t recs_stats_test(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, const recs_stats_params_t *params,
    recs_stats_result_t *result);

/*
 * The relative uplift in an interval that holds zero exactly if the one of the
 * absolute difference does, with the difference's p (Fieller 1954: the ratios
 * R for which treatment - R control may be zero).  params->relative is not
 * read.  All real numbers, where the control itself may be zero.  RECS_REFUSED
 * as a relative recs_stats_test().
 */
recs_status_t recs_stats_lift(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, const recs_stats_params_t *params,
    recs_stats_result_t *result);

/*
 * The half-width of the interval in standard errors, for samples of at least
 * two units of these variances.
 */
double recs_stats_half_width(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, const recs_stats_params_t *params);


#endif /* _RECS_STATS_TEST_H_INCLUDED_ */
