/*
 * recs_status html: the same for people, one page without scripts that loads
 * itself again every five seconds.
 */

#include "ngx_http_recs_status_experiments.h"


/* Room for a row, whatever it holds. */
#define NGX_HTTP_RECS_HTML_ROW   (8192 + 6 * NGX_MAX_PATH)
#define NGX_HTTP_RECS_HTML_HEAD  (16384 + 12 * NGX_MAX_PATH)


static const char  ngx_http_recs_html_head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\">"
    "<meta http-equiv=\"refresh\" content=\"5\"><title>ngx_recs</title>"
    "<style>\n"
    ":root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1c2330;"
    "--dim:#6b7486;--line:#e4e7ed;--personal:#3b6fe0;--session:#7b57d1;"
    "--similar:#1f9d8b;--popular:#e0a030;--fallback:#c4cad6;--bad:#c8362f;"
    "--good:#2c8a4b}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#12151b;--card:#1b2029;"
    "--ink:#e6e9ef;--dim:#8d96a8;--line:#2b323f;--fallback:#4a5364;"
    "--bad:#ff7d75;--good:#6fd08f}}\n"
    "body{margin:0;background:var(--bg);color:var(--ink);"
    "font:15px/1.45 system-ui,sans-serif}"
    "main{max-width:76rem;margin:0 auto;padding:1.5rem}"
    "h1{font-size:1.5rem;margin:0 0 1rem}h1 small{font-weight:400;"
    "font-size:.95rem;color:var(--dim);margin-left:.6rem}"
    "section{background:var(--card);border:1px solid var(--line);"
    "border-radius:10px;padding:1rem 1.2rem;margin:0 0 1rem;overflow-x:auto}"
    "h2{font-size:1rem;margin:0 0 .6rem}table{border-collapse:collapse;"
    "width:100%;font-variant-numeric:tabular-nums}"
    "th{text-align:left;font-weight:500;color:var(--dim);font-size:.82rem}"
    "th,td{padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--line);"
    "white-space:nowrap}tr:last-child td{border:0}.n{text-align:right}"
    "code{font:13px ui-monospace,monospace}.dim{color:var(--dim)}"
    ".bad{color:var(--bad)}.good{color:var(--good)}"
    ".bar{display:flex;width:12rem;height:.8rem;border-radius:4px;"
    "overflow:hidden;background:var(--line)}"
    ".key i{display:inline-block;width:.7rem;height:.7rem;border-radius:3px;"
    "margin:0 .35rem 0 1rem}.key{font-size:.82rem;color:var(--dim);"
    "margin-top:.6rem}.key i:first-child{margin-left:0}"
    ".personal{background:var(--personal)}.session{background:var(--session)}"
    ".similar{background:var(--similar)}.popular{background:var(--popular)}"
    ".fallback{background:var(--fallback)}"
    "\n</style></head><body><main><h1>ngx_recs";

static const uint64_t  ngx_http_recs_html_bounds[] = {
#define NGX_HTTP_RECS_HTML_NS(ns, seconds)  ns,
    NGX_HTTP_RECS_BUCKET_MAP(NGX_HTTP_RECS_HTML_NS)
#undef NGX_HTTP_RECS_HTML_NS
};


static u_char *
ngx_http_recs_html_text(u_char *p, u_char *end, const char *text, size_t len)
{
    size_t  extra;

    len = ngx_min(len, NGX_MAX_PATH);
    extra = ngx_escape_html(NULL, (u_char *) text, len);

    if (len + extra > (size_t) (end - p)) {
        return p;
    }

    return (u_char *) ngx_escape_html(p, (u_char *) text, len);
}


/* 93784 s -> "1 d 2 h" */
static u_char *
ngx_http_recs_html_age(u_char *p, u_char *end, time_t seconds)
{
    if (seconds >= 86400) {
        return ngx_slprintf(p, end, "%T d %T h", seconds / 86400,
                            seconds % 86400 / 3600);
    }

    if (seconds >= 3600) {
        return ngx_slprintf(p, end, "%T h %T min", seconds / 3600,
                            seconds % 3600 / 60);
    }

    if (seconds >= 60) {
        return ngx_slprintf(p, end, "%T min", seconds / 60);
    }

    return ngx_slprintf(p, end, "%T s", seconds);
}


static u_char *
ngx_http_recs_html_model(u_char *p, u_char *end, ngx_http_recs_model_t *model)
{
    time_t                     created;
    recs_str_t                 algorithm;
    const recs_bundle_view_t  *view;

    p = ngx_slprintf(p, end, "<tr><td><b>%V</b></td>", &model->name);

    if (model->bundle == NULL) {
        return ngx_slprintf(p, end, "<td class=\"bad\" colspan=\"8\">not "
                            "attached: its slots show their fallback</td>"
                            "</tr>\n");
    }

    view = recs_bundle_view(model->bundle);
    algorithm = recs_bundle_manifest(model->bundle, "algorithm");
    created = ngx_http_recs_status_time(model, "created");

    p = ngx_slprintf(p, end, "<td><code>%s</code></td><td>",
                     model->generation.name);
    p = ngx_http_recs_html_text(p, end, algorithm.data, algorithm.len);
    p = ngx_slprintf(p, end, "</td><td class=\"n\">%uD</td>"
                     "<td class=\"n\">%uD</td><td class=\"n\">%uD</td>"
                     "<td class=\"n\">%.1f MB</td>"
                     "<td class=\"n\">%M ms</td><td>",
                     view->n_items, view->n_users, view->n_factors,
                     (double) recs_bundle_size(model->bundle) / 1e6,
                     model->load_ms);

    if (created != 0) {
        p = ngx_http_recs_html_age(p, end, ngx_max(ngx_time() - created, 0));
    }

    p = ngx_slprintf(p, end, "</td></tr>\n<tr><td></td><td class=\"dim\" "
                     "colspan=\"8\"><code>");
    p = ngx_http_recs_html_text(p, end, (char *) model->path.data,
                                model->path.len);

    return ngx_slprintf(p, end, "</code></td></tr>\n");
}


/* The bound under which a share of the answers took; "" where none was. */
static u_char *
ngx_http_recs_html_quantile(u_char *p, u_char *end,
    ngx_http_recs_counters_t *c, double share)
{
    uint64_t    bound;
    ngx_uint_t  i, n, all;

    all = 0;

    for (i = 0; i <= NGX_HTTP_RECS_BUCKETS; i++) {
        all += c->buckets[i];
    }

    if (all == 0) {
        return p;
    }

    n = 0;

    for (i = 0; i < NGX_HTTP_RECS_BUCKETS; i++) {
        n += c->buckets[i];

        if ((double) n >= share * (double) all) {
            bound = ngx_http_recs_html_bounds[i];

            return bound >= 1000000
                   ? ngx_slprintf(p, end, "&le; %uL ms", bound / 1000000)
                   : ngx_slprintf(p, end, "&le; %uL &micro;s", bound / 1000);
        }
    }

    return ngx_slprintf(p, end, "&gt; 100 ms");
}


static u_char *
ngx_http_recs_html_sources(u_char *p, u_char *end,
    ngx_http_recs_counters_t *c)
{
    ngx_uint_t  i;

    p = ngx_slprintf(p, end, "<div class=\"bar\">");

    for (i = 0; i < RECS_SOURCE_COUNT && c->requests != 0; i++) {
        if (c->sources[i] != 0) {
            p = ngx_slprintf(p, end, "<i class=\"%s\" title=\"%s: %uA\" "
                             "style=\"width:%.2f%%\"></i>",
                             recs_source_name(i), recs_source_name(i),
                             c->sources[i], 100.0 * (double) c->sources[i]
                                            / (double) c->requests);
        }
    }

    return ngx_slprintf(p, end, "</div>");
}


static u_char *
ngx_http_recs_html_slot(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_slot_t *slot)
{
    ngx_uint_t                 i;
    ngx_http_recs_counters_t   c;

    ngx_http_recs_zone_read(rmcf, slot, &c);

    p = ngx_slprintf(p, end, "<tr><td><b>%V</b>%s</td><td>%V</td><td>%s</td>"
                     "<td class=\"n\">%uA</td><td>", &slot->name,
                     ngx_http_recs_switched_off(rmcf, slot)
                     ? " <span class=\"bad\">switched off</span>" : "",
                     &slot->model->name, recs_source_name(slot->strategy),
                     c.requests);
    p = ngx_http_recs_html_sources(p, end, &c);
    p = ngx_slprintf(p, end, "</td><td class=\"n\">");
    p = ngx_http_recs_html_quantile(p, end, &c, 0.5);
    p = ngx_slprintf(p, end, "</td><td class=\"n\">");
    p = ngx_http_recs_html_quantile(p, end, &c, 0.99);
    p = ngx_slprintf(p, end, "</td><td class=\"dim\">");

    for (i = RECS_REASON_NONE + 1; i < RECS_REASON_COUNT; i++) {
        if (c.reasons[i] != 0) {
            p = ngx_slprintf(p, end, "%s&nbsp;%uA ", recs_reason_name(i),
                             c.reasons[i]);
        }
    }

    return ngx_slprintf(p, end, "</td></tr>\n");
}


static u_char *
ngx_http_recs_html_slots(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t              i;
    ngx_http_recs_slot_t  **slots;

    slots = rmcf->slots.elts;

    p = ngx_slprintf(p, end, "<section><h2>Slots</h2><table><tr><th>slot"
                     "<th>model<th>strategy<th class=\"n\">answers"
                     "<th>came from<th class=\"n\">half within"
                     "<th class=\"n\">99 %% within"
                     "<th>not as asked, because</tr>\n");

    for (i = 0; i < rmcf->slots.nelts; i++) {
        p = ngx_http_recs_html_slot(p, end, rmcf, slots[i]);
    }

    p = ngx_slprintf(p, end, "</table><div class=\"key\">");

    for (i = 0; i < RECS_SOURCE_COUNT; i++) {
        p = ngx_slprintf(p, end, "<i class=\"%s\"></i>%s",
                         recs_source_name(i), recs_source_name(i));
    }

    return ngx_slprintf(p, end, "</div></section>\n");
}


static u_char *
ngx_http_recs_html_watched(u_char *p, u_char *end, const char *what,
    ngx_http_recs_watched_t *state)
{
    if (state == NULL) {
        return p;
    }

    p = ngx_slprintf(p, end, "<tr><td>%s</td><td>%ui in force, %ui unknown%s"
                     "</td><td class=\"dim\"><code>", what, state->n_lines,
                     state->n_unknown, state->failed
                     ? ", <span class=\"bad\">the file cannot be read</span>"
                     : "");
    p = ngx_http_recs_html_text(p, end, (char *) state->path.data,
                                state->path.len);

    return ngx_slprintf(p, end, "</code></td></tr>\n");
}


static u_char *
ngx_http_recs_html_counts(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t         i;
    ngx_atomic_uint_t  fills[NGX_HTTP_RECS_FILL_COUNT];
    ngx_atomic_uint_t  events[NGX_HTTP_RECS_EVENTS_COUNT];
    ngx_atomic_uint_t  visitors[NGX_HTTP_RECS_VISITORS_COUNT];
    ngx_atomic_uint_t  sessions[NGX_HTTP_RECS_SESSIONS_COUNT];

    ngx_http_recs_zone_read_fill(rmcf, fills);
    ngx_http_recs_zone_read_visitors(rmcf, visitors);
    ngx_http_recs_zone_read_sessions(rmcf, sessions);
    ngx_http_recs_zone_read_events(rmcf, events);

    p = ngx_slprintf(p, end, "<section><h2>Pages and events</h2><table>\n"
                     "<tr><td>elements of pages</td><td colspan=\"2\">");

    for (i = 0; i < NGX_HTTP_RECS_FILL_COUNT; i++) {
        if (fills[i] != 0 || i == NGX_HTTP_RECS_FILL_FILLED) {
            p = ngx_slprintf(p, end, "%s&nbsp;%uA ",
                             ngx_http_recs_status_fills[i], fills[i]);
        }
    }

    p = ngx_slprintf(p, end, "</td></tr>\n<tr><td>events</td>"
                     "<td colspan=\"2\">");

    for (i = 0; i < NGX_HTTP_RECS_EVENTS_COUNT; i++) {
        p = ngx_slprintf(p, end, "%s&nbsp;%uA ",
                         ngx_http_recs_status_events[i], events[i]);
    }

    p = ngx_slprintf(p, end, "</td></tr>\n<tr><td>visitors</td>"
                     "<td colspan=\"2\">");

    for (i = 0; i < NGX_HTTP_RECS_VISITORS_COUNT; i++) {
        p = ngx_slprintf(p, end, "%s&nbsp;%uA ",
                         ngx_http_recs_status_visitors[i], visitors[i]);
    }

    p = ngx_slprintf(p, end, "</td></tr>\n<tr><td>sessions</td>"
                     "<td colspan=\"2\">");

    for (i = 0; i < NGX_HTTP_RECS_SESSIONS_COUNT; i++) {
        p = ngx_slprintf(p, end, "%s&nbsp;%uA ",
                         ngx_http_recs_status_sessions[i], sessions[i]);
    }

    p = ngx_slprintf(p, end, "</td></tr>\n");
    p = ngx_http_recs_html_watched(p, end, "recs_switch",
                                   ngx_http_recs_watch_switch(rmcf));
    p = ngx_http_recs_html_watched(p, end, "recs_block",
                                   ngx_http_recs_watch_block(rmcf));
    p = ngx_http_recs_html_watched(p, end, "recs_rules",
                                   ngx_http_recs_watch_rules(rmcf));

    return ngx_slprintf(p, end, "</table></section>\n");
}


static u_char *
ngx_http_recs_html_workers(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf, ngx_array_t *workers)
{
    ngx_uint_t                i, m;
    ngx_http_recs_model_t   **models;
    ngx_http_recs_worker_t   *w;

    models = rmcf->models.elts;
    w = workers->elts;

    p = ngx_slprintf(p, end, "<section><h2>Workers</h2><table><tr><th>pid");

    for (m = 0; m < rmcf->models.nelts; m++) {
        p = ngx_slprintf(p, end, "<th>%V", &models[m]->name);
    }

    p = ngx_slprintf(p, end, "</tr>\n");

    for (i = 0; i < workers->nelts; i++) {
        p = ngx_slprintf(p, end, "<tr><td>%P</td>", w[i].pid);

        for (m = 0; m < rmcf->models.nelts; m++) {
            p = ngx_slprintf(p, end, "<td class=\"%s\"><code>%s</code></td>",
                             w[i].generations[m][0] == '\0' ? "bad"
                             : ngx_strcmp(w[i].generations[m],
                                          models[m]->generation.name) == 0
                               ? "good" : "dim",
                             w[i].generations[m][0] == '\0' ? "none"
                             : w[i].generations[m]);
        }

        p = ngx_slprintf(p, end, "</tr>\n");
    }

    return ngx_slprintf(p, end, "</table></section></main></body></html>\n");
}


static u_char *
ngx_http_recs_html_page(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf, ngx_array_t *workers)
{
    ngx_uint_t               i;
    ngx_http_recs_model_t  **models;

    models = rmcf->models.elts;

    p = ngx_cpymem(p, ngx_http_recs_html_head,
                   sizeof(ngx_http_recs_html_head) - 1);
    p = ngx_slprintf(p, end, "<small>%V</small></h1>\n"
                     "<section><h2>Models</h2><table><tr><th>model"
                     "<th>generation<th>algorithm<th class=\"n\">items"
                     "<th class=\"n\">users<th class=\"n\">factors"
                     "<th class=\"n\">size<th class=\"n\">verified in"
                     "<th>age</tr>\n", &ngx_cached_http_time);

    for (i = 0; i < rmcf->models.nelts; i++) {
        p = ngx_http_recs_html_model(p, end, models[i]);
    }

    p = ngx_slprintf(p, end, "</table></section>\n");
    p = ngx_http_recs_html_slots(p, end, rmcf);
    p = ngx_http_recs_status_html_experiments(p, end, rmcf);
    p = ngx_http_recs_html_counts(p, end, rmcf);

    return ngx_http_recs_html_workers(p, end, rmcf, workers);
}


ngx_int_t
ngx_http_recs_status_html_handler(ngx_http_request_t *r)
{
    u_char                     *start, *end;
    size_t                      size;
    ngx_int_t                   rc;
    ngx_array_t                *workers;
    ngx_http_recs_main_conf_t  *rmcf;

    static ngx_str_t  type = ngx_string("text/html; charset=utf-8");

    rc = ngx_http_recs_status_begin(r, &rmcf);
    if (rc != NGX_OK) {
        return rc;
    }

    workers = ngx_http_recs_zone_workers(rmcf, r->pool);
    if (workers == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    size = NGX_HTTP_RECS_HTML_HEAD
           + (rmcf->models.nelts + rmcf->slots.nelts
              + rmcf->experiments.nelts) * NGX_HTTP_RECS_HTML_ROW
           + workers->nelts * (64 + rmcf->models.nelts * 64);

    start = ngx_pnalloc(r->pool, size);
    if (start == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    end = ngx_http_recs_html_page(start, start + size, rmcf, workers);

    return ngx_http_recs_status_send(r, &type, start, end - start);
}
