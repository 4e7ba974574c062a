/*
 * How good are the probabilities that a ranking model gives its candidates?
 */

#include "recs_evaluate_private.h"

#include <math.h>
#include <stdlib.h>


recs_status_t
recs_evaluate_chances_alloc(recs_evaluate_t *e, recs_error_t *err)
{
    size_t  i, n;

    n = (size_t) e->n_users * e->candidates;
    e->chances = malloc((n + 1) * sizeof(float));
    e->happened = calloc(n + 1, 1);

    if (e->chances == NULL || e->happened == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    for (i = 0; i < n; i++) {
        e->chances[i] = NAN;
    }

    return RECS_OK;
}


static int
recs_evaluate_is_wanted(uint32_t item, const uint32_t *wanted, uint32_t n)
{
    uint32_t  low, high, middle;

    low = 0;
    high = n;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (wanted[middle] < item) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low < n && wanted[low] == item;
}


/* Lower rungs, which fill short lists up, are not ranked. */
void
recs_evaluate_chances(recs_evaluate_t *e, uint32_t i,
    const recs_answer_t *answer, const uint32_t *wanted, uint32_t n_wanted)
{
    size_t                     to;
    uint32_t                   j;
    const recs_answer_item_t  *item;

    to = (size_t) i * e->candidates;

    for (j = 0; j < answer->n && j < e->candidates; j++) {
        item = &answer->items[j];

        if (e->users[i].known && (item->source == RECS_SOURCE_PERSONAL
                                  || item->source == RECS_SOURCE_SESSION))
        {
            e->chances[to + j] = 1 / (1 + expf(-item->score));
            e->happened[to + j] = (uint8_t)
                recs_evaluate_is_wanted(item->item, wanted, n_wanted);
        }
    }
}


recs_status_t
recs_evaluate_probability(recs_evaluate_t *e, recs_probability_t *result,
    recs_error_t *err)
{
    size_t  i, n, all;

    all = (size_t) e->n_users * e->candidates;

    for (i = n = 0; i < all && n < UINT32_MAX; i++) {
        if (!isnan(e->chances[i])) {
            e->chances[n] = e->chances[i];
            e->happened[n++] = e->happened[i];
        }
    }

    return n == 0 ? RECS_OK
           : recs_probability(e->chances, e->happened, (uint32_t) n, result,
                              err);
}
