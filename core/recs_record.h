/*
 * recs_record: an id with its attributes as one run of bytes, the form in
 * which items and users stand in a dataset and in a bundle.
 *
 *     u8   id_len            1..RECS_ID_MAX
 *     id bytes
 *     u16  n_attributes
 *     n_attributes times:
 *         u16  column        index into the table's column names, ascending
 *         u32  len
 *         value bytes        well-formed UTF-8, at most RECS_ATTRIBUTE_MAX
 *
 * Integers are little-endian and unaligned.  A record that has passed
 * recs_record_check() may be read without further checks.
 */

#ifndef _RECS_RECORD_H_INCLUDED_
#define _RECS_RECORD_H_INCLUDED_


#include <stdint.h>

#include "recs_id.h"
#include "recs_status.h"


#define RECS_ATTRIBUTE_MAX  65536
#define RECS_COLUMNS_MAX    256
#define RECS_COLUMN_NO      0xffff


/* Structural check of untrusted bytes: RECS_OK or RECS_CORRUPT. */
recs_status_t recs_record_check(recs_str_t record, uint32_t n_columns);

recs_str_t recs_record_id(recs_str_t record);

/* The attribute's value, or {NULL, 0} where the record has none. */
recs_str_t recs_record_attribute(recs_str_t record, uint32_t column);

/*
 * Walks the attributes: *pos starts at 0; returns 1 and fills column and
 * value, or 0 after the last one.
 */
int recs_record_next(recs_str_t record, size_t *pos, uint32_t *column,
    recs_str_t *value);


/* A growing buffer in which one record after the other is built. */
typedef struct {
    char      *data;
    size_t     len;
    size_t     size;
    uint32_t   last_column;
    uint32_t   n_attributes;
    size_t     count_at;
} recs_record_builder_t;

/* Starts a record (the builder is zeroed before its first use). */
recs_status_t recs_record_begin(recs_record_builder_t *b, recs_str_t id);

/* Adds an attribute; columns must come in ascending order. */
recs_status_t recs_record_add(recs_record_builder_t *b, uint32_t column,
    recs_str_t value);

/* The finished record, borrowed until the next begin or free. */
recs_str_t recs_record_end(recs_record_builder_t *b);

void recs_record_free(recs_record_builder_t *b);


#endif /* _RECS_RECORD_H_INCLUDED_ */
