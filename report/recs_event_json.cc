/*
 * The one file of C++: it takes events out of simdjson's document.
 */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <new>
#include <string_view>

#include <simdjson.h>

extern "C" {
#include "recs_decimal.h"
#include "recs_event.h"
#include "recs_timestamp.h"
}


using simdjson::dom::element;
using simdjson::dom::element_type;


#define RECS_EVENT_DEPTH    16
#define RECS_EVENT_NUMBER   RECS_DECIMAL_DOUBLE_MAX

/* Numbers that stand where an id does: id, user, item; contexts; items. */
#define RECS_EVENT_SCRATCH                                                    \
    (3 + RECS_EVENT_CONTEXTS_MAX + RECS_EVENT_ITEMS_MAX)


struct recs_event_parser_s {
    simdjson::dom::parser  json;
    int                    with_items;
    uint32_t               n_scratch;
    char                   scratch[RECS_EVENT_SCRATCH][RECS_EVENT_NUMBER];
};

typedef bool (*recs_event_field_pt)(recs_event_parser_t *parser,
    recs_event_t *event, void *place, element value);

typedef struct {
    std::string_view     name;
    recs_event_field_pt  read;
    size_t               offset;
} recs_event_field_t;


recs_event_parser_t *
recs_event_parser_create(int with_items)
{
    recs_event_parser_t  *parser;

    parser = new (std::nothrow) recs_event_parser_s;
    if (parser == nullptr) {
        return nullptr;
    }

    if (parser->json.allocate(RECS_EVENT_LINE_MAX, RECS_EVENT_DEPTH)
        != simdjson::SUCCESS)
    {
        delete parser;
        return nullptr;
    }

    parser->with_items = with_items;

    return parser;
}


void
recs_event_parser_destroy(recs_event_parser_t *parser)
{
    delete parser;
}


/* A number or boolean as text in the parser's scratch. */

static recs_str_t
recs_event_scratch(recs_event_parser_t *parser, element value)
{
    bool         truth;
    char        *text;
    double       number;
    int64_t      integer;
    uint64_t     large;
    recs_str_t   str;

    if (value.get(truth) == simdjson::SUCCESS) {
        str.data = truth ? "true" : "false";
        str.len = strlen(str.data);
        return str;
    }

    text = parser->scratch[parser->n_scratch++];
    str.data = text;

    if (value.get(integer) == simdjson::SUCCESS) {
        str.len = (size_t) snprintf(text, RECS_EVENT_NUMBER, "%lld",
                                    (long long) integer);

    } else if (value.get(large) == simdjson::SUCCESS) {
        str.len = (size_t) snprintf(text, RECS_EVENT_NUMBER, "%llu",
                                    (unsigned long long) large);

    } else if (value.get(number) == simdjson::SUCCESS) {
        str.len = recs_decimal_double(text, number);

    } else {
        str.len = 0;
    }

    return str;
}


static bool
recs_event_string(element value, recs_str_t *str)
{
    std::string_view  view;

    if (value.get(view) != simdjson::SUCCESS) {
        return false;
    }

    str->data = view.data();
    str->len = view.size();

    return true;
}


/* A name: a string that is an id, or none where it is empty or null. */

static bool
recs_event_name(recs_event_parser_t *parser, recs_event_t *event, void *place,
    element value)
{
    recs_str_t  *str;

    (void) parser;
    (void) event;

    str = (recs_str_t *) place;

    if (value.is_null()) {
        str->len = 0;
        return true;
    }

    return recs_event_string(value, str)
           && (str->len == 0 || recs_id_valid(str->data, str->len));
}


/* The same, or an integer. */

static bool
recs_event_id(recs_event_parser_t *parser, recs_event_t *event, void *place,
    element value)
{
    recs_str_t  *str;

    str = (recs_str_t *) place;

    if (value.is<int64_t>() || value.is<uint64_t>()) {

        /* There are as many places as ids that count; of others the last. */
        if (parser->n_scratch == RECS_EVENT_SCRATCH) {
            return false;
        }

        *str = recs_event_scratch(parser, value);
        return true;
    }

    return recs_event_name(parser, event, place, value);
}


static bool
recs_event_number(element value, double lo, double hi, double *number)
{
    double  x;

    if (value.get(x) != simdjson::SUCCESS || !(x >= lo && x <= hi)) {
        return false;
    }

    *number = x;

    return true;
}


static bool
recs_event_value(recs_event_parser_t *parser, recs_event_t *event,
    void *place, element value)
{
    (void) parser;
    (void) event;

    return value.is_null()
           || recs_event_number(value, -RECS_EVENT_VALUE_MAX,
                                RECS_EVENT_VALUE_MAX, (double *) place);
}


static bool
recs_event_propensity(recs_event_parser_t *parser, recs_event_t *event,
    void *place, element value)
{
    double  p;

    (void) parser;
    (void) event;

    if (!recs_event_number(value, 0, 1, &p)) {
        return false;
    }

    *(double *) place = p != 0 ? p : NAN;

    return true;
}


static bool
recs_event_u32(recs_event_parser_t *parser, recs_event_t *event, void *place,
    element value)
{
    uint64_t  n;

    (void) parser;
    (void) event;

    if (value.get(n) != simdjson::SUCCESS || n > UINT32_MAX) {
        return false;
    }

    *(uint32_t *) place = (uint32_t) n;

    return true;
}


static bool
recs_event_u64(recs_event_parser_t *parser, recs_event_t *event, void *place,
    element value)
{
    (void) parser;
    (void) event;

    return value.get(*(uint64_t *) place) == simdjson::SUCCESS;
}


static bool
recs_event_time(recs_event_parser_t *parser, recs_event_t *event, void *place,
    element value)
{
    double      number;
    int64_t    *time_ms;
    recs_str_t  text;

    (void) parser;
    (void) event;

    time_ms = (int64_t *) place;

    if (value.is_null()) {
        *time_ms = 0;
        return true;
    }

    if (recs_event_string(value, &text)) {
        return recs_timestamp_parse(text.data, text.len, time_ms)
               == RECS_TIMESTAMP_OK;
    }

    return value.get(number) == simdjson::SUCCESS
           && recs_timestamp_number(number, time_ms) == RECS_TIMESTAMP_OK;
}


/* Anything but false is one that does not count. */

static bool
recs_event_forced(recs_event_parser_t *parser, recs_event_t *event,
    void *place, element value)
{
    bool  truth;

    (void) parser;
    (void) event;

    *(int *) place = value.get(truth) == simdjson::SUCCESS
                     ? truth : !value.is_null();

    return true;
}


static bool
recs_event_verified(recs_event_parser_t *parser, recs_event_t *event,
    void *place, element value)
{
    bool  truth;

    (void) parser;
    (void) event;

    *(int *) place = value.get(truth) != simdjson::SUCCESS || !truth;

    return true;
}


/* Contexts as recs import takes them. */

static bool
recs_event_contexts(recs_event_parser_t *parser, recs_event_t *event,
    void *place, element value)
{
    size_t                  n;
    simdjson::dom::object   object;
    recs_event_context_t   *context;

    (void) place;

    event->n_contexts = 0;

    if (value.is_null()) {
        return true;
    }

    if (value.get(object) != simdjson::SUCCESS) {
        return false;
    }

    n = 0;

    for (auto field : object) {

        if (n++ == RECS_EVENT_CONTEXTS_MAX || field.value.is_array()
            || field.value.is_object()
            || parser->n_scratch == RECS_EVENT_SCRATCH)
        {
            return false;
        }

        context = &event->contexts[event->n_contexts];
        context->name.data = field.key.data();
        context->name.len = field.key.size();

        if (field.value.is_null()) {
            continue;
        }

        if (!recs_event_string(field.value, &context->value)) {
            context->value = recs_event_scratch(parser, field.value);
        }

        event->n_contexts += recs_name_valid(context->name.data,
                                             context->name.len)
                             && recs_id_valid(context->value.data,
                                              context->value.len);
    }

    return true;
}


static bool
recs_event_item(recs_event_parser_t *parser, recs_event_t *event,
    element value)
{
    bool                    right;
    recs_event_item_t      *item;
    simdjson::dom::object   object;

    if (value.get(object) != simdjson::SUCCESS) {
        return false;
    }

    item = &event->items[event->n_items];
    item->id.len = 0;
    item->rank = 0;
    item->propensity = NAN;
    right = true;

    for (auto field : object) {

        if (field.key == "id") {
            right = right && recs_event_id(parser, event, &item->id,
                                           field.value);

        } else if (field.key == "rank") {
            right = right && recs_event_u32(parser, event, &item->rank,
                                            field.value);

        } else if (field.key == "propensity") {
            right = right && recs_event_propensity(parser, event,
                                                   &item->propensity,
                                                   field.value);
        }
    }

    event->n_items += right && item->id.len != 0;

    return right && item->id.len != 0;
}


static bool
recs_event_items(recs_event_parser_t *parser, recs_event_t *event,
    void *place, element value)
{
    simdjson::dom::array  array;

    (void) place;

    if (value.get(array) != simdjson::SUCCESS) {
        return false;
    }

    if (!parser->with_items) {
        return true;
    }

    event->n_items = 0;

    for (element item : array) {

        if (event->n_items == RECS_EVENT_ITEMS_MAX) {
            break;
        }

        if (!recs_event_item(parser, event, item)) {
            return false;
        }
    }

    return true;
}


/* In the order in which nginx writes them. */

#define RECS_EVENT_AT(member)  offsetof(recs_event_t, member)

static const recs_event_field_t  recs_event_fields[] = {
    { "id", recs_event_id, RECS_EVENT_AT(id) },
    { "ts", recs_event_time, RECS_EVENT_AT(time_ms) },
    { "boot", recs_event_name, RECS_EVENT_AT(boot) },
    { "worker", recs_event_u32, RECS_EVENT_AT(worker) },
    { "seq", recs_event_u64, RECS_EVENT_AT(seq) },
    { "user", recs_event_id, RECS_EVENT_AT(user) },
    { "event", recs_event_name, RECS_EVENT_AT(event) },
    { "item", recs_event_id, RECS_EVENT_AT(item) },
    { "context", recs_event_contexts, 0 },
    { "value", recs_event_value, RECS_EVENT_AT(value) },
    { "slot", recs_event_name, RECS_EVENT_AT(slot) },
    { "rank", recs_event_u32, RECS_EVENT_AT(rank) },
    { "experiment", recs_event_name, RECS_EVENT_AT(experiment) },
    { "variant", recs_event_name, RECS_EVENT_AT(variant) },
    { "propensity", recs_event_propensity, RECS_EVENT_AT(propensity) },
    { "verified", recs_event_verified, RECS_EVENT_AT(unverified) },
    { "forced", recs_event_forced, RECS_EVENT_AT(forced) },
    { "items", recs_event_items, 0 }
};

#define RECS_EVENT_FIELDS                                                     \
    (sizeof(recs_event_fields) / sizeof(recs_event_fields[0]))


static void
recs_event_clear(recs_event_t *event)
{
    memset(event, 0, offsetof(recs_event_t, contexts));
    event->value = NAN;
    event->propensity = NAN;
}


/* The field of that name; most often it is the one at next. */

static size_t
recs_event_find(std::string_view name, size_t next)
{
    size_t  i, k;

    for (i = 0; i < RECS_EVENT_FIELDS; i++) {
        k = (next + i) % RECS_EVENT_FIELDS;

        if (recs_event_fields[k].name == name) {
            return k;
        }
    }

    return RECS_EVENT_FIELDS;
}


static bool
recs_event_blank(const char *line, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r') {
            return false;
        }
    }

    return true;
}


recs_event_result_t
recs_event_parse(recs_event_parser_t *parser, const char *line, size_t len,
    recs_event_t *event)
{
    size_t                  k, next;
    element                 document;
    simdjson::error_code    error;
    simdjson::dom::object   object;

    if (recs_event_blank(line, len)) {
        return RECS_EVENT_EMPTY;
    }

    error = parser->json.parse(line, len, false).get(document);

    if (error == simdjson::MEMALLOC) {
        return RECS_EVENT_NOMEM;
    }

    if (error != simdjson::SUCCESS
        || document.get(object) != simdjson::SUCCESS)
    {
        return RECS_EVENT_TORN;
    }

    recs_event_clear(event);
    parser->n_scratch = 0;
    next = 0;

    for (auto field : object) {
        k = recs_event_find(field.key, next);

        if (k == RECS_EVENT_FIELDS) {
            continue;
        }

        if (!recs_event_fields[k].read(parser, event,
                                       (char *) event
                                       + recs_event_fields[k].offset,
                                       field.value))
        {
            return RECS_EVENT_FOREIGN;
        }

        next = k + 1;
    }

    if (event->event.len == 0
        || (event->experiment.len == 0) != (event->variant.len == 0))
    {
        return RECS_EVENT_FOREIGN;
    }

    return RECS_EVENT_OK;
}
