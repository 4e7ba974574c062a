/*
 * Sessions in cookies: signed, so that visitors cannot make them up, over
 * whose they are, so that none can be passed on.  A visitor may replay an
 * older one of his own: that only takes him back to where he was.
 */

#include "ngx_http_recs_session_private.h"

#include "ngx_http_recs_cookie.h"
#include "ngx_http_recs_ticket.h"
#include "recs_session_cookie.h"


#define NGX_HTTP_RECS_SESSION_PURPOSE  "recs-session-1"


static ngx_str_t  ngx_http_recs_session_name = ngx_string(RECS_SESSION_COOKIE);


/* What the cookie is: FOUND, or why it is not believed. */
static ngx_http_recs_sessions_t
ngx_http_recs_session_cookie_check(ngx_http_recs_keys_t *keys, ngx_str_t *id,
    ngx_str_t *value, recs_ticket_t *ticket)
{
    ngx_int_t   rc;
    recs_str_t  text;

    text.data = (char *) value->data;
    text.len = value->len;

    if (recs_session_cookie_read(ticket, text) != RECS_OK) {
        return NGX_HTTP_RECS_SESSIONS_MALFORMED;
    }

    rc = ngx_http_recs_ticket_check(keys, NGX_HTTP_RECS_SESSION_PURPOSE, id,
                                    ticket);

    if (rc != NGX_OK) {
        return rc == NGX_ABORT ? NGX_HTTP_RECS_SESSIONS_UNKNOWN_KEY
                               : NGX_HTTP_RECS_SESSIONS_FORGED;
    }

    return (time_t) ticket->time > ngx_time()
           ? NGX_HTTP_RECS_SESSIONS_FOUND : NGX_HTTP_RECS_SESSIONS_EXPIRED;
}


void
ngx_http_recs_session_cookie_read(ngx_http_request_t *r,
    ngx_http_recs_keys_t *keys, ngx_str_t *id, recs_session_t *session)
{
    ngx_str_t                 values[NGX_HTTP_RECS_COOKIES_MAX];
    ngx_uint_t                i, n;
    recs_ticket_t             ticket;
    ngx_http_recs_sessions_t  what;

    session->n = 0;

    n = ngx_http_recs_cookie_values(r, &ngx_http_recs_session_name, values);

    for (i = 0; i < n; i++) {
        what = ngx_http_recs_session_cookie_check(keys, id, &values[i],
                                                  &ticket);

        if (what == NGX_HTTP_RECS_SESSIONS_FOUND) {
            recs_session_cookie_items(&ticket, session);
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
    ngx_str_t      value;
    recs_ticket_t  ticket;

    recs_session_cookie_make(&ticket, session, (uint32_t) (ngx_time() + ttl));

    value.data = ngx_pnalloc(r->pool, RECS_TICKET_LEN_MAX);

    if (value.data == NULL
        || ngx_http_recs_ticket_sign(keys, NGX_HTTP_RECS_SESSION_PURPOSE, id,
                                     &ticket)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    value.len = recs_ticket_write(&ticket, (char *) value.data);

    ngx_http_recs_session_count(r, NGX_HTTP_RECS_SESSIONS_COOKIES);

    return ngx_http_recs_cookie_set(r, &ngx_http_recs_session_name, &value,
                                    ttl);
}
