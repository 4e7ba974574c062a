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

/* $recs_exposures: nothing, and asked again, until the request is logged. */
ngx_int_t ngx_http_recs_exposures_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);

/* The log phase's handler: an event per slot that was shown. */
ngx_int_t ngx_http_recs_exposure_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_RECS_EXPOSURE_H_INCLUDED_ */
