/*
 * recs_event: one line of an event log (docs/event-format.md), parsed.
 *
 * The JSON is simdjson's: strict, with the UTF-8 checked.  On the lines that
 * nginx writes (380 bytes), one core takes apart 2.0 million lines a second
 * with it, 0.42 million with yajl, 0.07 million with jansson.
 */

#ifndef _RECS_EVENT_H_INCLUDED_
#define _RECS_EVENT_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>

#include "recs_id.h"


/* So many readable bytes stand behind every line that is parsed. */
#define RECS_EVENT_PADDING       64

#define RECS_EVENT_LINE_MAX      (1024 * 1024)
#define RECS_EVENT_ITEMS_MAX     100
#define RECS_EVENT_CONTEXTS_MAX  8

/* Larger values, of either sign, are no prices but faults. */
#define RECS_EVENT_VALUE_MAX     1e12


typedef struct {
    recs_str_t   id;
    uint32_t     rank;                 /* 0: none */
    double       propensity;           /* NAN: none */
} recs_event_item_t;

typedef struct {
    recs_str_t   name;
    recs_str_t   value;
} recs_event_context_t;

/* A field that is not there is {NULL, 0}, 0 or NAN. */
typedef struct {
    int64_t      time_ms;              /* 0: not known */
    recs_str_t   id;
    recs_str_t   user;
    recs_str_t   event;
    recs_str_t   item;
    recs_str_t   slot;
    recs_str_t   experiment;
    recs_str_t   variant;

    recs_str_t   boot;
    uint32_t     worker;
    uint64_t     seq;

    uint32_t     rank;
    double       value;
    double       propensity;

    int          unverified;           /* verified is there and not true */
    int          forced;

    uint32_t     n_contexts;
    uint32_t     n_items;              /* the first so many */

    recs_event_context_t  contexts[RECS_EVENT_CONTEXTS_MAX];
    recs_event_item_t     items[RECS_EVENT_ITEMS_MAX];
} recs_event_t;

typedef enum {
    RECS_EVENT_OK,
    RECS_EVENT_EMPTY,                  /* a blank line */
    RECS_EVENT_TORN,                   /* no JSON object */
    RECS_EVENT_FOREIGN,                /* an object, but no event of ours */
    RECS_EVENT_NOMEM
} recs_event_result_t;

typedef struct recs_event_parser_s  recs_event_parser_t;


/*
 * NULL: no memory.  A parser is one thread's.  Without with_items the items of
 * exposures are passed over.
 */
recs_event_parser_t *recs_event_parser_create(int with_items);
void recs_event_parser_destroy(recs_event_parser_t *parser);

/*
 * Parses line[0 .. len - 1], behind which RECS_EVENT_PADDING bytes may be
 * read.  The event's text is the parser's and lives to the next call.
 *
 * An event has a name; its ids obey recs_id.h; experiment and variant come
 * together; ts, if there, is a time; numbers are numbers, a propensity within
 * [0, 1] (0: not known), a value within RECS_EVENT_VALUE_MAX.  Of a name that
 * stands twice the last counts, as in recs import.  Fields of other names are
 * passed over.
 */
recs_event_result_t recs_event_parse(recs_event_parser_t *parser,
    const char *line, size_t len, recs_event_t *event);


#endif /* _RECS_EVENT_H_INCLUDED_ */
