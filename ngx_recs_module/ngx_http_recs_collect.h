/*
 * recs_collect: events that clients send.
 *
 *     POST  one JSON object, or an array of at most 64 (recs_collect_body.h)
 *     GET   the same in the query: a pixel, for pages without a script
 *
 * 204: all were taken; 400: none was.  Who, when, where it was shown and by
 * which model is never taken from the client, but from nginx and from a token
 * that nginx made.
 */

#ifndef _NGX_HTTP_RECS_COLLECT_H_INCLUDED_
#define _NGX_HTTP_RECS_COLLECT_H_INCLUDED_


#include "ngx_http_recs_module.h"


/* recs_collect; */
char *ngx_http_recs_collect(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* recs_collect_origin any|off|ORIGIN...; */
char *ngx_http_recs_collect_origin(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* Called when a location's configuration is merged, after recs_event_log. */
char *ngx_http_recs_collect_merge(ngx_conf_t *cf,
    ngx_http_recs_loc_conf_t *prev, ngx_http_recs_loc_conf_t *conf);

/* The handler of every location that collects. */
ngx_int_t ngx_http_recs_collect_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_RECS_COLLECT_H_INCLUDED_ */
