/*
 * The context of a request: names and values such as country and "de", which
 * recs_context takes from nginx.  They say nothing about who asks, so they do
 * not wait for consent; an id does not belong into one.
 */

#ifndef _NGX_HTTP_RECS_CONTEXT_H_INCLUDED_
#define _NGX_HTTP_RECS_CONTEXT_H_INCLUDED_


#include "ngx_http_recs_module.h"
#include "recs_rank.h"
#include "recs_segment.h"


typedef struct {
    ngx_str_t                name;
    ngx_str_t                value;
    ngx_str_t                segment;        /* NAME=VALUE */
} ngx_http_recs_context_t;

struct ngx_http_recs_contexts_s {
    ngx_http_recs_context_t  contexts[RECS_CONTEXTS_MAX];
    ngx_uint_t               n;
};


/* recs_context NAME VALUE */
char *ngx_http_recs_context(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/*
 * Those of the main request, the same for its slots and events; NULL: none,
 * or no memory.
 */
ngx_http_recs_contexts_t *ngx_http_recs_contexts(ngx_http_request_t *r);

/* The segments of bundle that they are; returns their number. */
ngx_uint_t ngx_http_recs_context_segments(ngx_http_request_t *r,
    recs_bundle_t *bundle, uint32_t segments[RECS_CONTEXTS_MAX]);

/* The same as names and values; returns their number. */
ngx_uint_t ngx_http_recs_context_values(ngx_http_request_t *r,
    recs_rank_context_t values[RECS_CONTEXTS_MAX]);


#endif /* _NGX_HTTP_RECS_CONTEXT_H_INCLUDED_ */
