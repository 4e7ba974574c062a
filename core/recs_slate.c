#include "recs_slate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


/* A value of a limited attribute that is on the list. */
typedef struct {
    recs_str_t  value;
    uint32_t    limit;                  /* of the query */
    uint32_t    n;
} recs_slate_value_t;

struct recs_slate_s {
    recs_topk_entry_t   candidates[RECS_CANDIDATES_MAX];
    const float        *vectors[RECS_CANDIDATES_MAX];   /* NULL: none */
    float               roots[RECS_CANDIDATES_MAX];     /* 1 / norm */
    float               relevance[RECS_CANDIDATES_MAX]; /* (1 - D) r */
    float               likeness[RECS_CANDIDATES_MAX];  /* to the chosen, */
    uint32_t            n_likened[RECS_CANDIDATES_MAX]; /* the first so many */

    uint32_t            chosen[RECS_COUNT_MAX];
    uint32_t            n_chosen;
    recs_slate_value_t  values[RECS_COUNT_MAX * RECS_SLATE_PARTS
                               * RECS_LIMITS_MAX];
    uint32_t            n_values;
};


recs_slate_t *
recs_slate_create(void)
{
    return malloc(sizeof(recs_slate_t));
}


void
recs_slate_destroy(recs_slate_t *slate)
{
    free(slate);
}


void
recs_slate_clear(recs_slate_t *slate)
{
    slate->n_chosen = 0;
    slate->n_values = 0;
}


/* The value on the list, or NULL. */
static recs_slate_value_t *
recs_slate_value(recs_slate_t *s, uint32_t limit, recs_str_t value)
{
    uint32_t             i;
    recs_slate_value_t  *v;

    for (i = 0; i < s->n_values; i++) {
        v = &s->values[i];

        if (v->limit == limit && v->value.len == value.len
            && memcmp(v->value.data, value.data, value.len) == 0)
        {
            return v;
        }
    }

    return NULL;
}


/* Do the limits let the item in?  Then, with `take`, it counts. */
static int
recs_slate_limits(recs_slate_t *s, const recs_bundle_t *bundle,
    const recs_query_t *query, uint32_t item, int take)
{
    size_t               pos;
    uint32_t             i, n;
    recs_str_t           record, text, part;
    recs_slate_value_t  *v;

    if (query->n_limits == 0) {
        return 1;
    }

    record = recs_bundle_item_record(bundle, item);

    for (i = 0; i < query->n_limits; i++) {
        text = recs_record_attribute(record, query->limits[i].column);
        pos = 0;

        for (n = 0;
             n < RECS_SLATE_PARTS && recs_filter_part_next(text, &pos, &part);
             n++)
        {
            v = recs_slate_value(s, i, part);

            if (!take) {
                if (v != NULL && v->n >= query->limits[i].n) {
                    return 0;
                }

                continue;
            }

            if (v == NULL) {
                v = &s->values[s->n_values++];
                v->value = part;
                v->limit = i;
                v->n = 0;
            }

            v->n++;
        }
    }

    return 1;
}


/* Likens the candidate to those of the list that it was not likened to yet. */
static void
recs_slate_liken(recs_slate_t *s, const recs_bundle_view_t *view, uint32_t i)
{
    float     cosine;
    uint32_t  item;

    for ( /* void */ ; s->n_likened[i] < s->n_chosen; s->n_likened[i]++) {
        item = s->chosen[s->n_likened[i]];

        if (s->vectors[i] != NULL && view->item_norms[item] > 0.0f) {
            cosine = recs_dot(recs_table_row(&view->item_factors, item),
                              s->vectors[i], view->stride)
                     * s->roots[i] / view->item_norms[item];
            s->likeness[i] = fmaxf(s->likeness[i], cosine);
        }
    }
}


/* Takes over what was found, and how much each is worth by itself. */
static void
recs_slate_start(recs_slate_t *s, const recs_bundle_view_t *view,
    const recs_query_t *query, const recs_topk_t *found)
{
    float     worst, range;
    uint32_t  i, item;

    worst = found->entries[found->n - 1].score;
    range = found->entries[0].score - worst;

    memcpy(s->candidates, found->entries,
           found->n * sizeof(recs_topk_entry_t));

    for (i = 0; i < found->n; i++) {
        item = s->candidates[i].item;

        s->relevance[i] = range > 0.0f && isfinite(range)
                          ? (1.0f - query->diversity)
                            * (s->candidates[i].score - worst) / range
                          : 0.0f;
        s->likeness[i] = 0.0f;
        s->n_likened[i] = 0;
        s->vectors[i] = NULL;
        s->roots[i] = 0.0f;

        if (view->n_factors > 0 && view->item_norms[item] > 0.0f) {
            s->vectors[i] = recs_table_row(&view->item_factors, item);
            s->roots[i] = 1.0f / view->item_norms[item];
        }
    }
}


/*
 * Of n candidates the next one's place.  What an item is worth only falls as
 * the list grows: one that was worth too little before is not looked at.
 */
static uint32_t
recs_slate_next(recs_slate_t *s, const recs_bundle_view_t *view,
    float diversity, uint32_t n)
{
    float     value, highest;
    uint32_t  i, best;

    best = 0;
    highest = -INFINITY;

    for (i = 0; i < n; i++) {
        value = s->relevance[i] - diversity * s->likeness[i];

        if (value > highest && diversity > 0.0f) {
            recs_slate_liken(s, view, i);
            value = s->relevance[i] - diversity * s->likeness[i];
        }

        if (value > highest) {
            highest = value;
            best = i;
        }
    }

    return best;
}


/* Candidate i is none any more; the order of the others stays. */
static void
recs_slate_drop(recs_slate_t *s, uint32_t i, uint32_t n)
{
    n -= i + 1;

    memmove(&s->candidates[i], &s->candidates[i + 1],
            n * sizeof(recs_topk_entry_t));
    memmove(&s->vectors[i], &s->vectors[i + 1], n * sizeof(float *));
    memmove(&s->roots[i], &s->roots[i + 1], n * sizeof(float));
    memmove(&s->relevance[i], &s->relevance[i + 1], n * sizeof(float));
    memmove(&s->likeness[i], &s->likeness[i + 1], n * sizeof(float));
    memmove(&s->n_likened[i], &s->n_likened[i + 1], n * sizeof(uint32_t));
}


void
recs_slate_choose(recs_slate_t *s, const recs_bundle_t *bundle,
    const recs_query_t *query, uint32_t n, recs_topk_t *found)
{
    uint32_t                   i, n_left;
    recs_topk_entry_t          entry;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);
    n_left = found->n;

    if (n_left == 0) {
        return;
    }

    recs_slate_start(s, view, query, found);
    found->n = 0;

    while (n_left > 0 && found->n < n) {
        i = recs_slate_next(s, view, query->diversity, n_left);
        entry = s->candidates[i];

        recs_slate_drop(s, i, n_left--);

        if (recs_slate_limits(s, bundle, query, entry.item, 0)) {
            (void) recs_slate_limits(s, bundle, query, entry.item, 1);

            found->entries[found->n++] = entry;
            s->chosen[s->n_chosen++] = entry.item;
        }
    }
}
