/*
 * ngx_http_recs_cookie: cookies of a request, and ours in the response.
 */

#ifndef _NGX_HTTP_RECS_COOKIE_H_INCLUDED_
#define _NGX_HTTP_RECS_COOKIE_H_INCLUDED_


#include "ngx_http_recs_module.h"


/* Cookies of one name that are looked at: a browser sends one. */
#define NGX_HTTP_RECS_COOKIES_MAX  4

/* Thirteen months of 30 days: no cookie of ours lives longer, in seconds. */
#define NGX_HTTP_RECS_COOKIE_AGE   (390 * 86400)


/* Is it a name that a cookie may have (RFC 6265, 4.1.1)? */
ngx_uint_t ngx_http_recs_cookie_name_valid(ngx_str_t *name);

/*
 * The values of the request's cookies of that name, in their order, at most
 * NGX_HTTP_RECS_COOKIES_MAX; they borrow from the request's headers.  Returns
 * how many.
 */
ngx_uint_t ngx_http_recs_cookie_values(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t values[NGX_HTTP_RECS_COOKIES_MAX]);

/*
 * Sets a cookie for the whole site, with Secure, HttpOnly and SameSite=Lax,
 * and makes the response private.  To be called from a header filter of a
 * main request, not from the log phase.  max_age in seconds; 0: the cookie
 * ends now, value is empty then.
 */
ngx_int_t ngx_http_recs_cookie_set(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value, time_t max_age);


#endif /* _NGX_HTTP_RECS_COOKIE_H_INCLUDED_ */
