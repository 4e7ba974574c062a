/*
 * recs_json_line: one JSON object per line, and its scalars as text.
 */

#ifndef _RECS_JSON_LINE_H_INCLUDED_
#define _RECS_JSON_LINE_H_INCLUDED_


#include <jansson.h>

#include "recs_input.h"


#define RECS_JSON_SCRATCH  32

typedef enum {
    RECS_JSON_OBJECT,                  /* the caller calls json_decref() */
    RECS_JSON_EMPTY,                   /* a blank line */
    RECS_JSON_MALFORMED,               /* fault says why */
    RECS_JSON_TOO_LONG,
    RECS_JSON_END
} recs_json_result_t;

typedef struct {
    json_t  *object;
    char     fault[JSON_ERROR_TEXT_LENGTH];
} recs_json_line_t;


recs_status_t recs_json_line_read(recs_json_line_t *line, recs_input_t *in,
    recs_json_result_t *result, recs_error_t *err);

/*
 * A string, number or boolean as text, borrowed from value or written to
 * scratch[RECS_JSON_SCRATCH]; null and NULL give {"", 0}.  Returns 0 for
 * arrays and objects.
 */
int recs_json_text(const json_t *value, char *scratch, recs_str_t *text);

/* The same for an id: a string or an integer. */
int recs_json_id(const json_t *value, char *scratch, recs_str_t *id);


#endif /* _RECS_JSON_LINE_H_INCLUDED_ */
