#include "recs_importer.h"

#include <stdio.h>
#include <string.h>

#include "recs_columns.h"
#include "recs_csv.h"


#define RECS_IMPORT_CSV_CONTEXT  "context."


/* Which column is what; of a role, -1 is none. */
typedef struct {
    int          at[RECS_COLUMN_ROLES];
    uint32_t     contexts[RECS_CONTEXTS_MAX];
    char         names[RECS_CONTEXTS_MAX][RECS_CONTEXT_NAME_MAX];
    size_t       name_lens[RECS_CONTEXTS_MAX];
    uint32_t     n_contexts;
} recs_import_csv_columns_t;


static recs_status_t recs_import_csv_rows(recs_importer_t *im,
    recs_csv_t *csv, recs_error_t *err);
static recs_status_t recs_import_csv_header(recs_importer_t *im,
    const recs_csv_t *csv, int *at, recs_error_t *err);
static recs_status_t recs_import_csv_contexts(const recs_csv_t *csv,
    recs_import_csv_columns_t *columns, recs_error_t *err);
static recs_status_t recs_import_csv_no_column(const recs_csv_t *csv,
    recs_column_role_t role, const char *option, recs_error_t *err);
static recs_status_t recs_import_csv_row(recs_importer_t *im,
    const recs_csv_t *csv, const recs_import_csv_columns_t *columns,
    recs_error_t *err);


recs_status_t
recs_import_csv(recs_importer_t *im, recs_input_t *in, recs_error_t *err)
{
    recs_csv_t     csv;
    recs_status_t  status;

    recs_csv_init(&csv, in);
    status = recs_import_csv_rows(im, &csv, err);
    recs_csv_free(&csv);

    return status;
}


static recs_status_t
recs_import_csv_rows(recs_importer_t *im, recs_csv_t *csv, recs_error_t *err)
{
    uint32_t                   n_columns;
    recs_status_t              status;
    recs_csv_result_t          result;
    recs_import_csv_columns_t  columns;

    status = recs_csv_read(csv, &result, err);
    if (status != RECS_OK) {
        return status;
    }

    if (result != RECS_CSV_ROW) {
        return recs_error(err, RECS_INVALID, "%s: no header row: the first"
                          " line must name the columns, as in"
                          " user,item,timestamp", csv->input->name);
    }

    status = recs_import_csv_header(im, csv, columns.at, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_import_csv_contexts(csv, &columns, err);
    if (status != RECS_OK) {
        return status;
    }

    n_columns = csv->n_fields;

    for ( ;; ) {
        recs_importer_tick(im, csv->input);

        status = recs_csv_read(csv, &result, err);

        if (status != RECS_OK || result == RECS_CSV_END) {
            return status;
        }

        if (result == RECS_CSV_MALFORMED) {
            status = recs_importer_reject(im, csv->input, csv->line,
                                          RECS_REJECT_SYNTAX, csv->fault, err);

        } else if (result == RECS_CSV_TOO_LONG) {
            status = recs_importer_reject(im, csv->input, csv->line,
                                          RECS_REJECT_TOO_LONG, "", err);

        } else if (csv->n_fields != n_columns) {
            status = recs_importer_reject(im, csv->input, csv->line,
                                          RECS_REJECT_FIELDS, "", err);

        } else {
            status = recs_import_csv_row(im, csv, &columns, err);
        }

        if (status != RECS_OK) {
            return status;
        }
    }
}


/* at[role]: the column's index, or -1. */

static recs_status_t
recs_import_csv_header(recs_importer_t *im, const recs_csv_t *csv, int *at,
    recs_error_t *err)
{
    int                 fit, best;
    uint32_t            i;
    const char         *option;
    recs_column_role_t  role;

    for (role = 0; role < RECS_COLUMN_ROLES; role++) {
        option = recs_column_option(im->options, role);
        at[role] = -1;
        best = 0;

        for (i = 0; i < csv->n_fields; i++) {
            fit = recs_column_fit(role, option, csv->fields[i]);

            if (fit > best) {
                best = fit;
                at[role] = (int) i;
            }
        }

        if (at[role] == -1
            && (option != NULL || role == RECS_COLUMN_USER
                || role == RECS_COLUMN_ITEM
                || (role == RECS_COLUMN_EVENT && im->options->n_events > 0)))
        {
            return recs_import_csv_no_column(csv, role, option, err);
        }
    }

    return RECS_OK;
}


/* Those named context.NAME; the names are copied from the line. */

static recs_status_t
recs_import_csv_contexts(const recs_csv_t *csv,
    recs_import_csv_columns_t *columns, recs_error_t *err)
{
    uint32_t    i, j, n;
    recs_str_t  name;

    n = 0;

    for (i = 0; i < csv->n_fields; i++) {
        name = csv->fields[i];

        if (name.len < sizeof(RECS_IMPORT_CSV_CONTEXT) - 1
            || memcmp(name.data, RECS_IMPORT_CSV_CONTEXT,
                      sizeof(RECS_IMPORT_CSV_CONTEXT) - 1) != 0)
        {
            continue;
        }

        name.data += sizeof(RECS_IMPORT_CSV_CONTEXT) - 1;
        name.len -= sizeof(RECS_IMPORT_CSV_CONTEXT) - 1;

        for (j = 0; j < n; j++) {
            if (columns->name_lens[j] == name.len
                && memcmp(columns->names[j], name.data, name.len) == 0)
            {
                break;
            }
        }

        if (!recs_name_valid(name.data, name.len) || j < n
            || n == RECS_CONTEXTS_MAX)
        {
            return recs_error(err, RECS_INVALID, "%s: column %u: at most %d"
                              " contexts, each named once, context.NAME with"
                              " a NAME such as country", csv->input->name,
                              i + 1, RECS_CONTEXTS_MAX);
        }

        memcpy(columns->names[n], name.data, name.len);
        columns->name_lens[n] = name.len;
        columns->contexts[n++] = i;
    }

    columns->n_contexts = n;

    return RECS_OK;
}


static recs_status_t
recs_import_csv_no_column(const recs_csv_t *csv, recs_column_role_t role,
    const char *option, recs_error_t *err)
{
    int       n;
    char      names[256];
    uint32_t  i;

    n = 0;
    names[0] = '\0';

    for (i = 0; i < csv->n_fields && n < (int) sizeof(names) - 1; i++) {
        n += snprintf(names + n, sizeof(names) - (size_t) n, "%s%.*s",
                      i ? "," : "", (int) (csv->fields[i].len % 64),
                      csv->fields[i].data);
    }

    if (option != NULL) {
        return recs_error(err, RECS_INVALID, "%s: no column \"%.64s\" among"
                          " \"%s\"", csv->input->name, option, names);
    }

    return recs_error(err, RECS_INVALID, "%s: no column for the %s among"
                      " \"%s\"; name it with --%s-column", csv->input->name,
                      recs_column_role_name(role), names,
                      recs_column_role_name(role));
}


static recs_status_t
recs_import_csv_row(recs_importer_t *im, const recs_csv_t *csv,
    const recs_import_csv_columns_t *columns, recs_error_t *err)
{
    uint32_t              i;
    const int            *at;
    recs_row_t            row;
    recs_reject_reason_t  reason;

    memset(&row, 0, sizeof(row));
    at = columns->at;
    row.n_contexts = columns->n_contexts;

    for (i = 0; i < columns->n_contexts; i++) {
        row.contexts[i].name.data = columns->names[i];
        row.contexts[i].name.len = columns->name_lens[i];
        row.contexts[i].value = csv->fields[columns->contexts[i]];
    }

    row.user = csv->fields[at[RECS_COLUMN_USER]];
    row.item = csv->fields[at[RECS_COLUMN_ITEM]];
    row.value = 1;

    if (at[RECS_COLUMN_EVENT] >= 0) {
        row.event = csv->fields[at[RECS_COLUMN_EVENT]];
    }

    if (at[RECS_COLUMN_TIME] >= 0
        && !recs_row_time(&row, csv->fields[at[RECS_COLUMN_TIME]], &reason))
    {
        return recs_importer_reject(im, csv->input, csv->line, reason, "",
                                    err);
    }

    if (at[RECS_COLUMN_VALUE] >= 0
        && !recs_row_value(&row, csv->fields[at[RECS_COLUMN_VALUE]], &reason))
    {
        return recs_importer_reject(im, csv->input, csv->line, reason, "",
                                    err);
    }

    return recs_importer_row(im, csv->input, csv->line, &row, err);
}
