/*
 * From names to columns, and from what cannot change to bitmaps.  Where an
 * attribute is indexed its distinct values are compared, else every item's.
 */

#include "recs_where_private.h"

#include <stdlib.h>
#include <string.h>

#include "recs_bundle_private.h"
#include "recs_decimal_compare.h"
#include "recs_filter_private.h"
#include "recs_timestamp.h"


/* A comparison being made bits of. */
typedef struct {
    const recs_where_t       *where;
    const recs_bundle_t      *bundle;
    recs_where_node_t        *node;
    recs_decimal_number_t     number;
    uint64_t                  n_parts;
    uint64_t                  n_typed;  /* of them, what can be compared */
} recs_where_binding_t;


/* A time after 2100 is one that does not come. */
static int
recs_where_moment(recs_str_t part, int64_t *time_ms)
{
    switch (recs_timestamp_parse(part.data, part.len, time_ms)) {

    case RECS_TIMESTAMP_OK:
        return *time_ms != 0;

    case RECS_TIMESTAMP_RANGE:
        *time_ms = RECS_TIMESTAMP_MAX;
        return part.data[0] >= '2' && part.data[0] <= '9';

    default:
        return 0;
    }
}


static int
recs_where_part_text(recs_where_binding_t *b, recs_str_t part)
{
    uint32_t                   i;
    const recs_where_value_t  *v;

    v = &b->where->values[b->node->first];
    b->n_typed++;

    for (i = 0; i < b->node->n_values; i++) {
        if (v[i].text.len == part.len
            && memcmp(v[i].text.data, part.data, part.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static int
recs_where_part(recs_where_binding_t *b, recs_str_t part)
{
    int64_t                  time_ms;
    recs_decimal_number_t    number;
    const recs_where_node_t  *n;

    n = b->node;
    b->n_parts++;

    switch (n->kind) {

    case RECS_WHERE_TEXT:
        return recs_where_part_text(b, part);

    case RECS_WHERE_NUMBER:
        if (!recs_decimal_read(part, &number)) {
            return 0;
        }

        b->n_typed++;

        return recs_where_holds(n->op,
                                recs_decimal_compare(&number, &b->number));

    case RECS_WHERE_TIME:
        if (!recs_where_moment(part, &time_ms)) {
            return 0;
        }

        b->n_typed++;

        return recs_where_holds(n->op, (time_ms > n->time_ms)
                                       - (time_ms < n->time_ms));

    default:
        b->n_typed++;
        return 1;
    }
}


/* The most favourable of an item's times. */
static void
recs_where_part_now(recs_where_binding_t *b, uint32_t item, recs_str_t part)
{
    int       later;
    int64_t   time_ms, *best;

    b->n_parts++;

    if (!recs_where_moment(part, &time_ms)) {
        return;
    }

    b->n_typed++;

    later = b->node->op == RECS_WHERE_GT || b->node->op == RECS_WHERE_GE;
    best = &b->node->times[item];

    if (*best == RECS_WHERE_NOW_NO || (later ? time_ms > *best
                                             : time_ms < *best))
    {
        *best = time_ms;
    }
}


/* Every item's parts; of an attribute without an index, or for their times. */
static void
recs_where_walk(recs_where_binding_t *b, uint32_t column)
{
    size_t      pos;
    uint32_t    item;
    recs_str_t  text, part;

    for (item = 0; item < b->where->n_items; item++) {
        text = recs_record_attribute(recs_bundle_item_record(b->bundle, item),
                                     column);

        for (pos = 0; recs_filter_part_next(text, &pos, &part); ) {

            if (b->node->times != NULL) {
                recs_where_part_now(b, item, part);

            } else if (recs_where_part(b, part)) {
                recs_bitmap_set(b->node->bits, item);
            }
        }
    }
}


static void
recs_where_index(recs_where_binding_t *b,
    const recs_filter_attribute_t *attribute)
{
    uint32_t    i;
    recs_str_t  part;

    for (i = attribute->first; i < attribute->first + attribute->n_values;
         i++)
    {
        part = recs_bundle_run(b->bundle, RECS_TABLE_FILTER_VALUES,
                               RECS_TABLE_FILTER_VALUE_SPANS, i);

        if (recs_where_part(b, part)) {
            recs_filter_add(b->bundle, i, b->node->bits);
        }
    }
}


static recs_status_t
recs_where_untyped(const recs_where_binding_t *b, recs_error_t *err)
{
    const recs_where_node_t  *n;

    n = b->node;

    if (n->kind == RECS_WHERE_NUMBER) {
        return recs_error(err, RECS_INVALID, "no item has a number in "
                          "attribute \"%.*s\" at byte %zu; a text stands in "
                          "quotes", (int) n->attribute.len, n->attribute.data,
                          n->at);
    }

    return recs_error(err, RECS_INVALID, "no item has a time in attribute "
                      "\"%.*s\" at byte %zu", (int) n->attribute.len,
                      n->attribute.data, n->at);
}


static int
recs_where_allocate(const recs_where_t *w, recs_where_node_t *n)
{
    uint32_t  item;

    n->bits = calloc(recs_bitmap_words(w->n_items) + 1,
                     sizeof(recs_bitmap_word_t));

    if (n->bits == NULL || n->kind != RECS_WHERE_NOW) {
        return n->bits != NULL;
    }

    n->times = malloc(((size_t) w->n_items + 1) * sizeof(int64_t));
    if (n->times == NULL) {
        return 0;
    }

    for (item = 0; item < w->n_items; item++) {
        n->times[item] = RECS_WHERE_NOW_NO;
    }

    return 1;
}


/* A comparison: its bits, or what they will be made from. */
static recs_status_t
recs_where_bind_node(recs_where_t *w, const recs_bundle_t *bundle,
    recs_where_node_t *n, recs_error_t *err)
{
    int                    indexed;
    uint32_t               column;
    recs_where_binding_t   b;

    memset(&b, 0, sizeof(recs_where_binding_t));
    b.where = w;
    b.bundle = bundle;
    b.node = n;

    column = recs_bundle_item_column(bundle, n->attribute);

    if (column == RECS_COLUMN_NO) {
        return recs_error(err, RECS_NOT_FOUND, "the model has no attribute "
                          "\"%.*s\", at byte %zu", (int) n->attribute.len,
                          n->attribute.data, n->at);
    }

    indexed = recs_filter_attribute(bundle, n->attribute, &n->indexed);

    if (n->variable && !indexed) {
        return recs_error(err, RECS_NOT_FOUND, "the model has no index of "
                          "attribute \"%.*s\", at byte %zu, to look a "
                          "variable up in: its values hardly repeat",
                          (int) n->attribute.len, n->attribute.data, n->at);
    }

    if (!recs_where_allocate(w, n)) {
        return recs_error(err, RECS_NOMEM, "no memory for a predicate");
    }

    if (n->variable) {
        return RECS_OK;
    }

    if (n->kind == RECS_WHERE_NUMBER) {
        (void) recs_decimal_read(w->values[n->first].text, &b.number);
    }

    if (indexed && n->times == NULL) {
        recs_where_index(&b, &n->indexed);

    } else {
        recs_where_walk(&b, column);
    }

    w->timed |= n->times != NULL;

    return b.n_parts > 0 && b.n_typed == 0 ? recs_where_untyped(&b, err)
                                           : RECS_OK;
}


/* May the node's bits change? */
static int
recs_where_changes(const recs_where_node_t *n)
{
    return n->variable || n->times != NULL || n->bits == NULL;
}


/* Combines the bits of what cannot change; the nodes are comparisons yet. */
static void
recs_where_fold(recs_where_t *w, uint32_t node)
{
    size_t              i, words;
    recs_where_node_t  *n, *left, *right;

    n = &w->nodes[node];

    if (n->kind > RECS_WHERE_NOT) {
        return;
    }

    left = &w->nodes[n->left];
    right = n->kind == RECS_WHERE_NOT ? left : &w->nodes[n->right];

    recs_where_fold(w, n->left);

    if (right != left) {
        recs_where_fold(w, n->right);
    }

    if (recs_where_changes(left) || recs_where_changes(right)) {
        return;
    }

    words = recs_bitmap_words(w->n_items);

    for (i = 0; i < words; i++) {
        left->bits[i] = n->kind == RECS_WHERE_NOT
                        ? ~left->bits[i]
                        : (n->kind == RECS_WHERE_AND
                           ? left->bits[i] & right->bits[i]
                           : left->bits[i] | right->bits[i]);
    }

    if (right != left) {
        free(right->bits);
        right->bits = NULL;
    }

    n->kind = RECS_WHERE_BITS;
    n->bits = left->bits;
    left->bits = NULL;
}


/* What the filter leaves, as a comparison that all else is joined to. */
static recs_status_t
recs_where_join(recs_where_t *w, const recs_bundle_t *bundle,
    const recs_filter_t *filter, recs_error_t *err)
{
    uint32_t            i;
    recs_allowed_t      allowed;
    recs_where_node_t  *n, *both;

    recs_filter_allowed(bundle, filter, &allowed);

    if (allowed.bits == NULL && allowed.items == NULL) {
        return RECS_OK;
    }

    n = &w->nodes[w->n_nodes];
    n->kind = RECS_WHERE_BITS;

    if (!recs_where_allocate(w, n)) {
        return recs_error(err, RECS_NOMEM, "no memory for a predicate");
    }

    if (allowed.items != NULL) {
        for (i = 0; i < allowed.n_items; i++) {
            recs_bitmap_set(n->bits, allowed.items[i]);
        }

    } else {
        memcpy(n->bits, allowed.bits, recs_filter_bitmap_size(w->n_items));
    }

    both = &w->nodes[w->n_nodes + 1];
    both->kind = RECS_WHERE_AND;
    both->left = w->n_nodes;
    both->right = w->root;

    w->root = w->n_nodes + 1;
    w->n_nodes += 2;

    return RECS_OK;
}


recs_status_t
recs_where_bind(recs_where_t *w, const recs_bundle_t *bundle,
    const recs_filter_t *filter, recs_error_t *err)
{
    size_t          words;
    uint32_t        i;
    recs_status_t   rc;

    w->n_items = recs_bundle_view(bundle)->n_items;
    words = recs_bitmap_words(w->n_items);

    w->bits = malloc((words + 1) * sizeof(recs_bitmap_word_t));
    w->items = malloc((2 * words + 1) * sizeof(uint32_t));

    if (w->bits == NULL || w->items == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for a predicate");
    }

    for (i = 0; i < w->n_nodes; i++) {
        if (w->nodes[i].kind <= RECS_WHERE_NOT) {
            continue;
        }

        rc = recs_where_bind_node(w, bundle, &w->nodes[i], err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    rc = recs_where_join(w, bundle, filter, err);

    if (rc == RECS_OK) {
        recs_where_fold(w, w->root);
    }

    return rc;
}
