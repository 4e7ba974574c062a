#include "recs_entity_records.h"

#include <stdlib.h>
#include <string.h>


recs_status_t
recs_entity_records(const recs_id_map_t *map,
    const recs_attributes_t *attributes, const uint32_t *order, uint32_t n,
    uint64_t **offsets, char **bytes)
{
    char                   *grown;
    size_t                  len, size;
    uint32_t                i;
    recs_str_t              record;
    recs_record_builder_t   builder;

    memset(&builder, 0, sizeof(builder));
    len = 0;
    size = 0;

    *offsets = malloc((n + (size_t) 1) * sizeof(uint64_t));
    if (*offsets == NULL) {
        return RECS_NOMEM;
    }

    for (i = 0; i < n; i++) {
        (*offsets)[i] = len;

        if (recs_record_begin(&builder, recs_id_map_id(map, order[i]))
            != RECS_OK
            || recs_attributes_record(attributes, order[i], &builder)
               != RECS_OK)
        {
            goto failed;
        }

        record = recs_record_end(&builder);

        if (size - len < record.len) {
            size = 2 * size + record.len + 4096;

            grown = realloc(*bytes, size);
            if (grown == NULL) {
                goto failed;
            }

            *bytes = grown;
        }

        memcpy(*bytes + len, record.data, record.len);
        len += record.len;
    }

    (*offsets)[n] = len;
    recs_record_free(&builder);

    return RECS_OK;

failed:

    recs_record_free(&builder);

    return RECS_NOMEM;
}
