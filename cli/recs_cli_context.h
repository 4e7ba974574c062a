/*
 * recs_cli_context: --context NAME=VALUE, repeatable.
 */

#ifndef _RECS_CLI_CONTEXT_H_INCLUDED_
#define _RECS_CLI_CONTEXT_H_INCLUDED_


#include "recs_cli.h"
#include "recs_rank.h"
#include "recs_segment.h"


/* RECS_EXIT_USAGE where a --context is none, or there are too many. */
int recs_cli_context_check(const recs_args_t *args);

/*
 * The segments that --context, which was checked, puts a visitor in; returns
 * their number.  One that the bundle does not have is told on stderr.
 */
uint32_t recs_cli_context(const recs_args_t *args, const recs_bundle_t *bundle,
    uint32_t segments[RECS_CONTEXTS_MAX]);

/* The same as names and values, borrowed; returns their number. */
uint32_t recs_cli_contexts(const recs_args_t *args,
    recs_rank_context_t contexts[RECS_CONTEXTS_MAX]);


#endif /* _RECS_CLI_CONTEXT_H_INCLUDED_ */
