/*
 * recs_where_now: the words of "now", "now-30d", "now - 30d".  Private to
 * recs_where_parse.
 */

#ifndef _RECS_WHERE_NOW_H_INCLUDED_
#define _RECS_WHERE_NOW_H_INCLUDED_


#include <stdint.h>

#include "recs_where_token.h"


#define RECS_WHERE_DAYS_MAX  36500


/* Does it begin so? */
int recs_where_is_now(const recs_where_token_t *token);

/* Does the text begin with + or -? */
int recs_where_signed(recs_str_t text);

/* [+-]digits and a unit, in milliseconds; returns 0 where it is not that. */
int recs_where_offset(recs_str_t text, int64_t *ms);


#endif /* _RECS_WHERE_NOW_H_INCLUDED_ */
