/*
 * recs_collect_body: what a client says has happened.
 *
 * A body is a JSON object, or an array of 1 to 64 of them:
 *
 *     {"event":"click","item":"318","token":"...","id":"...","value":9.95}
 *
 * `event` and `item` are needed; event is a name ([a-z][a-z0-9_]{0,31}) but
 * not `exposure`, which is for the server to say; item and id are ids, item
 * may be an integer.  Other keys are ignored: who, when and which model are
 * not for a client to say.  Refused as a whole are: what is no JSON (RFC
 * 8259), a key that stands twice in an object, NUL anywhere, more than 8
 * levels, more than 2,048 values, an event that breaks these rules.
 *
 * A query is the same as one object: event=click&item=318&token=...,
 * percent-encoded.
 */

#ifndef _RECS_COLLECT_BODY_H_INCLUDED_
#define _RECS_COLLECT_BODY_H_INCLUDED_


#include <jansson.h>

#include "recs_id.h"
#include "recs_status.h"


#define RECS_COLLECT_BODY_MAX    65536
#define RECS_COLLECT_EVENTS_MAX  64
#define RECS_COLLECT_DEPTH_MAX   8
#define RECS_COLLECT_VALUES_MAX  2048
#define RECS_COLLECT_TOKEN_MAX   512
#define RECS_COLLECT_QUERY_MAX   4096
#define RECS_COLLECT_DIGITS_MAX  20


typedef struct {
    recs_str_t  event;                   /* a name */
    recs_str_t  item;                    /* a valid id */
    recs_str_t  id;                      /* a valid id; len 0: none */
    recs_str_t  token;                   /* any text; len 0: none */
    double      value;                   /* NAN: none */

    char        digits[RECS_COLLECT_DIGITS_MAX];   /* of an item that was a
                                                      number */
} recs_collect_event_t;

/* Strings lie in the parsed JSON, the query's copy or the events. */
typedef struct {
    recs_collect_event_t   events[RECS_COLLECT_EVENTS_MAX];
    unsigned               n_events;
    json_t                *root;
    char                   query[RECS_COLLECT_QUERY_MAX];
} recs_collect_body_t;


/*
 * Reads a body.  RECS_INVALID: err says what is wrong with which event, and
 * no event is there; so it may where memory was missing, which else is
 * RECS_NOMEM: the parser does not always know.  Only after RECS_OK there is
 * something to free.
 */
recs_status_t recs_collect_body_parse(recs_collect_body_t *body,
    const char *text, size_t len, recs_error_t *err);
recs_status_t recs_collect_query_parse(recs_collect_body_t *body,
    const char *query, size_t len, recs_error_t *err);

void recs_collect_body_free(recs_collect_body_t *body);


#endif /* _RECS_COLLECT_BODY_H_INCLUDED_ */
