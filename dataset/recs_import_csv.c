#include "recs_importer.h"

#include <stdio.h>
#include <string.h>

#include "recs_columns.h"
#include "recs_csv.h"


static recs_status_t recs_import_csv_rows(recs_importer_t *im,
    recs_csv_t *csv, recs_error_t *err);
static recs_status_t recs_import_csv_header(recs_importer_t *im,
    const recs_csv_t *csv, int *at, recs_error_t *err);
static recs_status_t recs_import_csv_no_column(const recs_csv_t *csv,
    recs_column_role_t role, const char *option, recs_error_t *err);
static recs_status_t recs_import_csv_row(recs_importer_t *im,
    const recs_csv_t *csv, const int *at, recs_error_t *err);


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
    int                at[RECS_COLUMN_ROLES];
    uint32_t           n_columns;
    recs_status_t      status;
    recs_csv_result_t  result;

    status = recs_csv_read(csv, &result, err);
    if (status != RECS_OK) {
        return status;
    }

    if (result != RECS_CSV_ROW) {
        return recs_error(err, RECS_INVALID, "%s: no header row: the first"
                          " line must name the columns, as in"
                          " user,item,timestamp", csv->input->name);
    }

    status = recs_import_csv_header(im, csv, at, err);
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
            status = recs_import_csv_row(im, csv, at, err);
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
recs_import_csv_row(recs_importer_t *im, const recs_csv_t *csv, const int *at,
    recs_error_t *err)
{
    recs_row_t            row;
    recs_reject_reason_t  reason;

    memset(&row, 0, sizeof(row));

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
