/*
 * recs_cli_slate: --diversity D and --max-per NAME=N, of a question.
 */

#ifndef _RECS_CLI_SLATE_H_INCLUDED_
#define _RECS_CLI_SLATE_H_INCLUDED_


#include "recs_cli.h"
#include "recs_recommend.h"


#define RECS_CLI_SLATE_OPTIONS                                                \
    { "diversity", "D", "0 to 1: how much an item is to differ from those\n"  \
      "before it" },                                                          \
    { "max-per", "NAME=N", "no value of the attribute more than N times;\n"   \
      "repeatable" }


/* Returns RECS_EXIT_OK or, having printed why, RECS_EXIT_USAGE. */
int recs_cli_slate_check(const recs_args_t *args);

/*
 * Sets the query's, which were checked; limits[RECS_LIMITS_MAX] stays the
 * caller's.
 *
 * RECS_NOT_FOUND  an attribute that the model has not
 */
recs_status_t recs_cli_slate(const recs_args_t *args,
    const recs_bundle_t *bundle, recs_query_t *query, recs_limit_t *limits,
    recs_error_t *err);


#endif /* _RECS_CLI_SLATE_H_INCLUDED_ */
