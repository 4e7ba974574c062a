#include "ngx_http_recs_context.h"


typedef struct {
    ngx_str_t                  name;
    ngx_http_complex_value_t   value;
} ngx_http_recs_context_conf_t;


char *
ngx_http_recs_context(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_str_t                         *value;
    ngx_uint_t                         i;
    ngx_http_recs_context_conf_t      *context;
    ngx_http_compile_complex_value_t   ccv;

    value = cf->args->elts;

    if (!recs_name_valid((char *) value[1].data, value[1].len)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid context name \"%V\", it must match "
                           "[a-z][a-z0-9_]{0,31}", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (rlcf->contexts == NGX_CONF_UNSET_PTR) {
        rlcf->contexts = ngx_array_create(cf->pool, 4,
                                        sizeof(ngx_http_recs_context_conf_t));
        if (rlcf->contexts == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    context = rlcf->contexts->elts;

    for (i = 0; i < rlcf->contexts->nelts; i++) {
        if (context[i].name.len == value[1].len
            && ngx_memcmp(context[i].name.data, value[1].data, value[1].len)
               == 0)
        {
            return "has this name already";
        }
    }

    if (i == RECS_CONTEXTS_MAX) {
        return "stands here more than 8 times";
    }

    context = ngx_array_push(rlcf->contexts);
    if (context == NULL) {
        return NGX_CONF_ERROR;
    }

    context->name = value[1];

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[2];
    ccv.complex_value = &context->value;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* NGX_DECLINED: the value is none. */
static ngx_int_t
ngx_http_recs_context_read(ngx_http_request_t *r,
    ngx_http_recs_context_conf_t *conf, ngx_http_recs_context_t *context)
{
    char        text[RECS_SEGMENT_NAME_MAX];
    size_t      len;
    ngx_str_t   value;
    recs_str_t  names[2];

    if (ngx_http_complex_value(r, &conf->value, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    names[0].data = (char *) conf->name.data;
    names[0].len = conf->name.len;
    names[1].data = (char *) value.data;
    names[1].len = value.len;

    len = recs_segment_name(text, names[0], names[1]);
    if (len == 0) {
        return NGX_DECLINED;
    }

    context->segment.data = ngx_pnalloc(r->pool, len);
    if (context->segment.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(context->segment.data, text, len);
    context->segment.len = len;

    context->name = conf->name;
    context->value.data = context->segment.data + conf->name.len + 1;
    context->value.len = value.len;

    return NGX_OK;
}


static ngx_http_recs_contexts_t *
ngx_http_recs_contexts_read(ngx_http_request_t *r, ngx_array_t *confs)
{
    ngx_int_t                      rc;
    ngx_uint_t                     i;
    ngx_http_recs_contexts_t      *contexts;
    ngx_http_recs_context_conf_t  *conf;

    contexts = ngx_palloc(r->pool, sizeof(ngx_http_recs_contexts_t));
    if (contexts == NULL) {
        return NULL;
    }

    contexts->n = 0;
    conf = confs->elts;

    for (i = 0; i < confs->nelts; i++) {
        rc = ngx_http_recs_context_read(r, &conf[i],
                                        &contexts->contexts[contexts->n]);
        if (rc == NGX_ERROR) {
            return NULL;
        }

        contexts->n += rc == NGX_OK;
    }

    return contexts;
}


ngx_http_recs_contexts_t *
ngx_http_recs_contexts(ngx_http_request_t *r)
{
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r->main, ngx_http_recs_module);

    if (rlcf->contexts == NULL) {
        return NULL;
    }

    ctx = ngx_http_recs_get_ctx(r);

    if (ctx != NULL && ctx->contexts == NULL) {
        ctx->contexts = ngx_http_recs_contexts_read(r->main, rlcf->contexts);
    }

    return ctx != NULL ? ctx->contexts : NULL;
}


ngx_uint_t
ngx_http_recs_context_segments(ngx_http_request_t *r, recs_bundle_t *bundle,
    uint32_t segments[RECS_CONTEXTS_MAX])
{
    uint32_t                    number;
    recs_str_t                  name;
    ngx_uint_t                  i, n;
    ngx_http_recs_contexts_t   *contexts;
    const recs_bundle_view_t   *view;

    view = recs_bundle_view(bundle);

    if (view->segment_spans.n_rows == 0) {
        return 0;
    }

    contexts = ngx_http_recs_contexts(r);
    n = 0;

    for (i = 0; contexts != NULL && i < contexts->n; i++) {
        name.data = (char *) contexts->contexts[i].segment.data;
        name.len = contexts->contexts[i].segment.len;
        number = recs_segment_find(view, name);

        if (number != RECS_SEGMENT_NO) {
            segments[n++] = number;
        }
    }

    return n;
}


ngx_uint_t
ngx_http_recs_context_values(ngx_http_request_t *r,
    recs_rank_context_t values[RECS_CONTEXTS_MAX])
{
    ngx_uint_t                 i;
    ngx_http_recs_contexts_t  *contexts;

    contexts = ngx_http_recs_contexts(r);

    for (i = 0; contexts != NULL && i < contexts->n; i++) {
        values[i].name.data = (char *) contexts->contexts[i].name.data;
        values[i].name.len = contexts->contexts[i].name.len;
        values[i].value.data = (char *) contexts->contexts[i].value.data;
        values[i].value.len = contexts->contexts[i].value.len;
    }

    return i;
}
