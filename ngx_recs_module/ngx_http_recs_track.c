/*
 * recs_track: nginx itself records that a visitor has seen an item, in the
 * log phase of the page that shows it.
 */

#include "ngx_http_recs_event_log.h"
#include "ngx_http_recs_session.h"
#include "ngx_http_recs_zone.h"
#include "recs_escape.h"


typedef struct {
    ngx_str_t                  event;
    ngx_http_complex_value_t   item;
} ngx_http_recs_track_t;


char *
ngx_http_recs_track(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_str_t                         *value;
    ngx_http_recs_track_t             *track;
    ngx_http_compile_complex_value_t   ccv;

    value = cf->args->elts;

    if (!recs_name_valid((char *) value[1].data, value[1].len)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid event name \"%V\", it must match "
                           "[a-z][a-z0-9_]{0,31}", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (rlcf->tracks == NGX_CONF_UNSET_PTR) {
        rlcf->tracks = ngx_array_create(cf->pool, 2,
                                        sizeof(ngx_http_recs_track_t));
        if (rlcf->tracks == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    track = ngx_array_push(rlcf->tracks);
    if (track == NULL) {
        return NGX_CONF_ERROR;
    }

    track->event = value[1];

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[2];
    ccv.complex_value = &track->item;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_recs_track_merge(ngx_conf_t *cf, ngx_http_recs_loc_conf_t *prev,
    ngx_http_recs_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    ngx_conf_merge_ptr_value(conf->event_log, prev->event_log, NULL);
    ngx_conf_merge_ptr_value(conf->tracks, prev->tracks, NULL);

    /* A server{} may leave it to its locations, which have names. */
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (conf->tracks != NULL && conf->event_log == NULL
        && clcf->name.len != 0)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "recs_track in location \"%V\" needs a recs_event_log "
                      "(or \"recs_event_log off\")", &clcf->name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/*
 * A view is a page that a person got: a whole one (not 206, not 304), by GET,
 * not a part of another page.
 */
static ngx_uint_t
ngx_http_recs_track_counts(ngx_http_request_t *r)
{
    ngx_uint_t  status;

    status = r->err_status != 0 ? r->err_status : r->headers_out.status;

    return r == r->main && r->method == NGX_HTTP_GET
           && status >= NGX_HTTP_OK && status < NGX_HTTP_SPECIAL_RESPONSE
           && status != NGX_HTTP_PARTIAL_CONTENT;
}


/*
 * The value as an item id, percent-decoded as recs_item's is: $arg_item is
 * what stands in the URL.  Empty where it is none.
 */
static void
ngx_http_recs_track_item(ngx_http_request_t *r, ngx_str_t *value)
{
    size_t   len;
    u_char  *decoded;

    if (value->len <= 3 * RECS_ID_MAX) {
        decoded = ngx_pnalloc(r->pool, value->len);

        if (decoded != NULL
            && recs_unescape((char *) decoded, (char *) value->data,
                             value->len, &len))
        {
            value->data = decoded;
            value->len = len;
        }
    }

    if (!recs_id_valid((char *) value->data, value->len)) {
        value->len = 0;
    }
}


/* A filter that runs later may make a part of the page, 206, of it. */
void
ngx_http_recs_track_views(ngx_http_request_t *r)
{
    ngx_str_t                  item;
    ngx_uint_t                 i;
    ngx_http_recs_track_t     *tracks;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (rlcf->tracks == NULL || !ngx_http_recs_track_counts(r)
        || (r->headers_in.range != NULL && r->allow_ranges))
    {
        return;
    }

    tracks = rlcf->tracks->elts;

    for (i = 0; i < rlcf->tracks->nelts; i++) {

        if (tracks[i].event.len != 4
            || ngx_memcmp(tracks[i].event.data, "view", 4) != 0
            || ngx_http_complex_value(r, &tracks[i].item, &item) != NGX_OK
            || item.len == 0)
        {
            continue;
        }

        ngx_http_recs_track_item(r, &item);

        if (item.len != 0) {
            ngx_http_recs_session_add(r, &item);
        }
    }
}


static void
ngx_http_recs_track_one(ngx_http_request_t *r, ngx_http_recs_track_t *track,
    ngx_http_recs_event_log_t *log)
{
    ngx_http_recs_ctx_t        *ctx;
    ngx_http_recs_event_t       event;
    ngx_http_recs_main_conf_t  *rmcf;

    ngx_http_recs_event_init(&event);

    if (ngx_http_complex_value(r, &track->item, &event.item) != NGX_OK
        || event.item.len == 0)
    {
        return;
    }

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    ngx_http_recs_track_item(r, &event.item);

    if (event.item.len == 0) {
        ngx_http_recs_zone_count_events(rmcf, NGX_HTTP_RECS_EVENTS_INVALID,
                                 1);
        return;
    }

    ctx = ngx_http_recs_get_ctx(r);
    if (ctx == NULL) {
        ngx_http_recs_zone_count_events(rmcf, NGX_HTTP_RECS_EVENTS_DROPPED,
                                 1);
        return;
    }

    if (ctx->visitor.bypass) {
        return;
    }

    event.event = track->event;
    event.consent = ctx->visitor.consent;
    event.user = ctx->visitor.id;
    event.contexts = ngx_http_recs_contexts(r);

    if (ctx->visitor.id.len == 0) {
        ngx_http_recs_zone_count_events(rmcf, NGX_HTTP_RECS_EVENTS_ANONYMOUS,
                                 1);
    }

    ngx_http_recs_event_log_write(rmcf, log, &event);
}


ngx_uint_t
ngx_http_recs_track_wanted(ngx_http_request_t *r)
{
    ngx_str_t                  item;
    ngx_uint_t                 i;
    ngx_http_recs_track_t     *tracks;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (rlcf->tracks == NULL || !ngx_http_recs_track_counts(r)) {
        return 0;
    }

    tracks = rlcf->tracks->elts;

    for (i = 0; i < rlcf->tracks->nelts; i++) {
        if (ngx_http_complex_value(r, &tracks[i].item, &item) == NGX_OK
            && item.len != 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_recs_track_handler(ngx_http_request_t *r)
{
    ngx_uint_t                 i;
    ngx_http_recs_track_t     *tracks;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (rlcf->tracks == NULL
        || !ngx_http_recs_event_log_is_on(rlcf->event_log)
        || !ngx_http_recs_track_counts(r))
    {
        return NGX_OK;
    }

    tracks = rlcf->tracks->elts;

    for (i = 0; i < rlcf->tracks->nelts; i++) {
        ngx_http_recs_track_one(r, &tracks[i], rlcf->event_log);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_track_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_recs_track_handler;

    return NGX_OK;
}
