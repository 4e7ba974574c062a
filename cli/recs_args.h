/*
 * recs_args: parsing of a command's options; private to recs.c.
 */

#ifndef _RECS_ARGS_H_INCLUDED_
#define _RECS_ARGS_H_INCLUDED_


#include "recs_cli.h"


/*
 * Parses argv[0..argc-1], what stands after the command's name.  Prints the
 * command's help and returns -1 where --help was asked for; prints a usage
 * error and returns RECS_EXIT_USAGE where it cannot be parsed.
 */
int recs_args_parse(const recs_command_t *command, int argc, char **argv,
    recs_args_t **args);

void recs_args_free(recs_args_t *args);


#endif /* _RECS_ARGS_H_INCLUDED_ */
