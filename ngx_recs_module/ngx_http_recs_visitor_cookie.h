/*
 * ngx_http_recs_visitor_cookie: the id of a visitor who has no other, in a
 * cookie of ours.
 *
 *     base64url(1, id[16])                       without recs_session_key
 *     base64url(2, id[16], key id, MAC[16])      with it
 *
 * The MAC is over "recs-visitor-1" and the id: nobody else can make one up.
 * The id is random and means nothing; in sessions and events it is written
 * "~" and its base64url, which no recs_user should look like.
 */

#ifndef _NGX_HTTP_RECS_VISITOR_COOKIE_H_INCLUDED_
#define _NGX_HTTP_RECS_VISITOR_COOKIE_H_INCLUDED_


#include "ngx_http_recs_module.h"


/* recs_visitor_cookie NAME|off */
char *ngx_http_recs_visitor_cookie(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* Once the location's other directives are merged. */
void ngx_http_recs_visitor_cookie_merge(ngx_conf_t *cf,
    ngx_http_recs_loc_conf_t *prev, ngx_http_recs_loc_conf_t *conf);

/*
 * Sets the visitor's id from his cookie; where none came and one may be given
 * to him, id and cookie to a new one.
 */
void ngx_http_recs_visitor_cookie_read(ngx_http_request_t *r,
    ngx_http_recs_visitor_t *visitor);

/*
 * The main request's visitor needs an id, wherever he is: one who may be known
 * gets one.
 */
void ngx_http_recs_visitor_cookie_want(ngx_http_request_t *r,
    ngx_http_recs_visitor_t *visitor);

/* What came along at consent 0: its record in the session zone goes. */
void ngx_http_recs_visitor_cookie_forget(ngx_http_request_t *r);

/* ngx_http_recs_visitor_filter.c */

/* The header filter that sets the cookie, and at consent 0 ends ours. */
ngx_int_t ngx_http_recs_visitor_filter_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_RECS_VISITOR_COOKIE_H_INCLUDED_ */
