#include "recs_similar.h"

#include "recs_pages.h"


#define RECS_SIMILAR_WAYS   8
#define RECS_SIMILAR_SETS   (RECS_SIMILAR_LISTS / RECS_SIMILAR_WAYS)
#define RECS_SIMILAR_ASKED  16384


/* Best first; shorter ones, which name all there is, end in RECS_ITEM_NO. */
typedef struct {
    uint32_t  items[RECS_SIMILAR_LIST];
} recs_similar_list_t;

/* An item's list is in one of the ways of its set. */
typedef struct {
    uint32_t  keys[RECS_SIMILAR_WAYS];          /* item + 1; 0: free */
    uint8_t   used[RECS_SIMILAR_WAYS];          /* since the hand was here */
    uint32_t  hand;
} recs_similar_set_t;

struct recs_similar_s {
    uint32_t             asked[RECS_SIMILAR_ASKED];     /* item + 1 */
    recs_similar_set_t   sets[RECS_SIMILAR_SETS];
    recs_similar_list_t  lists[RECS_SIMILAR_LISTS];
};


recs_similar_t *
recs_similar_create(void)
{
    return recs_pages_map(sizeof(recs_similar_t));
}


void
recs_similar_destroy(recs_similar_t *similar)
{
    recs_pages_unmap(similar, sizeof(recs_similar_t));
}


static recs_similar_list_t *
recs_similar_way(recs_similar_t *similar, uint32_t item, uint32_t way)
{
    return &similar->lists[item % RECS_SIMILAR_SETS * RECS_SIMILAR_WAYS
                           + way];
}


/* The item's list, or NULL. */
static const recs_similar_list_t *
recs_similar_find(recs_similar_t *similar, uint32_t item)
{
    uint32_t             way;
    recs_similar_set_t  *set;

    set = &similar->sets[item % RECS_SIMILAR_SETS];

    for (way = 0; way < RECS_SIMILAR_WAYS; way++) {
        if (set->keys[way] == item + 1) {
            set->used[way] = 1;
            return recs_similar_way(similar, item, way);
        }
    }

    return NULL;
}


/* Whether the item was missed before; from now on it was. */
static int
recs_similar_asked(recs_similar_t *similar, uint32_t item)
{
    uint32_t  *asked;

    asked = &similar->asked[item % RECS_SIMILAR_ASKED];

    if (*asked == item + 1) {
        return 1;
    }

    *asked = item + 1;

    return 0;
}


/* Second chance: what was used since the hand came by is passed over once. */
static void
recs_similar_keep(recs_similar_t *similar, uint32_t item,
    const recs_similar_list_t *list)
{
    uint32_t             way;
    recs_similar_set_t  *set;

    set = &similar->sets[item % RECS_SIMILAR_SETS];

    for (way = set->hand; set->used[way]; way = (way + 1) % RECS_SIMILAR_WAYS)
    {
        set->used[way] = 0;
    }

    set->hand = (way + 1) % RECS_SIMILAR_WAYS;
    set->keys[way] = item + 1;
    *recs_similar_way(similar, item, way) = *list;
}


/* The item's best, whoever asks, as recs_search() returns. */
static int
recs_similar_make(const recs_bundle_view_t *view,
    recs_search_scratch_t *scratch, const recs_search_query_t *query,
    recs_similar_list_t *list)
{
    int                  late;
    uint32_t             i;
    recs_topk_t          best;
    recs_topk_entry_t    entries[RECS_SIMILAR_LIST];
    recs_search_query_t  whole;

    whole = *query;
    whole.excluded = NULL;
    whole.blocked = NULL;
    whole.allowed = NULL;

    recs_topk_init(&best, entries, RECS_SIMILAR_LIST);
    late = recs_search(view, scratch, &whole, &best);
    recs_topk_sort(&best);

    for (i = 0; i < RECS_SIMILAR_LIST; i++) {
        list->items[i] = i < best.n ? entries[i].item : RECS_ITEM_NO;
    }

    return late;
}


/*
 * The first of the list that the query wants, at most k; *enough: there are
 * no better ones.
 */
static uint32_t
recs_similar_wanted(const recs_similar_list_t *list,
    const recs_search_query_t *q, uint32_t k, uint32_t *items, int *enough)
{
    uint32_t  i, n, item;

    n = 0;

    for (i = 0; i < RECS_SIMILAR_LIST && n < k; i++) {
        item = list->items[i];

        if (item == RECS_ITEM_NO) {
            break;
        }

        if (!(q->excluded != NULL && recs_bitmap_test(q->excluded, item))
            && !(q->blocked != NULL && recs_bitmap_test(q->blocked, item))
            && !(q->allowed != NULL && !recs_bitmap_test(q->allowed, item)))
        {
            items[n++] = item;
        }
    }

    *enough = i < RECS_SIMILAR_LIST || n == k;

    return n;
}


int
recs_similar_search(recs_similar_t *similar, const recs_bundle_view_t *view,
    recs_search_scratch_t *scratch, uint32_t item,
    const recs_search_query_t *query, recs_topk_t *topk)
{
    int                         enough, late;
    uint32_t                    items[RECS_SIMILAR_LIST];
    recs_search_query_t         known;
    recs_similar_list_t         made;
    const recs_similar_list_t  *list;

    if (topk->k > RECS_SIMILAR_LIST || query->allowed_items != NULL) {
        return recs_search(view, scratch, query, topk);
    }

    late = 0;
    list = recs_similar_find(similar, item);

    if (list == NULL) {
        if (!recs_similar_asked(similar, item)) {
            return recs_search(view, scratch, query, topk);
        }

        list = &made;
        late = recs_similar_make(view, scratch, query, &made);

        if (!late) {
            recs_similar_keep(similar, item, &made);
        }
    }

    known = *query;
    known.allowed_items = items;
    known.n_allowed = recs_similar_wanted(list, query, topk->k, items,
                                          &enough);
    known.deadline_ns = 0;

    if (!enough && !late) {
        return recs_search(view, scratch, query, topk);
    }

    (void) recs_search(view, scratch, &known, topk);

    return late;
}
