#include "recs_search_threshold.h"

#include <float.h>
#include <math.h>
#include <string.h>


void
recs_search_threshold_init(recs_search_threshold_t *t, uint32_t k,
    float highest)
{
    uint32_t  i;

    t->value = -INFINITY;
    t->k = k;
    t->highest = highest;
    t->n_first = 0;

    if (k > RECS_LADDER_MAX) {
        return;
    }

    for (i = 0; i < RECS_LADDER_MAX + RECS_LADDER_STEP; i++) {
        t->ladder[i] = i < k ? -INFINITY : INFINITY;
    }
}


static void
recs_search_threshold_add(recs_search_threshold_t *t, float bound)
{
    float     place;
    uint32_t  bin;

    place = (bound - t->lowest) * t->bins_per_unit;

    if (!(place >= 0.0f)) {
        return;
    }

    bin = place < RECS_BINS - 1 ? (uint32_t) place : RECS_BINS - 1;

    t->counts[bin]++;

    if (bin > t->bin) {
        t->above++;
    }
}


/*
 * Bins of at least 2^-20 of the largest number in the range, so that neither
 * the roundings of a bound's place nor those of an edge come near half a bin.
 */
static void
recs_search_threshold_start(recs_search_threshold_t *t)
{
    float     largest;
    uint32_t  i;

    t->lowest = t->first[0];

    for (i = 1; i < t->k; i++) {
        if (t->first[i] < t->lowest) {
            t->lowest = t->first[i];
        }
    }

    largest = fmaxf(fabsf(t->lowest), fabsf(t->highest));
    t->bin_width = fmaxf((t->highest - t->lowest) / RECS_BINS,
                         fmaxf(largest * 0x1p-20f, FLT_MIN));
    t->bins_per_unit = 1.0f / t->bin_width;
    t->bin = 0;
    t->above = 0;
    memset(t->counts, 0, sizeof(t->counts));

    for (i = 0; i < t->k; i++) {
        recs_search_threshold_add(t, t->first[i]);
    }

    t->value = fmaxf(t->value, t->lowest);
}


void
recs_search_threshold_count(recs_search_threshold_t *t, float bound)
{
    float  edge;

    if (t->n_first < t->k) {
        t->first[t->n_first++] = bound;

        if (t->n_first == t->k) {
            recs_search_threshold_start(t);
        }

        return;
    }

    recs_search_threshold_add(t, bound);

    if (t->above < t->k) {
        return;
    }

    while (t->above >= t->k) {
        t->bin++;
        t->above -= t->counts[t->bin];
    }

    edge = t->lowest + ((float) t->bin - 0.5f) * t->bin_width;

    if (edge > t->value) {
        t->value = edge;
    }
}
