/*
 * recs_log_format: nginx's log_format read backwards: a line of the log to
 * the values of its variables.
 *
 * A value ends where the literal text behind its variable begins; nginx
 * escapes quotes and backslashes in values as \xXX or \" by default and with
 * escape=json, and both are undone.
 */

#ifndef _RECS_LOG_FORMAT_H_INCLUDED_
#define _RECS_LOG_FORMAT_H_INCLUDED_


#include <stdint.h>

#include "recs_id.h"
#include "recs_status.h"


#define RECS_LOG_VARIABLES_MAX  64
#define RECS_LOG_COMBINED                                                     \
    "$remote_addr - $remote_user [$time_local] \"$request\" $status "         \
    "$body_bytes_sent \"$http_referer\" \"$http_user_agent\""


typedef struct {
    uint32_t    n;
    recs_str_t  names[RECS_LOG_VARIABLES_MAX];       /* without the '$' */
    recs_str_t  literals[RECS_LOG_VARIABLES_MAX + 1];  /* before each, last */
} recs_log_format_t;


/*
 * Text stays borrowed.  RECS_INVALID: no variable, over
 * RECS_LOG_VARIABLES_MAX, or two without text between them.
 */
recs_status_t recs_log_format_parse(recs_log_format_t *format,
    const char *text, recs_error_t *err);

/* The position of a variable ("$x" or "x"), or -1. */
int recs_log_format_find(const recs_log_format_t *format, const char *name);

/* values[format->n], borrowed from line, still escaped; 0: does not match. */
int recs_log_format_match(const recs_log_format_t *format, recs_str_t line,
    recs_str_t *values);

/* Undoes nginx's escapes into out[value.len]. */
recs_str_t recs_log_unescape(recs_str_t value, char *out);

/* The byte that two hexadecimal digits stand for, or -1. */
int recs_hex_byte(const char *digits);


#endif /* _RECS_LOG_FORMAT_H_INCLUDED_ */
