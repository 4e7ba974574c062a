#include "recs_importer.h"

#include <string.h>


static recs_status_t recs_import_lightgcn_line(recs_importer_t *im,
    recs_input_t *in, recs_str_t line, recs_error_t *err);
static int recs_import_lightgcn_token(recs_str_t *rest, recs_str_t *token);


/* A line per user: "user item item ...", separated by blanks or tabs. */

recs_status_t
recs_import_lightgcn(recs_importer_t *im, recs_input_t *in, recs_error_t *err)
{
    int            too_long;
    recs_str_t     line;
    recs_status_t  status;

    for ( ;; ) {
        recs_importer_tick(im, in);

        status = recs_input_line(in, &line, &too_long, err);

        if (status == RECS_NOT_FOUND) {
            return RECS_OK;
        }

        if (status == RECS_OK) {
            status = too_long
                     ? recs_importer_reject(im, in, in->line,
                                            RECS_REJECT_TOO_LONG, "", err)
                     : recs_import_lightgcn_line(im, in, line, err);
        }

        if (status != RECS_OK) {
            return status;
        }
    }
}


static recs_status_t
recs_import_lightgcn_line(recs_importer_t *im, recs_input_t *in,
    recs_str_t line, recs_error_t *err)
{
    recs_row_t     row;
    recs_status_t  status;

    memset(&row, 0, sizeof(row));
    row.value = 1;

    if (!recs_import_lightgcn_token(&line, &row.user)) {
        return RECS_OK;
    }

    while (recs_import_lightgcn_token(&line, &row.item)) {
        status = recs_importer_row(im, in, in->line, &row, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    return RECS_OK;
}


static int
recs_import_lightgcn_token(recs_str_t *rest, recs_str_t *token)
{
    const char  *p, *end;

    p = rest->data;
    end = p + rest->len;

    while (p < end && (*p == ' ' || *p == '\t')) {
        p++;
    }

    token->data = p;

    while (p < end && *p != ' ' && *p != '\t') {
        p++;
    }

    token->len = (size_t) (p - token->data);
    rest->data = p;
    rest->len = (size_t) (end - p);

    return token->len > 0;
}
