/*
 * recs_stats_chance: a result in the words in which it is asked for: how
 * likely is the treatment the better one, and what does choosing wrongly cost?
 *
 * The posterior of a flat prior, normal about the estimate.  It knows nothing
 * of how often one has looked: a display beside the verdict, never the
 * verdict.
 */

#ifndef _RECS_STATS_CHANCE_H_INCLUDED_
#define _RECS_STATS_CHANCE_H_INCLUDED_


#include "recs_stats_test.h"


typedef struct {
    double  win;                          /* P(treatment > control) */

    /*
     * What is given away on average by staying with the control, and by
     * taking the treatment, in the estimate's unit.
     */
    double  risk_control;
    double  risk_treatment;
} recs_stats_chance_t;


/* A result that was refused, se 0, gives 0.5 and no risks. */
recs_stats_chance_t recs_stats_chance(const recs_stats_result_t *result);


#endif /* _RECS_STATS_CHANCE_H_INCLUDED_ */
