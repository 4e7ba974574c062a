/*
 * recs_where: a predicate over the attributes of items.
 *
 *     price < 50 and stock > 0 and (category = shoes or category = bags)
 *         and not brand in (a, b) and country has $geoip_country
 *         and expires > now
 *
 *     expression   and, or, not and parentheses; not binds before and, and
 *                  before or
 *     NAME = V     and !=: V is a number, a text or a $variable
 *     NAME < V     and <=, >, >=: V is a number, a time (2026-11-24,
 *                  2026-11-24T20:00:00Z) or now, as in "now - 30d" (s, m, h,
 *                  d, w)
 *     NAME has V   V is a text or a $variable
 *     NAME in (V, V)
 *     NAME exists
 *
 * A text with blanks or any of ()<>=!,$"' stands in quotes, "..." or '...';
 * so does an attribute's name.  An attribute is the list of what stands
 * between its '|' (recs_filter.h): a comparison is true if it is of any of
 * them, != if there are some and none is equal.  Of what is missing every
 * comparison is false, so that "not" of it is true.  Numbers are compared as
 * decimals, to the last digit, texts byte for byte, times as moments, of
 * attributes in ISO 8601 or seconds or milliseconds since 1970
 * (recs_timestamp.h).  What is no number compares as no number.
 *
 * Once bound to a bundle, what needs neither time nor variables is a bitmap.
 * The rest is put together anew only if the second or a variable has changed,
 * in memory that was allocated when binding.
 */

#ifndef _RECS_WHERE_H_INCLUDED_
#define _RECS_WHERE_H_INCLUDED_


#include <stdint.h>

#include "recs_bundle.h"
#include "recs_filter.h"


#define RECS_WHERE_TEXT_MAX       4096            /* bytes */
#define RECS_WHERE_NODES_MAX      256             /* comparisons, and, ... */
#define RECS_WHERE_VALUES_MAX     256
#define RECS_WHERE_VARIABLES_MAX  16
#define RECS_WHERE_DEPTH_MAX      32              /* of parentheses and not */


typedef struct recs_where_s  recs_where_t;


/*
 * RECS_INVALID  a text that is none; err says what and at which byte, from 1
 */
recs_status_t recs_where_parse(recs_where_t **where, recs_str_t text,
    recs_error_t *err);

void recs_where_destroy(recs_where_t *where);

/* The names of its variables, without the '$', each once; borrowed. */
uint32_t recs_where_n_variables(const recs_where_t *where);
recs_str_t recs_where_variable(const recs_where_t *where, uint32_t i);

/*
 * Resolves it, once, against a bundle; filter, if not NULL, is to be passed
 * too.  The result holds for every process that maps the same file.
 *
 * RECS_NOT_FOUND  an attribute that is unknown, or not indexed and compared
 *                 with a variable
 * RECS_INVALID    one that no item has a number, or a time, in
 */
recs_status_t recs_where_bind(recs_where_t *where, const recs_bundle_t *bundle,
    const recs_filter_t *filter, recs_error_t *err);

/* Does it, bound, ask for the time? */
int recs_where_timed(const recs_where_t *where);

/*
 * What it leaves at this second since 1970, with these values of its
 * variables, after recs_where_bind(); until the next call.  Allocates nothing,
 * cannot fail.
 */
const recs_filter_t *recs_where_filter(recs_where_t *where,
    const recs_bundle_t *bundle, const recs_str_t *values, int64_t now);


#endif /* _RECS_WHERE_H_INCLUDED_ */
