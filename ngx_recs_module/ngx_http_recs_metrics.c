/*
 * recs_status prometheus: the text format 0.0.4.  Labels are names from the
 * configuration and of fixed sets: their number is bounded.
 */

#include "ngx_http_recs_status_experiments.h"


#define NGX_HTTP_RECS_METRICS_LINE  256               /* bytes, at most */


u_char *
ngx_http_recs_metrics_family(u_char *p, u_char *end, const char *name,
    const char *type, const char *help)
{
    return ngx_slprintf(p, end, "# HELP %s %s\n# TYPE %s %s\n", name, help,
                        name, type);
}


typedef uint64_t (*ngx_http_recs_metrics_value_pt)(
    ngx_http_recs_model_t *model);


static uint64_t
ngx_http_recs_metrics_items(ngx_http_recs_model_t *model)
{
    return model->bundle ? recs_bundle_view(model->bundle)->n_items : 0;
}


static uint64_t
ngx_http_recs_metrics_users(ngx_http_recs_model_t *model)
{
    return model->bundle ? recs_bundle_view(model->bundle)->n_users : 0;
}


static uint64_t
ngx_http_recs_metrics_factors(ngx_http_recs_model_t *model)
{
    return model->bundle ? recs_bundle_view(model->bundle)->n_factors : 0;
}


static uint64_t
ngx_http_recs_metrics_bytes(ngx_http_recs_model_t *model)
{
    return model->bundle ? recs_bundle_size(model->bundle) : 0;
}


static uint64_t
ngx_http_recs_metrics_loaded(ngx_http_recs_model_t *model)
{
    return (uint64_t) model->loaded;
}


static uint64_t
ngx_http_recs_metrics_created(ngx_http_recs_model_t *model)
{
    return (uint64_t) ngx_http_recs_status_time(model, "created");
}


static uint64_t
ngx_http_recs_metrics_age(ngx_http_recs_model_t *model)
{
    time_t  created;

    created = ngx_http_recs_status_time(model, "created");

    return created != 0 && ngx_time() > created ? ngx_time() - created : 0;
}


static uint64_t
ngx_http_recs_metrics_attached(ngx_http_recs_model_t *model)
{
    return model->bundle != NULL;
}


static const struct {
    const char                     *name;
    const char                     *help;
    ngx_http_recs_metrics_value_pt   value;
} ngx_http_recs_metrics_gauges[] = {
    { "ngx_recs_model_attached",
      "Whether the answering worker serves the model.",
      ngx_http_recs_metrics_attached },
    { "ngx_recs_model_items", "Items in the model.",
      ngx_http_recs_metrics_items },
    { "ngx_recs_model_users", "Users in the model.",
      ngx_http_recs_metrics_users },
    { "ngx_recs_model_factors", "Length of the model's vectors.",
      ngx_http_recs_metrics_factors },
    { "ngx_recs_model_size_bytes", "Size of the bundle.",
      ngx_http_recs_metrics_bytes },
    { "ngx_recs_model_loaded_timestamp_seconds", "When it was loaded.",
      ngx_http_recs_metrics_loaded },
    { "ngx_recs_model_created_timestamp_seconds", "When it was trained.",
      ngx_http_recs_metrics_created },
    { "ngx_recs_model_age_seconds", "Time since it was trained.",
      ngx_http_recs_metrics_age }
};

#define NGX_HTTP_RECS_METRICS_GAUGES                                           \
    (sizeof(ngx_http_recs_metrics_gauges)                                      \
     / sizeof(ngx_http_recs_metrics_gauges[0]))


static u_char *
ngx_http_recs_metrics_label(u_char *p, u_char *end, recs_str_t value)
{
    size_t  i;

    for (i = 0; i < value.len && i < 64 && end - p > 2; i++) {
        switch (value.data[i]) {
        case '"':
        case '\\':
            *p++ = '\\';
            *p++ = value.data[i];
            break;

        case '\n':
            *p++ = '\\';
            *p++ = 'n';
            break;

        default:
            *p++ = value.data[i];
        }
    }

    return p;
}


static u_char *
ngx_http_recs_metrics_models(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t               g, i;
    recs_str_t               algorithm;
    ngx_http_recs_model_t  **model;

    model = rmcf->models.elts;

    p = ngx_http_recs_metrics_family(p, end, "ngx_recs_model_info", "gauge",
                                    "The generation that is served.");

    for (i = 0; i < rmcf->models.nelts; i++) {
        algorithm = (recs_str_t) { "", 0 };

        if (model[i]->bundle != NULL) {
            algorithm = recs_bundle_manifest(model[i]->bundle, "algorithm");
        }

        p = ngx_slprintf(p, end, "ngx_recs_model_info{model=\"%V\","
                         "generation=\"%s\",algorithm=\"",
                         &model[i]->name, model[i]->generation.name);
        p = ngx_http_recs_metrics_label(p, end, algorithm);
        p = ngx_slprintf(p, end, "\"} 1\n");
    }

    for (g = 0; g < NGX_HTTP_RECS_METRICS_GAUGES; g++) {
        p = ngx_http_recs_metrics_family(p, end,
                                        ngx_http_recs_metrics_gauges[g].name,
                                        "gauge",
                                        ngx_http_recs_metrics_gauges[g].help);

        for (i = 0; i < rmcf->models.nelts; i++) {
            p = ngx_slprintf(p, end, "%s{model=\"%V\"} %uL\n",
                             ngx_http_recs_metrics_gauges[g].name,
                             &model[i]->name,
                             ngx_http_recs_metrics_gauges[g].value(model[i]));
        }
    }

    return p;
}


/* How many live workers serve the current generation, another, or none. */

static u_char *
ngx_http_recs_metrics_attachment(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf, ngx_array_t *workers)
{
    char                    *generation;
    ngx_uint_t               i, m, current, other, none;
    ngx_http_recs_model_t  **model;
    ngx_http_recs_worker_t  *w;

    model = rmcf->models.elts;
    w = workers->elts;

    p = ngx_http_recs_metrics_family(p, end, "ngx_recs_model_workers", "gauge",
                                    "Live workers by what they serve.");

    for (m = 0; m < rmcf->models.nelts; m++) {
        current = 0;
        other = 0;
        none = 0;

        for (i = 0; i < workers->nelts; i++) {
            generation = w[i].generations[m];

            if (generation[0] == '\0') {
                none++;

            } else if (ngx_strcmp(generation, model[m]->generation.name)
                       == 0)
            {
                current++;

            } else {
                other++;
            }
        }

        p = ngx_slprintf(p, end,
                         "ngx_recs_model_workers{model=\"%V\","
                         "generation=\"current\"} %ui\n"
                         "ngx_recs_model_workers{model=\"%V\","
                         "generation=\"other\"} %ui\n"
                         "ngx_recs_model_workers{model=\"%V\","
                         "generation=\"none\"} %ui\n",
                         &model[m]->name, current, &model[m]->name, other,
                         &model[m]->name, none);
    }

    return p;
}


static u_char *
ngx_http_recs_metrics_counters(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_counters_t *c)
{
    ngx_uint_t              i, s;
    ngx_http_recs_slot_t  **slot;

    slot = rmcf->slots.elts;

    p = ngx_http_recs_metrics_family(p, end, "ngx_recs_slot_requests_total",
                                    "counter", "Answers of the slot.");

    for (s = 0; s < rmcf->slots.nelts; s++) {
        p = ngx_slprintf(p, end,
                         "ngx_recs_slot_requests_total{slot=\"%V\"} %uA\n",
                         &slot[s]->name, c[s].requests);
    }

    p = ngx_http_recs_metrics_family(p, end, "ngx_recs_slot_degraded_total",
                                    "counter",
                                    "Answers that the budget cut short.");

    for (s = 0; s < rmcf->slots.nelts; s++) {
        p = ngx_slprintf(p, end,
                         "ngx_recs_slot_degraded_total{slot=\"%V\"} %uA\n",
                         &slot[s]->name, c[s].degraded);
    }

    p = ngx_http_recs_metrics_family(p, end, "ngx_recs_slot_source_total",
                                    "counter", "Answers by rung.");

    for (s = 0; s < rmcf->slots.nelts; s++) {
        for (i = 0; i < RECS_SOURCE_COUNT; i++) {
            p = ngx_slprintf(p, end, "ngx_recs_slot_source_total{slot=\"%V\","
                             "source=\"%s\"} %uA\n", &slot[s]->name,
                             recs_source_name(i), c[s].sources[i]);
        }
    }

    p = ngx_http_recs_metrics_family(p, end, "ngx_recs_slot_reason_total",
                                    "counter",
                                    "Answers by why not the rung asked for.");

    for (s = 0; s < rmcf->slots.nelts; s++) {
        for (i = 0; i < RECS_REASON_COUNT; i++) {
            p = ngx_slprintf(p, end, "ngx_recs_slot_reason_total{slot=\"%V\","
                             "reason=\"%s\"} %uA\n", &slot[s]->name,
                             ngx_http_recs_status_reason(i),
                             c[s].reasons[i]);
        }
    }

    return p;
}


static u_char *
ngx_http_recs_metrics_histograms(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_counters_t *c)
{
    ngx_uint_t              i, n, s;
    ngx_http_recs_slot_t  **slot;

    slot = rmcf->slots.elts;

    p = ngx_http_recs_metrics_family(p, end, "ngx_recs_slot_duration_seconds",
                                    "histogram", "Time to compute an answer.");

    for (s = 0; s < rmcf->slots.nelts; s++) {
        n = 0;

        for (i = 0; i <= NGX_HTTP_RECS_BUCKETS; i++) {
            n += c[s].buckets[i];
            p = ngx_slprintf(p, end,
                             "ngx_recs_slot_duration_seconds_bucket"
                             "{slot=\"%V\",le=\"%s\"} %ui\n", &slot[s]->name,
                             ngx_http_recs_status_bounds[i], n);
        }

        p = ngx_slprintf(p, end,
                         "ngx_recs_slot_duration_seconds_sum"
                         "{slot=\"%V\"} %.9f\n"
                         "ngx_recs_slot_duration_seconds_count"
                         "{slot=\"%V\"} %ui\n",
                         &slot[s]->name, (double) c[s].nanoseconds / 1e9,
                         &slot[s]->name, n);
    }

    return p;
}


u_char *
ngx_http_recs_metrics_totals(u_char *p, u_char *end, const char *kind,
    const ngx_http_recs_metrics_total_t *totals, ngx_uint_t n,
    ngx_atomic_uint_t *values)
{
    ngx_uint_t   i;
    const char  *name;

    for (i = 0; i < n; i++) {
        name = totals[i].name;
        p = ngx_slprintf(p, end, "# HELP ngx_recs_%s_%s_total %s\n"
                         "# TYPE ngx_recs_%s_%s_total counter\n"
                         "ngx_recs_%s_%s_total %uA\n", kind, name,
                         totals[i].help, kind, name, kind, name, values[i]);
    }

    return p;
}


static const ngx_http_recs_metrics_total_t  ngx_http_recs_metrics_events[] = {
    NGX_HTTP_RECS_EVENT_MAP(NGX_HTTP_RECS_METRICS_TOTAL)
};

static const ngx_http_recs_metrics_total_t
ngx_http_recs_metrics_visitors[] = {
    NGX_HTTP_RECS_VISITOR_MAP(NGX_HTTP_RECS_METRICS_TOTAL)
};

static const ngx_http_recs_metrics_total_t
ngx_http_recs_metrics_sessions[] = {
    NGX_HTTP_RECS_SESSION_MAP(NGX_HTTP_RECS_METRICS_TOTAL)
};


static const struct {
    const char                           *kind;
    const ngx_http_recs_metrics_total_t  *totals;
    ngx_uint_t                            n;
    void                                (*read)(
        ngx_http_recs_main_conf_t *rmcf, ngx_atomic_uint_t *values);
} ngx_http_recs_metrics_kinds[] = {
    { "events", ngx_http_recs_metrics_events, NGX_HTTP_RECS_EVENTS_COUNT,
      ngx_http_recs_zone_read_events },
    { "visitors", ngx_http_recs_metrics_visitors,
      NGX_HTTP_RECS_VISITORS_COUNT, ngx_http_recs_zone_read_visitors },
    { "sessions", ngx_http_recs_metrics_sessions,
      NGX_HTTP_RECS_SESSIONS_COUNT, ngx_http_recs_zone_read_sessions }
};

#define NGX_HTTP_RECS_METRICS_KINDS                                           \
    (sizeof(ngx_http_recs_metrics_kinds)                                      \
     / sizeof(ngx_http_recs_metrics_kinds[0]))


/* What the zone counts of all requests together. */

static u_char *
ngx_http_recs_metrics_counted(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t         i;
    ngx_atomic_uint_t  values[NGX_HTTP_RECS_EVENTS_COUNT
                              + NGX_HTTP_RECS_VISITORS_COUNT
                              + NGX_HTTP_RECS_SESSIONS_COUNT];

    for (i = 0; i < NGX_HTTP_RECS_METRICS_KINDS; i++) {
        ngx_http_recs_metrics_kinds[i].read(rmcf, values);
        p = ngx_http_recs_metrics_totals(p, end,
                                       ngx_http_recs_metrics_kinds[i].kind,
                                       ngx_http_recs_metrics_kinds[i].totals,
                                       ngx_http_recs_metrics_kinds[i].n,
                                       values);
    }

    return p;
}


static u_char *
ngx_http_recs_metrics_switches(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t              s;
    ngx_http_recs_slot_t  **slot;

    slot = rmcf->slots.elts;

    p = ngx_http_recs_metrics_family(p, end, "ngx_recs_slot_switched_off",
                                    "gauge", "Whether recs_switch says so.");

    for (s = 0; s < rmcf->slots.nelts; s++) {
        p = ngx_slprintf(p, end,
                         "ngx_recs_slot_switched_off{slot=\"%V\"} %ui\n",
                         &slot[s]->name,
                         ngx_http_recs_switched_off(rmcf, slot[s]));
    }

    return p;
}


/* The files of recs_switch and the like, as the answering worker has them. */

static u_char *
ngx_http_recs_metrics_watched(u_char *p, u_char *end, const char *file,
    const char *name, ngx_http_recs_watched_t *state)
{
    if (state == NULL) {
        return p;
    }

    p = ngx_slprintf(p, end, "# HELP ngx_recs_%s_entries Lines in force.\n"
                     "# TYPE ngx_recs_%s_entries gauge\n"
                     "ngx_recs_%s_entries %ui\n",
                     file, file, file, state->n_lines);
    p = ngx_slprintf(p, end, "# HELP ngx_recs_%s_unknown Lines that name %s."
                     "\n# TYPE ngx_recs_%s_unknown gauge\n"
                     "ngx_recs_%s_unknown %ui\n",
                     file, name, file, file, state->n_unknown);

    return ngx_slprintf(p, end, "# HELP ngx_recs_%s_failed Whether the file "
                        "cannot be read.\n# TYPE ngx_recs_%s_failed gauge\n"
                        "ngx_recs_%s_failed %ui\n",
                        file, file, file, state->failed);
}


static u_char *
ngx_http_recs_metrics_fill_counters(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t         i;
    ngx_atomic_uint_t  fills[NGX_HTTP_RECS_FILL_COUNT];

    ngx_http_recs_zone_read_fill(rmcf, fills);

    p = ngx_http_recs_metrics_family(p, end, "ngx_recs_fill_elements_total",
                                    "counter",
                                    "Slot elements of pages by outcome.");

    for (i = 0; i < NGX_HTTP_RECS_FILL_COUNT; i++) {
        p = ngx_slprintf(p, end,
                         "ngx_recs_fill_elements_total{outcome=\"%s\"} %uA\n",
                         ngx_http_recs_status_fills[i], fills[i]);
    }

    return p;
}


ngx_int_t
ngx_http_recs_metrics_handler(ngx_http_request_t *r)
{
    u_char                     *start, *p, *end;
    size_t                      lines;
    ngx_int_t                   rc;
    ngx_uint_t                  s;
    ngx_array_t                *workers;
    ngx_http_recs_slot_t      **slot;
    ngx_http_recs_counters_t   *c;
    ngx_http_recs_main_conf_t  *rmcf;

    static ngx_str_t  type = ngx_string("text/plain; version=0.0.4");

    rc = ngx_http_recs_status_begin(r, &rmcf);
    if (rc != NGX_OK) {
        return rc;
    }

    lines = 208 + ngx_http_recs_status_metrics_lines(rmcf)
            + rmcf->models.nelts * (NGX_HTTP_RECS_METRICS_GAUGES + 4)
            + rmcf->slots.nelts * (RECS_SOURCE_COUNT + RECS_REASON_COUNT
                                   + NGX_HTTP_RECS_BUCKETS + 9);

    start = ngx_pnalloc(r->pool, lines * NGX_HTTP_RECS_METRICS_LINE);
    c = ngx_palloc(r->pool, (rmcf->slots.nelts + 1)
                            * sizeof(ngx_http_recs_counters_t));
    workers = ngx_http_recs_zone_workers(rmcf, r->pool);

    if (start == NULL || c == NULL || workers == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* One reading for all families: they agree with each other. */

    slot = rmcf->slots.elts;

    for (s = 0; s < rmcf->slots.nelts; s++) {
        ngx_http_recs_zone_read(rmcf, slot[s], &c[s]);
    }

    end = start + lines * NGX_HTTP_RECS_METRICS_LINE;

    p = ngx_http_recs_metrics_models(start, end, rmcf);
    p = ngx_http_recs_metrics_attachment(p, end, rmcf, workers);
    p = ngx_http_recs_metrics_counters(p, end, rmcf, c);
    p = ngx_http_recs_metrics_histograms(p, end, rmcf, c);
    p = ngx_http_recs_status_metrics(p, end, rmcf, r->pool);
    p = ngx_http_recs_metrics_fill_counters(p, end, rmcf);
    p = ngx_http_recs_metrics_counted(p, end, rmcf);
    p = ngx_http_recs_metrics_switches(p, end, rmcf);
    p = ngx_http_recs_metrics_watched(p, end, "switch", "nothing known",
                                      ngx_http_recs_watch_switch(rmcf));
    p = ngx_http_recs_metrics_watched(p, end, "block", "no item of a model",
                                      ngx_http_recs_watch_block(rmcf));
    p = ngx_http_recs_metrics_watched(p, end, "rules",
                                      "no slot or item that there is",
                                      ngx_http_recs_watch_rules(rmcf));

    return ngx_http_recs_status_send(r, &type, start, p - start);
}
