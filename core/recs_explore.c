#include "recs_explore.h"


/* splitmix64 (Steele, Lea, Flood 2014); a number below n, n > 0. */
static uint32_t
recs_explore_draw(uint64_t *random, uint32_t n)
{
    uint64_t  x;

    x = *random += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    x ^= x >> 31;

    return (uint32_t) (((x >> 32) * n) >> 32);
}


/* popular_items from here on are new: nobody has met them. */
static uint32_t
recs_explore_first(const recs_bundle_view_t *view)
{
    uint32_t  low, high, middle;

    low = 0;
    high = view->n_items;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (view->popularity[view->popular_items[middle]] > 0.0f) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low;
}


/*
 * Draws one of the new items that may be shown; RECS_ITEM_NO: there is none.
 * chance: with what probability it was drawn.
 */
static uint32_t
recs_explore_item(const recs_bundle_view_t *view,
    const recs_scratch_t *scratch, const recs_query_t *query,
    const recs_allowed_t *allowed, uint64_t *random, float *chance)
{
    uint32_t         i, n, at, first, n_stretch, n_wanted;
    const uint32_t  *items;
    uint32_t         wanted[RECS_EXPLORE_ITEMS];

    if (allowed->items != NULL) {
        items = allowed->items;
        n = allowed->n_items;

    } else {
        first = recs_explore_first(view);
        items = view->popular_items + first;
        n = view->n_items - first;
    }

    if (n == 0) {
        return RECS_ITEM_NO;
    }

    at = recs_explore_draw(random, n);
    at -= at % RECS_EXPLORE_ITEMS;
    n_stretch = n - at < RECS_EXPLORE_ITEMS ? n - at : RECS_EXPLORE_ITEMS;
    n_wanted = 0;

    for (i = at; i < at + n_stretch; i++) {
        wanted[n_wanted] = items[i];
        n_wanted += !(view->popularity[items[i]] > 0.0f)
                    && recs_wanted(scratch, query, allowed, items[i]);
    }

    if (n_wanted == 0) {
        return RECS_ITEM_NO;
    }

    *chance = (float) n_stretch / (float) n / (float) n_wanted;

    return wanted[recs_explore_draw(random, n_wanted)];
}


void
recs_explore(const recs_bundle_view_t *view, recs_scratch_t *scratch,
    const recs_query_t *query, const recs_allowed_t *allowed,
    recs_answer_t *answer)
{
    float                share, chance;
    uint32_t             i, place, item;
    uint64_t             random;
    recs_answer_item_t  *taken;

    for (i = 0; i < answer->n; i++) {
        answer->items[i].propensity = 1.0f;
    }

    if (!(query->explore > 0.0f) || answer->n < 2
        || view->popularity == NULL)
    {
        return;
    }

    share = query->explore / (float) (answer->n - 1);

    for (i = 1; i < answer->n; i++) {
        answer->items[i].propensity = 1.0f - share;
    }

    random = query->random;

    if ((double) recs_explore_draw(&random, UINT32_MAX)
        >= (double) query->explore * UINT32_MAX)
    {
        return;
    }

    place = 1 + recs_explore_draw(&random, answer->n - 1);
    item = recs_explore_item(view, scratch, query, allowed, &random, &chance);

    if (item != RECS_ITEM_NO) {
        taken = &answer->items[place];

        taken->item = item;
        taken->score = 0.0f;
        taken->boost = 0.0f;
        taken->propensity = share * chance;
        taken->source = RECS_SOURCE_EXPLORE;
    }
}
