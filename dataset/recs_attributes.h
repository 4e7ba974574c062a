/*
 * recs_attributes: the attributes of items or users while they are read, by
 * the number that a recs_id_map gave the id.
 */

#ifndef _RECS_ATTRIBUTES_H_INCLUDED_
#define _RECS_ATTRIBUTES_H_INCLUDED_


#include <stdint.h>

#include "recs_arena.h"
#include "recs_record.h"
#include "recs_status.h"


typedef struct {
    uint32_t      column;
    recs_str_t    value;
} recs_attribute_t;

typedef struct {
    const char   *data;                /* packed attributes; NULL: none set */
    uint32_t      len;
    uint32_t      listed;
} recs_attribute_row_t;

/* Zeroed before its first use. */
typedef struct {
    const char             *columns[RECS_COLUMNS_MAX];
    uint32_t                n_columns;
    recs_attribute_row_t   *rows;                 /* [n] by number */
    uint32_t                n;
    recs_arena_t            arena;
} recs_attributes_t;


/*
 * The index of a column, a new one if need be.  RECS_INVALID: no usable name;
 * RECS_LIMIT: over RECS_COLUMNS_MAX columns.
 */
recs_status_t recs_attributes_column(recs_attributes_t *a, recs_str_t name,
    uint32_t *column);

/* 1 if value may be stored: UTF-8 without NUL, at most RECS_ATTRIBUTE_MAX. */
int recs_attributes_valid(recs_str_t value);

/*
 * Sets attributes of a number; what was set before and is not named again
 * stays.  values, at most RECS_COLUMNS_MAX, are sorted by column; of two of
 * one column the later counts.  listed != 0 marks the number for
 * recs_attributes_listed().
 */
recs_status_t recs_attributes_set(recs_attributes_t *a, uint32_t number,
    recs_attribute_t *values, uint32_t n_values, int listed);

int recs_attributes_known(const recs_attributes_t *a, uint32_t number);
int recs_attributes_listed(const recs_attributes_t *a, uint32_t number);

/* Adds the attributes of number to the record begun in b. */
recs_status_t recs_attributes_record(const recs_attributes_t *a,
    uint32_t number, recs_record_builder_t *b);

void recs_attributes_free(recs_attributes_t *a);


#endif /* _RECS_ATTRIBUTES_H_INCLUDED_ */
