#include "recs_entity_list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "recs_arena.h"
#include "recs_importer.h"


struct recs_entity_list_s {
    recs_importer_t         im;           /* items and their attributes */
    recs_import_options_t   options;
    recs_import_report_t    report;
    recs_arena_t            arena;
    recs_str_t             *records;
    recs_entities_t         entities;
};


static recs_status_t recs_entity_list_ids(recs_entity_list_t *l,
    const char *path, recs_error_t *err);
static recs_status_t recs_entity_list_id(recs_entity_list_t *l,
    const recs_input_t *in, recs_str_t line, int too_long,
    recs_error_t *err);
static recs_status_t recs_entity_list_attributes(recs_entity_list_t *l,
    const char *path, recs_error_t *err);
static recs_status_t recs_entity_list_records(recs_entity_list_t *l,
    recs_error_t *err);
static recs_str_t recs_entity_list_record(void *data, uint32_t index);


recs_status_t
recs_entity_list_read(recs_entity_list_t **list, const char *ids,
    const char *attributes, recs_error_t *err)
{
    recs_status_t        status;
    recs_entity_list_t  *l;

    l = calloc(1, sizeof(recs_entity_list_t));
    if (l == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to read \"%s\"", ids);
    }

    l->options.strict = 1;

    status = recs_importer_init(&l->im, &l->options, &l->report, err);
    if (status != RECS_OK) {
        free(l);
        return status;
    }

    status = recs_entity_list_ids(l, ids, err);

    if (status == RECS_OK) {
        l->entities.n = recs_id_map_count(l->im.items);

        if (attributes != NULL) {
            status = recs_entity_list_attributes(l, attributes, err);
        }
    }

    if (status == RECS_OK) {
        status = recs_entity_list_records(l, err);
    }

    if (status != RECS_OK) {
        recs_entity_list_free(l);
        return status;
    }

    *list = l;

    return RECS_OK;
}


void
recs_entity_list_free(recs_entity_list_t *l)
{
    if (l == NULL) {
        return;
    }

    recs_importer_free(&l->im);
    recs_arena_free(&l->arena);
    free(l->records);
    free(l);
}


const recs_entities_t *
recs_entity_list_entities(const recs_entity_list_t *l)
{
    return &l->entities;
}


uint32_t
recs_entity_list_unmatched(const recs_entity_list_t *l)
{
    return recs_id_map_count(l->im.items) - l->entities.n;
}


static recs_status_t
recs_entity_list_ids(recs_entity_list_t *l, const char *path,
    recs_error_t *err)
{
    int            too_long;
    recs_str_t     line;
    recs_input_t   in;
    recs_status_t  status;

    status = recs_input_open(&in, path, err);
    if (status != RECS_OK) {
        return status;
    }

    while ((status = recs_input_line(&in, &line, &too_long, err)) == RECS_OK) {
        status = recs_entity_list_id(l, &in, line, too_long, err);
        if (status != RECS_OK) {
            break;
        }
    }

    recs_input_close(&in);

    return status == RECS_NOT_FOUND ? RECS_OK : status;
}


static recs_status_t
recs_entity_list_id(recs_entity_list_t *l, const recs_input_t *in,
    recs_str_t line, int too_long, recs_error_t *err)
{
    uint32_t       n, number;
    recs_status_t  status;

    if (too_long || !recs_id_valid(line.data, line.len)) {
        return recs_error(err, RECS_INVALID, "%s:%" PRIu64 ": no id: 1 to %d"
                          " bytes of UTF-8 without control characters, one id"
                          " a line", in->name, in->line, RECS_ID_MAX);
    }

    n = recs_id_map_count(l->im.items);

    status = recs_id_map_add(l->im.items, line, &number);

    if (status != RECS_OK) {
        return recs_error(err, status, "%s:%" PRIu64 ": no room for more ids",
                          in->name, in->line);
    }

    if (number < n) {
        return recs_error(err, RECS_INVALID, "%s:%" PRIu64 ": id \"%.*s\""
                          " stands twice, first as row %u (from 0)", in->name,
                          in->line, (int) line.len, line.data, number);
    }

    return RECS_OK;
}


static recs_status_t
recs_entity_list_attributes(recs_entity_list_t *l, const char *path,
    recs_error_t *err)
{
    recs_input_t   in;
    recs_status_t  status;

    status = recs_input_open(&in, path, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_import_entities(&l->im, &in, 0, err);
    recs_input_close(&in);

    return status;
}


static recs_status_t
recs_entity_list_records(recs_entity_list_t *l, recs_error_t *err)
{
    uint32_t               i;
    recs_str_t             record;
    recs_status_t          status;
    recs_record_builder_t  b;

    memset(&b, 0, sizeof(b));
    status = RECS_OK;

    l->records = malloc(((size_t) l->entities.n + 1) * sizeof(recs_str_t));
    if (l->records == NULL) {
        status = RECS_NOMEM;
    }

    for (i = 0; i < l->entities.n && status == RECS_OK; i++) {
        status = recs_record_begin(&b, recs_id_map_id(l->im.items, i));

        if (status == RECS_OK) {
            status = recs_attributes_record(&l->im.item_attributes, i, &b);
        }

        if (status == RECS_OK) {
            record = recs_record_end(&b);
            l->records[i].len = record.len;
            l->records[i].data = recs_arena_copy(&l->arena, record.data,
                                                 record.len);
            status = l->records[i].data != NULL ? RECS_OK : RECS_NOMEM;
        }
    }

    recs_record_free(&b);

    if (status != RECS_OK) {
        return recs_error(err, status, "no memory for the records of %u ids",
                          l->entities.n);
    }

    l->entities.n_columns = l->im.item_attributes.n_columns;
    l->entities.columns = l->im.item_attributes.columns;
    l->entities.record = recs_entity_list_record;
    l->entities.data = l;

    return RECS_OK;
}


static recs_str_t
recs_entity_list_record(void *data, uint32_t index)
{
    return ((recs_entity_list_t *) data)->records[index];
}
