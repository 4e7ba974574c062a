#include "recs_escape.h"

#include <string.h>
#include <strings.h>


void
recs_output_put(recs_output_t *out, const char *data, size_t len)
{
    if (len > 0 && out->len <= out->size && len <= out->size - out->len) {
        memcpy(out->dst + out->len, data, len);
    }

    out->len += len;
}


/* What stands for a character in text and in quoted attributes. */
static const struct {
    char    text[7];
    size_t  len;
} recs_output_references[256] = {
    ['&'] = { "&amp;", 5 },
    ['<'] = { "&lt;", 4 },
    ['>'] = { "&gt;", 4 },
    ['"'] = { "&quot;", 6 },
    ['\''] = { "&#39;", 5 }
};


static void
recs_output_html(recs_output_t *out, recs_str_t value)
{
    size_t         i, from;
    unsigned char  c;

    from = 0;

    for (i = 0; i < value.len; i++) {
        c = (unsigned char) value.data[i];

        if (recs_output_references[c].len == 0) {
            continue;
        }

        recs_output_put(out, value.data + from, i - from);
        recs_output_put(out, recs_output_references[c].text,
                        recs_output_references[c].len);
        from = i + 1;
    }

    if (from < value.len) {
        recs_output_put(out, value.data + from, value.len - from);
    }
}


static void
recs_output_percent(recs_output_t *out, recs_str_t value)
{
    char           code[3];
    size_t         i;
    unsigned char  c;

    static const char  hex[] = "0123456789ABCDEF";

    for (i = 0; i < value.len; i++) {
        c = (unsigned char) value.data[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9')
            || c == '-' || c == '.' || c == '_' || c == '~')
        {
            recs_output_put(out, &value.data[i], 1);
            continue;
        }

        code[0] = '%';
        code[1] = hex[c >> 4];
        code[2] = hex[c & 15];
        recs_output_put(out, code, 3);
    }
}


/*
 * http:, https: or no scheme.  Browsers drop control characters from URLs, so
 * a URL with one is none of ours; leading spaces they drop, too.
 */
static int
recs_escape_url_allowed(recs_str_t value)
{
    size_t  i, first;

    for (i = 0; i < value.len; i++) {
        if ((unsigned char) value.data[i] < 0x20 || value.data[i] == 0x7f) {
            return 0;
        }
    }

    for (first = 0; first < value.len && value.data[first] == ' '; first++) {
        /* void */
    }

    for (i = first; i < value.len; i++) {
        switch (value.data[i]) {

        case '/':
        case '?':
        case '#':
            return 1;

        case ':':
            return (i - first == 4
                    && strncasecmp(value.data + first, "http", 4) == 0)
                   || (i - first == 5
                       && strncasecmp(value.data + first, "https", 5) == 0);
        }
    }

    return 1;
}


void
recs_output_value(recs_output_t *out, recs_place_t place,
    recs_str_t value)
{
    switch (place) {

    case RECS_PLACE_URL:
        if (recs_escape_url_allowed(value)) {
            recs_output_html(out, value);
        }

        return;

    case RECS_PLACE_URL_PART:
        recs_output_percent(out, value);
        return;

    default:
        recs_output_html(out, value);
    }
}


static int
recs_hex(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


int
recs_unescape(char *dst, const char *src, size_t len, size_t *decoded)
{
    int          high, low;
    char        *start;
    const char  *last;

    start = dst;
    last = src + len;

    while (src < last) {

        if (*src != '%') {
            *dst++ = *src++;
            continue;
        }

        if (last - src < 3) {
            return 0;
        }

        high = recs_hex((unsigned char) src[1]);
        low = recs_hex((unsigned char) src[2]);

        if (high < 0 || low < 0) {
            return 0;
        }

        *dst++ = (char) (high << 4 | low);
        src += 3;
    }

    *decoded = (size_t) (dst - start);

    return 1;
}
