#include "recs_evaluate_recent.h"

#include <stdlib.h>

#include "recs_bundle.h"


static int
recs_evaluate_met_compare(const void *one, const void *two)
{
    const recs_evaluate_met_t  *a, *b;

    a = one;
    b = two;

    if (a->order != b->order) {
        return a->order < b->order ? 1 : -1;
    }

    return a->item < b->item ? -1 : a->item > b->item;
}


/*
 * A hash of both (the finaliser of splitmix64): without times it draws a
 * user's items evenly.
 */
static int64_t
recs_evaluate_draw(uint32_t user, uint32_t item)
{
    uint64_t  z;

    z = ((uint64_t) user << 32 | item) + 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;

    return (int64_t) ((z ^ (z >> 31)) >> 1);
}


uint32_t
recs_evaluate_recent(const recs_dataset_view_t *known, uint32_t user,
    const uint32_t *numbers, recs_evaluate_met_t *met, uint32_t *recent)
{
    uint32_t  i, n, item;
    uint64_t  k;

    n = 0;

    for (k = known->user_offsets[user]; k < known->user_offsets[user + 1];
         k++)
    {
        item = numbers[known->items[k]];

        if (item != RECS_ITEM_NO) {
            met[n].order = known->to_ms != 0
                           ? known->times_ms[k]
                           : recs_evaluate_draw(user, known->items[k]);
            met[n++].item = item;
        }
    }

    qsort(met, n, sizeof(recs_evaluate_met_t), recs_evaluate_met_compare);

    for (i = 0; i < n; i++) {
        recent[i] = met[i].item;
    }

    return n;
}
