/*
 * recs_entity_records: records and column names of ids and attributes that
 * were read, in the form of a dataset; private to dataset/.
 */

#ifndef _RECS_ENTITY_RECORDS_H_INCLUDED_
#define _RECS_ENTITY_RECORDS_H_INCLUDED_


#include "recs_attributes.h"
#include "recs_id_map.h"


/*
 * The records of the ids numbered order[n], one behind the other.  Both
 * results are the caller's to free(), after a failure (RECS_NOMEM) too.
 */
recs_status_t recs_entity_records(const recs_id_map_t *map,
    const recs_attributes_t *attributes, const uint32_t *order, uint32_t n,
    uint64_t **offsets, char **bytes);


#endif /* _RECS_ENTITY_RECORDS_H_INCLUDED_ */
