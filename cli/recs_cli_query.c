#include "recs_cli_query.h"

#include <string.h>

#include "recs_question.h"
#include "recs_timestamp.h"


int
recs_cli_query(const recs_args_t *args, recs_query_t *query)
{
    double       weight;
    const char  *text;

    query->question_weight = RECS_QUESTION_WEIGHT;
    text = recs_args_get(args, "query-weight");

    if (text != NULL) {
        if (!recs_number_parse(text, strlen(text), &weight)
            || !(weight >= 0 && weight <= 1))
        {
            return recs_usage_error(args, "--query-weight wants a number "
                                    "between 0 and 1, not \"%s\"", text);
        }

        query->question_weight = (float) weight;
    }

    text = recs_args_get(args, "query");

    if (text != NULL) {
        query->asks = 1;
        query->question.data = text;
        query->question.len = strlen(text);
    }

    return RECS_EXIT_OK;
}
