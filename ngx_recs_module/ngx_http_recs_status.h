/*
 * ngx_http_recs_status: what the JSON page and the metrics share.
 */

#ifndef _NGX_HTTP_RECS_STATUS_H_INCLUDED_
#define _NGX_HTTP_RECS_STATUS_H_INCLUDED_


#include "ngx_http_recs_watch.h"
#include "ngx_http_recs_zone.h"


/* Names of the histogram's buckets, "+Inf" last, and of fill outcomes. */
extern const char  *ngx_http_recs_status_bounds[NGX_HTTP_RECS_BUCKETS + 1];
extern const char  *ngx_http_recs_status_fills[NGX_HTTP_RECS_FILL_COUNT];
extern const char  *ngx_http_recs_status_events[NGX_HTTP_RECS_EVENTS_COUNT];
extern const char  *ngx_http_recs_status_visitors[
                        NGX_HTTP_RECS_VISITORS_COUNT];
extern const char  *ngx_http_recs_status_sessions[
                        NGX_HTTP_RECS_SESSIONS_COUNT];


/* The reason's name, "none" where there was none. */
const char *ngx_http_recs_status_reason(ngx_uint_t reason);

/* A model's time in its manifest ("created"); 0: unknown. */
time_t ngx_http_recs_status_time(ngx_http_recs_model_t *model,
    const char *name);

/* GET and HEAD only; NGX_OK, or the status to answer with. */
ngx_int_t ngx_http_recs_status_begin(ngx_http_request_t *r,
    ngx_http_recs_main_conf_t **rmcf);

/* Answers 200 with len bytes at start, which live as long as r->pool. */
ngx_int_t ngx_http_recs_status_send(ngx_http_request_t *r, ngx_str_t *type,
    u_char *start, size_t len);

/* ngx_http_recs_metrics.c: a content handler, and its parts. */

/* A counter without labels: ngx_recs_<kind>_<name>_total. */
typedef struct {
    const char  *name;
    const char  *help;
} ngx_http_recs_metrics_total_t;

/* One of those that a map such as NGX_HTTP_RECS_EVENT_MAP has. */
#define NGX_HTTP_RECS_METRICS_TOTAL(name, text, help)  { text, help },

u_char *ngx_http_recs_metrics_family(u_char *p, u_char *end, const char *name,
    const char *type, const char *help);
u_char *ngx_http_recs_metrics_totals(u_char *p, u_char *end, const char *kind,
    const ngx_http_recs_metrics_total_t *totals, ngx_uint_t n,
    ngx_atomic_uint_t *values);
ngx_int_t ngx_http_recs_metrics_handler(ngx_http_request_t *r);

/* ngx_http_recs_status_html.c: another. */
ngx_int_t ngx_http_recs_status_html_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_RECS_STATUS_H_INCLUDED_ */
