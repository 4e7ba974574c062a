/*
 * ngx_http_recs_render: an answer as HTML, each value escaped for the place
 * where it stands (recs_template.h).
 */

#ifndef _NGX_HTTP_RECS_RENDER_H_INCLUDED_
#define _NGX_HTTP_RECS_RENDER_H_INCLUDED_


#include "ngx_http_recs_module.h"
#include "recs_template.h"


#define NGX_HTTP_RECS_TEMPLATE_MAX  65536


/* recs_slot's template FILE, read and parsed with the configuration. */
char *ngx_http_recs_template_load(ngx_conf_t *cf, ngx_str_t *path,
    recs_template_t **t);

/*
 * The first n items of the answer, by template, else (NULL) the slot's own,
 * else as plain links.  Nothing to show is an empty string.
 */
ngx_int_t ngx_http_recs_render(ngx_http_request_t *r,
    ngx_http_recs_answer_t *answer, recs_template_t *t, ngx_uint_t n,
    ngx_str_t *html);


#endif /* _NGX_HTTP_RECS_RENDER_H_INCLUDED_ */
