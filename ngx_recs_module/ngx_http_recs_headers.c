/*
 * Headers of a response that is for one visitor alone.
 *
 * The filter runs after nginx's own headers filter, so that neither `expires`
 * nor the origin has the last word.
 */

#include "ngx_http_recs_module.h"


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;

static ngx_str_t  ngx_http_recs_cache_control =
    ngx_string("private, no-store");

/* What another cache would keep the page by, or a browser ask again by. */
static ngx_str_t  ngx_http_recs_shared_headers[] = {
    ngx_string("Cache-Control"),
    ngx_string("Expires"),
    ngx_string("Pragma"),
    ngx_string("ETag"),
    ngx_string("Last-Modified"),
    ngx_string("Surrogate-Control"),
    ngx_string("CDN-Cache-Control"),
    ngx_string("Content-MD5"),
    ngx_string("Digest"),
    ngx_string("Content-Digest"),
    ngx_string("Repr-Digest"),
    ngx_null_string
};


static ngx_table_elt_t *
ngx_http_recs_push_header(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);

#if (nginx_version >= 1023000)
    if (h != NULL) {
        h->next = NULL;
    }
#endif

    return h;
}


ngx_int_t
ngx_http_recs_add_header(ngx_http_request_t *r, const char *name,
    const char *value)
{
    ngx_table_elt_t  *h;

    h = ngx_http_recs_push_header(r);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value.data = (u_char *) value;
    h->value.len = ngx_strlen(value);

    return NGX_OK;
}


static ngx_uint_t
ngx_http_recs_is_shared(ngx_table_elt_t *h)
{
    ngx_str_t  *name;

    for (name = ngx_http_recs_shared_headers; name->len != 0; name++) {
        if (h->key.len == name->len
            && ngx_strncasecmp(h->key.data, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static void
ngx_http_recs_drop_shared(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].hash != 0 && ngx_http_recs_is_shared(&h[i])) {
                h[i].hash = 0;
            }
        }
    }

    r->headers_out.expires = NULL;

    ngx_http_clear_etag(r);
    ngx_http_clear_last_modified(r);
}


static ngx_int_t
ngx_http_recs_set_cache_control(ngx_http_request_t *r, ngx_str_t *value)
{
    ngx_table_elt_t   *h;
#if (nginx_version < 1023000)
    ngx_table_elt_t  **ph;
#endif

    h = ngx_http_recs_push_header(r);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    ngx_str_set(&h->key, "Cache-Control");
    h->value = *value;

#if (nginx_version >= 1023000)

    r->headers_out.cache_control = h;

#else

    if (r->headers_out.cache_control.elts == NULL
        && ngx_array_init(&r->headers_out.cache_control, r->pool, 1,
                          sizeof(ngx_table_elt_t *))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->headers_out.cache_control.nelts = 0;

    ph = ngx_array_push(&r->headers_out.cache_control);
    if (ph == NULL) {
        return NGX_ERROR;
    }

    *ph = h;

#endif

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_make_private(ngx_http_request_t *r)
{
    ngx_str_t                  value;
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_loc_conf_t  *rlcf;

    ctx = ngx_http_recs_peek_ctx(r);
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    value = ngx_http_recs_cache_control;

    /* What names the visitor's own items is kept by nobody, come what may. */

    if (rlcf->cache_control != NULL
        && !(ctx != NULL && ctx->explained)
        && ngx_http_complex_value(r, rlcf->cache_control, &value) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_recs_drop_shared(r);

    /* An empty value would leave the page to any cache's own judgement. */

    if (value.len == 0) {
        value = ngx_http_recs_cache_control;
    }

    return ngx_http_recs_set_cache_control(r, &value);
}


static ngx_int_t
ngx_http_recs_header_filter(ngx_http_request_t *r)
{
    ngx_http_recs_ctx_t  *ctx;

    ctx = r == r->main ? ngx_http_recs_peek_ctx(r) : NULL;

    if (ctx != NULL && ctx->api && ngx_http_recs_make_private(r) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


ngx_int_t
ngx_http_recs_headers_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_recs_header_filter;

    return NGX_OK;
}
