#include "recs_id_lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>


#define RECS_ID_LINES_MAX  0x7fffffffu


recs_status_t
recs_id_lines_next(recs_input_t *input, recs_str_t *id, recs_error_t *err)
{
    int            too_long;
    recs_status_t  status;

    status = recs_input_line(input, id, &too_long, err);
    if (status != RECS_OK) {
        return status;
    }

    if (too_long || !recs_id_valid(id->data, id->len)) {
        return recs_error(err, RECS_INVALID, "%s:%" PRIu64 ": not an id: a "
                          "line holds one, 1 to %d bytes of UTF-8 without "
                          "control characters", input->name, input->line,
                          RECS_ID_MAX);
    }

    return RECS_OK;
}


static recs_status_t
recs_id_lines_add(recs_id_lines_t *l, recs_str_t id)
{
    char        *data;
    uint32_t     size;
    recs_str_t  *ids;

    if (l->n == l->size) {
        if (l->size > RECS_ID_LINES_MAX / 2) {
            return RECS_LIMIT;
        }

        size = l->size * 2 + 1024;

        ids = realloc(l->ids, size * sizeof(recs_str_t));
        if (ids == NULL) {
            return RECS_NOMEM;
        }

        l->ids = ids;
        l->size = size;
    }

    data = recs_arena_copy(&l->arena, id.data, id.len);
    if (data == NULL) {
        return RECS_NOMEM;
    }

    l->ids[l->n].data = data;
    l->ids[l->n].len = id.len;
    l->n++;

    return RECS_OK;
}


recs_status_t
recs_id_lines_read(recs_id_lines_t *l, const char *path, recs_error_t *err)
{
    recs_str_t     id;
    recs_input_t   input;
    recs_status_t  status;

    status = recs_input_open(&input, path, err);
    if (status != RECS_OK) {
        return status;
    }

    while ((status = recs_id_lines_next(&input, &id, err)) == RECS_OK) {
        status = recs_id_lines_add(l, id);

        if (status != RECS_OK) {
            recs_error(err, status, "%s:%" PRIu64 ": no room for more ids",
                       path, input.line);
            break;
        }
    }

    recs_input_close(&input);

    return status == RECS_NOT_FOUND ? RECS_OK : status;
}


void
recs_id_lines_free(recs_id_lines_t *l)
{
    free(l->ids);
    recs_arena_free(&l->arena);
    memset(l, 0, sizeof(recs_id_lines_t));
}
