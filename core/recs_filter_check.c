/*
 * The index of attribute values: what a search will read of it without
 * looking.  That an item in it has the value is as true as its record.
 */

#include "recs_bundle_private.h"

#include "recs_filter_private.h"


static recs_status_t
recs_check_filter_columns(const recs_bundle_t *b, recs_error_t *err)
{
    uint32_t                  pos, next_column, next_value;
    recs_filter_attribute_t   attribute;

    next_column = 0;
    next_value = 0;

    for (pos = 0; recs_filter_attribute_next(b, &pos, &attribute); ) {

        if (attribute.column < next_column
            || attribute.column >= b->n_item_columns
            || attribute.first != next_value || attribute.n_values == 0
            || attribute.n_values > RECS_FILTER_VALUES_MAX)
        {
            return recs_check_error(b, "a bad filter attribute", pos - 1,
                                    err);
        }

        next_column = attribute.column + 1;
        next_value += attribute.n_values;
    }

    return b->tables[RECS_TABLE_FILTER_VALUE_SPANS].table.n_rows == next_value
           ? RECS_OK
           : recs_check_error(b, "filter values without an attribute",
                              next_value, err);
}


static recs_status_t
recs_check_filter_values(const recs_bundle_t *b,
    const recs_filter_attribute_t *attribute, recs_error_t *err)
{
    size_t      pos;
    uint32_t    i;
    recs_str_t  value, part, former;

    former.data = NULL;
    former.len = 0;

    for (i = attribute->first; i < attribute->first + attribute->n_values;
         i++)
    {
        value = recs_bundle_run(b, RECS_TABLE_FILTER_VALUES,
                                RECS_TABLE_FILTER_VALUE_SPANS, i);
        pos = 0;

        if (!recs_utf8_valid(value.data, value.len)
            || !recs_filter_part_next(value, &pos, &part)
            || part.len != value.len)
        {
            return recs_check_error(b, "a bad filter value", i, err);
        }

        if (former.len > 0 && recs_filter_compare(former, value) >= 0) {
            return recs_check_error(b, "a filter value is out of order", i,
                                    err);
        }

        former = value;
    }

    return RECS_OK;
}


static int
recs_check_filter_bitmap(const recs_bundle_t *b,
    const recs_bitmap_word_t *bits)
{
    uint32_t  n_items;

    n_items = b->view.n_items;

    return (uintptr_t) bits % sizeof(recs_bitmap_word_t) == 0
           && (n_items % 64 == 0
               || bits[n_items / 64] >> (n_items % 64) == 0);
}


static int
recs_check_filter_list(const recs_bundle_t *b, const uint32_t *items,
    uint32_t n)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        if (items[i] >= b->view.n_items || (i > 0 && items[i] <= items[i - 1]))
        {
            return 0;
        }
    }

    return n > 0;
}


static recs_status_t
recs_check_filter_items(const recs_bundle_t *b, recs_error_t *err)
{
    int         good;
    uint64_t    i, size;
    recs_str_t  run;

    size = recs_filter_bitmap_size(b->view.n_items);

    for (i = 0; i < b->tables[RECS_TABLE_FILTER_ITEM_SPANS].table.n_rows;
         i++)
    {
        run = recs_bundle_run(b, RECS_TABLE_FILTER_ITEMS,
                              RECS_TABLE_FILTER_ITEM_SPANS, i);

        if (run.len == size) {
            good = recs_check_filter_bitmap(b, (const void *) run.data);

        } else {
            good = run.len < size && run.len % sizeof(uint32_t) == 0
                   && recs_check_filter_list(b, (const void *) run.data,
                                             run.len / sizeof(uint32_t));
        }

        if (!good) {
            return recs_check_error(b, "a filter value's items are malformed",
                                    i, err);
        }
    }

    return RECS_OK;
}


recs_status_t
recs_bundle_check_filters(const recs_bundle_t *b, recs_error_t *err)
{
    uint32_t                  pos;
    recs_status_t             rc;
    recs_filter_attribute_t   attribute;

    if (b->tables[RECS_TABLE_FILTER_COLUMNS].n_shards == 0) {
        return RECS_OK;
    }

    if ((rc = recs_check_filter_columns(b, err)) != RECS_OK
        || (rc = recs_check_spans(b, RECS_TABLE_FILTER_VALUES,
                                  RECS_TABLE_FILTER_VALUE_SPANS, err))
           != RECS_OK
        || (rc = recs_check_spans(b, RECS_TABLE_FILTER_ITEMS,
                                  RECS_TABLE_FILTER_ITEM_SPANS, err))
           != RECS_OK)
    {
        return rc;
    }

    for (pos = 0; recs_filter_attribute_next(b, &pos, &attribute); ) {
        rc = recs_check_filter_values(b, &attribute, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    return recs_check_filter_items(b, err);
}
