#include "recs_popular.h"

#include <float.h>
#include <math.h>

#include "recs_rules_apply.h"


/* A rung under way. */
typedef struct {
    const recs_bundle_view_t  *view;
    recs_scratch_t            *scratch;
    const recs_query_t        *query;
    const recs_allowed_t      *allowed;
    recs_topk_t                topk;
} recs_popular_t;

/* The lists of the query's segments, and how far each has been read. */
typedef struct {
    recs_segment_t             segments[RECS_CONTEXTS_MAX];
    uint32_t                   at[RECS_CONTEXTS_MAX];
    uint32_t                   n;
} recs_popular_lists_t;


uint32_t
recs_popular_segments(const recs_bundle_view_t *view,
    const recs_query_t *query, uint32_t numbers[RECS_CONTEXTS_MAX])
{
    uint32_t  i, j, k, n, number;

    n = 0;

    for (i = 0; i < query->n_segments && n < RECS_CONTEXTS_MAX; i++) {
        number = query->segments[i];

        if (number >= view->segment_spans.n_rows) {
            continue;
        }

        for (j = 0; j < n && numbers[j] < number; j++) {
            /* void */
        }

        if (j < n && numbers[j] == number) {
            continue;
        }

        for (k = n++; k > j; k--) {
            numbers[k] = numbers[k - 1];
        }

        numbers[j] = number;
    }

    return n;
}


static void
recs_popular_lists(const recs_popular_t *p, recs_popular_lists_t *lists)
{
    uint32_t  i, numbers[RECS_CONTEXTS_MAX];

    lists->n = recs_popular_segments(p->view, p->query, numbers);

    for (i = 0; i < lists->n; i++) {
        recs_segment_get(p->view, numbers[i], &lists->segments[i]);
        lists->at[i] = 0;
    }
}


/* The next item of any list, by rising number; RECS_ITEM_NO: no more. */
static uint32_t
recs_popular_next(recs_popular_lists_t *lists, double *boost)
{
    uint32_t         i, item;
    recs_segment_t  *s;

    item = RECS_ITEM_NO;

    for (i = 0; i < lists->n; i++) {
        s = &lists->segments[i];

        if (lists->at[i] < s->n_items && s->items[lists->at[i]] < item) {
            item = s->items[lists->at[i]];
        }
    }

    *boost = 1;

    for (i = 0; i < lists->n && item != RECS_ITEM_NO; i++) {
        s = &lists->segments[i];

        if (lists->at[i] < s->n_items && s->items[lists->at[i]] == item) {
            *boost *= (double) s->boosts[lists->at[i]++];
        }
    }

    return item;
}


static void
recs_popular_push(recs_popular_t *p, uint32_t item, double boost)
{
    double  score;

    score = (double) p->view->popularity[item] * boost;
    score = fmax(-FLT_MAX, fmin(FLT_MAX, score));

    recs_topk_push(&p->topk, (float) score, item, p->view->item_order[item]);
}


/* Is it one of few that the filter leaves?  Asked in rising number. */
static int
recs_popular_left(const recs_popular_t *p, uint32_t *at, uint32_t item)
{
    const recs_allowed_t  *allowed;

    allowed = p->allowed;

    if (allowed->items == NULL) {
        return 1;
    }

    while (*at < allowed->n_items && allowed->items[*at] < item) {
        (*at)++;
    }

    return *at < allowed->n_items && allowed->items[*at] == item;
}


/* Each is excluded, so that it is not met again among the others. */
static void
recs_popular_listed(recs_popular_t *p)
{
    double                boost;
    uint32_t              item, at;
    recs_popular_lists_t  lists;

    recs_popular_lists(p, &lists);
    at = 0;

    while ((item = recs_popular_next(&lists, &boost)) != RECS_ITEM_NO) {
        if (recs_popular_left(p, &at, item)
            && recs_wanted(p->scratch, p->query, p->allowed, item))
        {
            recs_popular_push(p, item, boost);
            recs_exclude(p->scratch, item);
        }
    }
}


/* Of few items, the order of popular_items without walking it. */
static void
recs_popular_allowed(recs_popular_t *p)
{
    uint32_t  i, item;

    for (i = 0; i < p->allowed->n_items; i++) {
        item = p->allowed->items[i];

        if (recs_wanted(p->scratch, p->query, p->allowed, item)) {
            recs_popular_push(p, item, 1);
        }
    }
}


/* They come best first: no more than fill the answer can be in it. */
static void
recs_popular_others(recs_popular_t *p)
{
    uint32_t  i, n, item;

    for (i = 0, n = 0; i < p->view->n_items && n < p->topk.k; i++) {
        item = p->view->popular_items[i];

        if (p->view->popularity[item] < recs_topk_threshold(&p->topk)) {
            return;
        }

        if (recs_wanted(p->scratch, p->query, p->allowed, item)) {
            recs_popular_push(p, item, 1);
            n++;
        }
    }
}


static void
recs_popular_take(recs_popular_t *p, float range, recs_answer_t *answer)
{
    uint32_t             i;
    recs_answer_item_t  *item;

    for (i = 0; i < p->topk.n; i++) {
        item = &answer->items[answer->n++];

        item->item = p->topk.entries[i].item;
        item->score = p->topk.entries[i].score;
        item->boost = range > 0.0f
                      ? recs_rules_delta(p->query->rules, item->item) * range
                      : 0.0f;
        item->source = RECS_SOURCE_POPULAR;

        recs_exclude(p->scratch, item->item);
    }
}


void
recs_popular(const recs_bundle_t *bundle, recs_scratch_t *scratch,
    const recs_query_t *query, const recs_allowed_t *allowed,
    recs_answer_t *answer)
{
    int                        boosts, slates;
    float                      range;
    uint32_t                   n;
    recs_popular_t             p;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    if (view->popular_items == NULL) {
        return;
    }

    n = query->count - answer->n;
    boosts = recs_boosts(query);
    slates = recs_slates(query);

    p.view = view;
    p.scratch = scratch;
    p.query = query;
    p.allowed = allowed;

    recs_topk_init(&p.topk, scratch->entries,
                   boosts || slates ? recs_reorder_candidates(query, n) : n);
    recs_popular_listed(&p);

    if (allowed->items != NULL) {
        recs_popular_allowed(&p);

    } else {
        recs_popular_others(&p);
    }

    recs_topk_sort(&p.topk);

    range = boosts ? recs_rules_boost(query->rules, &p.topk, scratch->sorting)
                   : 0.0f;

    if (slates) {
        recs_slate_choose(scratch->slate, bundle, query, n, &p.topk);
    }

    p.topk.n = p.topk.n < n ? p.topk.n : n;

    recs_popular_take(&p, range, answer);
}
