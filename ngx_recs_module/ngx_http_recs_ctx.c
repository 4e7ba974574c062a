/*
 * The context of a request.
 *
 * It belongs to the main request: subrequests share its variables, so what
 * is computed for one is computed for all.  An internal redirect clears
 * r->ctx but not the pool, in which a cleanup handler finds it again.
 */

#include "ngx_http_recs_module.h"
#include "ngx_http_recs_variant.h"


/* The request whose log phase runs; it runs without interruption. */
static ngx_http_request_t  *ngx_http_recs_logged;


/* Only marks the context in the pool: there is nothing to clean up. */
static void
ngx_http_recs_ctx_cleanup(void *data)
{
}


/* The context where it was left, of a main request. */
static ngx_http_recs_ctx_t *
ngx_http_recs_find_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t   *cln;
    ngx_http_recs_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_recs_module);

    if (ctx != NULL || !(r->internal || r->filter_finalize)) {
        return ctx;
    }

    for (cln = r->pool->cleanup; cln != NULL; cln = cln->next) {
        if (cln->handler == ngx_http_recs_ctx_cleanup) {
            ngx_http_set_ctx(r, cln->data, ngx_http_recs_module);
            return cln->data;
        }
    }

    return NULL;
}


/*
 * The request has come to another location since its visitor was read: what
 * that one allows less of counts from here on, and lists that knew more are
 * not shown.
 */
static void
ngx_http_recs_ctx_moved(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx)
{
    ngx_uint_t                  i;
    ngx_http_recs_main_conf_t  *rmcf;

    if (ngx_http_recs_visitor_lower(r, &ctx->visitor) != NGX_OK) {
        return;
    }

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    for (i = 0; i < rmcf->slots.nelts; i++) {
        ctx->answers[i].computed = 0;
        ctx->answers[i].n_found = 0;
    }

    ctx->shown.nelts = 0;
    ngx_http_recs_variant_forget(r, ctx);
    ngx_memzero(&ctx->token_user, sizeof(ctx->token_user));
}


ngx_http_recs_ctx_t *
ngx_http_recs_peek_ctx(ngx_http_request_t *r)
{
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_loc_conf_t  *rlcf;

    r = r->main;
    ctx = ngx_http_recs_find_ctx(r);
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (ctx != NULL && ctx->conf != rlcf) {
        ctx->conf = rlcf;
        ngx_http_recs_ctx_moved(r, ctx);
    }

    return ctx;
}


ngx_http_recs_ctx_t *
ngx_http_recs_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t         *cln;
    ngx_http_recs_ctx_t        *ctx;
    ngx_http_recs_main_conf_t  *rmcf;

    ctx = ngx_http_recs_peek_ctx(r);
    if (ctx != NULL) {
        return ctx;
    }

    r = r->main;
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_recs_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_recs_ctx_t));

    ctx->answers = ngx_pcalloc(r->pool, (rmcf->slots.nelts + 1)
                                        * sizeof(ngx_http_recs_answer_t));
    if (ctx->answers == NULL) {
        return NULL;
    }

    if (ngx_array_init(&ctx->shown, r->pool, 32,
                       sizeof(ngx_http_recs_shown_t))
        != NGX_OK)
    {
        return NULL;
    }

    ctx->conf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    cln->handler = ngx_http_recs_ctx_cleanup;
    ngx_http_set_ctx(r, ctx, ngx_http_recs_module);

    /* An expression that asks for a slot itself finds an unknown visitor. */

    ngx_http_recs_visitor_read(r, &ctx->visitor, NULL);

    return ctx;
}


ngx_uint_t
ngx_http_recs_logging(ngx_http_request_t *r)
{
    return ngx_http_recs_logged == r->main;
}


static ngx_int_t
ngx_http_recs_log_begin(ngx_http_request_t *r)
{
    ngx_http_recs_logged = r->main;

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_log_end(ngx_http_request_t *r)
{
    ngx_http_recs_logged = NULL;

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_ctx_init(ngx_conf_t *cf)
{
    ngx_array_t                *handlers;
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    handlers = &cmcf->phases[NGX_HTTP_LOG_PHASE].handlers;

    h = ngx_array_push_n(handlers, 2);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h[0] = ngx_http_recs_log_begin;
    h[1] = ngx_http_recs_log_end;

    return NGX_OK;
}


/* Takes the handler out of the others, which close up. */
static ngx_uint_t
ngx_http_recs_ctx_take(ngx_http_handler_pt *h, ngx_uint_t n,
    ngx_http_handler_pt handler)
{
    ngx_uint_t  i, kept;

    kept = 0;

    for (i = 0; i < n; i++) {
        if (h[i] != handler) {
            h[kept++] = h[i];
        }
    }

    return kept;
}


void
ngx_http_recs_ctx_last(ngx_cycle_t *cycle)
{
    ngx_uint_t                  n;
    ngx_array_t                *handlers;
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_core_module);

    if (cmcf == NULL) {
        return;
    }

    handlers = &cmcf->phases[NGX_HTTP_LOG_PHASE].handlers;
    h = handlers->elts;

    n = ngx_http_recs_ctx_take(h, handlers->nelts, ngx_http_recs_log_begin);
    n = ngx_http_recs_ctx_take(h, n, ngx_http_recs_log_end);

    ngx_memmove(&h[1], &h[0], n * sizeof(ngx_http_handler_pt));
    h[0] = ngx_http_recs_log_begin;
    h[n + 1] = ngx_http_recs_log_end;
}
