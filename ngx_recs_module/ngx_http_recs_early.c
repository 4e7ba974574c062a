/*
 * A page that is filled must not be answered with 304 on the strength of the
 * validators that all visitors share.  nginx's not_modified filter decides
 * that before the filling one runs; this one runs before both.
 */

#include "ngx_http_recs_fill.h"


static ngx_int_t ngx_http_recs_early_init(ngx_conf_t *cf);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


static ngx_http_module_t  ngx_http_recs_early_filter_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_recs_early_init,              /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_recs_early_filter_module = {
    NGX_MODULE_V1,
    &ngx_http_recs_early_filter_module_ctx, /* module context */
    NULL,                                  /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_recs_early_header_filter(ngx_http_request_t *r)
{
    if (ngx_http_recs_fill_wanted(r)) {
        r->disable_not_modified = 1;
    }

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_recs_early_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_recs_early_header_filter;

    return NGX_OK;
}
