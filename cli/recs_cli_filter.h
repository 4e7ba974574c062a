/*
 * recs_cli_filter: --filter ATTRIBUTE=VALUE[|VALUE...], repeatable.
 */

#ifndef _RECS_CLI_FILTER_H_INCLUDED_
#define _RECS_CLI_FILTER_H_INCLUDED_


#include "recs_cli.h"
#include "recs_filter.h"


/* RECS_EXIT_USAGE where a --filter is none. */
int recs_cli_filter_check(const recs_args_t *args);

/*
 * Resolves what --filter says, which was checked; a value that no item has is
 * told on stderr.  Without --filter everything is left.
 */
recs_status_t recs_cli_filter(const recs_args_t *args,
    const recs_bundle_t *bundle, recs_filter_t *filter, recs_error_t *err);


#endif /* _RECS_CLI_FILTER_H_INCLUDED_ */
