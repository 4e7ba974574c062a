/*
 * ngx_http_recs_session: what a visitor has touched last.
 *
 *     ngx_http_recs_session.c           recs_session, a request's session
 *     ngx_http_recs_session_zone.c      in shared memory
 *     ngx_http_recs_session_cookie.c    in a cookie of the visitor's
 *
 * A request looks it up once, when it is first wanted, and keeps seeing that:
 * what is touched in the request itself counts from the next one on.  Nobody
 * has a session below consent 2, nor a bot, nor who has no id.
 */

#ifndef _NGX_HTTP_RECS_SESSION_H_INCLUDED_
#define _NGX_HTTP_RECS_SESSION_H_INCLUDED_


#include "ngx_http_recs_module.h"


/*
 * The items of the main request's visitor that bundle knows, the last first,
 * at most max; returns how many.
 */
ngx_uint_t ngx_http_recs_session_items(ngx_http_request_t *r,
    recs_bundle_t *bundle, uint32_t *items, ngx_uint_t max);

/*
 * The visitor has touched the item, a valid id.  To be called before the
 * response's header is sent: a session may leave with it, in a cookie.
 */
void ngx_http_recs_session_add(ngx_http_request_t *r, ngx_str_t *item);

/*
 * Deletes what any zone keeps of id.  Asks for no context of the request.  A
 * cookie, RECS_SESSION_COOKIE, is not touched; main conf's session_cookies
 * tells whether some location sets any.
 */
void ngx_http_recs_session_forget(ngx_http_request_t *r, ngx_str_t *id);

/* recs_session zone=NAME | cookie [ttl=TIME] | off */
char *ngx_http_recs_session(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* recs_session_zone NAME SIZE [items=N] [ttl=TIME] */
char *ngx_http_recs_session_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_recs_session_merge(ngx_conf_t *cf,
    ngx_http_recs_loc_conf_t *prev, ngx_http_recs_loc_conf_t *conf);
/* Installs the filter; behind ngx_http_recs_headers_init(). */
ngx_int_t ngx_http_recs_session_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_RECS_SESSION_H_INCLUDED_ */
