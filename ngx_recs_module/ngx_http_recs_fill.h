/*
 * ngx_http_recs_fill: <recs-slot> elements of a page become this visitor's.
 */

#ifndef _NGX_HTTP_RECS_FILL_H_INCLUDED_
#define _NGX_HTTP_RECS_FILL_H_INCLUDED_


#include "ngx_http_recs_module.h"


#define NGX_HTTP_RECS_ELEMENTS_MAX  16       /* of a page */


/* A second module of ours: what must run before nginx's own filters. */
extern ngx_module_t  ngx_http_recs_early_filter_module;


/* Does recs_fill mean this response: a 200 of one of its types? */
ngx_uint_t ngx_http_recs_fill_wanted(ngx_http_request_t *r);

/* Installs the filters; behind ngx_http_recs_headers_init(). */
ngx_int_t ngx_http_recs_fill_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_RECS_FILL_H_INCLUDED_ */
