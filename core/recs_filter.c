#include "recs_filter.h"

#include <stdlib.h>
#include <string.h>

#include "recs_bundle_private.h"
#include "recs_filter_private.h"


int
recs_filter_part_next(recs_str_t text, size_t *pos, recs_str_t *part)
{
    const char  *bar;

    while (*pos < text.len) {
        part->data = text.data + *pos;

        bar = memchr(part->data, '|', text.len - *pos);

        part->len = bar != NULL ? (size_t) (bar - part->data)
                                : text.len - *pos;
        *pos += part->len + 1;

        if (part->len > 0 && part->len <= RECS_FILTER_VALUE_MAX) {
            return 1;
        }
    }

    return 0;
}


int
recs_filter_attribute_next(const recs_bundle_t *b, uint32_t *pos,
    recs_filter_attribute_t *attribute)
{
    const recs_table_t  *t;

    t = &b->tables[RECS_TABLE_FILTER_COLUMNS].table;

    if (*pos >= t->n_rows) {
        return 0;
    }

    memcpy(attribute, recs_table_row(t, *pos),
           sizeof(recs_filter_attribute_t));
    (*pos)++;

    return 1;
}


int
recs_filter_attribute(const recs_bundle_t *b, recs_str_t name,
    recs_filter_attribute_t *attribute)
{
    uint32_t  pos, column;

    column = recs_bundle_item_column(b, name);

    for (pos = 0; recs_filter_attribute_next(b, &pos, attribute); ) {
        if (attribute->column == column) {
            return 1;
        }
    }

    return 0;
}


uint32_t
recs_filter_value(const recs_bundle_t *b,
    const recs_filter_attribute_t *attribute, recs_str_t value)
{
    int         rc;
    uint32_t    first, last, middle;
    recs_str_t  other;

    first = attribute->first;
    last = first + attribute->n_values;

    while (first < last) {
        middle = first + (last - first) / 2;
        other = recs_bundle_run(b, RECS_TABLE_FILTER_VALUES,
                                RECS_TABLE_FILTER_VALUE_SPANS, middle);

        rc = recs_filter_compare(value, other);

        if (rc == 0) {
            return middle;
        }

        if (rc < 0) {
            last = middle;

        } else {
            first = middle + 1;
        }
    }

    return RECS_FILTER_VALUE_NO;
}


int
recs_filter_compare(recs_str_t a, recs_str_t b)
{
    int  rc;

    rc = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

    return rc != 0 ? rc : (a.len > b.len) - (a.len < b.len);
}


/* A bitmap has a length of its own: a list is shorter. */
static void
recs_filter_items(const recs_bundle_t *b, uint32_t value,
    recs_allowed_t *allowed)
{
    recs_str_t  run;

    run = recs_bundle_run(b, RECS_TABLE_FILTER_ITEMS,
                          RECS_TABLE_FILTER_ITEM_SPANS, value);

    memset(allowed, 0, sizeof(recs_allowed_t));

    if (run.len == recs_filter_bitmap_size(b->view.n_items)) {
        allowed->bits = (const recs_bitmap_word_t *) (const void *) run.data;

    } else {
        allowed->items = (const uint32_t *) (const void *) run.data;
        allowed->n_items = (uint32_t) (run.len / sizeof(uint32_t));
    }
}


uint32_t
recs_filter_count(const recs_bitmap_word_t *bits, uint32_t n_items)
{
    size_t    i;
    uint32_t  n;

    n = 0;

    for (i = 0; i < recs_bitmap_words(n_items); i++) {
        n += (uint32_t) __builtin_popcountll(bits[i]);
    }

    return n;
}


void
recs_filter_add(const recs_bundle_t *b, uint32_t value,
    recs_bitmap_word_t *bits)
{
    size_t          w;
    uint32_t        i;
    recs_allowed_t  allowed;

    recs_filter_items(b, value, &allowed);

    if (allowed.bits != NULL) {
        for (w = 0; w < recs_bitmap_words(b->view.n_items); w++) {
            bits[w] |= allowed.bits[w];
        }
    }

    for (i = 0; i < allowed.n_items; i++) {
        recs_bitmap_set(bits, allowed.items[i]);
    }
}


/* Adds the items of each value to bits. */
static void
recs_filter_unite(const recs_bundle_t *b,
    const recs_filter_attribute_t *attribute, const recs_filter_term_t *term,
    recs_bitmap_word_t *bits)
{
    uint32_t  i, value;

    for (i = 0; i < term->n_values; i++) {
        value = recs_filter_value(b, attribute, term->values[i]);

        if (value != RECS_FILTER_VALUE_NO) {
            recs_filter_add(b, value, bits);
        }
    }
}


/* The form that a search wants: few items as a list. */
static recs_status_t
recs_filter_settle(const recs_bundle_t *b, recs_filter_t *filter,
    recs_error_t *err)
{
    uint32_t  item, n, n_items;

    n_items = b->view.n_items;
    filter->n_items = recs_filter_count(filter->bits, n_items);

    if (filter->n_items == n_items) {
        free(filter->bits);
        filter->bits = NULL;
        return RECS_OK;
    }

    if (!recs_filter_rare(filter->n_items, n_items)) {
        return RECS_OK;
    }

    filter->items = malloc(((size_t) filter->n_items + 1) * sizeof(uint32_t));
    if (filter->items == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for a filter");
    }

    for (item = 0, n = 0; item < n_items; item++) {
        if (recs_bitmap_test(filter->bits, item)) {
            filter->items[n++] = item;
        }
    }

    free(filter->bits);
    filter->bits = NULL;

    return RECS_OK;
}


static recs_status_t
recs_filter_find(const recs_bundle_t *b, recs_str_t name,
    recs_filter_attribute_t *attribute, recs_error_t *err)
{
    if (recs_filter_attribute(b, name, attribute)) {
        return RECS_OK;
    }

    if (recs_bundle_item_column(b, name) == RECS_COLUMN_NO) {
        return recs_error(err, RECS_NOT_FOUND, "the model has no attribute "
                          "\"%.*s\"", (int) name.len, name.data);
    }

    return recs_error(err, RECS_NOT_FOUND, "the model has no index of "
                      "attribute \"%.*s\": its values hardly repeat, or the "
                      "bundle is older than such indexes", (int) name.len,
                      name.data);
}


/* One value is used where it stands, unless every item has it. */
static int
recs_filter_single(const recs_bundle_t *b, const recs_filter_term_t *term,
    recs_filter_t *filter)
{
    uint32_t                  value;
    recs_allowed_t            allowed;
    recs_filter_attribute_t   attribute;

    if (term->n_values != 1) {
        return 0;
    }

    (void) recs_filter_attribute(b, term->attribute, &attribute);

    value = recs_filter_value(b, &attribute, term->values[0]);
    if (value == RECS_FILTER_VALUE_NO) {
        return 0;
    }

    recs_filter_items(b, value, &allowed);

    if (allowed.bits == NULL
        || recs_filter_count(allowed.bits, b->view.n_items)
           < b->view.n_items)
    {
        filter->value = value;
        return 1;
    }

    return 0;
}


recs_status_t
recs_filter_resolve(recs_filter_t *filter, const recs_bundle_t *b,
    const recs_filter_term_t *terms, uint32_t n_terms, recs_error_t *err)
{
    size_t                    w, words;
    uint32_t                  i;
    recs_status_t             rc;
    recs_bitmap_word_t       *term;
    recs_filter_attribute_t   attribute;

    memset(filter, 0, sizeof(recs_filter_t));
    filter->value = RECS_FILTER_VALUE_NO;

    for (i = 0; i < n_terms; i++) {
        rc = recs_filter_find(b, terms[i].attribute, &attribute, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    if (n_terms == 0 || (n_terms == 1 && recs_filter_single(b, &terms[0],
                                                            filter)))
    {
        return RECS_OK;
    }

    words = recs_bitmap_words(b->view.n_items);
    filter->bits = calloc(words, sizeof(recs_bitmap_word_t));
    term = malloc(words * sizeof(recs_bitmap_word_t));

    if (filter->bits == NULL || term == NULL) {
        rc = recs_error(err, RECS_NOMEM, "no memory for a filter");
        goto done;
    }

    for (i = 0; i < n_terms; i++) {
        memset(term, 0, words * sizeof(recs_bitmap_word_t));

        (void) recs_filter_attribute(b, terms[i].attribute, &attribute);
        recs_filter_unite(b, &attribute, &terms[i], term);

        for (w = 0; w < words; w++) {
            filter->bits[w] = i == 0 ? term[w] : filter->bits[w] & term[w];
        }
    }

    rc = recs_filter_settle(b, filter, err);

done:

    free(term);

    if (rc != RECS_OK) {
        recs_filter_free(filter);
    }

    return rc;
}


void
recs_filter_free(recs_filter_t *filter)
{
    free(filter->bits);
    free(filter->items);

    filter->bits = NULL;
    filter->items = NULL;
}


void
recs_filter_allowed(const recs_bundle_t *b, const recs_filter_t *filter,
    recs_allowed_t *allowed)
{
    memset(allowed, 0, sizeof(recs_allowed_t));

    if (filter == NULL) {
        return;
    }

    if (filter->value != RECS_FILTER_VALUE_NO) {
        recs_filter_items(b, filter->value, allowed);
        return;
    }

    allowed->bits = filter->bits;
    allowed->items = filter->items;
    allowed->n_items = filter->items != NULL ? filter->n_items : 0;
}
