#include "recs_json_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


recs_status_t
recs_json_line_read(recs_json_line_t *line, recs_input_t *in,
    recs_json_result_t *result, recs_error_t *err)
{
    int            too_long;
    size_t         i;
    recs_str_t     text;
    json_error_t   error;
    recs_status_t  status;

    status = recs_input_line(in, &text, &too_long, err);

    if (status == RECS_NOT_FOUND) {
        *result = RECS_JSON_END;
        return RECS_OK;
    }

    if (status != RECS_OK) {
        return status;
    }

    if (too_long) {
        *result = RECS_JSON_TOO_LONG;
        return RECS_OK;
    }

    for (i = 0; i < text.len && (text.data[i] == ' ' || text.data[i] == '\t');
         i++)
    {
        /* void */
    }

    if (i == text.len) {
        *result = RECS_JSON_EMPTY;
        return RECS_OK;
    }

    line->fault[0] = '\0';
    line->object = json_loadb(text.data, text.len, 0, &error);
    *result = RECS_JSON_OBJECT;

    if (line->object == NULL) {
        snprintf(line->fault, sizeof(line->fault), "%s", error.text);
        *result = RECS_JSON_MALFORMED;

    } else if (!json_is_object(line->object)) {
        json_decref(line->object);
        line->object = NULL;
        snprintf(line->fault, sizeof(line->fault), "not a JSON object");
        *result = RECS_JSON_MALFORMED;
    }

    return RECS_OK;
}


int
recs_json_text(const json_t *value, char *scratch, recs_str_t *text)
{
    int     precision;
    double  number;

    text->data = scratch;

    switch (value ? json_typeof(value) : JSON_NULL) {

    case JSON_STRING:
        text->data = json_string_value(value);
        text->len = json_string_length(value);
        return 1;

    case JSON_INTEGER:
        snprintf(scratch, RECS_JSON_SCRATCH, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(value));
        break;

    case JSON_REAL:
        number = json_real_value(value);

        for (precision = 15; precision <= 17; precision++) {
            snprintf(scratch, RECS_JSON_SCRATCH, "%.*g", precision, number);

            if (strtod(scratch, NULL) == number) {
                break;
            }
        }

        break;

    case JSON_TRUE:
        strcpy(scratch, "true");
        break;

    case JSON_FALSE:
        strcpy(scratch, "false");
        break;

    case JSON_NULL:
        scratch[0] = '\0';
        break;

    default:
        return 0;
    }

    text->len = strlen(scratch);

    return 1;
}


int
recs_json_id(const json_t *value, char *scratch, recs_str_t *id)
{
    if (!json_is_string(value) && !json_is_integer(value)) {
        id->data = "";
        id->len = 0;
        return value == NULL || json_is_null(value);
    }

    return recs_json_text(value, scratch, id);
}
