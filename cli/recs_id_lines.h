/*
 * recs_id_lines: a file of ids, one a line.
 */

#ifndef _RECS_ID_LINES_H_INCLUDED_
#define _RECS_ID_LINES_H_INCLUDED_


#include <stdint.h>

#include "recs_id_map.h"
#include "recs_input.h"
#include "recs_status.h"


typedef struct {
    recs_str_t     *ids;
    uint32_t        n;
    recs_id_map_t  *map;                  /* id -> place in ids */
} recs_id_lines_t;


/*
 * The next id of an open input, valid until the next call.
 *
 * RECS_NOT_FOUND  there is none
 * RECS_INVALID    a line that is no id; err names file and line
 */
recs_status_t recs_id_lines_next(recs_input_t *input, recs_str_t *id,
    recs_error_t *err);

/*
 * All ids of a file, "-" for stdin, each once: one that stands twice is
 * RECS_INVALID.
 */
recs_status_t recs_id_lines_read(recs_id_lines_t *lines, const char *path,
    recs_error_t *err);
void recs_id_lines_free(recs_id_lines_t *lines);


#endif /* _RECS_ID_LINES_H_INCLUDED_ */
