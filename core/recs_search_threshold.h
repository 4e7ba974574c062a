/*
 * recs_search_threshold: the k-th best of a stream of lower bounds, or a
 * little less than that.
 *
 * Up to RECS_LADDER_MAX a sorted array, exact after each push.  For a larger
 * k a histogram: the first k bounds are kept and give its range, from the
 * lowest of them to the highest score that is possible; then a push is one
 * count, and the value is the lower edge of a bin, or half a bin below it.
 */

#ifndef _RECS_SEARCH_THRESHOLD_H_INCLUDED_
#define _RECS_SEARCH_THRESHOLD_H_INCLUDED_


#include <stdint.h>

#include "recs_topk.h"


#define RECS_LADDER_MAX     32
#define RECS_LADDER_STEP    8
#define RECS_BINS           2048


typedef struct {
    float     value;            /* -INFINITY until k bounds are in; may be
                                   raised by the caller, who knows more */
    uint32_t  k;

    float     ladder[RECS_LADDER_MAX + RECS_LADDER_STEP];   /* rising, then
                                                               INFINITY */
    float     highest;          /* of the histogram's range */
    float     lowest;
    float     bin_width;
    float     bins_per_unit;
    uint32_t  bin;              /* of the k-th best */
    uint32_t  above;            /* bounds in higher bins */
    uint32_t  n_first;          /* bounds kept; k: counting */
    uint32_t  counts[RECS_BINS];
    float     first[RECS_TOPK_MAX];
} recs_search_threshold_t;


/* k at most RECS_TOPK_MAX; at most a few bounds will be above highest. */
void recs_search_threshold_init(recs_search_threshold_t *t, uint32_t k,
    float highest);

void recs_search_threshold_count(recs_search_threshold_t *t, float bound);


/*
 * The ladder without branches: each rung takes the middle of itself, the rung
 * above and the bound, so that the lowest falls out.
 */
static inline void
recs_search_threshold_push(recs_search_threshold_t *t, float bound)
{
    float     *rung, above;
    uint32_t   i, j;

    if (t->k > RECS_LADDER_MAX) {
        recs_search_threshold_count(t, bound);
        return;
    }

    for (i = 0; i < t->k; i += RECS_LADDER_STEP) {
        rung = t->ladder + i;

        for (j = 0; j < RECS_LADDER_STEP; j++) {
            above = rung[j + 1] < bound ? rung[j + 1] : bound;
            rung[j] = rung[j] > above ? rung[j] : above;
        }
    }

    if (t->ladder[0] > t->value) {
        t->value = t->ladder[0];
    }
}


#endif /* _RECS_SEARCH_THRESHOLD_H_INCLUDED_ */
