/*
 * recs_cli_where: --where EXPR.
 */

#ifndef _RECS_CLI_WHERE_H_INCLUDED_
#define _RECS_CLI_WHERE_H_INCLUDED_


#include "recs_cli.h"
#include "recs_where.h"


/*
 * What --where leaves of what filter does; without it *where is NULL and
 * *left as it was.
 *
 * RECS_INVALID, RECS_NOT_FOUND  as recs_where_parse() and recs_where_bind();
 *                               and a variable, which only nginx has
 */
recs_status_t recs_cli_where(const recs_args_t *args,
    const recs_bundle_t *bundle, const recs_filter_t *filter,
    recs_where_t **where, const recs_filter_t **left, recs_error_t *err);


#endif /* _RECS_CLI_WHERE_H_INCLUDED_ */
