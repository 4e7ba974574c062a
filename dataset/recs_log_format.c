#include "recs_log_format.h"

#include <string.h>


static int recs_log_variable_byte(char c);
static const char *recs_log_value_end(const char *p, const char *end,
    recs_str_t literal);
static int recs_log_hex(char c);


recs_status_t
recs_log_format_parse(recs_log_format_t *format, const char *text,
    recs_error_t *err)
{
    int          braced;
    uint32_t     n;
    const char  *p, *name;

    n = 0;
    p = text;
    format->literals[0].data = p;

    for ( ;; ) {

        while (*p && *p != '$') {
            p++;
        }

        format->literals[n].len = (size_t) (p - format->literals[n].data);

        if (*p == '\0') {
            break;
        }

        if (n > 0 && format->literals[n].len == 0) {
            return recs_error(err, RECS_INVALID, "log format: no text between"
                              " two variables at \"%.32s\"", p);
        }

        if (n == RECS_LOG_VARIABLES_MAX) {
            return recs_error(err, RECS_INVALID, "log format: more than %d"
                              " variables", RECS_LOG_VARIABLES_MAX);
        }

        p++;
        braced = *p == '{';
        p += braced;

        for (name = p; recs_log_variable_byte(*p); p++) {
            /* void */
        }

        format->names[n].data = name;
        format->names[n].len = (size_t) (p - name);

        if (p == name || (braced && *p != '}')) {
            return recs_error(err, RECS_INVALID, "log format: no variable's"
                              " name at \"%.32s\"", name);
        }

        p += braced;
        format->literals[++n].data = p;
    }

    if (n == 0) {
        return recs_error(err, RECS_INVALID, "log format \"%.64s\" holds no"
                          " variable", text);
    }

    format->n = n;

    return RECS_OK;
}


int
recs_log_format_find(const recs_log_format_t *format, const char *name)
{
    uint32_t  i;

    name += *name == '$';

    for (i = 0; i < format->n; i++) {
        if (strlen(name) == format->names[i].len
            && memcmp(name, format->names[i].data, format->names[i].len) == 0)
        {
            return (int) i;
        }
    }

    return -1;
}


int
recs_log_format_match(const recs_log_format_t *format, recs_str_t line,
    recs_str_t *values)
{
    uint32_t     i;
    recs_str_t   literal;
    const char  *p, *end, *stop;

    p = line.data;
    end = p + line.len;

    for (i = 0; i <= format->n; i++) {
        literal = format->literals[i];

        if ((size_t) (end - p) < literal.len
            || memcmp(p, literal.data, literal.len) != 0)
        {
            return 0;
        }

        p += literal.len;

        if (i == format->n) {
            break;
        }

        stop = recs_log_value_end(p, end, format->literals[i + 1]);
        if (stop == NULL) {
            return 0;
        }

        values[i].data = p;
        values[i].len = (size_t) (stop - p);
        p = stop;
    }

    return p == end;
}


recs_str_t
recs_log_unescape(recs_str_t value, char *out)
{
    char        c, *p;
    int         byte;
    size_t      i;
    recs_str_t  result;

    static const char  from[] = "nrtbf";
    static const char  to[] = "\n\r\t\b\f";

    p = out;

    for (i = 0; i < value.len; i++) {
        c = value.data[i];

        if (c != '\\' || i + 1 == value.len) {
            *p++ = c;
            continue;
        }

        c = value.data[++i];

        if (c == 'x' && i + 2 < value.len) {
            byte = recs_hex_byte(value.data + i + 1);

            if (byte >= 0) {
                *p++ = (char) byte;
                i += 2;
                continue;
            }
        }

        if (c != '\0' && strchr(from, c) != NULL) {
            c = to[strchr(from, c) - from];
        }

        *p++ = c;
    }

    result.data = out;
    result.len = (size_t) (p - out);

    return result;
}


int
recs_hex_byte(const char *digits)
{
    int  high, low;

    high = recs_log_hex(digits[0]);
    low = recs_log_hex(digits[1]);

    return high < 0 || low < 0 ? -1 : high << 4 | low;
}


static int
recs_log_variable_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '_';
}


/* A literal that begins with a quote is not found at an escaped one. */

static const char *
recs_log_value_end(const char *p, const char *end, recs_str_t literal)
{
    if (literal.len == 0) {
        return end;
    }

    for ( /* void */ ; (size_t) (end - p) >= literal.len; p++) {

        if (*p == '\\' && end - p > 1) {
            p++;
            continue;
        }

        if (*p == literal.data[0] && memcmp(p, literal.data, literal.len) == 0)
        {
            return p;
        }
    }

    return NULL;
}


static int
recs_log_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
