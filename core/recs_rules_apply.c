#include "recs_rules_apply.h"

#include <float.h>
#include <math.h>
#include <string.h>


/* That of a rule of this very item, or 0. */
static float
recs_rules_delta_item(const recs_rules_force_t *rules, uint32_t item)
{
    uint32_t  low, high, middle;

    low = 0;
    high = rules->n_items;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (rules->boosts[middle].item < item) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low < rules->n_items && rules->boosts[low].item == item
           ? rules->boosts[low].delta : 0.0f;
}


float
recs_rules_delta(const recs_rules_force_t *rules, uint32_t item)
{
    float     delta;
    uint32_t  i;

    delta = recs_rules_delta_item(rules, item);

    for (i = rules->n_items; i < rules->n_boosts; i++) {
        if (recs_bitmap_test(rules->boosts[i].bits, item)) {
            delta += rules->boosts[i].delta;
        }
    }

    return delta;
}


float
recs_rules_boost(const recs_rules_force_t *rules, recs_topk_t *found,
    recs_topk_entry_t *sorting)
{
    int                 moved;
    float               range, delta, score;
    uint32_t            i;
    recs_topk_entry_t  *entry;

    if (found->n == 0) {
        return 0.0f;
    }

    moved = 0;
    range = found->entries[0].score - found->entries[found->n - 1].score;

    if (!(range > 0.0f) || !isfinite(range)) {
        range = 1.0f;
    }

    for (i = 0; i < found->n; i++) {
        entry = &found->entries[i];
        delta = recs_rules_delta(rules, entry->item);

        if (delta != 0.0f) {
            score = entry->score + delta * range;
            entry->score = fmaxf(-FLT_MAX, fminf(FLT_MAX, score));
            moved = 1;
        }
    }

    if (moved) {
        recs_topk_sort_entries(found->entries, found->n, sorting);
    }

    return range;
}


/* Does the filter leave the item, where it is a list? */
static int
recs_rules_left(const recs_allowed_t *allowed, uint32_t item)
{
    uint32_t  low, high, middle;

    if (allowed->items == NULL) {
        return 1;
    }

    low = 0;
    high = allowed->n_items;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (allowed->items[middle] < item) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low < allowed->n_items && allowed->items[low] == item;
}


uint32_t
recs_rules_pins(recs_scratch_t *scratch, const recs_query_t *query,
    const recs_allowed_t *allowed, uint32_t similar_to,
    recs_rules_pin_t *taken)
{
    uint32_t                 i, n, place, next;
    const recs_rules_pin_t  *pin;

    n = 0;
    next = 0;

    for (i = 0; i < query->rules->n_pins; i++) {
        pin = &query->rules->pins[i];
        place = pin->rank - 1 > next ? pin->rank - 1 : next;

        if (place >= query->count) {
            break;
        }

        if (pin->item == similar_to
            || !recs_wanted(scratch, query, allowed, pin->item)
            || !recs_rules_left(allowed, pin->item))
        {
            continue;
        }

        recs_exclude(scratch, pin->item);
        taken[n].item = pin->item;
        taken[n++].rank = place + 1;
        next = place + 1;
    }

    return n;
}


void
recs_rules_place(const recs_rules_pin_t *pins, uint32_t n,
    recs_answer_t *answer)
{
    uint32_t             i, place;
    recs_answer_item_t  *item;

    for (i = 0; i < n; i++) {
        place = pins[i].rank - 1 < answer->n ? pins[i].rank - 1 : answer->n;
        item = &answer->items[place];

        memmove(item + 1, item,
                (answer->n - place) * sizeof(recs_answer_item_t));

        item->item = pins[i].item;
        item->score = 0.0f;
        item->boost = 0.0f;
        item->propensity = 1.0f;
        item->source = RECS_SOURCE_PINNED;

        answer->n++;
    }
}
