#include "recs_policy_log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recs_csv.h"
#include "recs_policy_model.h"
#include "recs_timestamp.h"


enum {
    RECS_OPEN_BANDIT_ITEM,
    RECS_OPEN_BANDIT_POSITION,
    RECS_OPEN_BANDIT_CLICK,
    RECS_OPEN_BANDIT_PROPENSITY,
    RECS_OPEN_BANDIT_COLUMNS
};

typedef struct {
    recs_policy_shown_t           shown;
    double                        click;
    double                        propensity;
} recs_open_bandit_row_t;

/* One reading of all the files. */
typedef struct {
    const recs_policy_options_t  *options;
    recs_policy_report_t         *report;
    recs_policy_model_t          *model;
    int                           second;         /* of the two passes */
    uint64_t                      n_rows;
    recs_policy_t                 policy;
} recs_open_bandit_t;


static recs_status_t recs_open_bandit_pass(recs_open_bandit_t *ob,
    recs_error_t *err);
static recs_status_t recs_open_bandit_file(recs_open_bandit_t *ob,
    const char *path, recs_error_t *err);
static recs_status_t recs_open_bandit_rows(recs_open_bandit_t *ob,
    recs_csv_t *csv, recs_error_t *err);
static recs_status_t recs_open_bandit_header(const recs_csv_t *csv, int *at,
    recs_error_t *err);
static const char *recs_open_bandit_parse(const recs_csv_t *csv,
    const int *at, recs_open_bandit_row_t *row);
static recs_status_t recs_open_bandit_row(recs_open_bandit_t *ob,
    recs_open_bandit_row_t *row);
static void recs_open_bandit_reject(recs_open_bandit_t *ob,
    const recs_csv_t *csv, const char *fault);


static const char *const  recs_open_bandit_names[] = {
    "item_id", "position", "click", "propensity_score"
};


recs_status_t
recs_policy_open_bandit(const recs_policy_options_t *options,
    recs_policy_report_t *report, recs_error_t *err)
{
    recs_status_t       status;
    recs_open_bandit_t  ob;

    memset(&ob, 0, sizeof(recs_open_bandit_t));
    memset(report, 0, sizeof(recs_policy_report_t));

    ob.options = options;
    ob.report = report;

    ob.model = recs_policy_model_create();
    if (ob.model == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    status = recs_open_bandit_pass(&ob, err);

    if (status == RECS_OK) {
        recs_policy_model_settle(ob.model, options->target);
        ob.second = 1;
        status = recs_open_bandit_pass(&ob, err);
    }

    if (status == RECS_OK) {
        recs_policy_estimate(&ob.policy, options->z, &report->estimate);
        report->n_places = recs_policy_model_n_places(ob.model);
        report->n_items = recs_policy_model_n_items(ob.model);
        report->unseen = recs_policy_model_unseen(ob.model);
    }

    recs_policy_model_destroy(ob.model);

    return status;
}


static recs_status_t
recs_open_bandit_pass(recs_open_bandit_t *ob, recs_error_t *err)
{
    unsigned       i;
    recs_status_t  status;

    ob->n_rows = 0;

    for (i = 0; i < ob->options->scan.n_paths; i++) {
        status = recs_open_bandit_file(ob, ob->options->scan.paths[i], err);
        if (status != RECS_OK) {
            return status;
        }
    }

    if (ob->n_rows > 0) {
        return RECS_OK;
    }

    return recs_error(err, RECS_INVALID, "%s: not one row can be used%s%s",
                      ob->options->scan.paths[0],
                      ob->report->n_rejected > 0 ? "; the first of them: "
                                                 : "", ob->report->first);
}


static recs_status_t
recs_open_bandit_file(recs_open_bandit_t *ob, const char *path,
    recs_error_t *err)
{
    recs_csv_t     csv;
    recs_input_t   in;
    recs_status_t  status;

    if (strcmp(path, "-") == 0) {
        return recs_error(err, RECS_IO, "standard input cannot be read "
                          "twice, as an evaluation does: give a file");
    }

    status = recs_input_open(&in, path, err);
    if (status != RECS_OK) {
        return status;
    }

    recs_csv_init(&csv, &in);
    status = recs_open_bandit_rows(ob, &csv, err);
    recs_csv_free(&csv);
    recs_input_close(&in);

    return status;
}


static recs_status_t
recs_open_bandit_rows(recs_open_bandit_t *ob, recs_csv_t *csv,
    recs_error_t *err)
{
    int                      at[RECS_OPEN_BANDIT_COLUMNS];
    const char              *fault;
    recs_status_t            status;
    recs_csv_result_t        result;
    recs_open_bandit_row_t   row;

    status = recs_csv_read(csv, &result, err);
    if (status != RECS_OK) {
        return status;
    }

    if (result != RECS_CSV_ROW) {
        return recs_error(err, RECS_INVALID, "%s: no header row",
                          csv->input->name);
    }

    status = recs_open_bandit_header(csv, at, err);
    if (status != RECS_OK) {
        return status;
    }

    for ( ;; ) {
        status = recs_csv_read(csv, &result, err);
        if (status != RECS_OK) {
            return status;
        }

        if (result == RECS_CSV_END) {
            return RECS_OK;
        }

        fault = result == RECS_CSV_MALFORMED ? csv->fault
                : result == RECS_CSV_TOO_LONG ? "too long"
                : recs_open_bandit_parse(csv, at, &row);

        if (fault != NULL) {
            recs_open_bandit_reject(ob, csv, fault);
            continue;
        }

        status = recs_open_bandit_row(ob, &row);
        if (status != RECS_OK) {
            return recs_error(err, status, "%s:%llu: %s", csv->input->name,
                              (unsigned long long) csv->line,
                              recs_strerror(status));
        }
    }
}


static recs_status_t
recs_open_bandit_header(const recs_csv_t *csv, int *at, recs_error_t *err)
{
    int          column;
    size_t       len;
    uint32_t     i;
    const char  *name;

    for (column = 0; column < RECS_OPEN_BANDIT_COLUMNS; column++) {
        name = recs_open_bandit_names[column];
        len = strlen(name);
        at[column] = -1;

        for (i = 0; i < csv->n_fields; i++) {
            if (csv->fields[i].len == len
                && memcmp(csv->fields[i].data, name, len) == 0)
            {
                at[column] = (int) i;
            }
        }

        if (at[column] == -1) {
            return recs_error(err, RECS_INVALID, "%s: no column %s: this is "
                              "no file of the Open Bandit Dataset",
                              csv->input->name, name);
        }
    }

    return RECS_OK;
}


/* NULL, or what is wrong with the row. */

static const char *
recs_open_bandit_parse(const recs_csv_t *csv, const int *at,
    recs_open_bandit_row_t *row)
{
    int         i;
    double      values[RECS_OPEN_BANDIT_COLUMNS];
    recs_str_t  field;

    memset(row, 0, sizeof(recs_open_bandit_row_t));
    row->shown.slot.data = "";

    for (i = 0; i < RECS_OPEN_BANDIT_COLUMNS; i++) {
        if ((uint32_t) at[i] >= csv->n_fields) {
            return "too few fields";
        }

        field = csv->fields[at[i]];

        if (i == RECS_OPEN_BANDIT_ITEM) {
            if (!recs_id_valid(field.data, field.len)) {
                return "item_id is no id";
            }

            row->shown.item = field;

        } else if (!recs_number_parse(field.data, field.len, &values[i])) {
            return "position, click or propensity_score is no number";
        }
    }

    row->click = values[RECS_OPEN_BANDIT_CLICK];
    row->propensity = values[RECS_OPEN_BANDIT_PROPENSITY];

    if (!(values[RECS_OPEN_BANDIT_POSITION] >= 1
          && values[RECS_OPEN_BANDIT_POSITION] <= RECS_POLICY_POSITION_MAX
          && values[RECS_OPEN_BANDIT_POSITION]
             == floor(values[RECS_OPEN_BANDIT_POSITION])))
    {
        return "position is no whole number from 1";
    }

    row->shown.position = (uint32_t) values[RECS_OPEN_BANDIT_POSITION];

    if (row->click != 0 && row->click != 1) {
        return "click is neither 0 nor 1";
    }

    if (!(row->propensity >= RECS_POLICY_PROPENSITY_MIN
          && row->propensity <= 1))
    {
        return "propensity_score is no probability above 0";
    }

    return NULL;
}


/* Each row is a unit of its own: who saw it is not in the data. */

static recs_status_t
recs_open_bandit_row(recs_open_bandit_t *ob, recs_open_bandit_row_t *row)
{
    recs_status_t       status;
    recs_policy_row_t   estimate;
    recs_policy_unit_t  unit;

    row->shown.half = ob->n_rows++ % RECS_POLICY_HALVES;

    if (!ob->second) {
        status = recs_policy_model_shown(ob->model, &row->shown);

        if (status == RECS_OK && row->click > 0) {
            status = recs_policy_model_earned(ob->model, &row->shown,
                                              row->click);
        }

        return status;
    }

    status = recs_policy_model_row(ob->model, &row->shown, row->propensity,
                                   row->click, &estimate);

    if (status == RECS_NOT_FOUND) {
        return RECS_OK;                /* written since the first pass */
    }

    memset(&unit, 0, sizeof(recs_policy_unit_t));
    recs_policy_row(&unit, &estimate);
    recs_policy_add(&ob->policy, &unit);

    return status;
}


/* Both passes meet the same faults; they are counted once. */

static void
recs_open_bandit_reject(recs_open_bandit_t *ob, const recs_csv_t *csv,
    const char *fault)
{
    recs_error_t  err;

    if (ob->second) {
        return;
    }

    if (ob->report->n_rejected++ == 0) {
        recs_error(&err, RECS_INVALID, "%s:%llu: %s", csv->input->name,
                   (unsigned long long) csv->line, fault);
        memcpy(ob->report->first, err.message, sizeof(ob->report->first));
    }
}
