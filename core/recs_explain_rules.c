#include "recs_explain_private.h"

#include <math.h>
#include <string.h>


static recs_move_t *
recs_explain_rule(recs_explanation_t *to, recs_move_kind_t kind)
{
    recs_move_t  *rule;

    rule = &to->rules[to->n_rules++];
    *rule = (recs_move_t) { .kind = kind, .item = RECS_ITEM_NO };

    return rule;
}


/* Put where it is after the list was chosen, which did not know of it. */
static int
recs_explain_placed(const recs_answer_item_t *item)
{
    return item->source == RECS_SOURCE_EXPLORE
           || item->source == RECS_SOURCE_PINNED;
}


static double
recs_explain_cosine(const recs_bundle_view_t *view, uint32_t a, uint32_t b)
{
    if (view->n_factors == 0 || !(view->item_norms[a] > 0)
        || !(view->item_norms[b] > 0))
    {
        return 0;
    }

    return (double) recs_dot(recs_table_row(&view->item_factors, a),
                             recs_table_row(&view->item_factors, b),
                             view->stride)
           / view->item_norms[a] / view->item_norms[b];
}


/* As recs_slate.h has it: of the items before, the one most like it. */
static void
recs_explain_diversity(const recs_explain_t *e, const recs_answer_t *answer,
    uint32_t i, recs_explanation_t *to)
{
    double        cosine, highest;
    uint32_t      k, like;
    recs_move_t  *rule;

    highest = 0;
    like = RECS_ITEM_NO;

    for (k = 0; k < i; k++) {
        if (recs_explain_placed(&answer->items[k])) {
            continue;
        }

        cosine = recs_explain_cosine(e->view, answer->items[k].item,
                                     answer->items[i].item);

        if (cosine > highest) {
            highest = cosine;
            like = answer->items[k].item;
        }
    }

    if (like != RECS_ITEM_NO) {
        rule = recs_explain_rule(to, RECS_MOVE_DIVERSITY);
        rule->item = like;
        rule->penalty = -(double) e->query->diversity * highest;
    }
}


static recs_str_t
recs_explain_attribute(const recs_explain_t *e, uint32_t item,
    uint32_t column)
{
    return recs_record_attribute(recs_bundle_item_record(e->bundle, item),
                                 column);
}


/* Is the part among the first of the item's? */
static int
recs_explain_has(recs_str_t text, recs_str_t part)
{
    size_t      pos;
    uint32_t    n;
    recs_str_t  other;

    pos = 0;

    for (n = 0;
         n < RECS_SLATE_PARTS && recs_filter_part_next(text, &pos, &other);
         n++)
    {
        if (other.len == part.len
            && memcmp(other.data, part.data, part.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* Of the item's values the one that the list has the most of. */
static void
recs_explain_limit(const recs_explain_t *e, const recs_answer_t *answer,
    uint32_t i, const recs_limit_t *limit, recs_explanation_t *to)
{
    size_t       pos;
    uint32_t     n, k, count, highest;
    recs_str_t   text, part, fullest;
    recs_move_t  *rule;

    text = recs_explain_attribute(e, answer->items[i].item, limit->column);
    highest = 0;
    fullest = text;
    pos = 0;

    for (n = 0;
         n < RECS_SLATE_PARTS && recs_filter_part_next(text, &pos, &part);
         n++)
    {
        count = 1;

        for (k = 0; k < i; k++) {
            count += !recs_explain_placed(&answer->items[k])
                     && recs_explain_has(recs_explain_attribute(e,
                                             answer->items[k].item,
                                             limit->column), part);
        }

        if (count > highest) {
            highest = count;
            fullest = part;
        }
    }

    if (highest > 0) {
        rule = recs_explain_rule(to, RECS_MOVE_MAX_PER);
        rule->column = limit->column;
        rule->value = fullest;
        rule->count = highest;
        rule->most = limit->n;
    }
}


void
recs_explain_rules(const recs_explain_t *e, const recs_answer_t *answer,
    uint32_t i, recs_explanation_t *to)
{
    uint32_t                   k;
    const recs_answer_item_t  *item;

    item = &answer->items[i];
    to->n_rules = 0;

    if (item->source == RECS_SOURCE_EXPLORE) {
        recs_explain_rule(to, RECS_MOVE_EXPLORE)->propensity =
                                                        item->propensity;
        return;
    }

    if (item->source == RECS_SOURCE_PINNED) {
        (void) recs_explain_rule(to, RECS_MOVE_PIN);
        return;
    }

    if (e->query->diversity > 0) {
        recs_explain_diversity(e, answer, i, to);
    }

    for (k = 0; k < e->query->n_limits; k++) {
        recs_explain_limit(e, answer, i, &e->query->limits[k], to);
    }
}


static void
recs_explain_keep_out(recs_kept_out_t *kept_out, recs_move_kind_t kind,
    uint32_t count)
{
    if (count > 0) {
        kept_out->rules[kept_out->n_rules++] =
            (recs_move_t) { .kind = kind, .item = RECS_ITEM_NO,
                            .count = count };
    }
}


static uint32_t
recs_explain_count(const recs_bitmap_word_t *bits, uint32_t n_items)
{
    uint32_t  i, n;

    n = 0;

    for (i = 0; i < n_items / 64; i++) {
        n += (uint32_t) __builtin_popcountll(bits[i]);
    }

    for (i *= 64; i < n_items; i++) {
        n += recs_bitmap_test(bits, i);
    }

    return n;
}


void
recs_explain_kept_out(const recs_explain_t *e, recs_scratch_t *scratch,
    recs_kept_out_t *kept_out)
{
    uint32_t                   n, n_items;
    const uint32_t            *seen;
    recs_allowed_t             allowed;
    const recs_query_t        *q;
    const recs_bitmap_word_t  *blocked;

    q = e->query;
    n_items = e->view->n_items;
    kept_out->n_rules = 0;

    if (q->exclude_seen) {
        recs_exclude_all(scratch, q->recent, q->n_recent, n_items);

        if (e->profile.user != RECS_USER_NO) {
            seen = recs_bundle_seen(e->bundle, e->profile.user, &n);
            recs_exclude_all(scratch, seen, n, n_items);
        }
    }

    n = scratch->n_marked;
    recs_explain_keep_out(kept_out, RECS_MOVE_SEEN, n);

    recs_exclude_all(scratch, q->exclude, q->n_exclude, n_items);
    recs_explain_keep_out(kept_out, RECS_MOVE_EXCLUDE,
                          scratch->n_marked - n);

    recs_exclude_none(scratch);

    blocked = q->rules != NULL && q->rules->blocked != NULL
              ? q->rules->blocked : q->blocked;

    if (blocked != NULL) {
        recs_explain_keep_out(kept_out, RECS_MOVE_BLOCK,
                              recs_explain_count(blocked, n_items));
    }

    recs_filter_allowed(e->bundle, q->filter, &allowed);

    if (allowed.items != NULL) {
        recs_explain_keep_out(kept_out, RECS_MOVE_FILTER,
                              n_items - allowed.n_items);

    } else if (allowed.bits != NULL) {
        recs_explain_keep_out(kept_out, RECS_MOVE_FILTER,
                              n_items - recs_explain_count(allowed.bits,
                                                           n_items));
    }
}
