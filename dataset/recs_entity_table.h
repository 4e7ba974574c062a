/*
 * recs_entity_table: given ids in a given order, with attributes from a file:
 * the items or users of a model that was trained elsewhere.
 */

#ifndef _RECS_ENTITY_TABLE_H_INCLUDED_
#define _RECS_ENTITY_TABLE_H_INCLUDED_


#include <stdint.h>

#include "recs_model.h"
#include "recs_status.h"


typedef struct recs_entity_table_s  recs_entity_table_t;


/*
 * ids[n] are copied; path is csv or jsonl as for `recs import --items`, or
 * NULL for no attributes.  *n_unmatched (may be NULL): rows of ids that are
 * not among ids; they are left out.
 *
 * RECS_INVALID  an id that is not valid or stands twice; a malformed row
 * RECS_IO       path cannot be read
 */
recs_status_t recs_entity_table_create(recs_entity_table_t **table,
    const recs_str_t *ids, uint32_t n, const char *path,
    uint64_t *n_unmatched, recs_error_t *err);
void recs_entity_table_destroy(recs_entity_table_t *table);

/* Borrowed, valid until the table is destroyed. */
recs_entities_t recs_entity_table_view(const recs_entity_table_t *table);


#endif /* _RECS_ENTITY_TABLE_H_INCLUDED_ */
