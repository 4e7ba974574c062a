/*
 * recs_stats_power: what a test can see, before it is run or to say why it saw
 * nothing.
 *
 * Planned samples are as recs_stats_test.h has them: n, mean and variance of
 * each variant as one supposes them to be; params the ones of the test to
 * come.  The decision meant is the one on the absolute difference; relative
 * is the scale of recs_stats_detectable() alone.  With a confidence sequence
 * all of it is for the one look at these sizes; the looks before it only add.
 * Normal approximation: for tens of units and more.
 */

#ifndef _RECS_STATS_POWER_H_INCLUDED_
#define _RECS_STATS_POWER_H_INCLUDED_


#include "recs_stats_test.h"


/*
 * The probability that the interval of the difference leaves zero out, if
 * these are the truth.
 */
double recs_stats_power(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, const recs_stats_params_t *params);

/*
 * The difference, of either sign and on params' scale, that would be seen with
 * probability power between samples like these.  Infinite if there is nothing
 * to compare.
 */
double recs_stats_detectable(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, const recs_stats_params_t *params,
    double power);

/*
 * The units of both together that show this difference with probability power,
 * in the samples' proportion; whole.  Infinite if there is no difference, or
 * more than 1e15 are needed.
 */
double recs_stats_needed(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, const recs_stats_params_t *params,
    double power);


#endif /* _RECS_STATS_POWER_H_INCLUDED_ */
