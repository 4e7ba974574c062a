/*
 * recs prune: removing old generations of a model.
 */

#include "recs_cli.h"
#include "recs_publish.h"

#include <stdio.h>


static int recs_cmd_prune_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_prune_options[] = {
    { "keep", "N", "how many of the newest generations stay; the current\n"
      "one stays in any case" },
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_prune = {
    "prune",
    "remove old generations of a model",
    "DIR --keep N",
    recs_cmd_prune_options,
    1,
    1,
    recs_cmd_prune_run,
    NULL
};


static int
recs_cmd_prune_run(const recs_args_t *args)
{
    int             rc;
    uint32_t        n_removed;
    recs_error_t    err;
    unsigned long   keep;

    if (!recs_args_has(args, "keep")) {
        return recs_usage_error(args, "--keep N is missing");
    }

    keep = 1;

    rc = recs_args_unsigned(args, "keep", 1, RECS_GENERATION_MAX, &keep);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    if (recs_prune(recs_args_operand(args, 0), (uint32_t) keep, &n_removed,
                   &err) != RECS_OK)
    {
        return recs_failure(args, &err);
    }

    printf("%u removed\n", n_removed);

    return RECS_EXIT_OK;
}
