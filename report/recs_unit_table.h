/*
 * recs_unit_table: the units of an experiment, by the hash of their id.
 */

#ifndef _RECS_UNIT_TABLE_H_INCLUDED_
#define _RECS_UNIT_TABLE_H_INCLUDED_


#include <stdint.h>

#include "recs_status.h"


#define RECS_UNITS_MAX      (1u << 30)

#define RECS_UNIT_EXPOSED   1          /* first_ms and so on are there */
#define RECS_UNIT_MULTIPLE  2          /* met several variants */
#define RECS_UNIT_FORCED    4          /* into one, once at least */


/* A propensity of 1, as a weight: decimals stay what they are. */
#define RECS_UNIT_WEIGHT_ONE  2e9


/* Of the first exposure; 24 bytes. */
typedef struct {
    uint64_t   key;
    int64_t    first_ms;
    uint32_t   weight;                 /* 0: not known */
    uint16_t   period;
    uint8_t    segment;
    uint8_t    variant:5;
    uint8_t    flags:3;
} recs_unit_t;

/* Zeroed before its first use. */
typedef struct {
    recs_unit_t  *units;               /* in the order of their arrival */
    uint32_t      n;
    uint32_t      size;
    uint32_t     *index;               /* number + 1; 0: free */
    uint32_t      index_size;
} recs_unit_table_t;


/*
 * The unit of key, valid until the next add; new ones are zero but for key.
 * RECS_LIMIT: over RECS_UNITS_MAX.
 */
recs_status_t recs_unit_table_add(recs_unit_table_t *table, uint64_t key,
    recs_unit_t **unit, recs_error_t *err);

/* NULL: there is none. */
recs_unit_t *recs_unit_table_find(const recs_unit_table_t *table,
    uint64_t key);

/*
 * Fetches what the other two will look at: the index, and, some time after
 * that and once more, the unit.
 */
void recs_unit_table_prefetch(const recs_unit_table_t *table, uint64_t key,
    int again);

void recs_unit_table_free(recs_unit_table_t *table);


#endif /* _RECS_UNIT_TABLE_H_INCLUDED_ */
