#include "recs_importer.h"

#include <string.h>

#include "recs_columns.h"
#include "recs_json_line.h"
#include "recs_timestamp.h"


#define RECS_KEY_MAX  64


/* The key of each role in the last line: the next has most often the same. */
typedef struct {
    char            names[RECS_COLUMN_ROLES][RECS_KEY_MAX];
    recs_importer_t *im;
} recs_import_keys_t;

typedef recs_status_t (*recs_import_json_pt)(recs_import_keys_t *keys,
    recs_input_t *in, json_t *object, recs_error_t *err);


static recs_status_t recs_import_json(recs_importer_t *im, recs_input_t *in,
    recs_import_json_pt row, recs_error_t *err);
static recs_status_t recs_import_jsonl_row(recs_import_keys_t *keys,
    recs_input_t *in, json_t *object, recs_error_t *err);
static void recs_import_jsonl_roles(recs_import_keys_t *keys, json_t *object,
    json_t **roles);
static json_t *recs_import_jsonl_key(json_t *object, recs_column_role_t role,
    char *key);
static recs_status_t recs_import_events_row(recs_import_keys_t *keys,
    recs_input_t *in, json_t *object, recs_error_t *err);
static int recs_import_json_context(recs_row_t *row, const json_t *context,
    char scratch[RECS_CONTEXTS_MAX][RECS_JSON_SCRATCH],
    recs_reject_reason_t *reason);
static int recs_import_json_time(recs_row_t *row, const json_t *value,
    recs_reject_reason_t *reason);


recs_status_t
recs_import_jsonl(recs_importer_t *im, recs_input_t *in, recs_error_t *err)
{
    return recs_import_json(im, in, recs_import_jsonl_row, err);
}


recs_status_t
recs_import_events(recs_importer_t *im, recs_input_t *in, recs_error_t *err)
{
    return recs_import_json(im, in, recs_import_events_row, err);
}


static recs_status_t
recs_import_json(recs_importer_t *im, recs_input_t *in,
    recs_import_json_pt row, recs_error_t *err)
{
    recs_status_t       status;
    recs_json_line_t    line;
    recs_json_result_t  result;
    recs_import_keys_t  keys;

    memset(&keys, 0, sizeof(keys));
    keys.im = im;

    for ( ;; ) {
        recs_importer_tick(im, in);

        status = recs_json_line_read(&line, in, &result, err);
        if (status != RECS_OK) {
            return status;
        }

        switch (result) {

        case RECS_JSON_END:
            return RECS_OK;

        case RECS_JSON_EMPTY:
            break;

        case RECS_JSON_TOO_LONG:
            status = recs_importer_reject(im, in, in->line,
                                          RECS_REJECT_TOO_LONG, "", err);
            break;

        case RECS_JSON_MALFORMED:
            status = recs_importer_reject(im, in, in->line,
                                          RECS_REJECT_SYNTAX, line.fault,
                                          err);
            break;

        case RECS_JSON_OBJECT:
            status = row(&keys, in, line.object, err);
            json_decref(line.object);
        }

        if (status != RECS_OK) {
            return status;
        }
    }
}


static recs_status_t
recs_import_jsonl_row(recs_import_keys_t *keys, recs_input_t *in,
    json_t *object, recs_error_t *err)
{
    char                  scratch[RECS_COLUMN_ROLES][RECS_JSON_SCRATCH];
    char                  texts[RECS_CONTEXTS_MAX][RECS_JSON_SCRATCH];
    json_t               *roles[RECS_COLUMN_ROLES];
    recs_row_t            row;
    recs_str_t            value;
    recs_reject_reason_t  reason;

    memset(&row, 0, sizeof(row));
    recs_import_jsonl_roles(keys, object, roles);

    if (!recs_json_id(roles[RECS_COLUMN_USER], scratch[0], &row.user)) {
        reason = RECS_REJECT_USER;
        goto rejected;
    }

    if (!recs_json_id(roles[RECS_COLUMN_ITEM], scratch[1], &row.item)) {
        reason = RECS_REJECT_ITEM;
        goto rejected;
    }

    if (!recs_json_text(roles[RECS_COLUMN_EVENT], scratch[2], &row.event)) {
        reason = RECS_REJECT_EVENT;
        goto rejected;
    }

    if (!recs_import_json_time(&row, roles[RECS_COLUMN_TIME], &reason)) {
        goto rejected;
    }

    if (!recs_json_text(roles[RECS_COLUMN_VALUE], scratch[3], &value)) {
        reason = RECS_REJECT_VALUE;
        goto rejected;
    }

    if (!recs_row_value(&row, value, &reason)
        || !recs_import_json_context(&row, json_object_get(object, "context"),
                                     texts, &reason))
    {
        goto rejected;
    }

    return recs_importer_row(keys->im, in, in->line, &row, err);

rejected:

    return recs_importer_reject(keys->im, in, in->line, reason, "", err);
}


/* The value of each role in object, or NULL. */

static void
recs_import_jsonl_roles(recs_import_keys_t *keys, json_t *object,
    json_t **roles)
{
    size_t              found;
    const char         *option;
    recs_column_role_t  role;

    found = json_object_get(object, "context") != NULL;

    for (role = 0; role < RECS_COLUMN_ROLES; role++) {
        option = recs_column_option(keys->im->options, role);
        roles[role] = json_object_get(object, option ? option
                                                     : keys->names[role]);
        found += roles[role] != NULL;
    }

    for (role = 0; role < RECS_COLUMN_ROLES; role++) {

        if (found == json_object_size(object)) {
            return;
        }

        if (roles[role] == NULL
            && recs_column_option(keys->im->options, role) == NULL)
        {
            roles[role] = recs_import_jsonl_key(object, role,
                                                keys->names[role]);
            found += roles[role] != NULL;
        }
    }
}


static json_t *
recs_import_jsonl_key(json_t *object, recs_column_role_t role, char *key)
{
    int          fit, best;
    json_t      *value, *found;
    recs_str_t   name;
    const char  *k;

    best = 0;
    found = NULL;

    json_object_foreach(object, k, value) {
        name.data = k;
        name.len = strlen(k);
        fit = recs_column_fit(role, NULL, name);

        if (fit > best && name.len < RECS_KEY_MAX) {
            best = fit;
            found = value;
            strcpy(key, k);
        }
    }

    return found;
}


/*
 * A line of docs/event-format.md.  The value of an event (a price, say) is no
 * measure of interest: the event's name is what weighs.
 */

static recs_status_t
recs_import_events_row(recs_import_keys_t *keys, recs_input_t *in,
    json_t *object, recs_error_t *err)
{
    char                  scratch[3][RECS_JSON_SCRATCH];
    char                  texts[RECS_CONTEXTS_MAX][RECS_JSON_SCRATCH];
    json_t               *verified;
    recs_row_t            row;
    recs_reject_reason_t  reason;

    memset(&row, 0, sizeof(row));
    row.value = 1;

    row.event.data = json_string_value(json_object_get(object, "event"));
    row.event.len = json_string_length(json_object_get(object, "event"));

    if (row.event.len == 0) {
        reason = RECS_REJECT_EVENT;
        goto rejected;
    }

    if (!recs_json_id(json_object_get(object, "user"), scratch[0], &row.user))
    {
        reason = RECS_REJECT_USER;
        goto rejected;
    }

    if (!recs_json_id(json_object_get(object, "item"), scratch[1], &row.item))
    {
        reason = RECS_REJECT_ITEM;
        goto rejected;
    }

    if (!recs_json_id(json_object_get(object, "id"), scratch[2], &row.id)) {
        reason = RECS_REJECT_ID;
        goto rejected;
    }

    if (!recs_import_json_time(&row, json_object_get(object, "ts"), &reason)
        || !recs_import_json_context(&row, json_object_get(object, "context"),
                                     texts, &reason))
    {
        goto rejected;
    }

    if (row.user.len == 0 && strcmp(row.event.data, "exposure") != 0) {
        reason = RECS_REJECT_NO_USER;
        goto rejected;
    }

    /* Before its id is looked at: nobody's forged event hides a real one. */

    verified = json_object_get(object, "verified");

    if (verified != NULL && !json_is_true(verified)
        && !keys->im->options->unverified)
    {
        reason = RECS_REJECT_UNVERIFIED;
        goto rejected;
    }

    return recs_importer_row(keys->im, in, in->line, &row, err);

rejected:

    return recs_importer_reject(keys->im, in, in->line, reason, "", err);
}


/* {"country":"de", ...} */

static int
recs_import_json_context(recs_row_t *row, const json_t *context,
    char scratch[RECS_CONTEXTS_MAX][RECS_JSON_SCRATCH],
    recs_reject_reason_t *reason)
{
    json_t          *value;
    const char      *name;
    recs_context_t  *next;

    if (context == NULL || json_is_null(context)) {
        return 1;
    }

    *reason = RECS_REJECT_CONTEXT;

    if (!json_is_object(context)
        || json_object_size(context) > RECS_CONTEXTS_MAX)
    {
        return 0;
    }

    json_object_foreach((json_t *) context, name, value) {
        next = &row->contexts[row->n_contexts];

        next->name.data = name;
        next->name.len = strlen(name);

        if (!recs_json_text(value, scratch[row->n_contexts++], &next->value)) {
            return 0;
        }
    }

    return 1;
}


static int
recs_import_json_time(recs_row_t *row, const json_t *value,
    recs_reject_reason_t *reason)
{
    recs_str_t  text;

    if (value == NULL || json_is_null(value)) {
        return 1;
    }

    if (json_is_number(value)) {
        if (recs_timestamp_number(json_number_value(value), &row->time_ms)
            == RECS_TIMESTAMP_OK)
        {
            return 1;
        }

        *reason = RECS_REJECT_TIME_RANGE;
        return 0;
    }

    if (!json_is_string(value)) {
        *reason = RECS_REJECT_TIME;
        return 0;
    }

    text.data = json_string_value(value);
    text.len = json_string_length(value);

    return recs_row_time(row, text, reason);
}
