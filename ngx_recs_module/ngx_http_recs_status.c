/*
 * recs_status: what is loaded, what was answered, and by whom, as JSON;
 * ngx_http_recs_metrics.c has the same for Prometheus,
 * ngx_http_recs_status_html.c for people.
 */

#include "ngx_http_recs_status_experiments.h"


static ngx_int_t ngx_http_recs_status_json_handler(ngx_http_request_t *r);


const char  *ngx_http_recs_status_bounds[] = {
#define NGX_HTTP_RECS_BUCKET_TEXT(ns, seconds)  seconds,
    NGX_HTTP_RECS_BUCKET_MAP(NGX_HTTP_RECS_BUCKET_TEXT)
#undef NGX_HTTP_RECS_BUCKET_TEXT
    "+Inf"
};

const char  *ngx_http_recs_status_fills[] = {
#define NGX_HTTP_RECS_FILL_TEXT(name, text)  text,
    NGX_HTTP_RECS_FILL_MAP(NGX_HTTP_RECS_FILL_TEXT)
#undef NGX_HTTP_RECS_FILL_TEXT
};


const char  *ngx_http_recs_status_events[] = {
#define NGX_HTTP_RECS_EVENT_TEXT(name, text, help)  text,
    NGX_HTTP_RECS_EVENT_MAP(NGX_HTTP_RECS_EVENT_TEXT)
#undef NGX_HTTP_RECS_EVENT_TEXT
};


const char  *ngx_http_recs_status_visitors[] = {
#define NGX_HTTP_RECS_VISITOR_TEXT(name, text, help)  text,
    NGX_HTTP_RECS_VISITOR_MAP(NGX_HTTP_RECS_VISITOR_TEXT)
#undef NGX_HTTP_RECS_VISITOR_TEXT
};


const char  *ngx_http_recs_status_sessions[] = {
#define NGX_HTTP_RECS_SESSION_TEXT(name, text, help)  text,
    NGX_HTTP_RECS_SESSION_MAP(NGX_HTTP_RECS_SESSION_TEXT)
#undef NGX_HTTP_RECS_SESSION_TEXT
};


/* "" is NONE: in metrics it needs a name. */

const char *
ngx_http_recs_status_reason(ngx_uint_t reason)
{
    const char  *name;

    name = recs_reason_name(reason);

    return *name ? name : "none";
}


/* A model's time in the manifest, "2026-01-01T00:00:00Z"; 0: unknown. */

time_t
ngx_http_recs_status_time(ngx_http_recs_model_t *model, const char *name)
{
    char        text[32], *end;
    recs_str_t  value;
    struct tm   tm;

    if (model->bundle == NULL) {
        return 0;
    }

    value = recs_bundle_manifest(model->bundle, name);

    if (value.len == 0 || value.len >= sizeof(text)) {
        return 0;
    }

    ngx_memcpy(text, value.data, value.len);
    text[value.len] = '\0';
    ngx_memzero(&tm, sizeof(tm));

    end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

    return end != NULL ? timegm(&tm) : 0;
}


ngx_int_t
ngx_http_recs_status_send(ngx_http_request_t *r, ngx_str_t *type,
    u_char *start, size_t len)
{
    ngx_int_t    rc;
    ngx_buf_t   *b;
    ngx_chain_t  out;

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = start;
    b->last = start + len;
    b->memory = len ? 1 : 0;
    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = len;
    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;
    r->headers_out.content_type_lowcase = NULL;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


json_t *
ngx_http_recs_status_string(ngx_str_t *s)
{
    json_t  *string;

    string = json_stringn((char *) s->data, s->len);

    /* A path may be of any bytes: not everything is UTF-8. */

    return string != NULL ? string : json_null();
}


static json_t *
ngx_http_recs_status_model(ngx_http_recs_model_t *model)
{
    time_t                     created;
    json_t                    *object;
    recs_str_t                 algorithm;
    const recs_bundle_view_t  *view;

    object = json_object();

    json_object_set_new(object, "name",
                        ngx_http_recs_status_string(&model->name));
    json_object_set_new(object, "path",
                        ngx_http_recs_status_string(&model->path));
    json_object_set_new(object, "generation",
                        json_string(model->generation.name));
    json_object_set_new(object, "loaded", json_integer(model->loaded));
    json_object_set_new(object, "load_ms", json_integer(model->load_ms));
    json_object_set_new(object, "attached",
                        json_boolean(model->bundle != NULL));

    if (model->bundle == NULL) {
        return object;
    }

    view = recs_bundle_view(model->bundle);
    algorithm = recs_bundle_manifest(model->bundle, "algorithm");

    json_object_set_new(object, "algorithm",
                        json_stringn(algorithm.data, algorithm.len));
    json_object_set_new(object, "items", json_integer(view->n_items));
    json_object_set_new(object, "users", json_integer(view->n_users));
    json_object_set_new(object, "factors", json_integer(view->n_factors));
    json_object_set_new(object, "bytes",
                        json_integer(recs_bundle_size(model->bundle)));

    created = ngx_http_recs_status_time(model, "created");

    if (created != 0) {
        json_object_set_new(object, "created", json_integer(created));
        json_object_set_new(object, "age_seconds",
                            json_integer(ngx_time() - created));
    }

    return object;
}


static json_t *
ngx_http_recs_status_latency(ngx_http_recs_counters_t *c)
{
    json_t      *object, *buckets;
    ngx_uint_t   i, n;

    object = json_object();
    buckets = json_object();
    n = 0;

    for (i = 0; i <= NGX_HTTP_RECS_BUCKETS; i++) {
        n += c->buckets[i];
        json_object_set_new(buckets, ngx_http_recs_status_bounds[i],
                            json_integer(n));
    }

    json_object_set_new(object, "count", json_integer(n));
    json_object_set_new(object, "sum_seconds",
                        json_real((double) c->nanoseconds / 1e9));
    json_object_set_new(object, "buckets", buckets);

    return object;
}


static json_t *
ngx_http_recs_status_slot(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_slot_t *slot)
{
    json_t                    *object, *sources, *reasons;
    ngx_uint_t                 i;
    ngx_http_recs_counters_t   c;

    ngx_http_recs_zone_read(rmcf, slot, &c);

    object = json_object();
    sources = json_object();
    reasons = json_object();

    for (i = 0; i < RECS_SOURCE_COUNT; i++) {
        json_object_set_new(sources, recs_source_name(i),
                            json_integer(c.sources[i]));
    }

    for (i = 0; i < RECS_REASON_COUNT; i++) {
        json_object_set_new(reasons, ngx_http_recs_status_reason(i),
                            json_integer(c.reasons[i]));
    }

    json_object_set_new(object, "name",
                        ngx_http_recs_status_string(&slot->name));
    json_object_set_new(object, "model",
                        ngx_http_recs_status_string(&slot->model->name));
    json_object_set_new(object, "strategy",
                        json_string(recs_source_name(slot->strategy)));
    json_object_set_new(object, "count", json_integer(slot->count));
    json_object_set_new(object, "switched_off",
                        json_boolean(ngx_http_recs_switched_off(rmcf, slot)));
    json_object_set_new(object, "requests", json_integer(c.requests));
    json_object_set_new(object, "degraded", json_integer(c.degraded));
    json_object_set_new(object, "sources", sources);
    json_object_set_new(object, "reasons", reasons);
    json_object_set_new(object, "latency", ngx_http_recs_status_latency(&c));

    return object;
}


static json_t *
ngx_http_recs_status_workers(ngx_http_recs_main_conf_t *rmcf,
    ngx_pool_t *pool)
{
    json_t                  *array, *object, *models;
    ngx_uint_t               i, m;
    ngx_array_t             *workers;
    ngx_http_recs_model_t  **model;
    ngx_http_recs_worker_t  *w;

    array = json_array();

    workers = ngx_http_recs_zone_workers(rmcf, pool);
    if (workers == NULL) {
        return array;
    }

    model = rmcf->models.elts;
    w = workers->elts;

    for (i = 0; i < workers->nelts; i++) {
        object = json_object();
        models = json_object();

        for (m = 0; m < rmcf->models.nelts; m++) {
            /* Names are [a-z0-9_] and end with NUL in the configuration. */
            json_object_set_new(models, (char *) model[m]->name.data,
                                w[i].generations[m][0] != '\0'
                                ? json_string(w[i].generations[m])
                                : json_null());
        }

        json_object_set_new(object, "pid", json_integer(w[i].pid));
        json_object_set_new(object, "models", models);
        json_array_append_new(array, object);
    }

    return array;
}


static json_t *
ngx_http_recs_status_watched(ngx_http_recs_watched_t *state)
{
    json_t  *object;

    if (state == NULL) {
        return json_null();
    }

    object = json_object();

    json_object_set_new(object, "path",
                        ngx_http_recs_status_string(&state->path));
    json_object_set_new(object, "entries", json_integer(state->n_lines));
    json_object_set_new(object, "unknown", json_integer(state->n_unknown));
    json_object_set_new(object, "applied", json_integer(state->applied));
    json_object_set_new(object, "failed", json_boolean(state->failed));

    return object;
}


static json_t *
ngx_http_recs_status_visitors_object(ngx_http_recs_main_conf_t *rmcf)
{
    json_t             *object;
    ngx_uint_t          i;
    ngx_atomic_uint_t   visitors[NGX_HTTP_RECS_VISITORS_COUNT];

    ngx_http_recs_zone_read_visitors(rmcf, visitors);
    object = json_object();

    for (i = 0; i < NGX_HTTP_RECS_VISITORS_COUNT; i++) {
        json_object_set_new(object, ngx_http_recs_status_visitors[i],
                            json_integer(visitors[i]));
    }

    return object;
}


static json_t *
ngx_http_recs_status_sessions_object(ngx_http_recs_main_conf_t *rmcf)
{
    json_t             *object;
    ngx_uint_t          i;
    ngx_atomic_uint_t   sessions[NGX_HTTP_RECS_SESSIONS_COUNT];

    ngx_http_recs_zone_read_sessions(rmcf, sessions);
    object = json_object();

    for (i = 0; i < NGX_HTTP_RECS_SESSIONS_COUNT; i++) {
        json_object_set_new(object, ngx_http_recs_status_sessions[i],
                            json_integer(sessions[i]));
    }

    return object;
}


static json_t *
ngx_http_recs_status_events_object(ngx_http_recs_main_conf_t *rmcf)
{
    json_t             *object;
    ngx_uint_t          i;
    ngx_atomic_uint_t   events[NGX_HTTP_RECS_EVENTS_COUNT];

    ngx_http_recs_zone_read_events(rmcf, events);
    object = json_object();

    for (i = 0; i < NGX_HTTP_RECS_EVENTS_COUNT; i++) {
        json_object_set_new(object, ngx_http_recs_status_events[i],
                            json_integer(events[i]));
    }

    return object;
}


static json_t *
ngx_http_recs_status_json(ngx_http_recs_main_conf_t *rmcf, ngx_pool_t *pool)
{
    json_t                  *root, *models, *slots, *fill;
    ngx_uint_t               i;
    ngx_atomic_uint_t        fills[NGX_HTTP_RECS_FILL_COUNT];
    ngx_http_recs_slot_t   **slot;
    ngx_http_recs_model_t  **model;

    root = json_object();
    models = json_array();
    slots = json_array();
    fill = json_object();

    model = rmcf->models.elts;
    slot = rmcf->slots.elts;

    for (i = 0; i < rmcf->models.nelts; i++) {
        json_array_append_new(models, ngx_http_recs_status_model(model[i]));
    }

    for (i = 0; i < rmcf->slots.nelts; i++) {
        json_array_append_new(slots,
                              ngx_http_recs_status_slot(rmcf, slot[i]));
    }

    ngx_http_recs_zone_read_fill(rmcf, fills);

    for (i = 0; i < NGX_HTTP_RECS_FILL_COUNT; i++) {
        json_object_set_new(fill, ngx_http_recs_status_fills[i],
                            json_integer(fills[i]));
    }

    json_object_set_new(root, "models", models);
    json_object_set_new(root, "slots", slots);
    json_object_set_new(root, "experiments",
                        ngx_http_recs_status_experiments(rmcf));
    json_object_set_new(root, "sticky", ngx_http_recs_status_kept(rmcf));
    json_object_set_new(root, "fill", fill);
    json_object_set_new(root, "events",
                        ngx_http_recs_status_events_object(rmcf));
    json_object_set_new(root, "visitors",
                        ngx_http_recs_status_visitors_object(rmcf));
    json_object_set_new(root, "sessions",
                        ngx_http_recs_status_sessions_object(rmcf));
    json_object_set_new(root, "switch", ngx_http_recs_status_watched(
                            ngx_http_recs_watch_switch(rmcf)));
    json_object_set_new(root, "block", ngx_http_recs_status_watched(
                            ngx_http_recs_watch_block(rmcf)));
    json_object_set_new(root, "rules", ngx_http_recs_status_watched(
                            ngx_http_recs_watch_rules(rmcf)));
    json_object_set_new(root, "workers",
                        ngx_http_recs_status_workers(rmcf, pool));

    return root;
}


/* GET and HEAD only; NGX_OK, or the status to answer with. */

ngx_int_t
ngx_http_recs_status_begin(ngx_http_request_t *r,
    ngx_http_recs_main_conf_t **rmcf)
{
    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_recs_add_header(r, "Allow", "GET, HEAD") == NGX_OK
               ? NGX_HTTP_NOT_ALLOWED : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    *rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if ((*rmcf)->zone == NULL) {
        return NGX_HTTP_NOT_FOUND;
    }

    return ngx_http_discard_request_body(r);
}


static ngx_int_t
ngx_http_recs_status_json_handler(ngx_http_request_t *r)
{
    char                       *text;
    json_t                     *root;
    u_char                     *copy;
    size_t                      len;
    ngx_int_t                   rc;
    ngx_http_recs_main_conf_t  *rmcf;

    static ngx_str_t  type = ngx_string("application/json");

    rc = ngx_http_recs_status_begin(r, &rmcf);
    if (rc != NGX_OK) {
        return rc;
    }

    root = ngx_http_recs_status_json(rmcf, r->pool);
    text = json_dumps(root, JSON_COMPACT);
    json_decref(root);

    if (text == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    len = ngx_strlen(text);
    copy = ngx_pnalloc(r->pool, len);

    if (copy != NULL) {
        ngx_memcpy(copy, text, len);
    }

    free(text);

    if (copy == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_recs_status_send(r, &type, copy, len);
}


char *
ngx_http_recs_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t            *value;
    ngx_http_handler_pt   handler;

    value = cf->args->elts;

    if (cf->args->nelts == 1 || ngx_strcmp(value[1].data, "json") == 0) {
        handler = ngx_http_recs_status_json_handler;

    } else if (ngx_strcmp(value[1].data, "prometheus") == 0) {
        handler = ngx_http_recs_metrics_handler;

    } else if (ngx_strcmp(value[1].data, "html") == 0) {
        handler = ngx_http_recs_status_html_handler;

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid format \"%V\" in \"%V\": json, "
                           "prometheus or html", &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    return ngx_http_recs_set_handler(cf, conf, handler);
}
