/*
 * ngx_http_recs_session_private: where sessions are kept, for the files of
 * ngx_http_recs_session.h.
 */

#ifndef _NGX_HTTP_RECS_SESSION_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_RECS_SESSION_PRIVATE_H_INCLUDED_


#include "ngx_http_recs_session.h"
#include "ngx_http_recs_zone.h"
#include "recs_session.h"


#define NGX_HTTP_RECS_SESSION_TTL  86400     /* seconds */


struct ngx_http_recs_session_s {
    ngx_shm_zone_t  *zone;                   /* NULL: a cookie */
    time_t           ttl;                    /* of the cookie */
};


/* One more of what in this request's counters. */
void ngx_http_recs_session_count(ngx_http_request_t *r,
    ngx_http_recs_sessions_t what);


/* ngx_http_recs_session_zone.c */

/* For a directive: the zone of that name, which may be declared later. */
ngx_shm_zone_t *ngx_http_recs_session_zone_find(ngx_conf_t *cf,
    ngx_str_t *name);

void ngx_http_recs_session_zone_read(ngx_shm_zone_t *shm_zone, ngx_str_t *id,
    recs_session_t *session);
void ngx_http_recs_session_zone_add(ngx_http_request_t *r,
    ngx_shm_zone_t *shm_zone, ngx_str_t *id, uint64_t hash);


/* ngx_http_recs_session_cookie.c */

/* The first cookie of the request that is ours, the visitor's, and valid. */
void ngx_http_recs_session_cookie_read(ngx_http_request_t *r,
    ngx_http_recs_keys_t *keys, ngx_str_t *id, recs_session_t *session);
ngx_int_t ngx_http_recs_session_cookie_set(ngx_http_request_t *r,
    ngx_http_recs_keys_t *keys, ngx_str_t *id, recs_session_t *session,
    time_t ttl);


#endif /* _NGX_HTTP_RECS_SESSION_PRIVATE_H_INCLUDED_ */
