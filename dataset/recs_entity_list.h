/*
 * recs_entity_list: items or users from a file of ids, an id a line, with
 * attributes from a csv or jsonl file; for vectors that were trained
 * elsewhere and have only row numbers.
 */

#ifndef _RECS_ENTITY_LIST_H_INCLUDED_
#define _RECS_ENTITY_LIST_H_INCLUDED_


#include <stdint.h>

#include "recs_model.h"
#include "recs_status.h"


typedef struct recs_entity_list_s  recs_entity_list_t;


/*
 * Reads ids (a file or "-") and, where attributes is not NULL, the attributes
 * of those ids; rows of others are counted and left out.
 *
 * RECS_INVALID  a line that is no id, an id that stands twice, a malformed
 *               row of attributes: err names file and line
 * RECS_IO       cannot be read
 */
recs_status_t recs_entity_list_read(recs_entity_list_t **list,
    const char *ids, const char *attributes, recs_error_t *err);
void recs_entity_list_free(recs_entity_list_t *list);

/* In the order of the file; borrowed, valid until the list is freed. */
const recs_entities_t *recs_entity_list_entities(
    const recs_entity_list_t *list);

/* Rows of attributes whose id is not in the list. */
uint32_t recs_entity_list_unmatched(const recs_entity_list_t *list);


#endif /* _RECS_ENTITY_LIST_H_INCLUDED_ */
