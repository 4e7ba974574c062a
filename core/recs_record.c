#include "recs_record.h"

#include <stdlib.h>
#include <string.h>


#define RECS_RECORD_HEADER  (sizeof(uint16_t) + sizeof(uint32_t))


static uint16_t
recs_get_u16(const char *p)
{
    uint16_t  v;

    memcpy(&v, p, sizeof(v));
    return v;
}


static uint32_t
recs_get_u32(const char *p)
{
    uint32_t  v;

    memcpy(&v, p, sizeof(v));
    return v;
}


recs_status_t
recs_record_check(recs_str_t record, uint32_t n_columns)
{
    size_t    pos, len;
    uint32_t  column, last, i, n;

    if (record.len < 1) {
        return RECS_CORRUPT;
    }

    len = (unsigned char) record.data[0];
    pos = 1 + len;

    if (record.len < pos + sizeof(uint16_t)
        || !recs_id_valid(record.data + 1, len))
    {
        return RECS_CORRUPT;
    }

    n = recs_get_u16(record.data + pos);
    pos += sizeof(uint16_t);
    last = 0;

    for (i = 0; i < n; i++) {
        if (record.len - pos < RECS_RECORD_HEADER) {
            return RECS_CORRUPT;
        }

        column = recs_get_u16(record.data + pos);
        len = recs_get_u32(record.data + pos + sizeof(uint16_t));
        pos += RECS_RECORD_HEADER;

        if (column >= n_columns || (i > 0 && column <= last)
            || len > RECS_ATTRIBUTE_MAX || len > record.len - pos
            || !recs_utf8_valid(record.data + pos, len))
        {
            return RECS_CORRUPT;
        }

        last = column;
        pos += len;
    }

    return pos == record.len ? RECS_OK : RECS_CORRUPT;
}


recs_str_t
recs_record_id(recs_str_t record)
{
    recs_str_t  id;

    id.data = record.data + 1;
    id.len = (unsigned char) record.data[0];

    return id;
}


int
recs_record_next(recs_str_t record, size_t *pos, uint32_t *column,
    recs_str_t *value)
{
    size_t  p;

    p = *pos;

    if (p == 0) {
        p = 1 + (unsigned char) record.data[0] + sizeof(uint16_t);
    }

    if (p >= record.len) {
        return 0;
    }

    *column = recs_get_u16(record.data + p);
    value->len = recs_get_u32(record.data + p + sizeof(uint16_t));
    value->data = record.data + p + RECS_RECORD_HEADER;
    *pos = p + RECS_RECORD_HEADER + value->len;

    return 1;
}


recs_str_t
recs_record_attribute(recs_str_t record, uint32_t column)
{
    size_t      pos;
    uint32_t    c;
    recs_str_t  value;

    pos = 0;

    while (recs_record_next(record, &pos, &c, &value)) {
        if (c == column) {
            return value;
        }
    }

    value.data = NULL;
    value.len = 0;

    return value;
}


static recs_status_t
recs_record_append(recs_record_builder_t *b, const void *bytes, size_t len)
{
    char    *data;
    size_t   size;

    if (b->size - b->len < len) {
        size = (b->len + len) * 2;

        data = realloc(b->data, size);
        if (data == NULL) {
            return RECS_NOMEM;
        }

        b->data = data;
        b->size = size;
    }

    if (len > 0) {
        memcpy(b->data + b->len, bytes, len);
    }

    b->len += len;

    return RECS_OK;
}


recs_status_t
recs_record_begin(recs_record_builder_t *b, recs_str_t id)
{
    uint8_t   id_len;
    uint16_t  none;

    if (!recs_id_valid(id.data, id.len)) {
        return RECS_INVALID;
    }

    id_len = (uint8_t) id.len;
    none = 0;

    b->len = 0;
    b->n_attributes = 0;
    b->last_column = 0;
    b->count_at = 1 + id.len;

    if (recs_record_append(b, &id_len, 1) != RECS_OK
        || recs_record_append(b, id.data, id.len) != RECS_OK)
    {
        return RECS_NOMEM;
    }

    return recs_record_append(b, &none, sizeof(none));
}


recs_status_t
recs_record_add(recs_record_builder_t *b, uint32_t column, recs_str_t value)
{
    uint16_t  c;
    uint32_t  len;

    if (column >= RECS_COLUMNS_MAX || value.len > RECS_ATTRIBUTE_MAX
        || (b->n_attributes > 0 && column <= b->last_column)
        || !recs_utf8_valid(value.data, value.len))
    {
        return RECS_INVALID;
    }

    c = (uint16_t) column;
    len = (uint32_t) value.len;

    if (recs_record_append(b, &c, sizeof(c)) != RECS_OK
        || recs_record_append(b, &len, sizeof(len)) != RECS_OK
        || recs_record_append(b, value.data, value.len) != RECS_OK)
    {
        return RECS_NOMEM;
    }

    b->last_column = column;
    b->n_attributes++;

    return RECS_OK;
}


recs_str_t
recs_record_end(recs_record_builder_t *b)
{
    uint16_t    n;
    recs_str_t  record;

    n = (uint16_t) b->n_attributes;
    memcpy(b->data + b->count_at, &n, sizeof(n));

    record.data = b->data;
    record.len = b->len;

    return record;
}


void
recs_record_free(recs_record_builder_t *b)
{
    free(b->data);
    memset(b, 0, sizeof(recs_record_builder_t));
}
