#include "recs_importer.h"

#include <stdlib.h>
#include <string.h>

#include "recs_log_format.h"


/* Where in a line each thing stands; -1: nowhere. */
typedef struct {
    recs_log_format_t   format;
    int                 user;
    int                 time;
    int                 status;
    int                 method;
    int                 request;       /* $request: method, URI, protocol */
    int                 uri;           /* $request_uri or $uri */
    int                 args;          /* $args beside $uri */

    /* "/item/{}" in two halves, or the name of an argument */
    recs_str_t          prefix;
    recs_str_t          suffix;
    recs_str_t          argument;

    char               *text;          /* [size]: unescaped values */
    size_t              size;
} recs_accesslog_t;


static recs_status_t recs_accesslog_init(recs_accesslog_t *log,
    const recs_import_options_t *options, recs_error_t *err);
static int recs_accesslog_find(const recs_accesslog_t *log,
    const char *const *names);
static recs_status_t recs_accesslog_item_from(recs_accesslog_t *log,
    const char *text, recs_error_t *err);
static recs_status_t recs_accesslog_line(recs_importer_t *im,
    recs_accesslog_t *log, recs_input_t *in, recs_str_t line,
    recs_error_t *err);
static int recs_accesslog_row(recs_accesslog_t *log, const recs_str_t *values,
    recs_row_t *row, recs_reject_reason_t *reason);
static int recs_accesslog_request(const recs_accesslog_t *log,
    const recs_str_t *values, recs_str_t *uri, recs_str_t *args,
    recs_reject_reason_t *reason);
static int recs_accesslog_item(const recs_accesslog_t *log, recs_str_t path,
    recs_str_t args, recs_str_t *item);
static int recs_accesslog_argument(const recs_accesslog_t *log,
    recs_str_t args, recs_str_t *item);
static recs_str_t recs_accesslog_decode(recs_str_t text, char *out, int plus);
static int recs_accesslog_starts(recs_str_t text, recs_str_t prefix);


recs_status_t
recs_import_accesslog(recs_importer_t *im, recs_input_t *in,
    recs_error_t *err)
{
    int               too_long;
    recs_str_t        line;
    recs_status_t     status;
    recs_accesslog_t  log;

    status = recs_accesslog_init(&log, im->options, err);

    while (status == RECS_OK) {
        recs_importer_tick(im, in);

        status = recs_input_line(in, &line, &too_long, err);

        if (status == RECS_NOT_FOUND) {
            status = RECS_OK;
            break;
        }

        if (status != RECS_OK) {
            break;
        }

        if (too_long) {
            status = recs_importer_reject(im, in, in->line,
                                          RECS_REJECT_TOO_LONG, "", err);

        } else {
            status = recs_accesslog_line(im, &log, in, line, err);
        }
    }

    free(log.text);

    return status;
}


static recs_status_t
recs_accesslog_init(recs_accesslog_t *log,
    const recs_import_options_t *options, recs_error_t *err)
{
    const char     *format;
    recs_status_t   status;

    static const char *const  times[] = { "time_iso8601", "time_local", "msec",
                                          NULL };
    static const char *const  statuses[] = { "status", NULL };
    static const char *const  methods[] = { "request_method", NULL };
    static const char *const  requests[] = { "request", NULL };
    static const char *const  uris[] = { "request_uri", "uri",
                                         "document_uri", NULL };
    static const char *const  args[] = { "args", "query_string", NULL };

    memset(log, 0, sizeof(*log));

    if (options->user_from == NULL || options->item_from == NULL) {
        return recs_error(err, RECS_INVALID, "an access log needs to be told"
                          " where user and item stand: --user-from"
                          " '$cookie_uid' --item-from '/item/{}'");
    }

    format = options->log_format;

    if (format == NULL || strcmp(format, "combined") == 0) {
        format = RECS_LOG_COMBINED;
    }

    status = recs_log_format_parse(&log->format, format, err);
    if (status != RECS_OK) {
        return status;
    }

    log->user = recs_log_format_find(&log->format, options->user_from);
    log->time = recs_accesslog_find(log, times);
    log->status = recs_accesslog_find(log, statuses);
    log->method = recs_accesslog_find(log, methods);
    log->request = recs_accesslog_find(log, requests);
    log->uri = recs_accesslog_find(log, uris);
    log->args = recs_accesslog_find(log, args);

    if (log->user == -1) {
        return recs_error(err, RECS_INVALID, "the log format has no variable"
                          " \"%.64s\": log it, or name another with"
                          " --user-from", options->user_from);
    }

    if (log->request == -1 && log->uri == -1) {
        return recs_error(err, RECS_INVALID, "the log format has neither"
                          " $request nor $request_uri nor $uri: it tells no"
                          " item");
    }

    return recs_accesslog_item_from(log, options->item_from, err);
}


static int
recs_accesslog_find(const recs_accesslog_t *log, const char *const *names)
{
    int  at;

    for (at = -1; *names != NULL && at == -1; names++) {
        at = recs_log_format_find(&log->format, *names);
    }

    return at;
}


static recs_status_t
recs_accesslog_item_from(recs_accesslog_t *log, const char *text,
    recs_error_t *err)
{
    const char  *braces;

    braces = strstr(text, "{}");

    if (braces != NULL) {

        if (text[0] != '/') {
            return recs_error(err, RECS_INVALID, "--item-from \"%.64s\": a"
                              " path begins with a slash", text);
        }

        log->prefix.data = text;
        log->prefix.len = (size_t) (braces - text);
        log->suffix.data = braces + 2;
        log->suffix.len = strlen(braces + 2);

        return RECS_OK;
    }

    if (strncmp(text, "$arg_", 5) == 0) {
        text += 5;
    }

    if (*text == '\0' || strchr(text, '/') != NULL) {
        return recs_error(err, RECS_INVALID, "--item-from \"%.64s\": give a"
                          " path with {} for the item, or the name of a query"
                          " argument", text);
    }

    log->argument.data = text;
    log->argument.len = strlen(text);

    return RECS_OK;
}


static recs_status_t
recs_accesslog_line(recs_importer_t *im, recs_accesslog_t *log,
    recs_input_t *in, recs_str_t line, recs_error_t *err)
{
    char                  *text;
    recs_row_t             row;
    recs_str_t             values[RECS_LOG_VARIABLES_MAX];
    recs_reject_reason_t   reason;

    if (line.len == 0) {
        return RECS_OK;
    }

    /* User, path and arguments are unescaped, each no longer than the line. */

    if (log->size < line.len) {
        text = realloc(log->text, 4 * line.len);
        if (text == NULL) {
            return recs_error(err, RECS_NOMEM, "no memory to read \"%s\"",
                              in->name);
        }

        log->text = text;
        log->size = line.len;
    }

    memset(&row, 0, sizeof(row));

    if (!recs_log_format_match(&log->format, line, values)) {
        return recs_importer_reject(im, in, in->line, RECS_REJECT_SYNTAX,
                                    "it does not match the log format", err);
    }

    if (!recs_accesslog_row(log, values, &row, &reason)) {
        return recs_importer_reject(im, in, in->line, reason, "", err);
    }

    return recs_importer_row(im, in, in->line, &row, err);
}


static int
recs_accesslog_row(recs_accesslog_t *log, const recs_str_t *values,
    recs_row_t *row, recs_reject_reason_t *reason)
{
    char        *text;
    recs_str_t   user, status, uri, args, item;

    if (log->status >= 0) {
        status = values[log->status];

        if (status.len != 3 || status.data[0] != '2') {
            *reason = RECS_REJECT_HTTP_STATUS;
            return 0;
        }
    }

    if (!recs_accesslog_request(log, values, &uri, &args, reason)) {
        return 0;
    }

    text = log->text;
    uri = recs_log_unescape(uri, text);
    text += log->size;
    args = recs_log_unescape(args, text);
    text += log->size;

    *reason = RECS_REJECT_NO_ITEM;

    if (!recs_accesslog_item(log, uri, args, &item)) {
        return 0;
    }

    row->item = recs_accesslog_decode(item, text, log->argument.len > 0);
    text += log->size;

    user = values[log->user];

    if (user.len == 0 || (user.len == 1 && user.data[0] == '-')) {
        *reason = RECS_REJECT_NO_USER;
        return 0;
    }

    row->user = recs_log_unescape(user, text);
    row->event.data = "view";
    row->event.len = 4;
    row->value = 1;

    return log->time < 0 || recs_row_time(row, values[log->time], reason);
}


/* The request's URI, in two where $uri and $args are logged. */

static int
recs_accesslog_request(const recs_accesslog_t *log, const recs_str_t *values,
    recs_str_t *uri, recs_str_t *args, recs_reject_reason_t *reason)
{
    const char  *p;
    recs_str_t   method, request;

    method.data = "GET";
    method.len = 3;
    args->data = "";
    args->len = 0;

    if (log->request >= 0) {
        request = values[log->request];

        p = memchr(request.data, ' ', request.len);
        if (p == NULL) {
            *reason = RECS_REJECT_HTTP_METHOD;
            return 0;
        }

        method.data = request.data;
        method.len = (size_t) (p - request.data);

        uri->data = p + 1;
        uri->len = (size_t) (request.data + request.len - uri->data);

        p = memrchr(uri->data, ' ', uri->len);
        if (p != NULL) {
            uri->len = (size_t) (p - uri->data);
        }
    }

    if (log->method >= 0) {
        method = values[log->method];
    }

    if (method.len != 3 || memcmp(method.data, "GET", 3) != 0) {
        *reason = RECS_REJECT_HTTP_METHOD;
        return 0;
    }

    if (log->uri >= 0) {
        *uri = values[log->uri];
    }

    p = memchr(uri->data, '?', uri->len);

    if (p != NULL) {
        args->data = p + 1;
        args->len = (size_t) (uri->data + uri->len - args->data);
        uri->len = (size_t) (p - uri->data);

    } else if (log->args >= 0) {
        *args = values[log->args];
    }

    return 1;
}


static int
recs_accesslog_item(const recs_accesslog_t *log, recs_str_t path,
    recs_str_t args, recs_str_t *item)
{
    if (log->argument.len > 0) {
        return recs_accesslog_argument(log, args, item);
    }

    if (path.len <= log->prefix.len + log->suffix.len
        || !recs_accesslog_starts(path, log->prefix))
    {
        return 0;
    }

    item->data = path.data + log->prefix.len;
    item->len = path.len - log->prefix.len - log->suffix.len;

    return memcmp(item->data + item->len, log->suffix.data, log->suffix.len)
           == 0
           && memchr(item->data, '/', item->len) == NULL;
}


static int
recs_accesslog_argument(const recs_accesslog_t *log, recs_str_t args,
    recs_str_t *item)
{
    recs_str_t   pair;
    const char  *end, *stop;

    end = args.data + args.len;

    for (pair.data = args.data; pair.data < end; pair.data = stop + 1) {
        stop = memchr(pair.data, '&', (size_t) (end - pair.data));
        stop = stop ? stop : end;
        pair.len = (size_t) (stop - pair.data);

        if (pair.len > log->argument.len + 1
            && pair.data[log->argument.len] == '='
            && recs_accesslog_starts(pair, log->argument))
        {
            item->data = pair.data + log->argument.len + 1;
            item->len = pair.len - log->argument.len - 1;
            return 1;
        }
    }

    return 0;
}


/* Percent-encoding undone; a '%' without two digits stays. */

static recs_str_t
recs_accesslog_decode(recs_str_t text, char *out, int plus)
{
    int         n;
    char       *p;
    size_t      i;
    unsigned    byte;
    recs_str_t  decoded;

    p = out;

    for (i = 0; i < text.len; i++) {
        byte = (unsigned char) text.data[i];

        if (byte == '%' && text.len - i > 2) {
            n = recs_hex_byte(text.data + i + 1);

            if (n >= 0) {
                byte = (unsigned) n;
                i += 2;
            }

        } else if (byte == '+' && plus) {
            byte = ' ';
        }

        *p++ = (char) byte;
    }

    decoded.data = out;
    decoded.len = (size_t) (p - out);

    return decoded;
}


static int
recs_accesslog_starts(recs_str_t text, recs_str_t prefix)
{
    return text.len >= prefix.len
           && memcmp(text.data, prefix.data, prefix.len) == 0;
}
