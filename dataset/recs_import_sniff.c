#include "recs_importer.h"

#include <jansson.h>
#include <string.h>


static int recs_sniff_lightgcn(recs_str_t line);
static recs_format_t recs_sniff_json(recs_str_t line);


recs_status_t
recs_import_sniff(recs_input_t *in, recs_format_t *format, recs_error_t *err)
{
    size_t         start;
    recs_str_t     line;
    const char    *lf;
    recs_status_t  status;

    /* The first line that is not blank. */

    for (start = 0; /* void */ ; ) {

        while (start < in->len && strchr(" \t\r\n", in->data[start])
               && in->data[start] != '\0')
        {
            start++;
        }

        lf = memchr(in->data + start, '\n', in->len - start);

        if (in->eof || lf != NULL || in->len >= RECS_ROW_MAX) {
            break;
        }

        status = recs_input_fill(in, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    line.data = in->data + start;
    line.len = (size_t) ((lf ? lf : in->data + in->len) - line.data);

    if (line.len == 0) {
        return recs_error(err, RECS_INVALID, "%s is empty: nothing was"
                          " imported", in->name);
    }

    if (line.data[0] == '{') {
        *format = recs_sniff_json(line);

    } else if (recs_sniff_lightgcn(line)) {
        *format = RECS_FORMAT_LIGHTGCN;

    } else if (memchr(line.data, ',', line.len) != NULL) {
        *format = RECS_FORMAT_CSV;

    } else {
        return recs_error(err, RECS_INVALID, "%s is in no format that can be"
                          " told from its first line: say which with"
                          " --format", in->name);
    }

    return RECS_OK;
}


/* Numbers and blanks. */

static int
recs_sniff_lightgcn(recs_str_t line)
{
    size_t  i;

    for (i = 0; i < line.len; i++) {
        if ((line.data[i] < '0' || line.data[i] > '9') && line.data[i] != ' '
            && line.data[i] != '\t' && line.data[i] != '\r')
        {
            return 0;
        }
    }

    return 1;
}


/* What nginx writes has "event" and "ts"; anything else is plain jsonl. */

static recs_format_t
recs_sniff_json(recs_str_t line)
{
    json_t         *object;
    recs_format_t   format;

    format = RECS_FORMAT_JSONL;
    object = json_loadb(line.data, line.len, 0, NULL);

    if (json_is_string(json_object_get(object, "event"))
        && json_is_number(json_object_get(object, "ts")))
    {
        format = RECS_FORMAT_EVENTS;
    }

    json_decref(object);

    return format;
}
