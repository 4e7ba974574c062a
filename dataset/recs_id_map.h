/*
 * recs_id_map: ids to numbers, 0, 1, 2, ... in the order of their arrival.
 *
 * Open addressing over XXH3 with a seed of the process, so that a hostile
 * file cannot build collisions; id bytes stand in an arena and do not move.
 */

#ifndef _RECS_ID_MAP_H_INCLUDED_
#define _RECS_ID_MAP_H_INCLUDED_


#include <stdint.h>

#include "recs_id.h"
#include "recs_status.h"


#define RECS_ID_MAP_NONE  UINT32_MAX
#define RECS_ID_MAP_MAX   (1u << 30)


typedef struct recs_id_map_s  recs_id_map_t;


/* NULL: no memory. */
recs_id_map_t *recs_id_map_create(void);
void recs_id_map_destroy(recs_id_map_t *map);

/*
 * The number of id, a new one if it is not there yet.  RECS_LIMIT: over
 * RECS_ID_MAP_MAX ids.
 */
recs_status_t recs_id_map_add(recs_id_map_t *map, recs_str_t id,
    uint32_t *number);

/* The number of id, or RECS_ID_MAP_NONE. */
uint32_t recs_id_map_find(const recs_id_map_t *map, recs_str_t id);

uint32_t recs_id_map_count(const recs_id_map_t *map);
recs_str_t recs_id_map_id(const recs_id_map_t *map, uint32_t number);

/*
 * The numbers in the order of recs_id_compare(), for those with keep[number]
 * set: order[0 .. *n - 1].  The caller frees order.
 */
recs_status_t recs_id_map_order(const recs_id_map_t *map, const uint8_t *keep,
    uint32_t **order, uint32_t *n);


#endif /* _RECS_ID_MAP_H_INCLUDED_ */
