/*
 * recs rollback: an older generation's payload under a new number.
 */

#include "recs_cli.h"
#include "recs_publish.h"

#include <stdio.h>


static int recs_cmd_rollback_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_rollback_options[] = {
    { "to", "N", "the generation to go back to (the one before the\n"
      "current)" },
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_rollback = {
    "rollback",
    "publish an older generation again",
    "DIR [--to N]",
    recs_cmd_rollback_options,
    1,
    1,
    recs_cmd_rollback_run,
    NULL
};


static int
recs_cmd_rollback_run(const recs_args_t *args)
{
    int                 rc;
    const char         *dir;
    recs_error_t        err;
    unsigned long       to;
    recs_generation_t   gen;

    to = 0;

    rc = recs_args_unsigned(args, "to", 1, RECS_GENERATION_MAX, &to);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    dir = recs_args_operand(args, 0);

    if (recs_rollback(dir, (uint32_t) to, &gen, &err) != RECS_OK) {
        return recs_failure(args, &err);
    }

    printf("%s is current in %s; reload nginx to serve it\n", gen.name, dir);

    return RECS_EXIT_OK;
}
