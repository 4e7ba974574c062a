#include "ngx_http_recs_session_private.h"

#include "ngx_http_recs_cookie.h"
#include "ngx_http_recs_event_log.h"
#include "ngx_http_recs_keys.h"
#include "recs_item_hash.h"
#include "recs_session_cookie.h"


/* A main request's. */
struct ngx_http_recs_request_session_s {
    recs_session_t    seen;                  /* as this request sees it */
    recs_session_t   *touched;               /* as the next one does, where
                                                it must go into a cookie */
    recs_bundle_t    *bundle;                /* that items are numbers of */
    ngx_uint_t        n_items;
    uint32_t          items[RECS_SESSION_ITEMS_MAX];
};


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


void
ngx_http_recs_session_count(ngx_http_request_t *r,
    ngx_http_recs_sessions_t what)
{
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    ngx_http_recs_zone_count_sessions(rmcf, what);
}


/* --- a request's session --- */

static ngx_uint_t
ngx_http_recs_session_is_on(ngx_http_recs_loc_conf_t *rlcf)
{
    return rlcf->session != NULL
           && (rlcf->session->zone != NULL || rlcf->session_keys != NULL);
}


static ngx_uint_t
ngx_http_recs_session_allowed(ngx_http_recs_visitor_t *visitor)
{
    return visitor->consent == NGX_HTTP_RECS_CONSENT_PERSONALISE
           && !visitor->bypass && visitor->id.len != 0;
}


static void
ngx_http_recs_session_read(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf, ngx_str_t *id, recs_session_t *seen)
{
    if (rlcf->session->zone != NULL) {
        ngx_http_recs_session_zone_read(rlcf->session->zone, id, seen);

    } else {
        ngx_http_recs_session_cookie_read(r, rlcf->session_keys, id, seen);
    }

    ngx_http_recs_session_count(r, seen->n > 0
                                   ? NGX_HTTP_RECS_SESSIONS_FOUND
                                   : NGX_HTTP_RECS_SESSIONS_NONE);
}


/* That of the main request, read on first use; NULL: he has none. */
static ngx_http_recs_request_session_t *
ngx_http_recs_session_get(ngx_http_request_t *r)
{
    ngx_http_recs_ctx_t              *ctx;
    ngx_http_recs_loc_conf_t         *rlcf;
    ngx_http_recs_request_session_t  *session;

    r = r->main;
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (!ngx_http_recs_session_is_on(rlcf)) {
        return NULL;
    }

    ctx = ngx_http_recs_get_ctx(r);

    if (ctx == NULL || !ngx_http_recs_session_allowed(&ctx->visitor)) {
        return NULL;
    }

    if (ctx->session != NULL) {
        return ctx->session;
    }

    session = ngx_palloc(r->pool, sizeof(ngx_http_recs_request_session_t));
    if (session == NULL) {
        return NULL;
    }

    session->touched = NULL;
    session->bundle = NULL;

    ngx_http_recs_session_read(r, rlcf, &ctx->visitor.id, &session->seen);

    ctx->session = session;

    return session;
}


static void
ngx_http_recs_session_number(ngx_http_recs_request_session_t *session,
    recs_bundle_t *bundle)
{
    uint32_t    i, item;

    session->bundle = bundle;
    session->n_items = 0;

    for (i = 0; i < session->seen.n; i++) {
        item = recs_bundle_item_by_hash(bundle, session->seen.items[i].hash);

        if (item != RECS_ITEM_NO) {
            session->items[session->n_items++] = item;
        }
    }
}


ngx_uint_t
ngx_http_recs_session_items(ngx_http_request_t *r, recs_bundle_t *bundle,
    uint32_t *items, ngx_uint_t max)
{
    ngx_uint_t                        n;
    ngx_http_recs_request_session_t  *session;

    session = ngx_http_recs_session_get(r);

    if (session == NULL) {
        return 0;
    }

    if (session->bundle != bundle) {
        ngx_http_recs_session_number(session, bundle);
    }

    n = ngx_min(session->n_items, max);
    ngx_memcpy(items, session->items, n * sizeof(uint32_t));

    return n;
}


/* Into what the next request gets back with the cookie. */
static void
ngx_http_recs_session_add_to_cookie(ngx_http_request_t *r,
    ngx_http_recs_request_session_t *session, uint64_t hash)
{
    if (session->touched == NULL) {
        session->touched = ngx_palloc(r->pool, sizeof(recs_session_t));

        if (session->touched == NULL) {
            return;
        }

        *session->touched = session->seen;
    }

    recs_session_touch(session->touched, hash, RECS_SESSION_COOKIE_ITEMS);
    ngx_http_recs_session_count(r, NGX_HTTP_RECS_SESSIONS_ADDED);
}


void
ngx_http_recs_session_add(ngx_http_request_t *r, ngx_str_t *item)
{
    uint64_t                          hash;
    recs_str_t                        id;
    ngx_http_recs_ctx_t              *ctx;
    ngx_http_recs_loc_conf_t         *rlcf;
    ngx_http_recs_request_session_t  *session;

    r = r->main;
    session = ngx_http_recs_session_get(r);

    if (session == NULL) {
        return;
    }

    ctx = ngx_http_recs_get_ctx(r);
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    id.data = (char *) item->data;
    id.len = item->len;
    hash = recs_item_hash(id);

    if (rlcf->session->zone != NULL) {
        ngx_http_recs_session_zone_add(r, rlcf->session->zone,
                                       &ctx->visitor.id, hash);

    } else {
        ngx_http_recs_session_add_to_cookie(r, session, hash);
    }
}


/*
 * What recs_track sees on this page is touched now: a cookie must leave with
 * this very response.
 */
static ngx_int_t
ngx_http_recs_session_header_filter(ngx_http_request_t *r)
{
    ngx_http_recs_ctx_t              *ctx;
    ngx_http_recs_loc_conf_t         *rlcf;
    ngx_http_recs_request_session_t  *session;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (r != r->main || !ngx_http_recs_session_is_on(rlcf)) {
        return ngx_http_next_header_filter(r);
    }

    ngx_http_recs_track_views(r);

    ctx = ngx_http_recs_peek_ctx(r);
    session = ctx != NULL ? ctx->session : NULL;

    /* It may have been touched where a redirect began: in a cookie's place. */

    if (session != NULL && session->touched != NULL
        && rlcf->session->zone == NULL
        && ngx_http_recs_session_cookie_set(r, rlcf->session_keys,
                                            &ctx->visitor.id,
                                            session->touched,
                                            rlcf->session->ttl)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


/* --- configuration --- */

static char *
ngx_http_recs_session_set_cookie(ngx_conf_t *cf,
    ngx_http_recs_session_t *session)
{
    ngx_str_t   s, *value;

    value = cf->args->elts;
    session->ttl = NGX_HTTP_RECS_SESSION_TTL;

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value[2].data, "ttl=", 4) == 0) {
        s.data = value[2].data + 4;
        s.len = value[2].len - 4;
        session->ttl = ngx_parse_time(&s, 1);

        if (session->ttl > 0 && session->ttl <= NGX_HTTP_RECS_COOKIE_AGE) {
            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\", ttl=TIME may stand there, "
                       "at most 390d", &value[2]);

    return NGX_CONF_ERROR;
}


char *
ngx_http_recs_session(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_str_t                *value, name;
    ngx_http_recs_session_t  *session;

    if (rlcf->session != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0 && cf->args->nelts == 2) {
        rlcf->session = NULL;
        return NGX_CONF_OK;
    }

    session = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_session_t));
    if (session == NULL) {
        return NGX_CONF_ERROR;
    }

    rlcf->session = session;

    if (ngx_strcmp(value[1].data, "cookie") == 0) {
        return ngx_http_recs_session_set_cookie(cf, session);
    }

    if (ngx_strncmp(value[1].data, "zone=", 5) != 0 || value[1].len == 5
        || cf->args->nelts != 2)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"%V\", it must be "
                           "\"zone=NAME\", \"cookie [ttl=TIME]\" or \"off\"",
                           &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    name.data = value[1].data + 5;
    name.len = value[1].len - 5;
    session->zone = ngx_http_recs_session_zone_find(cf, &name);

    return session->zone != NULL ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_recs_session_merge(ngx_conf_t *cf, ngx_http_recs_loc_conf_t *prev,
    ngx_http_recs_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t   *clcf;
    ngx_http_recs_main_conf_t  *rmcf;

    ngx_conf_merge_ptr_value(conf->session, prev->session, NULL);

    if (ngx_http_recs_session_is_on(conf)) {
        conf->wants_id = 1;

        if (conf->session->zone == NULL) {
            rmcf = ngx_http_conf_get_module_main_conf(cf,
                                                      ngx_http_recs_module);
            rmcf->session_cookies = 1;
        }

        return NGX_CONF_OK;
    }

    /* Locations have names. */
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (conf->session != NULL && clcf->name.len != 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"recs_session cookie\" in location \"%V\" needs a "
                      "recs_session_key", &clcf->name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_recs_session_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_recs_session_header_filter;

    return NGX_OK;
}
