#include "recs_id_lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>


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
recs_id_lines_add(recs_id_map_t *map, const recs_input_t *input,
    recs_str_t id, recs_error_t *err)
{
    uint32_t       n, number;
    recs_status_t  status;

    n = recs_id_map_count(map);

    status = recs_id_map_add(map, id, &number);

    if (status != RECS_OK) {
        return recs_error(err, status, "%s:%" PRIu64 ": no room for more ids",
                          input->name, input->line);
    }

    if (number < n) {
        return recs_error(err, RECS_INVALID, "%s:%" PRIu64 ": id \"%.*s\" "
                          "stands twice, first in line %u", input->name,
                          input->line, (int) id.len, id.data, number + 1);
    }

    return RECS_OK;
}


static recs_status_t
recs_id_lines_list(recs_id_lines_t *l, recs_error_t *err)
{
    uint32_t  i;

    l->n = recs_id_map_count(l->map);

    l->ids = malloc(((size_t) l->n + 1) * sizeof(recs_str_t));
    if (l->ids == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for %u ids", l->n);
    }

    for (i = 0; i < l->n; i++) {
        l->ids[i] = recs_id_map_id(l->map, i);
    }

    return RECS_OK;
}


recs_status_t
recs_id_lines_read(recs_id_lines_t *lines, const char *path,
    recs_error_t *err)
{
    recs_str_t       id;
    recs_input_t     input;
    recs_status_t    status;
    recs_id_lines_t  l;

    memset(&l, 0, sizeof(recs_id_lines_t));

    status = recs_input_open(&input, path, err);
    if (status != RECS_OK) {
        return status;
    }

    l.map = recs_id_map_create();
    if (l.map == NULL) {
        status = recs_error(err, RECS_NOMEM, "no memory for ids");
    }

    while (status == RECS_OK) {
        status = recs_id_lines_next(&input, &id, err);

        if (status == RECS_OK) {
            status = recs_id_lines_add(l.map, &input, id, err);
        }
    }

    recs_input_close(&input);

    if (status == RECS_NOT_FOUND) {
        status = recs_id_lines_list(&l, err);
    }

    if (status != RECS_OK) {
        recs_id_lines_free(&l);
        return status;
    }

    *lines = l;

    return RECS_OK;
}


void
recs_id_lines_free(recs_id_lines_t *l)
{
    free(l->ids);
    recs_id_map_destroy(l->map);
}
