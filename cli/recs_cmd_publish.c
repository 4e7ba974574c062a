/*
 * recs publish: a bundle becomes the current generation of a model.
 */

#include "recs_cli.h"
#include "recs_publish.h"

#include <stdio.h>


static int recs_cmd_publish_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_publish_options[] = {
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_publish = {
    "publish",
    "make a bundle the current generation of a model",
    "BUNDLE DIR",
    recs_cmd_publish_options,
    2,
    2,
    recs_cmd_publish_run,
    NULL
};


static int
recs_cmd_publish_run(const recs_args_t *args)
{
    const char         *dir;
    recs_error_t        err;
    recs_generation_t   gen;

    dir = recs_args_operand(args, 1);

    if (recs_publish(recs_args_operand(args, 0), dir, &gen, &err) != RECS_OK) {
        return recs_failure(args, &err);
    }

    printf("%s is current in %s; reload nginx to serve it\n", gen.name, dir);

    return RECS_EXIT_OK;
}
