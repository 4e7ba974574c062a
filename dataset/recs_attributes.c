#include "recs_attributes.h"

#include <stdlib.h>
#include <string.h>


#define RECS_ATTRIBUTE_HEAD  (sizeof(uint16_t) + sizeof(uint32_t))


static recs_status_t recs_attributes_reserve(recs_attributes_t *a,
    uint32_t number);
static void recs_attributes_sort(recs_attribute_t *values, uint32_t *n);
static int recs_attribute_next(const recs_attribute_row_t *row, size_t *pos,
    recs_attribute_t *value);
static uint32_t recs_attributes_merge(const recs_attribute_row_t *row,
    const recs_attribute_t *values, uint32_t n, recs_attribute_t *merged);


recs_status_t
recs_attributes_column(recs_attributes_t *a, recs_str_t name,
    uint32_t *column)
{
    char      *copy;
    uint32_t   i;

    for (i = 0; i < a->n_columns; i++) {
        if (strlen(a->columns[i]) == name.len
            && memcmp(a->columns[i], name.data, name.len) == 0)
        {
            *column = i;
            return RECS_OK;
        }
    }

    if (!recs_id_valid(name.data, name.len)) {
        return RECS_INVALID;
    }

    if (a->n_columns == RECS_COLUMNS_MAX) {
        return RECS_LIMIT;
    }

    copy = recs_arena_alloc(&a->arena, name.len + 1);
    if (copy == NULL) {
        return RECS_NOMEM;
    }

    memcpy(copy, name.data, name.len);
    copy[name.len] = '\0';

    *column = a->n_columns;
    a->columns[a->n_columns++] = copy;

    return RECS_OK;
}


int
recs_attributes_valid(recs_str_t value)
{
    return value.len <= RECS_ATTRIBUTE_MAX
           && (value.len == 0 || memchr(value.data, '\0', value.len) == NULL)
           && recs_utf8_valid(value.data, value.len);
}


recs_status_t
recs_attributes_set(recs_attributes_t *a, uint32_t number,
    recs_attribute_t *values, uint32_t n_values, int listed)
{
    char                  *p;
    size_t                 len;
    uint16_t               column;
    uint32_t               i, n, value_len;
    recs_attribute_t       merged[RECS_COLUMNS_MAX];
    recs_attribute_row_t  *row;

    if (recs_attributes_reserve(a, number) != RECS_OK) {
        return RECS_NOMEM;
    }

    row = &a->rows[number];

    recs_attributes_sort(values, &n_values);
    n = recs_attributes_merge(row, values, n_values, merged);

    len = 0;

    for (i = 0; i < n; i++) {
        len += RECS_ATTRIBUTE_HEAD + merged[i].value.len;
    }

    p = recs_arena_alloc(&a->arena, len);
    if (p == NULL) {
        return RECS_NOMEM;
    }

    row->data = p;
    row->len = (uint32_t) len;
    row->listed |= listed != 0;

    for (i = 0; i < n; i++) {
        column = (uint16_t) merged[i].column;
        value_len = (uint32_t) merged[i].value.len;

        memcpy(p, &column, sizeof(column));
        memcpy(p + sizeof(column), &value_len, sizeof(value_len));
        p += RECS_ATTRIBUTE_HEAD;

        if (value_len > 0) {
            memcpy(p, merged[i].value.data, value_len);
        }

        p += value_len;
    }

    return RECS_OK;
}


int
recs_attributes_known(const recs_attributes_t *a, uint32_t number)
{
    return number < a->n && a->rows[number].data != NULL;
}


int
recs_attributes_listed(const recs_attributes_t *a, uint32_t number)
{
    return number < a->n && a->rows[number].listed;
}


recs_status_t
recs_attributes_record(const recs_attributes_t *a, uint32_t number,
    recs_record_builder_t *b)
{
    size_t            pos;
    recs_status_t     status;
    recs_attribute_t  value;

    if (!recs_attributes_known(a, number)) {
        return RECS_OK;
    }

    for (pos = 0; recs_attribute_next(&a->rows[number], &pos, &value); ) {
        status = recs_record_add(b, value.column, value.value);
        if (status != RECS_OK) {
            return status;
        }
    }

    return RECS_OK;
}


void
recs_attributes_free(recs_attributes_t *a)
{
    recs_arena_free(&a->arena);
    free(a->rows);
    memset(a, 0, sizeof(*a));
}


static recs_status_t
recs_attributes_reserve(recs_attributes_t *a, uint32_t number)
{
    uint32_t               n;
    recs_attribute_row_t  *rows;

    if (number < a->n) {
        return RECS_OK;
    }

    n = number + number / 2 + 1024;

    rows = realloc(a->rows, n * sizeof(recs_attribute_row_t));
    if (rows == NULL) {
        return RECS_NOMEM;
    }

    memset(rows + a->n, 0, (n - a->n) * sizeof(recs_attribute_row_t));
    a->rows = rows;
    a->n = n;

    return RECS_OK;
}


/* By insertion: columns come nearly in order.  Drops all but the last. */

static void
recs_attributes_sort(recs_attribute_t *values, uint32_t *n)
{
    uint32_t          i, j;
    recs_attribute_t  value;

    for (i = 1; i < *n; i++) {
        value = values[i];

        for (j = i; j > 0 && values[j - 1].column > value.column; j--) {
            values[j] = values[j - 1];
        }

        values[j] = value;
    }

    for (i = 0, j = 0; i < *n; i++) {
        if (i + 1 == *n || values[i + 1].column != values[i].column) {
            values[j++] = values[i];
        }
    }

    *n = j;
}


static int
recs_attribute_next(const recs_attribute_row_t *row, size_t *pos,
    recs_attribute_t *value)
{
    uint16_t     column;
    uint32_t     len;
    const char  *p;

    if (*pos >= row->len) {
        return 0;
    }

    p = row->data + *pos;
    memcpy(&column, p, sizeof(column));
    memcpy(&len, p + sizeof(column), sizeof(len));

    value->column = column;
    value->value.data = p + RECS_ATTRIBUTE_HEAD;
    value->value.len = len;
    *pos += RECS_ATTRIBUTE_HEAD + len;

    return 1;
}


static uint32_t
recs_attributes_merge(const recs_attribute_row_t *row,
    const recs_attribute_t *values, uint32_t n, recs_attribute_t *merged)
{
    size_t            pos;
    uint32_t          i, m;
    recs_attribute_t  old;

    i = 0;
    m = 0;

    for (pos = 0; recs_attribute_next(row, &pos, &old); ) {

        while (i < n && values[i].column < old.column) {
            merged[m++] = values[i++];
        }

        if (i < n && values[i].column == old.column) {
            merged[m++] = values[i++];

        } else {
            merged[m++] = old;
        }
    }

    while (i < n) {
        merged[m++] = values[i++];
    }

    return m;
}
