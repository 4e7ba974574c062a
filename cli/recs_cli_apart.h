/*
 * recs_cli_apart: a command's output is none of its inputs.
 */

#ifndef _RECS_CLI_APART_H_INCLUDED_
#define _RECS_CLI_APART_H_INCLUDED_


#include "recs_cli.h"


/*
 * Refuses a command whose -o or --html is a file that it reads, by whatever
 * name: as an operand or by an option.
 */
int recs_cli_apart(const recs_args_t *args);


#endif /* _RECS_CLI_APART_H_INCLUDED_ */
