#include "recs_session_cookie.h"

#include <string.h>


#define RECS_COOKIE_VERSION  1
#define RECS_COOKIE_HEAD     (1 + 4)
#define RECS_COOKIE_ITEM     (6 + 1)
#define RECS_COOKIE_TAIL     (1 + RECS_SESSION_COOKIE_MAC)


static uint64_t
recs_cookie_number(const uint8_t *bytes, unsigned size)
{
    uint64_t  number;

    number = 0;

    while (size--) {
        number = number << 8 | bytes[size];
    }

    return number;
}


static uint8_t *
recs_cookie_put(uint8_t *bytes, uint64_t number, unsigned size)
{
    while (size--) {
        *bytes++ = number & 0xff;
        number >>= 8;
    }

    return bytes;
}


recs_status_t
recs_session_cookie_read(recs_session_cookie_t *cookie, recs_str_t text)
{
    size_t          size;
    const uint8_t  *tail;

    size = recs_base64url_read(cookie->bytes, sizeof(cookie->bytes),
                               text.data, text.len);

    if (size == RECS_BASE64URL_NO || size == 0) {
        return RECS_CORRUPT;
    }

    if (cookie->bytes[0] != RECS_COOKIE_VERSION) {
        return RECS_VERSION;
    }

    if (size < RECS_COOKIE_HEAD + RECS_COOKIE_TAIL
        || (size - RECS_COOKIE_HEAD - RECS_COOKIE_TAIL) % RECS_COOKIE_ITEM
           != 0)
    {
        return RECS_CORRUPT;
    }

    cookie->body_len = size - RECS_COOKIE_TAIL;
    cookie->expires = (uint32_t) recs_cookie_number(cookie->bytes + 1, 4);

    tail = cookie->bytes + cookie->body_len;
    cookie->kid = tail[0];
    memcpy(cookie->mac, tail + 1, RECS_SESSION_COOKIE_MAC);

    return RECS_OK;
}


void
recs_session_cookie_items(const recs_session_cookie_t *cookie,
    recs_session_t *session)
{
    uint32_t              i;
    const uint8_t        *p;
    recs_session_item_t  *item;

    session->n = (uint32_t) ((cookie->body_len - RECS_COOKIE_HEAD)
                             / RECS_COOKIE_ITEM);
    p = cookie->bytes + RECS_COOKIE_HEAD;

    for (i = 0; i < session->n; i++, p += RECS_COOKIE_ITEM) {
        item = &session->items[i];
        item->hash = recs_cookie_number(p, 6);
        item->weight = p[6];
    }
}


void
recs_session_cookie_make(recs_session_cookie_t *cookie,
    const recs_session_t *session, uint32_t expires)
{
    uint8_t   *p;
    uint32_t   i;

    cookie->expires = expires;

    p = recs_cookie_put(cookie->bytes, RECS_COOKIE_VERSION, 1);
    p = recs_cookie_put(p, expires, 4);

    for (i = 0; i < session->n && i < RECS_SESSION_COOKIE_ITEMS; i++) {
        p = recs_cookie_put(p, session->items[i].hash, 6);
        p = recs_cookie_put(p, session->items[i].weight, 1);
    }

    cookie->body_len = (size_t) (p - cookie->bytes);
}


size_t
recs_session_cookie_write(recs_session_cookie_t *cookie,
    char text[RECS_SESSION_COOKIE_LEN])
{
    uint8_t  *tail;

    tail = cookie->bytes + cookie->body_len;
    tail[0] = cookie->kid;
    memcpy(tail + 1, cookie->mac, RECS_SESSION_COOKIE_MAC);

    return recs_base64url_write(text, cookie->bytes,
                                cookie->body_len + RECS_COOKIE_TAIL);
}
