/*
 * recs_platt: makes log odds mean what they say (Platt 1999, by the method of
 * Lin, Lin and Weng 2007, "A note on Platt's probabilistic outputs").
 *
 *     p = 1 / (1 + exp(-(scale * score + shift)))
 *
 * scale and shift are those of the greatest likelihood of labels that are kept
 * a little away from 0 and 1: (n1 + 1) / (n1 + 2) and 1 / (n0 + 2), n1 of the
 * examples being of label 1 and n0 of 0.
 */

#ifndef _RECS_PLATT_H_INCLUDED_
#define _RECS_PLATT_H_INCLUDED_


#include <stdint.h>

#include "recs_status.h"


typedef struct {
    double  scale;                            /* never below 0 */
    double  shift;
} recs_platt_t;


/*
 * Fits scores[n] to labels[n], 0 or 1.  Scores that tell the labels wrong way
 * round get scale 0: they say nothing.
 *
 * RECS_INVALID  no examples, all of one label, or a score that is not finite
 */
recs_status_t recs_platt(const double *scores, const float *labels,
    uint64_t n, recs_platt_t *platt, recs_error_t *err);


#endif /* _RECS_PLATT_H_INCLUDED_ */
