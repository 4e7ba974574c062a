/*
 * recs_segment_name: NAME=VALUE, the name of a segment (recs_segment.h), from
 * events, options and requests.
 */

#ifndef _RECS_SEGMENT_NAME_H_INCLUDED_
#define _RECS_SEGMENT_NAME_H_INCLUDED_


#include "recs_id.h"


#define RECS_CONTEXTS_MAX        8      /* of a request or an event */
#define RECS_CONTEXT_NAME_MAX    32
#define RECS_CONTEXT_VALUE_MAX   64
#define RECS_SEGMENT_NAME_MAX                                                 \
    (RECS_CONTEXT_NAME_MAX + 1 + RECS_CONTEXT_VALUE_MAX)


/* An id of at most RECS_CONTEXT_VALUE_MAX bytes without '|' and '='. */
int recs_context_value_valid(const char *value, size_t len);

/*
 * Writes "NAME=VALUE" to text[RECS_SEGMENT_NAME_MAX], without a NUL, and
 * returns its length; 0 where name is none (recs_name_valid()) or value is
 * not valid.
 */
size_t recs_segment_name(char *text, recs_str_t name, recs_str_t value);

/* Returns 1 if the bytes are such a name. */
int recs_segment_name_valid(const char *text, size_t len);


#endif /* _RECS_SEGMENT_NAME_H_INCLUDED_ */
