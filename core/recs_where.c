#include "recs_where_private.h"

#include <stdlib.h>
#include <string.h>

#include "recs_filter_private.h"


#define RECS_WHERE_CHUNK  32            /* words that are combined at a time */


void
recs_where_destroy(recs_where_t *where)
{
    uint32_t  i;

    if (where == NULL) {
        return;
    }

    for (i = 0; i < where->n_nodes; i++) {
        free(where->nodes[i].bits);
        free(where->nodes[i].times);
    }

    free(where->bits);
    free(where->items);
    free(where->text);
    free(where);
}


uint32_t
recs_where_n_variables(const recs_where_t *where)
{
    return where->n_variables;
}


recs_str_t
recs_where_variable(const recs_where_t *where, uint32_t i)
{
    return where->variables[i].name;
}


int
recs_where_timed(const recs_where_t *where)
{
    return where->timed;
}


/* Takes the values over; have they changed? */
static int
recs_where_take(recs_where_t *w, const recs_str_t *values)
{
    int                     changed;
    size_t                  len;
    uint32_t                i;
    recs_where_variable_t  *v;

    changed = !w->fresh;

    for (i = 0; i < w->n_variables; i++) {
        v = &w->variables[i];

        /* A longer one is none, as an empty one is: no item has it. */
        len = values[i].len <= RECS_FILTER_VALUE_MAX ? values[i].len : 0;

        if (len != v->len || (len > 0 && memcmp(v->value, values[i].data, len)
                                         != 0))
        {
            v->len = len;
            changed = 1;

            if (len > 0) {
                memcpy(v->value, values[i].data, len);
            }
        }
    }

    return changed;
}


/* The items that have one of the node's values now. */
static void
recs_where_look_up(const recs_where_t *w, const recs_bundle_t *bundle,
    recs_where_node_t *n)
{
    uint32_t                      i, number;
    recs_str_t                    text;
    const recs_where_value_t     *value;
    const recs_where_variable_t  *v;

    memset(n->bits, 0, recs_filter_bitmap_size(w->n_items));

    for (i = n->first; i < n->first + n->n_values; i++) {
        value = &w->values[i];
        text = value->text;

        if (value->variable != RECS_WHERE_LITERAL) {
            v = &w->variables[value->variable];
            text.data = v->value;
            text.len = v->len;
        }

        number = recs_filter_value(bundle, &n->indexed, text);

        if (number != RECS_FILTER_VALUE_NO) {
            recs_filter_add(bundle, number, n->bits);
        }
    }
}


static void
recs_where_elapse(const recs_where_t *w, recs_where_node_t *n)
{
    int64_t   limit, time_ms;
    uint32_t  item;

    limit = w->now * 1000 + n->time_ms;

    memset(n->bits, 0, recs_filter_bitmap_size(w->n_items));

    for (item = 0; item < w->n_items; item++) {
        time_ms = n->times[item];

        if (time_ms != RECS_WHERE_NOW_NO
            && recs_where_holds(n->op, (time_ms > limit) - (time_ms < limit)))
        {
            recs_bitmap_set(n->bits, item);
        }
    }
}


/* Words from first on; their number is at most RECS_WHERE_CHUNK. */
static void
recs_where_words(const recs_where_t *w, uint32_t node, size_t first,
    size_t n_words, recs_bitmap_word_t *words)
{
    size_t                    i;
    recs_bitmap_word_t        other[RECS_WHERE_CHUNK];
    const recs_where_node_t  *n;

    n = &w->nodes[node];

    if (n->bits != NULL) {
        memcpy(words, n->bits + first, n_words * sizeof(recs_bitmap_word_t));
        return;
    }

    recs_where_words(w, n->left, first, n_words, words);

    if (n->kind == RECS_WHERE_NOT) {
        for (i = 0; i < n_words; i++) {
            words[i] = ~words[i];
        }

        return;
    }

    recs_where_words(w, n->right, first, n_words, other);

    for (i = 0; i < n_words; i++) {
        words[i] = n->kind == RECS_WHERE_AND ? words[i] & other[i]
                                             : words[i] | other[i];
    }
}


/* All that is left, and in the form that a search wants: few as a list. */
static void
recs_where_settle(recs_where_t *w)
{
    size_t     i, n_words, words;
    uint32_t   item, n;

    words = recs_bitmap_words(w->n_items);

    for (i = 0; i < words; i += RECS_WHERE_CHUNK) {
        n_words = words - i < RECS_WHERE_CHUNK ? words - i : RECS_WHERE_CHUNK;
        recs_where_words(w, w->root, i, n_words, w->bits + i);
    }

    if (w->n_items % 64 != 0) {
        w->bits[words - 1] &= ((uint64_t) 1 << (w->n_items % 64)) - 1;
    }

    n = recs_filter_count(w->bits, w->n_items);

    memset(&w->filter, 0, sizeof(recs_filter_t));
    w->filter.value = RECS_FILTER_VALUE_NO;

    if (n == w->n_items) {
        return;
    }

    w->filter.n_items = n;

    if (!recs_filter_rare(n, w->n_items)) {
        w->filter.bits = w->bits;
        return;
    }

    w->filter.items = w->items;

    for (i = 0, n = 0; i < words; i++) {
        for (item = (uint32_t) i * 64; w->bits[i] != 0;
             w->bits[i] &= w->bits[i] - 1)
        {
            w->items[n++] = item + (uint32_t) __builtin_ctzll(w->bits[i]);
        }
    }
}


const recs_filter_t *
recs_where_filter(recs_where_t *w, const recs_bundle_t *bundle,
    const recs_str_t *values, int64_t now)
{
    int        changed, elapsed;
    uint32_t   i;

    changed = recs_where_take(w, values);
    elapsed = w->timed && (now != w->now || !w->fresh);

    if (!changed && !elapsed) {
        return &w->filter;
    }

    w->now = now;
    w->fresh = 1;

    for (i = 0; i < w->n_nodes; i++) {

        if (changed && w->nodes[i].variable) {
            recs_where_look_up(w, bundle, &w->nodes[i]);
        }

        if (elapsed && w->nodes[i].times != NULL) {
            recs_where_elapse(w, &w->nodes[i]);
        }
    }

    recs_where_settle(w);

    return &w->filter;
}
