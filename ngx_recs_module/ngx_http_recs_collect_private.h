/*
 * Private to ngx_http_recs_collect*.c.
 */

#ifndef _NGX_HTTP_RECS_COLLECT_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_RECS_COLLECT_PRIVATE_H_INCLUDED_


#include "ngx_http_recs_collect.h"
#include "recs_collect_body.h"


/*
 * May the page that sends this do so?  NGX_DECLINED: it is another site's,
 * and not allowed.  *allowed is what a browser is to be told of a page of
 * another origin, NULL where there is nothing to tell.
 */
ngx_int_t ngx_http_recs_collect_from(ngx_http_request_t *r,
    const char **allowed);

/* Tells it: the headers of CORS, those of a preflight too. */
ngx_int_t ngx_http_recs_collect_cors(ngx_http_request_t *r,
    const char *allowed, ngx_uint_t preflight);

/*
 * Reads the body into memory.  NGX_OK: all of it is in *text; NGX_AGAIN: more
 * is to come, which is told to r->read_event_handler; else a status.  Only
 * for a body that nginx reads unbuffered.
 */
ngx_int_t ngx_http_recs_collect_read(ngx_http_request_t *r, ngx_str_t *text);

/* An event that was taken: into the log and the session. */
void ngx_http_recs_collect_event(ngx_http_request_t *r,
    ngx_http_recs_ctx_t *ctx, recs_collect_event_t *event);

/* The set of recent ids, made with the first recs_collect. */
ngx_int_t ngx_http_recs_event_ids_add(ngx_conf_t *cf);

/* Remembers the id of an event.  Returns 1 if it is new, 0 if not. */
ngx_uint_t ngx_http_recs_event_ids_new(ngx_http_recs_main_conf_t *rmcf,
    recs_str_t *id);


#endif /* _NGX_HTTP_RECS_COLLECT_PRIVATE_H_INCLUDED_ */
