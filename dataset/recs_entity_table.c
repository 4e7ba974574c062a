#include "recs_entity_table.h"

#include <stdlib.h>
#include <string.h>

#include "recs_dataset_format.h"
#include "recs_entity_records.h"
#include "recs_importer.h"


struct recs_entity_table_s {
    uint32_t         n;
    uint32_t         n_columns;
    const char      *columns[RECS_COLUMNS_MAX];
    char            *names;            /* of the columns, owned */
    uint64_t        *offsets;
    char            *bytes;
    recs_records_t   records;
};


static recs_status_t recs_entity_table_ids(recs_importer_t *im,
    const recs_str_t *ids, uint32_t n, recs_error_t *err);
static recs_status_t recs_entity_table_read(recs_importer_t *im,
    const char *path, recs_error_t *err);
static recs_status_t recs_entity_table_fill(recs_entity_table_t *table,
    const recs_importer_t *im, uint32_t n);


recs_status_t
recs_entity_table_create(recs_entity_table_t **table, const recs_str_t *ids,
    uint32_t n, const char *path, uint64_t *n_unmatched, recs_error_t *err)
{
    recs_status_t           status;
    recs_importer_t         im;
    recs_entity_table_t    *t;
    recs_import_report_t    report;
    recs_import_options_t   options;

    memset(&options, 0, sizeof(options));
    memset(&report, 0, sizeof(report));
    options.strict = 1;

    status = recs_importer_init(&im, &options, &report, err);
    if (status != RECS_OK) {
        return status;
    }

    t = NULL;

    status = recs_entity_table_ids(&im, ids, n, err);

    if (status == RECS_OK && path != NULL) {
        status = recs_entity_table_read(&im, path, err);
    }

    if (status == RECS_OK) {
        t = calloc(1, sizeof(recs_entity_table_t));

        if (t == NULL || recs_entity_table_fill(t, &im, n) != RECS_OK) {
            recs_entity_table_destroy(t);
            status = recs_error(err, RECS_NOMEM, "no memory for ids and"
                                " attributes");
        }
    }

    if (status == RECS_OK) {
        if (n_unmatched != NULL) {
            *n_unmatched = recs_id_map_count(im.items) - n;
        }

        *table = t;
    }

    recs_importer_free(&im);

    return status;
}


void
recs_entity_table_destroy(recs_entity_table_t *table)
{
    if (table != NULL) {
        free(table->names);
        free(table->offsets);
        free(table->bytes);
        free(table);
    }
}


recs_entities_t
recs_entity_table_view(const recs_entity_table_t *table)
{
    recs_entities_t  view;

    view.n = table->n;
    view.n_columns = table->n_columns;
    view.columns = table->columns;
    view.record = recs_dataset_record;
    view.data = (void *) &table->records;

    return view;
}


/* In a new map the number of an id is its place among them. */

static recs_status_t
recs_entity_table_ids(recs_importer_t *im, const recs_str_t *ids, uint32_t n,
    recs_error_t *err)
{
    uint32_t       i, number;
    recs_status_t  status;

    for (i = 0; i < n; i++) {

        if (!recs_id_valid(ids[i].data, ids[i].len)) {
            return recs_error(err, RECS_INVALID, "id %u is not valid: ids are"
                              " 1 to %d bytes of UTF-8 without control"
                              " characters", i + 1, RECS_ID_MAX);
        }

        status = recs_id_map_add(im->items, ids[i], &number);

        if (status != RECS_OK) {
            return recs_error(err, status, "no room for id %u", i + 1);
        }

        if (number != i) {
            return recs_error(err, RECS_INVALID, "id \"%.*s\" stands twice, as"
                              " number %u and %u", (int) ids[i].len,
                              ids[i].data, number + 1, i + 1);
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_entity_table_read(recs_importer_t *im, const char *path,
    recs_error_t *err)
{
    recs_input_t   in;
    recs_status_t  status;

    status = recs_input_open(&in, path, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_import_entities(im, &in, 0, err);
    recs_input_close(&in);

    return status;
}


static recs_status_t
recs_entity_table_fill(recs_entity_table_t *table, const recs_importer_t *im,
    uint32_t n)
{
    char           *p;
    size_t          len;
    uint32_t        i, *order;
    recs_status_t   status;

    len = 0;
    table->n = n;
    table->n_columns = im->item_attributes.n_columns;

    for (i = 0; i < table->n_columns; i++) {
        len += strlen(im->item_attributes.columns[i]) + 1;
    }

    table->names = malloc(len + 1);
    order = malloc((n + (size_t) 1) * sizeof(uint32_t));

    if (table->names == NULL || order == NULL) {
        free(order);
        return RECS_NOMEM;
    }

    for (i = 0, p = table->names; i < table->n_columns; i++) {
        table->columns[i] = strcpy(p, im->item_attributes.columns[i]);
        p += strlen(p) + 1;
    }

    for (i = 0; i < n; i++) {
        order[i] = i;
    }

    status = recs_entity_records(im->items, &im->item_attributes, order, n,
                                 &table->offsets, &table->bytes);
    table->records.offsets = table->offsets;
    table->records.bytes = table->bytes;

    free(order);

    return status;
}
