/*
 * ngx_http_recs_status_experiments: experiments on the three pages of
 * recs_status.
 */

#ifndef _NGX_HTTP_RECS_STATUS_EXPERIMENTS_H_INCLUDED_
#define _NGX_HTTP_RECS_STATUS_EXPERIMENTS_H_INCLUDED_


#include "ngx_http_recs_status.h"

#include <jansson.h>


/* JSON: "experiments" and "sticky". */
json_t *ngx_http_recs_status_experiments(ngx_http_recs_main_conf_t *rmcf);
json_t *ngx_http_recs_status_kept(ngx_http_recs_main_conf_t *rmcf);

/* Prometheus: how many lines, and those. */
ngx_uint_t ngx_http_recs_status_metrics_lines(
    ngx_http_recs_main_conf_t *rmcf);
u_char *ngx_http_recs_status_metrics(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf, ngx_pool_t *pool);

/* HTML: a section. */
u_char *ngx_http_recs_status_html_experiments(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf);

/* ngx_http_recs_status.c: a string of any bytes. */
json_t *ngx_http_recs_status_string(ngx_str_t *s);


#endif /* _NGX_HTTP_RECS_STATUS_EXPERIMENTS_H_INCLUDED_ */
