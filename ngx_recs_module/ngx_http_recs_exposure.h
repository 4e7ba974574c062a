/*
 * ngx_http_recs_exposure: what a response really showed.
 *
 * A slot is shown when its items have gone to the client: a filled element or
 * a recs_api answer that the next filter took without an error.  A variable's
 * value may be printed or not, so it shows nothing; nor do a HEAD, a fallback
 * and a subrequest whose body stays within nginx.
 */

#ifndef _NGX_HTTP_RECS_EXPOSURE_H_INCLUDED_
#define _NGX_HTTP_RECS_EXPOSURE_H_INCLUDED_


#include "ngx_http_recs_module.h"


/*
 * The first n items of the answer are on their way.  A slot that is shown
 * twice counts once, with the longer list.
 */
void ngx_http_recs_exposure_add(ngx_http_request_t *r,
    ngx_http_recs_answer_t *answer, ngx_uint_t n);

/* The item's id, from 0; the variant that it was shown by, NULL: none. */
recs_str_t ngx_http_recs_exposure_id(ngx_http_recs_exposure_t *exposure,
    ngx_uint_t i);
ngx_http_recs_variant_t *ngx_http_recs_exposure_variant(
    ngx_http_recs_exposure_t *exposure);
/* Was the variant used, and does no slot that was shown carry it? */
ngx_uint_t ngx_http_recs_exposure_alone(ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_variant_t *variant);

/* $recs_exposures: nothing, and asked again, until the request is logged. */
ngx_int_t ngx_http_recs_exposures_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);

/* ngx_http_recs_exposure_log.c */

/* The log phase's handler: the events of what was shown. */
ngx_int_t ngx_http_recs_exposure_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_RECS_EXPOSURE_H_INCLUDED_ */
