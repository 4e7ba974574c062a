/*
 * Cookies of ours in a response: the anonymous id of who has none yet, and at
 * consent 0 the end of what came along.
 */

#include "ngx_http_recs_visitor_cookie.h"

#include "ngx_http_recs_cookie.h"
#include "ngx_http_recs_event_log.h"
#include "ngx_http_recs_fill.h"
#include "ngx_http_recs_sticky.h"
#include "ngx_http_recs_zone.h"
#include "recs_session_cookie.h"


#define NGX_HTTP_RECS_VISITOR_COOKIES  3     /* of ours, by name */


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;

static ngx_str_t  ngx_http_recs_visitor_no_value = ngx_null_string;
static ngx_str_t  ngx_http_recs_visitor_session_cookie =
    ngx_string(RECS_SESSION_COOKIE);
static ngx_str_t  ngx_http_recs_visitor_sticky_cookie =
    ngx_string(RECS_STICKY_COOKIE);


static ngx_uint_t
ngx_http_recs_visitor_filter_sent(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_str_t  values[NGX_HTTP_RECS_COOKIES_MAX];

    return ngx_http_recs_cookie_values(r, name, values) != 0;
}


/* The names of those cookies of ours that came along; returns how many. */
static ngx_uint_t
ngx_http_recs_visitor_filter_came(ngx_http_request_t *r,
    ngx_str_t *names[NGX_HTTP_RECS_VISITOR_COOKIES])
{
    ngx_str_t                  *name;
    ngx_uint_t                  n;
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    n = 0;
    name = &rlcf->visitor_cookie;

    if (rmcf->visitor_cookies && name->len != 0
        && ngx_http_recs_visitor_filter_sent(r, name))
    {
        names[n++] = name;
    }

    name = &ngx_http_recs_visitor_session_cookie;

    if (rmcf->session_cookies && ngx_http_recs_visitor_filter_sent(r, name)) {
        names[n++] = name;
    }

    name = &ngx_http_recs_visitor_sticky_cookie;

    if (rmcf->sticky_cookies && ngx_http_recs_visitor_filter_sent(r, name)) {
        names[n++] = name;
    }

    return n;
}


static ngx_int_t
ngx_http_recs_visitor_filter_expire(ngx_http_request_t *r)
{
    ngx_str_t   *names[NGX_HTTP_RECS_VISITOR_COOKIES];
    ngx_uint_t   i, n;

    n = ngx_http_recs_visitor_filter_came(r, names);

    for (i = 0; i < n; i++) {
        if (ngx_http_recs_cookie_set(r, names[i],
                                     &ngx_http_recs_visitor_no_value, 0)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/*
 * The context, where the response may need a cookie of ours: one that shows
 * slots, that is a view, that something of ours has had a part in; and any to
 * a visitor who sent us a cookie and does not want it.
 */
static ngx_http_recs_ctx_t *
ngx_http_recs_visitor_filter_ctx(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf)
{
    ngx_str_t            *names[NGX_HTTP_RECS_VISITOR_COOKIES];
    ngx_http_recs_ctx_t  *ctx;

    ctx = ngx_http_recs_peek_ctx(r);

    if (ctx != NULL) {
        return ctx;
    }

    if ((rlcf->issue_cookie && (ngx_http_recs_fill_wanted(r)
                                || ngx_http_recs_track_wanted(r)))
        || (ngx_http_recs_visitor_filter_came(r, names) != 0
            && ngx_http_recs_visitor_refuses(r)))
    {
        return ngx_http_recs_get_ctx(r);
    }

    return NULL;
}


static ngx_int_t
ngx_http_recs_visitor_filter_issue(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf, ngx_http_recs_visitor_t *visitor)
{
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    ngx_http_recs_zone_count_visitors(rmcf, NGX_HTTP_RECS_VISITORS_ISSUED);

    return ngx_http_recs_cookie_set(r, &rlcf->visitor_cookie,
                                    &visitor->cookie,
                                    NGX_HTTP_RECS_COOKIE_AGE);
}


/*
 * A 304 changes headers of a page that a cache keeps, a 206 is a part of a
 * page that came whole before: neither gets a cookie.
 */
static ngx_int_t
ngx_http_recs_visitor_filter_answer(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf, ngx_http_recs_ctx_t *ctx)
{
    ngx_uint_t                status;
    ngx_http_recs_visitor_t  *visitor;

    status = r->headers_out.status;
    visitor = &ctx->visitor;

    if (visitor->consent == NGX_HTTP_RECS_CONSENT_NONE) {

        if (status == NGX_HTTP_NOT_MODIFIED
            || status == NGX_HTTP_PARTIAL_CONTENT)
        {
            return NGX_OK;
        }

        return ngx_http_recs_visitor_filter_expire(r);
    }

    if (ngx_http_recs_sticky_set(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (visitor->cookie.len == 0) {
        return NGX_OK;
    }

    if (status >= NGX_HTTP_SPECIAL_RESPONSE
        || status == NGX_HTTP_PARTIAL_CONTENT)
    {
        /* He will never bring this one. */

        ngx_str_null(&visitor->id);
        ngx_str_null(&visitor->cookie);

        return NGX_OK;
    }

    return ngx_http_recs_visitor_filter_issue(r, rlcf, visitor);
}


static ngx_int_t
ngx_http_recs_visitor_header_filter(ngx_http_request_t *r)
{
    ngx_http_recs_ctx_t        *ctx;
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if ((!rmcf->visitor_cookies && !rmcf->session_cookies
         && !rmcf->sticky_cookies)
        || r != r->main)
    {
        return ngx_http_next_header_filter(r);
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    ngx_http_recs_variant_expect(r);

    ctx = ngx_http_recs_visitor_filter_ctx(r, rlcf);

    if (ctx != NULL && !ctx->visitor.bypass
        && ngx_http_recs_visitor_filter_answer(r, rlcf, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


ngx_int_t
ngx_http_recs_visitor_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_recs_visitor_header_filter;

    return NGX_OK;
}
