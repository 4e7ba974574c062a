/*
 * recs_cli_query: --query TEXT and --query-weight W, a question in words.
 */

#ifndef _RECS_CLI_QUERY_H_INCLUDED_
#define _RECS_CLI_QUERY_H_INCLUDED_


#include "recs_cli.h"
#include "recs_recommend.h"


#define RECS_CLI_QUERY_OPTIONS                                                \
    { "query", "TEXT", "answer this question, in words of any language" },    \
    { "query-weight", "W", "0 to 1: of the question beside what is known of\n"\
      "the visitor (0.8)" }


/* Sets the query's.  RECS_EXIT_OK or, having printed why, RECS_EXIT_USAGE. */
int recs_cli_query(const recs_args_t *args, recs_query_t *query);


#endif /* _RECS_CLI_QUERY_H_INCLUDED_ */
