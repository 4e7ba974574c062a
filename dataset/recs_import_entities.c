#include "recs_importer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "recs_columns.h"
#include "recs_csv.h"
#include "recs_json_line.h"


#define RECS_JOINED_MAX  RECS_ATTRIBUTE_MAX


/* The file being read: whose attributes, and which column is the id. */
typedef struct {
    recs_importer_t    *im;
    recs_input_t       *in;
    recs_id_map_t      *map;
    recs_attributes_t  *attributes;
    recs_column_role_t  role;
    uint64_t           *n_rows;
    int                 id_at;                            /* csv */
    uint32_t            columns[RECS_CSV_FIELDS_MAX];     /* csv */
    size_t              joined_len;                       /* jsonl */
    char                joined[RECS_JOINED_MAX];          /* jsonl */
} recs_entity_file_t;


static recs_status_t recs_entities_csv(recs_entity_file_t *f,
    recs_csv_t *csv, recs_error_t *err);
static recs_status_t recs_entities_csv_header(recs_entity_file_t *f,
    const recs_csv_t *csv, recs_error_t *err);
static recs_status_t recs_entities_csv_row(recs_entity_file_t *f,
    const recs_csv_t *csv, recs_error_t *err);
static recs_status_t recs_entities_jsonl(recs_entity_file_t *f,
    recs_error_t *err);
static recs_status_t recs_entities_jsonl_row(recs_entity_file_t *f,
    json_t *object, recs_error_t *err);
static json_t *recs_entities_jsonl_id(const recs_entity_file_t *f,
    json_t *object, const char **key);
static int recs_entities_jsonl_value(recs_entity_file_t *f,
    const json_t *value, char *scratch, recs_str_t *text);
static recs_status_t recs_entities_column(recs_entity_file_t *f,
    uint64_t line, recs_str_t name, uint32_t *column, recs_error_t *err);
static recs_status_t recs_entities_store(recs_entity_file_t *f,
    uint64_t line, recs_str_t id, recs_attribute_t *values, uint32_t n,
    recs_error_t *err);
static recs_status_t recs_entities_reject(recs_entity_file_t *f,
    uint64_t line, recs_reject_reason_t reason, const char *detail,
    recs_error_t *err);


recs_status_t
recs_import_entities(recs_importer_t *im, recs_input_t *in, int users,
    recs_error_t *err)
{
    size_t               i;
    recs_csv_t          *csv;
    recs_status_t        status;
    recs_entity_file_t  *f;

    f = malloc(sizeof(recs_entity_file_t));
    csv = malloc(sizeof(recs_csv_t));

    if (f == NULL || csv == NULL) {
        free(f);
        free(csv);
        return recs_error(err, RECS_NOMEM, "no memory to read \"%s\"",
                          in->name);
    }

    f->im = im;
    f->in = in;
    f->map = users ? im->users : im->items;
    f->attributes = users ? &im->user_attributes : &im->item_attributes;
    f->role = users ? RECS_COLUMN_USER : RECS_COLUMN_ITEM;
    f->n_rows = users ? &im->report->n_user_rows : &im->report->n_item_rows;

    for (i = 0; i < in->len && strchr(" \t\r\n", in->data[i]); i++) {
        /* void */
    }

    if (i < in->len && in->data[i] == '{') {
        status = recs_entities_jsonl(f, err);

    } else {
        recs_csv_init(csv, in);
        status = recs_entities_csv(f, csv, err);
        recs_csv_free(csv);
    }

    free(csv);
    free(f);

    return status;
}


static recs_status_t
recs_entities_csv(recs_entity_file_t *f, recs_csv_t *csv, recs_error_t *err)
{
    uint32_t           n_columns;
    recs_status_t      status;
    recs_csv_result_t  result;

    status = recs_csv_read(csv, &result, err);
    if (status != RECS_OK) {
        return status;
    }

    if (result != RECS_CSV_ROW) {
        return recs_error(err, RECS_INVALID, "%s: no header row: the first"
                          " line must name the columns, as in id,title,url",
                          f->in->name);
    }

    status = recs_entities_csv_header(f, csv, err);
    if (status != RECS_OK) {
        return status;
    }

    n_columns = csv->n_fields;

    for ( ;; ) {
        recs_importer_tick(f->im, f->in);

        status = recs_csv_read(csv, &result, err);

        if (status != RECS_OK || result == RECS_CSV_END) {
            return status;
        }

        if (result == RECS_CSV_MALFORMED) {
            status = recs_entities_reject(f, csv->line, RECS_REJECT_SYNTAX,
                                          csv->fault, err);

        } else if (result == RECS_CSV_TOO_LONG) {
            status = recs_entities_reject(f, csv->line, RECS_REJECT_TOO_LONG,
                                          "", err);

        } else if (csv->n_fields != n_columns) {
            status = recs_entities_reject(f, csv->line, RECS_REJECT_FIELDS,
                                          "", err);

        } else {
            status = recs_entities_csv_row(f, csv, err);
        }

        if (status != RECS_OK) {
            return status;
        }
    }
}


/* The id is the column named so, else the first. */

static recs_status_t
recs_entities_csv_header(recs_entity_file_t *f, const recs_csv_t *csv,
    recs_error_t *err)
{
    uint32_t       i, j;
    recs_status_t  status;

    f->id_at = 0;

    for (i = 0; i < csv->n_fields; i++) {
        if (csv->fields[i].len == 2
            && memcmp(csv->fields[i].data, "id", 2) == 0)
        {
            f->id_at = (int) i;
            break;
        }
    }

    for (i = 0; i < csv->n_fields; i++) {

        if ((int) i == f->id_at) {
            continue;
        }

        status = recs_entities_column(f, csv->line, csv->fields[i],
                                      &f->columns[i], err);
        if (status != RECS_OK) {
            return status;
        }

        for (j = 0; j < i; j++) {
            if ((int) j != f->id_at && f->columns[j] == f->columns[i]) {
                return recs_error(err, RECS_INVALID, "%s: two columns are"
                                  " named \"%.*s\"", f->in->name,
                                  (int) csv->fields[i].len,
                                  csv->fields[i].data);
            }
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_entities_csv_row(recs_entity_file_t *f, const recs_csv_t *csv,
    recs_error_t *err)
{
    uint32_t          i, n;
    recs_attribute_t  values[RECS_COLUMNS_MAX];

    n = 0;

    for (i = 0; i < csv->n_fields; i++) {
        if ((int) i != f->id_at && csv->fields[i].len > 0) {
            values[n].column = f->columns[i];
            values[n++].value = csv->fields[i];
        }
    }

    return recs_entities_store(f, csv->line, csv->fields[f->id_at], values, n,
                               err);
}


static recs_status_t
recs_entities_jsonl(recs_entity_file_t *f, recs_error_t *err)
{
    recs_status_t       status;
    recs_json_line_t    line;
    recs_json_result_t  result;

    for ( ;; ) {
        recs_importer_tick(f->im, f->in);

        status = recs_json_line_read(&line, f->in, &result, err);
        if (status != RECS_OK) {
            return status;
        }

        switch (result) {

        case RECS_JSON_END:
            return RECS_OK;

        case RECS_JSON_EMPTY:
            break;

        case RECS_JSON_TOO_LONG:
            status = recs_entities_reject(f, f->in->line,
                                          RECS_REJECT_TOO_LONG, "", err);
            break;

        case RECS_JSON_MALFORMED:
            status = recs_entities_reject(f, f->in->line, RECS_REJECT_SYNTAX,
                                          line.fault, err);
            break;

        case RECS_JSON_OBJECT:
            status = recs_entities_jsonl_row(f, line.object, err);
            json_decref(line.object);
        }

        if (status != RECS_OK) {
            return status;
        }
    }
}


static recs_status_t
recs_entities_jsonl_row(recs_entity_file_t *f, json_t *object,
    recs_error_t *err)
{
    char               scratch[RECS_COLUMNS_MAX + 1][RECS_JSON_SCRATCH];
    json_t            *value;
    uint32_t           n;
    recs_str_t         id, name, text;
    const char        *key, *id_key;
    recs_status_t      status;
    recs_attribute_t   values[RECS_COLUMNS_MAX];

    f->joined_len = 0;
    n = 0;

    if (!recs_json_id(recs_entities_jsonl_id(f, object, &id_key),
                      scratch[RECS_COLUMNS_MAX], &id))
    {
        return recs_entities_reject(f, f->in->line, RECS_REJECT_ID, "", err);
    }

    json_object_foreach(object, key, value) {

        if (strcmp(key, id_key) == 0 || json_is_null(value)) {
            continue;
        }

        if (n == RECS_COLUMNS_MAX || !recs_id_valid(key, strlen(key))
            || !recs_entities_jsonl_value(f, value, scratch[n], &text))
        {
            return recs_entities_reject(f, f->in->line, RECS_REJECT_ATTRIBUTE,
                                        "", err);
        }

        name.data = key;
        name.len = strlen(key);

        status = recs_entities_column(f, f->in->line, name,
                                      &values[n].column, err);
        if (status != RECS_OK) {
            return status;
        }

        values[n++].value = text;
    }

    return recs_entities_store(f, f->in->line, id, values, n, err);
}


static json_t *
recs_entities_jsonl_id(const recs_entity_file_t *f, json_t *object,
    const char **key)
{
    int          fit, best;
    json_t      *value, *found;
    recs_str_t   name;
    const char  *k;

    *key = "id";

    found = json_object_get(object, "id");
    if (found != NULL) {
        return found;
    }

    best = 0;

    json_object_foreach(object, k, value) {
        name.data = k;
        name.len = strlen(k);
        fit = recs_column_fit(f->role, NULL, name);

        if (fit > best) {
            best = fit;
            found = value;
            *key = k;
        }
    }

    return found;
}


/* Arrays of scalars are joined with '|'. */

static int
recs_entities_jsonl_value(recs_entity_file_t *f, const json_t *value,
    char *scratch, recs_str_t *text)
{
    size_t      i, start;
    recs_str_t  part;

    if (!json_is_array(value)) {
        return recs_json_text(value, scratch, text);
    }

    start = f->joined_len;

    for (i = 0; i < json_array_size(value); i++) {

        if (!recs_json_text(json_array_get(value, i), scratch, &part)
            || sizeof(f->joined) - f->joined_len < part.len + 1)
        {
            return 0;
        }

        if (i > 0) {
            f->joined[f->joined_len++] = '|';
        }

        memcpy(f->joined + f->joined_len, part.data, part.len);
        f->joined_len += part.len;
    }

    text->data = f->joined + start;
    text->len = f->joined_len - start;

    return 1;
}


static recs_status_t
recs_entities_column(recs_entity_file_t *f, uint64_t line, recs_str_t name,
    uint32_t *column, recs_error_t *err)
{
    recs_status_t  status;

    status = recs_attributes_column(f->attributes, name, column);

    switch (status) {

    case RECS_OK:
        return RECS_OK;

    case RECS_LIMIT:
        return recs_error(err, RECS_INVALID, "%s:%" PRIu64 ": more than %d"
                          " attributes", f->in->name, line, RECS_COLUMNS_MAX);

    case RECS_INVALID:
        return recs_error(err, RECS_INVALID, "%s:%" PRIu64 ": an attribute"
                          " needs a name of 1 to %d bytes of UTF-8 without"
                          " control characters", f->in->name, line,
                          RECS_ID_MAX);

    default:
        return recs_error(err, status, "no memory for attributes");
    }
}


static recs_status_t
recs_entities_store(recs_entity_file_t *f, uint64_t line, recs_str_t id,
    recs_attribute_t *values, uint32_t n, recs_error_t *err)
{
    uint32_t       i, number;
    recs_status_t  status;

    if (!recs_id_valid(id.data, id.len)) {
        return recs_entities_reject(f, line, RECS_REJECT_ID, "", err);
    }

    for (i = 0; i < n; i++) {
        if (!recs_attributes_valid(values[i].value)) {
            return recs_entities_reject(f, line, RECS_REJECT_ATTRIBUTE,
                               f->attributes->columns[values[i].column], err);
        }
    }

    ++*f->n_rows;

    status = recs_id_map_add(f->map, id, &number);

    if (status == RECS_OK) {
        status = recs_attributes_set(f->attributes, number, values, n, 1);
    }

    if (status != RECS_OK) {
        return recs_error(err, status, "%s:%" PRIu64 ": no room in memory "
                          "for more attributes", f->in->name, line);
    }

    return RECS_OK;
}


static recs_status_t
recs_entities_reject(recs_entity_file_t *f, uint64_t line,
    recs_reject_reason_t reason, const char *detail, recs_error_t *err)
{
    ++*f->n_rows;

    return recs_importer_reject_entity(f->im, f->in, line, reason, detail,
                                       err);
}
