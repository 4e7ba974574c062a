#include "recs_collect_body.h"
#include "recs_escape.h"

#include <math.h>
#include <stdio.h>
#include <string.h>


#define RECS_COLLECT_ID_RULE                                                  \
    "1 to 128 bytes of UTF-8 without control characters"


/* The parameters of a query. */
#define RECS_COLLECT_NAME_MAP(XX)                                             \
    XX(EVENT, "event")                                                        \
    XX(ITEM,  "item")                                                         \
    XX(ID,    "id")                                                           \
    XX(TOKEN, "token")                                                        \
    XX(VALUE, "value")

enum {
#define RECS_COLLECT_NAME_ENUM(name, text)  RECS_COLLECT_##name,
    RECS_COLLECT_NAME_MAP(RECS_COLLECT_NAME_ENUM)
#undef RECS_COLLECT_NAME_ENUM
    RECS_COLLECT_NAMES
};

static const char  *recs_collect_names[] = {
#define RECS_COLLECT_NAME_TEXT(name, text)  text,
    RECS_COLLECT_NAME_MAP(RECS_COLLECT_NAME_TEXT)
#undef RECS_COLLECT_NAME_TEXT
    NULL
};


static recs_status_t
recs_collect_fault(recs_error_t *err, unsigned n, const char *fault)
{
    return recs_error(err, RECS_INVALID, "event %u: %s", n + 1, fault);
}


/*
 * Levels and values, before anything is allocated for them: jansson recurses
 * and makes an object of every value.
 */
static recs_status_t
recs_collect_bounds(const char *text, size_t len, recs_error_t *err)
{
    int       quoted;
    size_t    i;
    unsigned  depth, n_values;

    depth = 0;
    n_values = 1;
    quoted = 0;

    for (i = 0; i < len; i++) {

        switch (text[i]) {

        case '\0':
            return recs_error(err, RECS_INVALID, "there is a NUL");

        case '\\':
            i += quoted;
            break;

        case '"':
            quoted = !quoted;
            break;

        case '[':
        case '{':
            depth += !quoted;
            n_values += !quoted;
            break;

        case ']':
        case '}':
            depth -= !quoted && depth > 0;
            break;

        case ',':
            n_values += !quoted;
            break;
        }

        if (depth > RECS_COLLECT_DEPTH_MAX) {
            return recs_error(err, RECS_INVALID, "more than %d levels",
                              RECS_COLLECT_DEPTH_MAX);
        }

        if (n_values > RECS_COLLECT_VALUES_MAX) {
            return recs_error(err, RECS_INVALID, "more than %d values",
                              RECS_COLLECT_VALUES_MAX);
        }
    }

    return RECS_OK;
}


/* The string at key; len 0 where there is none.  Returns 0 if it is another. */
static int
recs_collect_string(json_t *object, const char *key, recs_str_t *value)
{
    json_t  *string;

    value->data = NULL;
    value->len = 0;

    string = json_object_get(object, key);

    if (string == NULL || json_is_null(string)) {
        return 1;
    }

    if (!json_is_string(string)) {
        return 0;
    }

    value->data = json_string_value(string);
    value->len = json_string_length(string);

    return 1;
}


/* An integer is the id that its digits are. */
static int
recs_collect_item(json_t *object, recs_collect_event_t *event)
{
    int      n;
    char     digits[RECS_COLLECT_DIGITS_MAX + 1];
    json_t  *item;

    item = json_object_get(object, "item");

    if (!json_is_integer(item)) {
        return recs_collect_string(object, "item", &event->item);
    }

    n = snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT,
                 json_integer_value(item));

    memcpy(event->digits, digits, (size_t) n);
    event->item.data = event->digits;
    event->item.len = (size_t) n;

    return 1;
}


static int
recs_collect_value(json_t *value, recs_collect_event_t *event)
{
    event->value = (double) NAN;

    if (value == NULL || json_is_null(value)) {
        return 1;
    }

    if (!json_is_number(value)) {
        return 0;
    }

    event->value = json_number_value(value);

    return isfinite(event->value);
}


/* What was read, against the rules. */
static recs_status_t
recs_collect_check(recs_collect_event_t *event, unsigned n, recs_error_t *err)
{
    if (!recs_name_valid(event->event.data, event->event.len)) {
        return recs_collect_fault(err, n, "\"event\" must match "
                                  "[a-z][a-z0-9_]{0,31}");
    }

    if (event->event.len == 8 && memcmp(event->event.data, "exposure", 8) == 0)
    {
        return recs_collect_fault(err, n, "\"event\" is \"exposure\": nginx "
                                  "itself records those");
    }

    if (!recs_id_valid(event->item.data, event->item.len)) {
        return recs_collect_fault(err, n, "\"item\" must be "
                                  RECS_COLLECT_ID_RULE);
    }

    if (event->id.len != 0 && !recs_id_valid(event->id.data, event->id.len)) {
        return recs_collect_fault(err, n, "\"id\" must be "
                                  RECS_COLLECT_ID_RULE);
    }

    if (event->token.len > RECS_COLLECT_TOKEN_MAX) {
        return recs_collect_fault(err, n, "\"token\" is longer than any");
    }

    return RECS_OK;
}


static recs_status_t
recs_collect_object(json_t *object, recs_collect_event_t *event, unsigned n,
    recs_error_t *err)
{
    if (!json_is_object(object)) {
        return recs_collect_fault(err, n, "it is no object");
    }

    if (!recs_collect_string(object, "event", &event->event)
        || !recs_collect_item(object, event)
        || !recs_collect_string(object, "id", &event->id)
        || !recs_collect_string(object, "token", &event->token))
    {
        return recs_collect_fault(err, n, "\"event\", \"item\", \"id\" and "
                                  "\"token\" must be strings");
    }

    if (!recs_collect_value(json_object_get(object, "value"), event)) {
        return recs_collect_fault(err, n, "\"value\" must be a number");
    }

    return recs_collect_check(event, n, err);
}


static recs_status_t
recs_collect_root(recs_collect_body_t *body, recs_error_t *err)
{
    size_t         n;
    unsigned       i;
    recs_status_t  rc;

    if (json_is_object(body->root)) {
        body->n_events = 1;
        return recs_collect_object(body->root, &body->events[0], 0, err);
    }

    n = json_array_size(body->root);

    if (n == 0 || n > RECS_COLLECT_EVENTS_MAX) {
        return recs_error(err, RECS_INVALID, "%zu events: 1 to %d may stand "
                          "in a body", n, RECS_COLLECT_EVENTS_MAX);
    }

    body->n_events = (unsigned) n;

    for (i = 0; i < body->n_events; i++) {
        rc = recs_collect_object(json_array_get(body->root, i),
                                 &body->events[i], i, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    return RECS_OK;
}


recs_status_t
recs_collect_body_parse(recs_collect_body_t *body, const char *text,
    size_t len, recs_error_t *err)
{
    size_t         n;
    const char    *near;
    json_error_t   wrong;
    recs_status_t  rc;

    if (len == 0) {
        return recs_error(err, RECS_INVALID, "there is nothing in it");
    }

    if (len > RECS_COLLECT_BODY_MAX) {
        return recs_error(err, RECS_INVALID, "more than %d bytes",
                          RECS_COLLECT_BODY_MAX);
    }

    rc = recs_collect_bounds(text, len, err);
    if (rc != RECS_OK) {
        return rc;
    }

    body->root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &wrong);

    if (body->root == NULL && wrong.line < 0) {
        return recs_error(err, RECS_NOMEM, "no memory to parse it");
    }

    if (body->root == NULL) {
        near = strstr(wrong.text, " near ");
        n = near != NULL ? (size_t) (near - wrong.text) : strlen(wrong.text);

        return recs_error(err, RECS_INVALID, "line %d, column %d: %.*s",
                          wrong.line, wrong.column, (int) n, wrong.text);
    }

    rc = recs_collect_root(body, err);
    if (rc != RECS_OK) {
        json_decref(body->root);
        body->root = NULL;
    }

    return rc;
}


/* A JSON number, whatever the locale. */
static int
recs_collect_query_value(recs_str_t text, recs_collect_event_t *event)
{
    int      ok;
    json_t  *number;

    if (text.len == 0) {
        return 1;
    }

    number = json_loadb(text.data, text.len, JSON_DECODE_ANY, NULL);
    ok = number != NULL && recs_collect_value(number, event);
    json_decref(number);

    return ok;
}


/* Decodes one name=value in place; a name of ours may stand once. */
static recs_status_t
recs_collect_parameter(char *parameter, size_t len, recs_str_t values[],
    recs_error_t *err)
{
    char    *equals;
    size_t   i, n, decoded;

    equals = memchr(parameter, '=', len);
    if (equals == NULL) {
        return RECS_OK;
    }

    n = (size_t) (equals - parameter);

    for (i = 0; recs_collect_names[i] != NULL; i++) {

        if (strlen(recs_collect_names[i]) != n
            || memcmp(recs_collect_names[i], parameter, n) != 0)
        {
            continue;
        }

        if (values[i].data != NULL) {
            return recs_error(err, RECS_INVALID, "\"%s\" stands twice",
                              recs_collect_names[i]);
        }

        if (!recs_unescape(equals + 1, equals + 1, len - n - 1, &decoded)) {
            return recs_error(err, RECS_INVALID, "\"%s\" is malformed: %%XX "
                              "expected", recs_collect_names[i]);
        }

        values[i].data = equals + 1;
        values[i].len = decoded;
    }

    return RECS_OK;
}


recs_status_t
recs_collect_query_parse(recs_collect_body_t *body, const char *query,
    size_t len, recs_error_t *err)
{
    char                  *p, *end, *last;
    recs_str_t             values[RECS_COLLECT_NAMES] = { { NULL, 0 } };
    recs_status_t          rc;
    recs_collect_event_t  *event;

    if (len > RECS_COLLECT_QUERY_MAX) {
        return recs_error(err, RECS_INVALID, "more than %d bytes",
                          RECS_COLLECT_QUERY_MAX);
    }

    if (len > 0) {
        memcpy(body->query, query, len);
    }

    last = body->query + len;

    for (p = body->query; p < last; p = end + 1) {

        end = memchr(p, '&', (size_t) (last - p));
        if (end == NULL) {
            end = last;
        }

        rc = recs_collect_parameter(p, (size_t) (end - p), values, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    event = &body->events[0];
    event->event = values[RECS_COLLECT_EVENT];
    event->item = values[RECS_COLLECT_ITEM];
    event->id = values[RECS_COLLECT_ID];
    event->token = values[RECS_COLLECT_TOKEN];
    event->value = (double) NAN;

    if (!recs_collect_query_value(values[RECS_COLLECT_VALUE], event)) {
        return recs_collect_fault(err, 0, "\"value\" must be a number");
    }

    body->root = NULL;
    body->n_events = 1;

    return recs_collect_check(event, 0, err);
}


void
recs_collect_body_free(recs_collect_body_t *body)
{
    json_decref(body->root);
    body->root = NULL;
}
