#include "recs_cli_apart.h"
#include "recs_file.h"

#include <string.h>


static const char *const  recs_cli_outputs[] = { "o", "html" };

static const char *const  recs_cli_inputs[] = {
    "attributes", "bundle", "checkpoint", "compare", "data", "item-ids",
    "items", "settings", "state", "test", "user-ids", "users", "vector-ids",
    "vectors"
};

#define RECS_CLI_N(array)  (sizeof(array) / sizeof(array[0]))


static int
recs_cli_apart_one(const recs_args_t *args, const char *output,
    const char *input)
{
    recs_error_t  err;

    return recs_file_apart(output, input, &err) == RECS_OK
           ? RECS_EXIT_OK : recs_failure(args, &err);
}


static int
recs_cli_apart_output(const recs_args_t *args, const char *output)
{
    int          i, pos, rc;
    size_t       k;
    const char  *input;

    for (i = 0; i < recs_args_n_operands(args); i++) {
        rc = recs_cli_apart_one(args, output, recs_args_operand(args, i));
        if (rc != RECS_EXIT_OK) {
            return rc;
        }
    }

    for (k = 0; k < RECS_CLI_N(recs_cli_inputs); k++) {
        pos = 0;

        /* recs split writes it */
        if (strcmp(recs_cli_inputs[k], "test") == 0
            && recs_args_has(args, "split"))
        {
            continue;
        }

        while ((input = recs_args_next(args, recs_cli_inputs[k], &pos))
               != NULL)
        {
            rc = recs_cli_apart_one(args, output, input);
            if (rc != RECS_EXIT_OK) {
                return rc;
            }
        }
    }

    return RECS_EXIT_OK;
}


int
recs_cli_apart(const recs_args_t *args)
{
    int          rc;
    size_t       k;
    const char  *output;

    for (k = 0; k < RECS_CLI_N(recs_cli_outputs); k++) {
        output = recs_args_get(args, recs_cli_outputs[k]);
        rc = output != NULL ? recs_cli_apart_output(args, output)
                            : RECS_EXIT_OK;
        if (rc != RECS_EXIT_OK) {
            return rc;
        }
    }

    return RECS_EXIT_OK;
}
