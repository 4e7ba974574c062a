/*
 * recs_probability: how good are probabilities that something happens, as a
 * ranking model gives them, where it is known whether it did?
 *
 *     log_loss     mean of -log p of what happened; p is first kept within
 *                  RECS_PROBABILITY_MIN of 0 and 1 (Good 1952)
 *     base         the log loss of telling the mean to everybody
 *     brier        mean of (p - y)^2 (Brier 1950)
 *     accuracy     share where p >= 1/2 says what happened
 *     auc          the chance that what happened has the higher p than what
 *                  did not, ties one half (Mann-Whitney); NAN where all
 *                  happened or nothing did
 *     calibration  the expected calibration error: over RECS_PROBABILITY_BINS
 *                  bins of equal width in p, the bin's share of all times
 *                  |mean p - share that happened| (Naeini et al. 2015)
 */

#ifndef _RECS_PROBABILITY_H_INCLUDED_
#define _RECS_PROBABILITY_H_INCLUDED_


#include <stdint.h>

#include "recs_status.h"


#define RECS_PROBABILITY_BINS  10
#define RECS_PROBABILITY_MIN   1e-7


/* A bin of the calibration curve; nothing in it: n is 0, the others too. */
typedef struct {
    uint32_t                n;
    double                  mean;             /* of p */
    double                  share;            /* that happened */
} recs_probability_bin_t;

typedef struct {
    uint32_t                n;
    double                  log_loss;
    double                  base;
    double                  brier;
    double                  accuracy;
    double                  auc;
    double                  calibration;
    recs_probability_bin_t  bins[RECS_PROBABILITY_BINS];
} recs_probability_t;


/*
 * p[n] between 0 and 1, happened[n] 0 or 1.  RECS_INVALID: n is 0, or a p is
 * no probability.
 */
recs_status_t recs_probability(const float *p, const uint8_t *happened,
    uint32_t n, recs_probability_t *result, recs_error_t *err);


#endif /* _RECS_PROBABILITY_H_INCLUDED_ */
