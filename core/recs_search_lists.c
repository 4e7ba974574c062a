#include "recs_search_private.h"

#include <math.h>
#include <string.h>


#define RECS_LISTS_AHEAD  4
#define RECS_LEVELS       128

/*
 * Items that the accumulator is read and cleared for in the time of one entry
 * of a list.
 */
#define RECS_ITEMS_PER_ENTRY  40
#define RECS_LEAST_NEVER  UINT16_MAX    /* more than sums come to */

#define RECS_LISTS_INLINE  static inline __attribute__((always_inline))

/* Also where the user's own list takes the place of one of the history's. */
_Static_assert(RECS_HISTORY_MAX * RECS_WEIGHT_MAX < RECS_LEAST_NEVER,
               "no sum of weights leaves its 16 bits");


RECS_LISTS_INLINE uint32_t
recs_list_item(const recs_neighbors_t *list, unsigned id_size, uint32_t i)
{
    return id_size == sizeof(uint16_t) ? ((const uint16_t *) list->ids)[i]
                                       : ((const uint32_t *) list->ids)[i];
}


/* Where list i lies, and its lines on their way. */
static void
recs_search_open_list(recs_search_t *s, uint32_t i)
{
    const char        *from, *end;
    recs_neighbors_t  *list;

    list = &s->scratch->lists[i];
    recs_bundle_neighbors(s->view, s->query->history[i], list);

    end = (const char *) list->weights + list->n;

    for (from = list->ids; from < end; from += 64) {
        __builtin_prefetch(from);
    }
}


RECS_LISTS_INLINE void
recs_search_add(uint16_t *bonus, uint32_t item, uint32_t weight)
{
    bonus[item] = (uint16_t) (bonus[item] + weight);
}


RECS_LISTS_INLINE void
recs_search_add_list(uint16_t *bonus, const recs_neighbors_t *list,
    unsigned id_size)
{
    uint32_t  i;

#pragma GCC unroll 4
    for (i = 0; i < list->n; i++) {
        recs_search_add(bonus, recs_list_item(list, id_size, i),
                        list->weights[i]);
    }
}


/* Four numbers and four weights a load: loads are what bounds it. */
static void
recs_search_add_short_list(uint16_t *bonus, const recs_neighbors_t *list)
{
    uint32_t          i, j, n, weights;
    uint64_t          items;
    recs_neighbors_t  rest;

    n = list->n / 4 * 4;

    for (i = 0; i < n; i += 4) {
        memcpy(&items, (const uint16_t *) list->ids + i, sizeof(uint64_t));
        memcpy(&weights, list->weights + i, sizeof(uint32_t));

#pragma GCC unroll 4
        for (j = 0; j < 4; j++) {
            recs_search_add(bonus, items >> (16 * j) & UINT16_MAX,
                            weights >> (8 * j) & UINT8_MAX);
        }
    }

    rest.ids = (const uint16_t *) list->ids + n;
    rest.weights = list->weights + n;
    rest.n = list->n - n;
    recs_search_add_list(bonus, &rest, sizeof(uint16_t));
}


static void
recs_search_add_any_list(const recs_search_t *s, uint16_t *sums,
    const recs_neighbors_t *list)
{
    if (s->view->neighbor_id_size == sizeof(uint16_t)) {
        recs_search_add_short_list(sums, list);
    } else {
        recs_search_add_list(sums, list, sizeof(uint32_t));
    }
}


static void
recs_search_add_opposed(const recs_search_t *s, uint32_t item)
{
    recs_neighbors_t  list;

    recs_bundle_opposed(s->view, item, &list);
    recs_search_add_any_list(s, s->opposed, &list);
}


void
recs_search_clear_opposed(recs_search_t *s)
{
    uint32_t          i, j;
    recs_neighbors_t  list;

    for (i = 0; i < s->n_opposed; i++) {
        recs_bundle_opposed(s->view, s->query->history[i], &list);

        for (j = 0; j < list.n; j++) {
            s->opposed[recs_list_item(&list, s->view->neighbor_id_size, j)]
                                                                        = 0;
        }
    }
}


void
recs_search_add_lists(recs_search_t *s)
{
    uint32_t  i, n;

    n = s->query->n_history;

    for (i = 0; i < n; i++) {
        __builtin_prefetch(recs_table_row(&s->view->neighbor_spans,
                                          s->query->history[i]));
    }

    for (i = 0; i < n && i < RECS_LISTS_AHEAD; i++) {
        recs_search_open_list(s, i);
    }

    for (i = 0; i < n; i++) {
        if (i > 0 && i % RECS_SEARCH_LOOK == 0 && recs_search_late(s)) {
            break;
        }

        if (i + RECS_LISTS_AHEAD < n) {
            recs_search_open_list(s, i + RECS_LISTS_AHEAD);
        }

        recs_search_add_any_list(s, s->bonus, &s->scratch->lists[i]);

        if (s->opposed != NULL) {
            recs_search_add_opposed(s, s->query->history[i]);
        }
    }

    s->n_lists = i;
    s->n_opposed = s->opposed != NULL ? i : 0;

    if (s->query->user_list != NULL && !s->late) {
        s->scratch->lists[s->n_lists++] = *s->query->user_list;
        recs_search_add_any_list(s, s->bonus, s->query->user_list);
    }
}


/* Scores it now; neither the scan nor the harvest is to do it again. */
static void
recs_search_head(recs_search_t *s, uint32_t item)
{
    float  bonus;

    bonus = s->step * (float) s->bonus[item];

    s->bonus[item] = 0;
    recs_bitmap_set(s->scratch->scored, item);
    s->scratch->heads[s->n_heads++] = item;

    recs_search_wait(s, item, INFINITY, bonus);
}


void
recs_search_heads(recs_search_t *s)
{
    uint32_t                 i, j, item, per_list;
    const recs_neighbors_t  *list;

    if (s->n_lists == 0) {
        return;
    }

    per_list = RECS_HEADS * s->threshold->k / s->n_lists + 1;

    for (i = 0; i < s->n_lists; i++) {
        list = &s->scratch->lists[i];

        for (j = 0; j < list->n && j < per_list; j++) {
            item = recs_list_item(list, s->view->neighbor_id_size, j);

            if (s->n_heads < RECS_HEADS_MAX && s->bonus[item] != 0
                && recs_search_wanted(s, item))
            {
                recs_search_head(s, item);
            }
        }
    }

    recs_search_settle(s, 0);
}


/* The least weight of the heaviest n; 0: of all. */
static uint32_t
recs_search_weight(const recs_neighbors_t *list, uint32_t n)
{
    uint32_t  i, weight, counts[RECS_WEIGHT_MAX + 1];

    if (n >= list->n) {
        return 0;
    }

    memset(counts, 0, sizeof(counts));

    for (i = 0; i < list->n; i++) {
        counts[list->weights[i]]++;
    }

    for (weight = RECS_WEIGHT_MAX; n > counts[weight]; weight--) {
        n -= counts[weight];
    }

    return weight;
}


void
recs_search_seeds(recs_search_t *s)
{
    uint32_t                 i, item, weight;
    const recs_neighbors_t  *list;

    recs_search_open_list(s, 0);
    list = &s->scratch->lists[0];
    weight = recs_search_weight(list, RECS_SEEDS * s->threshold->k);

    for (i = 0; i < list->n && s->n_heads < RECS_HEADS_MAX; i++) {
        item = recs_list_item(list, s->view->neighbor_id_size, i);

        if (list->weights[i] >= weight && recs_search_wanted(s, item)) {
            recs_bitmap_set(s->scratch->scored, item);
            s->scratch->heads[s->n_heads++] = item;
            recs_search_wait(s, item, INFINITY, 0.0f);
        }
    }

    recs_search_settle(s, 0);
}


void
recs_search_forget_heads(recs_search_t *s)
{
    uint32_t  i;

    for (i = 0; i < s->n_heads; i++) {
        recs_bitmap_clear(s->scratch->scored, s->scratch->heads[i]);
    }
}


/*
 * least[j]: no item of level j that was not scanned reaches the threshold
 * with a smaller sum.  A level is 2^shift items.
 */
static void
recs_search_levels(const recs_search_t *s, uint16_t *least, uint32_t shift)
{
    float     missing;
    uint32_t  j, n, item, end;

    n = ((s->view->n_items - 1) >> shift) + 1;

    for (j = 0; j < n; j++) {
        item = j << shift;
        end = (j + 1) << shift;

        if (end <= s->scanned || s->scanned == s->view->n_items) {
            least[j] = RECS_LEAST_NEVER;
            continue;
        }

        item = item < s->scanned ? s->scanned : item;
        missing = (s->threshold->value - recs_search_reach(s, item))
                  / s->step * (1 - 0x1p-17f);

        if (missing < 3.0f) {
            least[j] = 1;

        } else {
            least[j] = missing < RECS_LEAST_NEVER
                       ? (uint16_t) missing - 1 : RECS_LEAST_NEVER;
        }
    }
}


static void
recs_search_harvest_item(recs_search_t *s, uint32_t item, uint32_t sum)
{
    float  bonus, upper;

    bonus = s->step * (float) sum;
    upper = recs_search_reach(s, item) + bonus;

    if (item >= s->scanned && upper >= s->threshold->value
        && recs_search_wanted(s, item))
    {
        recs_search_wait(s, item, upper, bonus);
    }
}


RECS_LISTS_INLINE void
recs_search_harvest_list(recs_search_t *s, const recs_neighbors_t *list,
    unsigned id_size, const uint16_t *least, uint32_t shift)
{
    uint16_t  *bonus;
    uint32_t   i, item, sum;

    bonus = s->bonus;

#pragma GCC unroll 4
    for (i = 0; i < list->n; i++) {
        item = recs_list_item(list, id_size, i);
        sum = bonus[item];
        bonus[item] = 0;

        if (sum >= least[item >> shift]) {
            recs_search_harvest_item(s, item, sum);
        }
    }
}


/* By the lists once more: their entries are few beside the items. */
static void
recs_search_harvest_lists(recs_search_t *s)
{
    uint16_t                 least[RECS_LEVELS];
    uint32_t                 i, shift, end;
    const recs_neighbors_t  *list;

    shift = 0;

    while ((s->view->n_items - 1) >> shift >= RECS_LEVELS) {
        shift++;
    }

    recs_search_levels(s, least, shift);

    for (i = 0; i < s->n_lists; i++) {
        list = &s->scratch->lists[i];
        end = s->end_waiting;

        if (s->view->neighbor_id_size == sizeof(uint16_t)) {
            recs_search_harvest_list(s, list, sizeof(uint16_t), least, shift);

        } else {
            recs_search_harvest_list(s, list, sizeof(uint32_t), least, shift);
        }

        recs_search_settle(s, s->end_waiting - end);
    }
}


static void
recs_search_harvest_listed(recs_search_t *s, const recs_listed_t *listed,
    uint32_t n)
{
    float     bonus, upper;
    uint32_t  i, item;

    for (i = 0; i < n; i++) {
        item = listed[i].item;
        bonus = s->step * (float) listed[i].bonus;
        upper = recs_search_reach(s, item) + bonus;

        if (upper >= s->threshold->value && recs_search_wanted(s, item)) {
            recs_search_wait(s, item, upper, bonus);
        }
    }
}


/* By the accumulator, in norm order. */
static void
recs_search_harvest_blocks(recs_search_t *s)
{
    uint32_t       n;
    recs_scan_t    scan;
    recs_listed_t  listed[RECS_LISTED_MAX];

    scan.blocks = s->view->code_blocks;
    scan.bonus = s->bonus;
    scan.step = s->step;
    scan.query = &s->coded;
    scan.rounding = s->rounding;
    scan.margin = s->margin;
    scan.cosine = 0;
    scan.block = (s->scanned + RECS_BLOCK_ITEMS - 1) / RECS_BLOCK_ITEMS;
    scan.end = s->view->n_blocks;

    memset(s->bonus, 0, s->scanned * sizeof(uint16_t));

    while (scan.block < scan.end) {
        scan.threshold = s->threshold->value;
        n = s->kernel->sweep(&scan, listed);
        recs_search_harvest_listed(s, listed, n);
        recs_search_settle(s, 0);
    }
}


void
recs_search_harvest(recs_search_t *s)
{
    uint32_t  i, n_entries;

    recs_search_settle(s, 0);
    n_entries = 0;

    for (i = 0; i < s->n_lists; i++) {
        n_entries += s->scratch->lists[i].n;
    }

    if (isfinite(s->coded.error)
        && n_entries > s->view->n_items / RECS_ITEMS_PER_ENTRY)
    {
        recs_search_harvest_blocks(s);

    } else {
        recs_search_harvest_lists(s);
    }
}
