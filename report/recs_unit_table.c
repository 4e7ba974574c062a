#include "recs_unit_table.h"

#include <stdlib.h>
#include <string.h>


#define RECS_UNIT_TABLE_INITIAL  1024


static recs_status_t recs_unit_table_grow(recs_unit_table_t *table,
    recs_error_t *err);
static uint32_t recs_unit_table_slot(const recs_unit_table_t *table,
    uint64_t key);


recs_status_t
recs_unit_table_add(recs_unit_table_t *table, uint64_t key,
    recs_unit_t **unit, recs_error_t *err)
{
    uint32_t       slot;
    recs_status_t  status;

    if (table->n == table->size) {
        status = recs_unit_table_grow(table, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    slot = recs_unit_table_slot(table, key);

    if (table->index[slot] == 0) {
        memset(&table->units[table->n], 0, sizeof(recs_unit_t));
        table->units[table->n].key = key;
        table->index[slot] = ++table->n;
    }

    *unit = &table->units[table->index[slot] - 1];

    return RECS_OK;
}


recs_unit_t *
recs_unit_table_find(const recs_unit_table_t *table, uint64_t key)
{
    uint32_t  number;

    if (table->n == 0) {
        return NULL;
    }

    number = table->index[recs_unit_table_slot(table, key)];

    return number != 0 ? &table->units[number - 1] : NULL;
}


void
recs_unit_table_prefetch(const recs_unit_table_t *table, uint64_t key,
    int again)
{
    const uint32_t  *number;

    if (table->n == 0) {
        return;
    }

    number = &table->index[(uint32_t) key & (table->index_size - 1)];

    if (!again) {
        __builtin_prefetch(number);

    } else if (*number != 0) {
        __builtin_prefetch(&table->units[*number - 1]);
    }
}


void
recs_unit_table_free(recs_unit_table_t *table)
{
    free(table->units);
    free(table->index);
    memset(table, 0, sizeof(*table));
}


/* The index is half full at most. */

static recs_status_t
recs_unit_table_grow(recs_unit_table_t *table, recs_error_t *err)
{
    uint32_t      i, size, *index;
    recs_unit_t  *units;

    if (table->size == RECS_UNITS_MAX) {
        return recs_error(err, RECS_LIMIT, "an experiment has more than %u "
                          "units: report fewer days", RECS_UNITS_MAX);
    }

    size = table->size != 0 ? 2 * table->size : RECS_UNIT_TABLE_INITIAL;

    units = realloc(table->units, size * sizeof(recs_unit_t));
    if (units == NULL) {
        goto failed;
    }

    table->units = units;

    index = calloc(2 * (size_t) size, sizeof(uint32_t));
    if (index == NULL) {
        goto failed;
    }

    free(table->index);
    table->index = index;
    table->index_size = 2 * size;
    table->size = size;

    for (i = 0; i < table->n; i++) {
        table->index[recs_unit_table_slot(table, units[i].key)] = i + 1;
    }

    return RECS_OK;

failed:

    return recs_error(err, RECS_NOMEM, "no memory for %u units", size);
}


static uint32_t
recs_unit_table_slot(const recs_unit_table_t *table, uint64_t key)
{
    uint32_t  slot;

    slot = (uint32_t) key & (table->index_size - 1);

    while (table->index[slot] != 0
           && table->units[table->index[slot] - 1].key != key)
    {
        slot = (slot + 1) & (table->index_size - 1);
    }

    return slot;
}
