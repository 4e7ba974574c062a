#include "recs_cli_where.h"

#include <string.h>
#include <time.h>


recs_status_t
recs_cli_where(const recs_args_t *args, const recs_bundle_t *bundle,
    const recs_filter_t *filter, recs_where_t **where,
    const recs_filter_t **left, recs_error_t *err)
{
    recs_str_t      text, variable;
    recs_error_t    wrong;
    recs_status_t   rc;

    text.data = recs_args_get(args, "where");

    if (text.data == NULL) {
        return RECS_OK;
    }

    text.len = strlen(text.data);

    rc = recs_where_parse(where, text, &wrong);

    if (rc == RECS_OK && recs_where_n_variables(*where) > 0) {
        variable = recs_where_variable(*where, 0);
        rc = recs_error(&wrong, RECS_INVALID, "only nginx knows $%.*s: write "
                        "its value", (int) variable.len, variable.data);
    }

    if (rc == RECS_OK) {
        rc = recs_where_bind(*where, bundle, filter, &wrong);
    }

    if (rc != RECS_OK) {
        return recs_error(err, rc, "--where: %s", wrong.message);
    }

    *left = recs_where_filter(*where, bundle, NULL, time(NULL));

    return RECS_OK;
}
