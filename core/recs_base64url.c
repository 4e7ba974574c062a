#include "recs_base64url.h"


static const char  recs_base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";


size_t
recs_base64url_write(char *text, const void *bytes, size_t size)
{
    char           *p;
    uint32_t        bits;
    const uint8_t  *b;

    p = text;

    for (b = bytes; size >= 3; b += 3, size -= 3) {
        bits = (uint32_t) b[0] << 16 | (uint32_t) b[1] << 8 | b[2];

        *p++ = recs_base64url_digits[bits >> 18];
        *p++ = recs_base64url_digits[bits >> 12 & 63];
        *p++ = recs_base64url_digits[bits >> 6 & 63];
        *p++ = recs_base64url_digits[bits & 63];
    }

    if (size > 0) {
        bits = (uint32_t) b[0] << 16
               | (size > 1 ? (uint32_t) b[1] << 8 : 0);

        *p++ = recs_base64url_digits[bits >> 18];
        *p++ = recs_base64url_digits[bits >> 12 & 63];

        if (size > 1) {
            *p++ = recs_base64url_digits[bits >> 6 & 63];
        }
    }

    return (size_t) (p - text);
}


static int
recs_base64url_digit(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    return c == '-' ? 62 : (c == '_' ? 63 : -1);
}


size_t
recs_base64url_read(void *bytes, size_t size, const char *text, size_t len)
{
    int        digit;
    size_t     i, written;
    uint8_t   *b;
    uint32_t   bits;
    unsigned   n;

    if (len % 4 == 1 || len / 4 > size) {
        return RECS_BASE64URL_NO;
    }

    b = bytes;
    bits = 0;
    n = 0;
    written = 0;

    for (i = 0; i < len; i++) {
        digit = recs_base64url_digit(text[i]);

        if (digit < 0) {
            return RECS_BASE64URL_NO;
        }

        bits = bits << 6 | (uint32_t) digit;
        n += 6;

        if (n >= 8) {
            n -= 8;

            if (written == size) {
                return RECS_BASE64URL_NO;
            }

            b[written++] = (uint8_t) (bits >> n);
        }
    }

    return (bits & ((1u << n) - 1)) == 0 ? written : RECS_BASE64URL_NO;
}
