#include "recs_cli_slate.h"

#include <string.h>

#include "recs_timestamp.h"


static int
recs_cli_diversity(const recs_args_t *args, float *diversity)
{
    double       number;
    const char  *text;

    *diversity = 0.0f;
    text = recs_args_get(args, "diversity");

    if (text == NULL) {
        return 1;
    }

    if (!recs_number_parse(text, strlen(text), &number)
        || !(number >= 0 && number <= 1))
    {
        return 0;
    }

    *diversity = (float) number;

    return 1;
}


/* NAME=N */
static int
recs_cli_limit(const char *text, recs_str_t *name, uint32_t *n)
{
    double       number;
    const char  *equal;

    equal = strrchr(text, '=');

    if (equal == NULL || equal == text
        || !recs_number_parse(equal + 1, strlen(equal + 1), &number)
        || !(number >= 1 && number <= RECS_COUNT_MAX)
        || number != (double) (uint32_t) number)
    {
        return 0;
    }

    name->data = text;
    name->len = (size_t) (equal - text);
    *n = (uint32_t) number;

    return 1;
}


int
recs_cli_slate_check(const recs_args_t *args)
{
    int          pos;
    float        diversity;
    uint32_t     n, n_limits;
    recs_str_t   name;
    const char  *text;

    if (!recs_cli_diversity(args, &diversity)) {
        return recs_usage_error(args, "--diversity wants a number between 0 "
                                "and 1, not \"%s\"",
                                recs_args_get(args, "diversity"));
    }

    n_limits = 0;

    for (pos = 0; (text = recs_args_next(args, "max-per", &pos)) != NULL; ) {

        if (!recs_cli_limit(text, &name, &n)) {
            return recs_usage_error(args, "--max-per wants ATTRIBUTE=N, not "
                                    "\"%s\"", text);
        }

        if (++n_limits > RECS_LIMITS_MAX) {
            return recs_usage_error(args, "--max-per more than %d times",
                                    RECS_LIMITS_MAX);
        }
    }

    return RECS_EXIT_OK;
}


recs_status_t
recs_cli_slate(const recs_args_t *args, const recs_bundle_t *bundle,
    recs_query_t *query, recs_limit_t *limits, recs_error_t *err)
{
    int            pos;
    recs_str_t     name;
    const char    *text;
    recs_limit_t  *limit;

    (void) recs_cli_diversity(args, &query->diversity);

    query->limits = limits;

    for (pos = 0; (text = recs_args_next(args, "max-per", &pos)) != NULL; ) {
        limit = &limits[query->n_limits++];

        (void) recs_cli_limit(text, &name, &limit->n);

        limit->column = recs_bundle_item_column(bundle, name);

        if (limit->column == RECS_COLUMN_NO) {
            return recs_error(err, RECS_NOT_FOUND, "--max-per: the model has "
                              "no attribute \"%.*s\"", (int) name.len,
                              name.data);
        }
    }

    return RECS_OK;
}
