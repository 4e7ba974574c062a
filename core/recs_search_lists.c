#include "recs_search_private.h"

#include <math.h>


/*
 * Lists are read a few ahead of their use: first where they are, then they
 * themselves.
 */
#define RECS_LISTS_AHEAD  4

#define RECS_LEVELS       128


static void
recs_search_add_u16(uint16_t *bonus, const recs_neighbors_t *list)
{
    uint32_t         i;
    const uint8_t   *weights;
    const uint16_t  *ids;

    ids = list->ids;
    weights = list->weights;

    for (i = 0; i < list->n; i++) {
        bonus[ids[i]] = (uint16_t) (bonus[ids[i]] + weights[i]);
    }
}


static void
recs_search_add_u32(uint16_t *bonus, const recs_neighbors_t *list)
{
    uint32_t         i;
    const uint8_t   *weights;
    const uint32_t  *ids;

    ids = list->ids;
    weights = list->weights;

    for (i = 0; i < list->n; i++) {
        bonus[ids[i]] = (uint16_t) (bonus[ids[i]] + weights[i]);
    }
}


static uint32_t
recs_search_list_item(const recs_search_t *s, const recs_neighbors_t *list,
    uint32_t i)
{
    return s->view->neighbor_id_size == sizeof(uint16_t)
           ? ((const uint16_t *) list->ids)[i]
           : ((const uint32_t *) list->ids)[i];
}


/* Sums that may not fit stay at the highest number. */
static void
recs_search_add_saturating(const recs_search_t *s, uint16_t *bonus,
    const recs_neighbors_t *list)
{
    uint32_t  i, item, sum;

    for (i = 0; i < list->n; i++) {
        item = recs_search_list_item(s, list, i);
        sum = (uint32_t) bonus[item] + list->weights[i];
        bonus[item] = sum < RECS_BONUS_MAX ? (uint16_t) sum : RECS_BONUS_MAX;
    }
}


void
recs_search_add_lists(recs_search_t *s)
{
    uint32_t          i, n;
    recs_neighbors_t  list;

    n = s->query->n_history;

    for (i = 0; i < n; i++) {
        if (i > 0 && i % RECS_SEARCH_LOOK == 0 && recs_search_late(s)) {
            break;
        }

        recs_bundle_neighbors(s->view, s->query->history[i], &list);

        if (list.n > 0) {
            s->highest_bonus += list.weights[0];
        }

        if (n > RECS_BONUS_MAX / RECS_WEIGHT_MAX) {
            recs_search_add_saturating(s, s->scratch->bonus, &list);

        } else if (s->view->neighbor_id_size == sizeof(uint16_t)) {
            recs_search_add_u16(s->scratch->bonus, &list);

        } else {
            recs_search_add_u32(s->scratch->bonus, &list);
        }
    }

    s->n_lists = i;

    if (s->highest_bonus > RECS_BONUS_MAX) {
        s->highest_bonus = RECS_BONUS_MAX;
    }
}


/*
 * Gathers the first entries of every list, each item once: an item's sum is
 * taken out of the accumulator meanwhile.
 */
static uint32_t
recs_search_gather_heads(recs_search_t *s, uint32_t per_list)
{
    uint16_t          *bonus;
    uint32_t           i, j, n, item;
    recs_candidate_t  *c;
    recs_neighbors_t   list;

    c = s->scratch->candidates;
    bonus = s->scratch->bonus;
    n = 0;

    for (i = 0; i < s->n_lists; i++) {
        recs_bundle_neighbors(s->view, s->query->history[i], &list);

        for (j = 0; j < list.n && j < per_list && n < RECS_CANDIDATES; j++) {
            item = recs_search_list_item(s, &list, j);

            if (bonus[item] != 0 && recs_search_wanted(s, item)) {
                c[n].item = item;
                c[n].upper = bonus[item];
                n++;
                bonus[item] = 0;
                recs_search_fetch(s, item);
            }
        }
    }

    for (i = 0; i < n; i++) {
        bonus[c[i].item] = (uint16_t) c[i].upper;
    }

    return n;
}


void
recs_search_heads(recs_search_t *s)
{
    float                     score, found;
    uint32_t                  i, n, k;
    recs_candidate_t         *c;
    recs_search_threshold_t  *t;

    t = &s->scratch->threshold;
    k = s->topk->k;

    if (s->n_lists == 0) {
        return;
    }

    n = recs_search_gather_heads(s, RECS_HEADS * k / s->n_lists + 1);

    if (n < k) {
        return;
    }

    c = s->scratch->candidates;

    for (i = 0; i < n; i++) {
        score = recs_search_exact(s, c[i].item, s->step * c[i].upper);
        recs_search_threshold_push(t, score);
    }

    found = t->value;
    recs_search_threshold_init(t, k, t->highest);
    t->value = found;
}


/*
 * least[j]: no item of level j, or only one of the scanned, reaches the
 * threshold with a smaller sum.  A level is 2^shift items.
 */
static void
recs_search_levels(const recs_search_t *s, uint16_t *least, uint32_t shift)
{
    float     floor, missing;
    uint32_t  j, n, item;

    floor = recs_search_floor(s);
    n = ((s->view->n_items - 1) >> shift) + 1;

    for (j = 0; j < n; j++) {
        item = j << shift;

        if (item < s->scanned) {
            item = s->scanned;
        }

        missing = item < s->view->n_items
                  ? (floor - recs_search_reach(s, item)) / s->step : INFINITY;

        if (missing < 3.0f) {
            least[j] = 1;

        } else {
            least[j] = missing < RECS_BONUS_MAX
                       ? (uint16_t) (missing * (1 - 0x1p-17f)) - 1
                       : RECS_BONUS_MAX;
        }
    }
}


static void
recs_search_harvest_item(recs_search_t *s, uint32_t item, uint32_t sum)
{
    float  bonus, upper;

    bonus = s->step * (float) sum;
    upper = recs_search_reach(s, item) + bonus;

    if (upper >= recs_search_floor(s) && recs_search_wanted(s, item)) {
        recs_search_candidate(s, item, upper, bonus);
    }
}


void
recs_search_harvest(recs_search_t *s)
{
    uint16_t          *bonus, least[RECS_LEVELS];
    uint32_t           i, j, item, sum, shift;
    recs_neighbors_t   list;

    bonus = s->scratch->bonus;
    shift = 0;

    while ((s->view->n_items - 1) >> shift >= RECS_LEVELS) {
        shift++;
    }

    recs_search_levels(s, least, shift);

    for (i = 0; i < s->n_lists; i++) {
        recs_bundle_neighbors(s->view, s->query->history[i], &list);

        for (j = 0; j < list.n; j++) {
            item = recs_search_list_item(s, &list, j);
            sum = bonus[item];
            bonus[item] = 0;

            if (sum >= least[item >> shift] && item >= s->scanned) {
                recs_search_harvest_item(s, item, sum);
            }
        }
    }
}
