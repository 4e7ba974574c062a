/*
 * recs_popularity: how much each item is wanted of late.  Every model carries
 * it: the popular rung needs it.  Private to models/.
 */

#ifndef _RECS_POPULARITY_H_INCLUDED_
#define _RECS_POPULARITY_H_INCLUDED_


#include "recs_dataset.h"


/* The row of a trainer's parameter table. */
#define RECS_POPULARITY_HALF_LIFE                                             \
    { "half_life_days", 0, 0, 36500, 0,                                       \
      "popularity: days after which an interaction counts half, back from "   \
      "the data's last timestamp; 0: no decay" }


/* What a day's age costs: the exponent of 2, per ms; 0: nothing. */
double recs_popularity_rate(double half_life_days);

/* What interaction k counts, at least a little. */
double recs_popularity_weight(const recs_dataset_view_t *view, uint64_t k,
    double rate);

/*
 * A new array [n_items], to be freed, of the sums over an item's
 * interactions of
 *
 *     weight * 2 ^ -((to_ms - time_ms) / half_life)
 *
 * or of weight alone where half_life_days or the interaction's time is 0.
 * weight is the summed value of the events, 1 each unless the data says
 * otherwise.  NULL: out of memory.
 */
float *recs_popularity_create(const recs_dataset_view_t *view,
    double half_life_days);


#endif /* _RECS_POPULARITY_H_INCLUDED_ */
