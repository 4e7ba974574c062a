/*
 * Sessions in cookies: signed, so that visitors cannot make them up, over
 * whose they are, so that none can be passed on.  A visitor may replay an
 * older one of his own: that only takes him back to where he was.
 */

#include "ngx_http_recs_session_private.h"

#include "ngx_http_recs_cookie.h"
#include "ngx_http_recs_keys.h"
#include "recs_session_cookie.h"


/* What a MAC is over: purpose, id with its length, the cookie's body. */
typedef struct {
    u_char  bytes[14 + 1 + RECS_ID_MAX + RECS_SESSION_COOKIE_BODY];
    size_t  len;
} ngx_http_recs_session_signed_t;


static ngx_str_t  ngx_http_recs_session_name = ngx_string(RECS_SESSION_COOKIE);


/* An id is at most RECS_ID_MAX bytes. */
static void
ngx_http_recs_session_cookie_signed(recs_session_cookie_t *cookie,
    ngx_str_t *id, ngx_http_recs_session_signed_t *to)
{
    u_char  *p;

    p = ngx_cpymem(to->bytes, "recs-session-1", 14);
    *p++ = (u_char) id->len;
    p = ngx_cpymem(p, id->data, id->len);
    p = ngx_cpymem(p, cookie->bytes, cookie->body_len);

    to->len = p - to->bytes;
}


/* What the cookie is: FOUND, or why it is not believed. */
static ngx_http_recs_sessions_t
ngx_http_recs_session_cookie_check(ngx_http_recs_keys_t *keys, ngx_str_t *id,
    ngx_str_t *value, recs_session_cookie_t *cookie)
{
    recs_str_t                      text;
    ngx_http_recs_session_signed_t  to;

    text.data = (char *) value->data;
    text.len = value->len;

    if (recs_session_cookie_read(cookie, text) != RECS_OK) {
        return NGX_HTTP_RECS_SESSIONS_MALFORMED;
    }

    if (!ngx_http_recs_keys_has(keys, cookie->kid)) {
        return NGX_HTTP_RECS_SESSIONS_UNKNOWN_KEY;
    }

    ngx_http_recs_session_cookie_signed(cookie, id, &to);

    if (ngx_http_recs_keys_check(keys, cookie->kid, to.bytes, to.len,
                                 cookie->mac, RECS_SESSION_COOKIE_MAC)
        != NGX_OK)
    {
        return NGX_HTTP_RECS_SESSIONS_FORGED;
    }

    return (time_t) cookie->expires > ngx_time()
           ? NGX_HTTP_RECS_SESSIONS_FOUND : NGX_HTTP_RECS_SESSIONS_EXPIRED;
}


void
ngx_http_recs_session_cookie_read(ngx_http_request_t *r,
    ngx_http_recs_keys_t *keys, ngx_str_t *id, recs_session_t *session)
{
    ngx_str_t                 values[NGX_HTTP_RECS_COOKIES_MAX];
    ngx_uint_t                i, n;
    recs_session_cookie_t     cookie;
    ngx_http_recs_sessions_t  what;

    session->n = 0;

    n = ngx_http_recs_cookie_values(r, &ngx_http_recs_session_name, values);

    for (i = 0; i < n; i++) {
        what = ngx_http_recs_session_cookie_check(keys, id, &values[i],
                                                  &cookie);

        if (what == NGX_HTTP_RECS_SESSIONS_FOUND) {
            recs_session_cookie_items(&cookie, session);
            return;
        }

        ngx_http_recs_session_count(r, what);
    }
}


ngx_int_t
ngx_http_recs_session_cookie_set(ngx_http_request_t *r,
    ngx_http_recs_keys_t *keys, ngx_str_t *id, recs_session_t *session,
    time_t ttl)
{
    ngx_str_t                       value;
    recs_session_cookie_t           cookie;
    ngx_http_recs_session_signed_t  to;

    recs_session_cookie_make(&cookie, session, (uint32_t) (ngx_time() + ttl));
    ngx_http_recs_session_cookie_signed(&cookie, id, &to);

    value.data = ngx_pnalloc(r->pool, RECS_SESSION_COOKIE_LEN);

    if (value.data == NULL
        || ngx_http_recs_keys_sign(keys, to.bytes, to.len, &cookie.kid,
                                   cookie.mac)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    value.len = recs_session_cookie_write(&cookie, (char *) value.data);

    ngx_http_recs_session_count(r, NGX_HTTP_RECS_SESSIONS_COOKIES);

    return ngx_http_recs_cookie_set(r, &ngx_http_recs_session_name, &value,
                                    ttl);
}
