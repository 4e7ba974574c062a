/*
 * Two passes over the records: the first counts the items of every value and
 * gives up an attribute with too many values, the second lists the items.
 */

#include "recs_filter_index.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "recs_filter_private.h"


#define RECS_FILTER_CELLS_MIN  64


typedef struct {
    recs_str_t   value;
    uint32_t     n_items;
    uint32_t     last_item;
    uint32_t    *items;               /* ascending; NULL in the first pass */
} recs_filter_entry_t;

typedef struct {
    recs_filter_entry_t  *entries;
    uint32_t              n_entries;
    uint32_t             *cells;      /* hash table: entry + 1; 0: free */
    uint32_t              n_cells;    /* a power of 2, twice the entries */
    uint64_t              n_listed;
    unsigned              given_up:1;
} recs_filter_column_t;

struct recs_filter_index_s {
    const recs_writing_t   *w;
    recs_filter_column_t   *columns;  /* [n_columns] */
    uint32_t                n_columns;
    uint32_t               *items;    /* of all entries */

    recs_filter_entry_t   **entries;  /* [n_entries] in the file's order */
    uint32_t                n_entries;
    recs_filter_attribute_t *attributes;
    uint32_t                n_attributes;
    recs_bitmap_word_t     *bitmap;   /* of the entry that is being put */
};


static void
recs_filter_column_give_up(recs_filter_column_t *c)
{
    free(c->entries);
    free(c->cells);
    memset(c, 0, sizeof(recs_filter_column_t));

    c->given_up = 1;
}


static uint32_t *
recs_filter_cell(const recs_filter_column_t *c, recs_str_t value)
{
    uint32_t           i;
    const recs_str_t  *other;

    i = (uint32_t) XXH3_64bits(value.data, value.len) & (c->n_cells - 1);

    while (c->cells[i] != 0) {
        other = &c->entries[c->cells[i] - 1].value;

        if (other->len == value.len
            && memcmp(other->data, value.data, value.len) == 0)
        {
            break;
        }

        i = (i + 1) & (c->n_cells - 1);
    }

    return &c->cells[i];
}


/* Room for as many entries again; 0: no memory. */
static int
recs_filter_column_grow(recs_filter_column_t *c)
{
    uint32_t              i, n;
    recs_filter_entry_t  *entries;

    n = c->n_cells > 0 ? c->n_cells * 2 : RECS_FILTER_CELLS_MIN;

    entries = realloc(c->entries, (size_t) n / 2
                                  * sizeof(recs_filter_entry_t));
    if (entries == NULL) {
        return 0;
    }

    c->entries = entries;

    free(c->cells);
    c->n_cells = 0;

    c->cells = calloc(n, sizeof(uint32_t));
    if (c->cells == NULL) {
        return 0;
    }

    c->n_cells = n;

    for (i = 0; i < c->n_entries; i++) {
        *recs_filter_cell(c, c->entries[i].value) = i + 1;
    }

    return 1;
}


/* The first pass: one more item has the value; 0: no memory. */
static int
recs_filter_column_count(recs_filter_column_t *c, recs_str_t value,
    uint32_t item)
{
    uint32_t             *cell;
    recs_filter_entry_t  *entry;

    if (c->n_entries == c->n_cells / 2 && !recs_filter_column_grow(c)) {
        return 0;
    }

    cell = recs_filter_cell(c, value);

    if (*cell == 0) {
        entry = &c->entries[c->n_entries++];
        *cell = c->n_entries;

        memset(entry, 0, sizeof(recs_filter_entry_t));
        entry->value = value;

    } else {
        entry = &c->entries[*cell - 1];

        if (entry->last_item == item) {
            return 1;
        }
    }

    entry->last_item = item;
    entry->n_items++;
    c->n_listed++;

    return 1;
}


/* The second pass. */
static void
recs_filter_column_list(const recs_filter_column_t *c, recs_str_t value,
    uint32_t item)
{
    recs_filter_entry_t  *entry;

    entry = &c->entries[*recs_filter_cell(c, value) - 1];

    if (entry->n_items == 0 || entry->items[entry->n_items - 1] != item) {
        entry->items[entry->n_items++] = item;
    }
}


/* One pass, over the attributes not given up; 0: no memory. */
static int
recs_filter_index_pass(recs_filter_index_t *index, int listing)
{
    size_t                  pos, at;
    uint32_t                item, column;
    recs_str_t              record, text, value;
    recs_filter_column_t   *c;
    const recs_entities_t  *items;

    items = &index->w->model->items;

    for (item = 0; item < items->n; item++) {
        record = items->record(items->data, index->w->items[item].index);

        for (pos = 0; recs_record_next(record, &pos, &column, &text); ) {
            c = &index->columns[column];

            for (at = 0; !c->given_up
                         && recs_filter_part_next(text, &at, &value); )
            {
                if (listing) {
                    recs_filter_column_list(c, value, item);

                } else if (!recs_filter_column_count(c, value, item)) {
                    return 0;

                } else if (c->n_entries > RECS_FILTER_VALUES_MAX) {
                    recs_filter_column_give_up(c);
                }
            }
        }
    }

    return 1;
}


static int
recs_filter_column_repeats(const recs_filter_column_t *c)
{
    return c->n_entries > 0
           && (c->n_entries <= RECS_FILTER_FEW
               || c->n_listed >= (uint64_t) c->n_entries
                                 * RECS_FILTER_REPEATED);
}


static int
recs_filter_entry_compare(const void *a, const void *b)
{
    return recs_filter_compare((*(recs_filter_entry_t *const *) a)->value,
                               (*(recs_filter_entry_t *const *) b)->value);
}


/* The entries of a column, in their order, behind those of the former. */
static void
recs_filter_index_column(recs_filter_index_t *index, uint32_t column,
    uint64_t *n_listed)
{
    uint32_t                  i;
    recs_filter_column_t     *c;
    recs_filter_attribute_t  *attribute;

    c = &index->columns[column];
    attribute = &index->attributes[index->n_attributes++];

    attribute->column = column;
    attribute->first = index->n_entries;
    attribute->n_values = c->n_entries;

    for (i = 0; i < c->n_entries; i++) {
        c->entries[i].items = index->items + *n_listed;
        *n_listed += c->entries[i].n_items;
        c->entries[i].n_items = 0;

        index->entries[index->n_entries++] = &c->entries[i];
    }

    qsort(index->entries + attribute->first, attribute->n_values,
          sizeof(recs_filter_entry_t *), recs_filter_entry_compare);
}


/* Between the passes: keeps the attributes that repeat. 0: no memory. */
static int
recs_filter_index_arrange(recs_filter_index_t *index)
{
    uint32_t  i, n_entries;
    uint64_t  n_listed;

    n_entries = 0;
    n_listed = 0;

    for (i = 0; i < index->n_columns; i++) {
        if (!recs_filter_column_repeats(&index->columns[i])) {
            recs_filter_column_give_up(&index->columns[i]);
        }

        n_entries += index->columns[i].n_entries;
        n_listed += index->columns[i].n_listed;
    }

    index->items = malloc((n_listed + 1) * sizeof(uint32_t));
    index->entries = malloc(((size_t) n_entries + 1)
                            * sizeof(recs_filter_entry_t *));

    if (index->items == NULL || index->entries == NULL) {
        return 0;
    }

    n_listed = 0;

    for (i = 0; i < index->n_columns; i++) {
        if (!index->columns[i].given_up) {
            recs_filter_index_column(index, i, &n_listed);
        }
    }

    return 1;
}


recs_status_t
recs_filter_index_create(recs_filter_index_t **index,
    const recs_writing_t *w, recs_error_t *err)
{
    uint32_t              n_items;
    recs_filter_index_t  *x;

    n_items = w->model->items.n;

    x = calloc(1, sizeof(recs_filter_index_t));
    if (x == NULL) {
        goto failed;
    }

    x->w = w;
    x->n_columns = w->model->items.n_columns;
    x->columns = calloc((size_t) x->n_columns + 1,
                        sizeof(recs_filter_column_t));
    x->attributes = calloc((size_t) x->n_columns + 1,
                           sizeof(recs_filter_attribute_t));
    x->bitmap = malloc(recs_filter_bitmap_size(n_items) + 1);

    if (x->columns == NULL || x->attributes == NULL || x->bitmap == NULL
        || !recs_filter_index_pass(x, 0) || !recs_filter_index_arrange(x)
        || !recs_filter_index_pass(x, 1))
    {
        goto failed;
    }

    *index = x;

    return RECS_OK;

failed:

    recs_filter_index_destroy(x);

    return recs_error(err, RECS_NOMEM, "no memory to index the attributes of "
                      "%u items", n_items);
}


void
recs_filter_index_destroy(recs_filter_index_t *index)
{
    uint32_t  i;

    if (index == NULL) {
        return;
    }

    for (i = 0; index->columns != NULL && i < index->n_columns; i++) {
        recs_filter_column_give_up(&index->columns[i]);
    }

    free(index->columns);
    free(index->attributes);
    free(index->entries);
    free(index->items);
    free(index->bitmap);
    free(index);
}


static recs_str_t
recs_filter_get_value(void *data, uint64_t i)
{
    return ((recs_filter_index_t *) data)->entries[i]->value;
}


static recs_str_t
recs_filter_get_items(void *data, uint64_t i)
{
    uint32_t              j, n_items;
    recs_str_t            run;
    recs_filter_entry_t  *entry;
    recs_filter_index_t  *index;

    index = data;
    entry = index->entries[i];
    n_items = index->w->model->items.n;

    if (recs_filter_rare(entry->n_items, n_items)) {
        run.data = (const char *) entry->items;
        run.len = entry->n_items * sizeof(uint32_t);
        return run;
    }

    run.data = (const char *) index->bitmap;
    run.len = recs_filter_bitmap_size(n_items);

    memset(index->bitmap, 0, run.len);

    for (j = 0; j < entry->n_items; j++) {
        recs_bitmap_set(index->bitmap, entry->items[j]);
    }

    return run;
}


static void
recs_filter_fill_attribute(void *data, uint64_t row, void *dst)
{
    memcpy(dst, &((recs_filter_index_t *) data)->attributes[row],
           sizeof(recs_filter_attribute_t));
}


uint64_t
recs_filter_index_size(const recs_filter_index_t *index)
{
    uint32_t              i;
    uint64_t              size, bitmap;
    recs_filter_entry_t  *entry;

    size = 0;
    bitmap = recs_filter_bitmap_size(index->w->model->items.n);

    for (i = 0; i < index->n_entries; i++) {
        entry = index->entries[i];

        size += entry->n_items * sizeof(uint32_t) < bitmap
                ? entry->n_items * sizeof(uint32_t) : bitmap;
        size += entry->value.len + 2 * (sizeof(recs_span_t) + 8);
    }

    return size;
}


recs_status_t
recs_filter_index_put(recs_filter_index_t *index,
    recs_bundle_writer_t *writer, recs_error_t *err)
{
    recs_status_t  rc;

    if (index->n_attributes == 0) {
        return RECS_OK;
    }

    rc = recs_bundle_writer_table(writer, RECS_TABLE_FILTER_COLUMNS,
                                  index->n_attributes,
                                  sizeof(recs_filter_attribute_t),
                                  recs_filter_fill_attribute, index, err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_bundle_writer_runs(writer, RECS_TABLE_FILTER_VALUES,
                                 RECS_TABLE_FILTER_VALUE_SPANS,
                                 index->n_entries, recs_filter_get_value,
                                 index, err);
    if (rc != RECS_OK) {
        return rc;
    }

    return recs_bundle_writer_runs(writer, RECS_TABLE_FILTER_ITEMS,
                                   RECS_TABLE_FILTER_ITEM_SPANS,
                                   index->n_entries, recs_filter_get_items,
                                   index, err);
}
