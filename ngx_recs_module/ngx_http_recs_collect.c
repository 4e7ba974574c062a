#include "ngx_http_recs_collect_private.h"
#include "ngx_http_recs_event_log.h"
#include "ngx_http_recs_json.h"
#include "ngx_http_recs_zone.h"


static ngx_int_t
ngx_http_recs_collect_refuse(ngx_http_request_t *r, ngx_uint_t status,
    const char *text)
{
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    ngx_http_recs_zone_count_events(rmcf, NGX_HTTP_RECS_EVENTS_REFUSED, 1);

    /* What is not one of ours closes the connection, as nginx sees fit. */

    return text != NULL ? ngx_http_recs_json_refuse(r, status, text)
                        : (ngx_int_t) status;
}


/* 204, with nothing in it. */
static ngx_int_t
ngx_http_recs_collect_done(ngx_http_request_t *r)
{
    r->headers_out.status = NGX_HTTP_NO_CONTENT;

    return ngx_http_send_header(r);
}


/* All events, or none and what is wrong. */
static ngx_int_t
ngx_http_recs_collect_accept(ngx_http_request_t *r, ngx_str_t *text)
{
    unsigned              i;
    ngx_int_t             rc;
    recs_error_t          err;
    recs_status_t         status;
    recs_collect_body_t   body;
    ngx_http_recs_ctx_t  *ctx;

    ctx = ngx_http_recs_get_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    status = r->method == NGX_HTTP_POST
             ? recs_collect_body_parse(&body, (char *) text->data, text->len,
                                       &err)
             : recs_collect_query_parse(&body, (char *) text->data, text->len,
                                        &err);

    if (status == RECS_NOMEM) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (status != RECS_OK) {
        return ngx_http_recs_collect_refuse(r, NGX_HTTP_BAD_REQUEST,
                                            err.message);
    }

    for (i = 0; i < body.n_events; i++) {
        ngx_http_recs_collect_event(r, ctx, &body.events[i]);
    }

    rc = ngx_http_recs_collect_done(r);

    recs_collect_body_free(&body);

    return rc;
}


/* Called when the body begins to arrive, and whenever more of it does. */
static void
ngx_http_recs_collect_arrived(ngx_http_request_t *r)
{
    ngx_int_t  rc;
    ngx_str_t  text;

    rc = ngx_http_recs_collect_read(r, &text);

    if (rc == NGX_AGAIN) {
        r->read_event_handler = ngx_http_recs_collect_arrived;
        return;
    }

    if (rc == NGX_OK) {
        rc = ngx_http_recs_collect_accept(r, &text);

    } else if (rc == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE) {
        rc = ngx_http_recs_collect_refuse(r, rc, NULL);
    }

    ngx_http_finalize_request(r, rc);
}


/* JSON, or what navigator.sendBeacon() sends a string as; or not said. */
static ngx_uint_t
ngx_http_recs_collect_type(ngx_http_request_t *r)
{
    size_t       len;
    ngx_str_t   *type;
    ngx_uint_t   i;

    static const char  *types[] = { "application/json", "text/plain", NULL };

    if (r->headers_in.content_type == NULL) {
        return 1;
    }

    type = &r->headers_in.content_type->value;

    for (i = 0; types[i] != NULL; i++) {
        len = ngx_strlen(types[i]);

        if (type->len >= len
            && ngx_strncasecmp(type->data, (u_char *) types[i], len) == 0
            && (type->len == len || type->data[len] == ';'
                || type->data[len] == ' '))
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_recs_collect_post(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    if (r->headers_in.content_length_n > RECS_COLLECT_BODY_MAX) {
        r->expect_tested = 1;
        (void) ngx_http_discard_request_body(r);

        return ngx_http_recs_collect_refuse(r,
                                   NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, NULL);
    }

    if (!ngx_http_recs_collect_type(r)) {
        rc = ngx_http_discard_request_body(r);
        if (rc != NGX_OK) {
            return rc;
        }

        return ngx_http_recs_collect_refuse(r,
                   NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                   "the body must be application/json or text/plain");
    }

    r->request_body_no_buffering = 1;
    r->request_body_in_file_only = 0;

    rc = ngx_http_read_client_request_body(r, ngx_http_recs_collect_arrived);

    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}


static ngx_int_t
ngx_http_recs_collect_without_body(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (r->method == NGX_HTTP_GET) {
        return ngx_http_recs_collect_accept(r, &r->args);
    }

    if (ngx_http_recs_add_header(r, "Allow", "GET, POST, OPTIONS") != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (r->method == NGX_HTTP_OPTIONS) {
        return ngx_http_recs_collect_done(r);
    }

    return ngx_http_recs_collect_refuse(r, NGX_HTTP_NOT_ALLOWED,
                                        "only GET and POST are allowed");
}


ngx_int_t
ngx_http_recs_collect_handler(ngx_http_request_t *r)
{
    ngx_int_t             rc;
    const char           *allowed;
    ngx_http_recs_ctx_t  *ctx;

    if (r != r->main) {
        return NGX_HTTP_NOT_FOUND;
    }

    ctx = ngx_http_recs_get_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->api = 1;

    if (ngx_http_recs_collect_from(r, &allowed) != NGX_OK) {
        rc = ngx_http_discard_request_body(r);
        if (rc != NGX_OK) {
            return rc;
        }

        return ngx_http_recs_collect_refuse(r, NGX_HTTP_FORBIDDEN,
                   "events of pages of this origin are not taken");
    }

    if (ctx->visitor.bypass && r->method & (NGX_HTTP_GET|NGX_HTTP_POST)) {
        rc = ngx_http_discard_request_body(r);

        return rc == NGX_OK ? ngx_http_recs_collect_done(r) : rc;
    }

    if (ngx_http_recs_collect_cors(r, allowed, r->method == NGX_HTTP_OPTIONS)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return r->method == NGX_HTTP_POST
           ? ngx_http_recs_collect_post(r)
           : ngx_http_recs_collect_without_body(r);
}


char *
ngx_http_recs_collect(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    if (ngx_http_recs_event_ids_add(cf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_recs_set_handler(cf, conf, ngx_http_recs_collect_handler);
}


char *
ngx_http_recs_collect_merge(ngx_conf_t *cf, ngx_http_recs_loc_conf_t *prev,
    ngx_http_recs_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    ngx_conf_merge_ptr_value(conf->collect_origins, prev->collect_origins,
                             NULL);

    if (conf->handler != ngx_http_recs_collect_handler) {
        return NGX_CONF_OK;
    }

    conf->wants_id = 1;

    if (conf->event_log != NULL) {
        return NGX_CONF_OK;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "recs_collect in location \"%V\" needs a recs_event_log "
                  "(or \"recs_event_log off\")", &clcf->name);

    return NGX_CONF_ERROR;
}
