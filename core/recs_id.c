#include "recs_id.h"

#include <string.h>


/*
 * Bytes of the well-formed UTF-8 sequence at p (RFC 3629, section 4), 0 if
 * there is none; *code is its code point.
 */
static size_t
recs_utf8_next(const unsigned char *p, const unsigned char *end,
    unsigned long *code)
{
    size_t         i, n;
    unsigned long  c, min;

    c = *p;

    if (c < 0x80) {
        *code = c;
        return 1;
    }

    if (c >= 0xc2 && c <= 0xdf) {
        n = 2; c &= 0x1f; min = 0x80;

    } else if (c >= 0xe0 && c <= 0xef) {
        n = 3; c &= 0x0f; min = 0x800;

    } else if (c >= 0xf0 && c <= 0xf4) {
        n = 4; c &= 0x07; min = 0x10000;

    } else {
        return 0;
    }

    if ((size_t) (end - p) < n) {
        return 0;
    }

    for (i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }

        c = (c << 6) | (p[i] & 0x3f);
    }

    if (c < min || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        return 0;
    }

    *code = c;
    return n;
}


int
recs_utf8_valid(const char *text, size_t len)
{
    size_t                n;
    unsigned long         code;
    const unsigned char  *p, *end;

    p = (const unsigned char *) text;
    end = p + len;

    while (p < end) {

        if (*p < 0x80) {
            p++;
            continue;
        }

        n = recs_utf8_next(p, end, &code);
        if (n == 0) {
            return 0;
        }

        p += n;
    }

    return 1;
}


int
recs_id_valid(const char *id, size_t len)
{
    size_t                n;
    unsigned long         code;
    const unsigned char  *p, *end;

    if (len == 0 || len > RECS_ID_MAX) {
        return 0;
    }

    p = (const unsigned char *) id;
    end = p + len;

    while (p < end) {

        if (*p >= 0x20 && *p < 0x7f) {
            p++;
            continue;
        }

        n = recs_utf8_next(p, end, &code);

        if (n == 0 || code < 0x20 || (code >= 0x7f && code <= 0x9f)) {
            return 0;
        }

        p += n;
    }

    return 1;
}


static int
recs_id_numeric(recs_str_t id)
{
    size_t  i;

    if (id.len == 0 || (id.data[0] == '0' && id.len > 1)) {
        return 0;
    }

    for (i = 0; i < id.len; i++) {
        if (id.data[i] < '0' || id.data[i] > '9') {
            return 0;
        }
    }

    return 1;
}


int
recs_id_compare(recs_str_t a, recs_str_t b)
{
    int  rc, a_numeric, b_numeric;

    a_numeric = recs_id_numeric(a);
    b_numeric = recs_id_numeric(b);

    if (a_numeric != b_numeric) {
        return b_numeric - a_numeric;
    }

    if (a_numeric && a.len != b.len) {
        return a.len < b.len ? -1 : 1;
    }

    rc = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
    if (rc != 0) {
        return rc;
    }

    return (a.len > b.len) - (a.len < b.len);
}


int
recs_name_valid(const char *name, size_t len)
{
    size_t  i;

    if (len == 0 || len > 32 || name[0] < 'a' || name[0] > 'z') {
        return 0;
    }

    for (i = 1; i < len; i++) {
        if (!((name[i] >= 'a' && name[i] <= 'z')
              || (name[i] >= '0' && name[i] <= '9') || name[i] == '_'))
        {
            return 0;
        }
    }

    return 1;
}
