#include "recs_csv.h"

#include <stdlib.h>
#include <string.h>


/* Where the scan of one row stands; offsets are into the window. */
typedef struct {
    size_t         at;
    size_t         text_len;
    uint64_t       n_lines;
    int            quoted;                        /* inside quotes */
    int            closed;                        /* behind a closing quote */
    size_t         field_at;                      /* text of this field */
    size_t         field_start;                   /* its first byte's offset */
} recs_csv_scan_t;


static recs_status_t recs_csv_skip_empty(recs_csv_t *csv, recs_error_t *err);
static recs_status_t recs_csv_reserve(recs_csv_t *csv, size_t size,
    recs_error_t *err);
static int recs_csv_scan(recs_csv_t *csv, recs_csv_scan_t *s,
    recs_csv_result_t *result);
static int recs_csv_scan_quoted(recs_csv_t *csv, recs_csv_scan_t *s,
    recs_csv_result_t *result);
static int recs_csv_end_field(recs_csv_t *csv, recs_csv_scan_t *s);
static int recs_csv_malformed(recs_csv_t *csv, const char *fault,
    recs_csv_result_t *result);
static recs_status_t recs_csv_resume(recs_csv_t *csv, recs_error_t *err);


void
recs_csv_init(recs_csv_t *csv, recs_input_t *input)
{
    csv->input = input;
    csv->line = 0;
    csv->fault = "";
    csv->n_fields = 0;
    csv->text = NULL;
    csv->size = 0;
}


void
recs_csv_free(recs_csv_t *csv)
{
    free(csv->text);
    csv->text = NULL;
}


recs_status_t
recs_csv_read(recs_csv_t *csv, recs_csv_result_t *result, recs_error_t *err)
{
    uint32_t          i;
    recs_input_t     *in;
    recs_status_t     status;
    recs_csv_scan_t   scan;

    in = csv->input;

    status = recs_csv_skip_empty(csv, err);
    if (status != RECS_OK) {
        return status;
    }

    csv->line = in->line;
    csv->n_fields = 0;

    if (in->len == 0) {
        *result = RECS_CSV_END;
        return RECS_OK;
    }

    memset(&scan, 0, sizeof(scan));

    for ( ;; ) {
        status = recs_csv_reserve(csv, in->len + 1, err);
        if (status != RECS_OK) {
            return status;
        }

        if (recs_csv_scan(csv, &scan, result)) {
            break;
        }

        if (in->len >= RECS_ROW_MAX) {
            *result = RECS_CSV_TOO_LONG;
            break;
        }

        status = recs_input_fill(in, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    if (*result != RECS_CSV_ROW) {
        return recs_csv_resume(csv, err);
    }

    recs_input_consume(in, scan.at, scan.n_lines);

    /* Fields were offsets until now: text may have moved. */

    for (i = 0; i < csv->n_fields; i++) {
        csv->fields[i].data = csv->text + (uintptr_t) csv->fields[i].data;
    }

    return RECS_OK;
}


static recs_status_t
recs_csv_skip_empty(recs_csv_t *csv, recs_error_t *err)
{
    recs_input_t   *in;
    recs_status_t   status;

    in = csv->input;

    for ( ;; ) {

        while (in->len < 2 && !in->eof) {
            status = recs_input_fill(in, err);
            if (status != RECS_OK) {
                return status;
            }
        }

        if (in->len > 0 && in->data[0] == '\n') {
            recs_input_consume(in, 1, 1);

        } else if (in->len > 1 && in->data[0] == '\r' && in->data[1] == '\n') {
            recs_input_consume(in, 2, 1);

        } else {
            return RECS_OK;
        }
    }
}


static recs_status_t
recs_csv_reserve(recs_csv_t *csv, size_t size, recs_error_t *err)
{
    char  *text;

    if (size <= csv->size) {
        return RECS_OK;
    }

    size += size / 2;

    text = realloc(csv->text, size);
    if (text == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to read \"%s\"",
                          csv->input->name);
    }

    csv->text = text;
    csv->size = size;

    return RECS_OK;
}


/*
 * Goes on over the window.  Returns 1 with *result at the row's end, 0 where
 * the window must grow first.  A byte is looked at again only when what it
 * means depends on the next one.
 */

static int
recs_csv_scan(recs_csv_t *csv, recs_csv_scan_t *s, recs_csv_result_t *result)
{
    char           c;
    recs_input_t  *in;

    in = csv->input;

    for ( ;; ) {

        if (s->quoted) {
            if (!recs_csv_scan_quoted(csv, s, result)) {
                return 0;
            }

            if (s->quoted) {
                return 1;
            }
        }

        if (s->at == in->len) {
            if (!in->eof) {
                return 0;
            }

            *result = recs_csv_end_field(csv, s) ? RECS_CSV_ROW
                                                 : RECS_CSV_TOO_LONG;
            return 1;
        }

        c = in->data[s->at];

        if (c == '\r' && s->at + 1 == in->len && !in->eof) {
            return 0;
        }

        if (c == '\n' || (c == '\r' && s->at + 1 < in->len
                          && in->data[s->at + 1] == '\n'))
        {
            s->at += 1 + (c == '\r');
            s->n_lines++;
            *result = recs_csv_end_field(csv, s) ? RECS_CSV_ROW
                                                 : RECS_CSV_TOO_LONG;
            return 1;
        }

        s->at++;

        if (c == ',') {
            if (!recs_csv_end_field(csv, s)) {
                *result = RECS_CSV_TOO_LONG;
                return 1;
            }

            continue;
        }

        if (s->closed) {
            return recs_csv_malformed(csv, "text behind a closing quote",
                                      result);
        }

        if (c == '"') {
            if (s->at - 1 != s->field_start) {
                return recs_csv_malformed(csv, "a quote in an unquoted field",
                                          result);
            }

            s->quoted = 1;
            continue;
        }

        csv->text[s->text_len++] = c;
    }
}


/*
 * Returns 1 with quoted cleared behind the closing quote, 1 with quoted set
 * and *result where there is none, 0 where the window must grow first.
 */

static int
recs_csv_scan_quoted(recs_csv_t *csv, recs_csv_scan_t *s,
    recs_csv_result_t *result)
{
    char           c;
    recs_input_t  *in;

    in = csv->input;

    for ( /* void */ ; s->at < in->len; s->at++) {
        c = in->data[s->at];

        if (c == '"') {

            if (s->at + 1 == in->len && !in->eof) {
                return 0;
            }

            if (s->at + 1 == in->len || in->data[s->at + 1] != '"') {
                s->at++;
                s->quoted = 0;
                s->closed = 1;
                return 1;
            }

            s->at++;
        }

        s->n_lines += c == '\n';
        csv->text[s->text_len++] = c;
    }

    if (in->eof) {
        return recs_csv_malformed(csv, "a quote that is not closed", result);
    }

    return 0;
}


static int
recs_csv_end_field(recs_csv_t *csv, recs_csv_scan_t *s)
{
    recs_str_t  *field;

    if (csv->n_fields == RECS_CSV_FIELDS_MAX) {
        return 0;
    }

    field = &csv->fields[csv->n_fields++];
    field->data = (const char *) (uintptr_t) s->field_at;
    field->len = s->text_len - s->field_at;

    s->field_at = s->text_len;
    s->field_start = s->at;
    s->closed = 0;

    return 1;
}


static int
recs_csv_malformed(recs_csv_t *csv, const char *fault,
    recs_csv_result_t *result)
{
    csv->fault = fault;
    *result = RECS_CSV_MALFORMED;

    return 1;
}


/* Leaves out the row's first line. */

static recs_status_t
recs_csv_resume(recs_csv_t *csv, recs_error_t *err)
{
    const char     *lf;
    recs_input_t   *in;
    recs_status_t   status;

    in = csv->input;
    csv->n_fields = 0;

    for ( ;; ) {
        lf = memchr(in->data, '\n', in->len);

        if (lf != NULL) {
            recs_input_consume(in, (size_t) (lf - in->data) + 1, 1);
            return RECS_OK;
        }

        recs_input_consume(in, in->len, 0);

        if (in->eof) {
            return RECS_OK;
        }

        status = recs_input_fill(in, err);
        if (status != RECS_OK) {
            return status;
        }
    }
}
