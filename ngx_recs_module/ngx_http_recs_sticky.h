/*
 * ngx_http_recs_sticky: variants that a visitor brings along: those that he
 * keeps, in a cookie (core/recs_sticky.h), and one that a tester asks for, by
 * a token in the address (core/recs_force.h).  Both are signed by
 * recs_session_key of the location.
 *
 * The cookie says for each entry whose it is, so that it is of no use to
 * another visitor.  It leaves with any response to a request that decided an
 * experiment anew, and is good for thirteen months from its first entry:
 * visits do not renew it.
 */

#ifndef _NGX_HTTP_RECS_STICKY_H_INCLUDED_
#define _NGX_HTTP_RECS_STICKY_H_INCLUDED_


#include "ngx_http_recs_variant.h"


/* What of it all was found in a main request. */
struct ngx_http_recs_request_sticky_s {
    recs_sticky_t            sticky;
    time_t                   expires;        /* 0: there is no cookie yet */
    ngx_http_recs_keys_t    *keys;           /* NULL: nothing can be kept */
    unsigned                 changed:1;
};


/* The main request's, read on first use; NULL: no memory. */
ngx_http_recs_request_sticky_t *ngx_http_recs_sticky(ngx_http_request_t *r,
    ngx_http_recs_ctx_t *ctx);

/*
 * What recs_assign() has said of these units: sets the variant's origin and
 * era, and keeps the variant where it is to be kept.  kept may be NULL.
 */
void ngx_http_recs_sticky_keep(ngx_http_recs_request_sticky_t *kept,
    ngx_http_recs_variant_t *variant, const recs_assign_t *in);

/* For the header filter, before the visitor's own cookie is seen to. */
ngx_int_t ngx_http_recs_sticky_set(ngx_http_request_t *r,
    ngx_http_recs_ctx_t *ctx);

/* ngx_http_recs_force.c */

/* The variant that the request asks for, or RECS_VARIANT_NONE. */
int32_t ngx_http_recs_force(ngx_http_request_t *r,
    ngx_http_recs_experiment_t *x);


#endif /* _NGX_HTTP_RECS_STICKY_H_INCLUDED_ */
