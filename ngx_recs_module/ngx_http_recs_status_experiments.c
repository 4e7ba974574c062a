/*
 * Experiments on the pages of recs_status: what is counted of each, and
 * whether it can be believed.
 */

#include "ngx_http_recs_status_experiments.h"

#include "ngx_http_recs_guard.h"


#define NGX_HTTP_RECS_STATUS_NUMBER  32      /* of "%.9g", and more */


static const char  *ngx_http_recs_status_sticky[] = {
#define NGX_HTTP_RECS_STATUS_STICKY(name, text, help)  text,
    NGX_HTTP_RECS_STICKY_MAP(NGX_HTTP_RECS_STATUS_STICKY)
#undef NGX_HTTP_RECS_STATUS_STICKY
};


/* "on", or why nobody is in it. */
static const char *
ngx_http_recs_status_state(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x)
{
    if (!ngx_http_recs_guard_off(rmcf, x)) {
        return "on";
    }

    return ngx_http_recs_switch_experiment(rmcf, x)
           == NGX_HTTP_RECS_SWITCH_OFF ? "switched off" : "guarded";
}


/* nginx's own formats know no exponents. */
static u_char *
ngx_http_recs_status_number(u_char *p, u_char *end, double number)
{
    char  text[NGX_HTTP_RECS_STATUS_NUMBER];

    (void) snprintf(text, sizeof(text), "%.9g", number);

    return ngx_slprintf(p, end, "%s", text);
}


/* --- json --- */

static json_t *
ngx_http_recs_status_variants(ngx_http_recs_experiment_t *x,
    ngx_http_recs_guard_counts_t *c)
{
    json_t      *array, *object;
    ngx_uint_t   i;
    recs_str_t  *name;

    array = json_array();

    for (i = 0; i < x->core.n_variants; i++) {
        name = &x->core.variants[i];
        object = json_object();

        json_object_set_new(object, "name",
                            json_stringn(name->data, name->len));
        json_object_set_new(object, "share", json_real(x->live.shares[i]));
        json_object_set_new(object, "units", json_integer(c->units[i]));
        json_object_set_new(object, "exposures",
                            json_integer(c->exposures[i]));
        json_array_append_new(array, object);
    }

    return array;
}


static json_t *
ngx_http_recs_status_bandit(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x)
{
    json_t                   *object;
    ngx_http_recs_watched_t  *state;

    state = ngx_http_recs_watch_arms(rmcf, x);

    if (state == NULL) {
        return json_null();
    }

    object = json_object();

    json_object_set_new(object, "path",
                        ngx_http_recs_status_string(&state->path));
    json_object_set_new(object, "epoch",
                        json_stringn((char *) x->live.epoch,
                                     x->live.epoch_len));
    json_object_set_new(object, "arms", json_integer(x->live.n_arms));
    json_object_set_new(object, "applied", json_integer(state->applied));
    json_object_set_new(object, "failed", json_boolean(state->failed));

    return object;
}


static json_t *
ngx_http_recs_status_experiment(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x)
{
    json_t                        *object, *ratio;
    ngx_http_recs_guard_counts_t   c;

    ngx_http_recs_guard_read(x, &c);

    object = json_object();
    ratio = json_object();

    json_object_set_new(ratio, "p", json_real(c.p));
    json_object_set_new(ratio, "mismatch",
                        c.mismatch != 0 ? json_integer(c.mismatch)
                                        : json_null());

    json_object_set_new(object, "name",
                        ngx_http_recs_status_string(&x->name));
    json_object_set_new(object, "version",
                        json_integer(x->core.bucket_version));
    json_object_set_new(object, "state",
                        json_string(ngx_http_recs_status_state(rmcf, x)));
    json_object_set_new(object, "guard", json_boolean(x->guard));
    json_object_set_new(object, "since", json_integer(c.since));
    json_object_set_new(object, "variants",
                        ngx_http_recs_status_variants(x, &c));
    json_object_set_new(object, "forced", json_integer(c.forced));
    json_object_set_new(object, "without_unit", json_integer(c.without_unit));
    json_object_set_new(object, "sample_ratio", ratio);
    json_object_set_new(object, "bandit",
                        ngx_http_recs_status_bandit(rmcf, x));

    return object;
}


json_t *
ngx_http_recs_status_experiments(ngx_http_recs_main_conf_t *rmcf)
{
    json_t                       *array;
    ngx_uint_t                    i;
    ngx_http_recs_experiment_t  **x;

    array = json_array();
    x = rmcf->experiments.elts;

    for (i = 0; i < rmcf->experiments.nelts; i++) {
        json_array_append_new(array,
                              ngx_http_recs_status_experiment(rmcf, x[i]));
    }

    return array;
}


json_t *
ngx_http_recs_status_kept(ngx_http_recs_main_conf_t *rmcf)
{
    json_t             *object;
    ngx_uint_t          i;
    ngx_atomic_uint_t   counts[NGX_HTTP_RECS_STICKY_COUNT];

    ngx_http_recs_guard_read_sticky(rmcf, counts);
    object = json_object();

    for (i = 0; i < NGX_HTTP_RECS_STICKY_COUNT; i++) {
        json_object_set_new(object, ngx_http_recs_status_sticky[i],
                            json_integer(counts[i]));
    }

    return object;
}


/* --- prometheus --- */

typedef double (*ngx_http_recs_experiment_value_pt)(
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_experiment_t *x,
    ngx_http_recs_guard_counts_t *c);


static double
ngx_http_recs_status_p(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x, ngx_http_recs_guard_counts_t *c)
{
    return c->p;
}


static double
ngx_http_recs_status_mismatch(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x, ngx_http_recs_guard_counts_t *c)
{
    return c->mismatch != 0;
}


static double
ngx_http_recs_status_off(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x, ngx_http_recs_guard_counts_t *c)
{
    return (double) ngx_http_recs_guard_off(rmcf, x);
}


static double
ngx_http_recs_status_forced(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x, ngx_http_recs_guard_counts_t *c)
{
    return (double) c->forced;
}


static double
ngx_http_recs_status_without_unit(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x, ngx_http_recs_guard_counts_t *c)
{
    return (double) c->without_unit;
}


/* One line per experiment. */
static const struct {
    const char                         *name;
    const char                         *type;
    const char                         *help;
    ngx_http_recs_experiment_value_pt   value;
} ngx_http_recs_status_of_experiments[] = {
    { "ngx_recs_experiment_sample_ratio_p", "gauge",
      "The smallest p-value of the sample ratio; under .001 the experiment "
      "cannot be believed.",
      ngx_http_recs_status_p },
    { "ngx_recs_experiment_mismatch", "gauge",
      "Whether the sample ratio was found to be wrong.",
      ngx_http_recs_status_mismatch },
    { "ngx_recs_experiment_off", "gauge",
      "Whether its guard or recs_switch has turned it off.",
      ngx_http_recs_status_off },
    { "ngx_recs_experiment_forced_total", "counter",
      "Exposures to forced variants.",
      ngx_http_recs_status_forced },
    { "ngx_recs_experiment_without_unit_total", "counter",
      "Exposures of visitors who have no id.",
      ngx_http_recs_status_without_unit }
};

#define NGX_HTTP_RECS_STATUS_OF_EXPERIMENTS                                   \
    (sizeof(ngx_http_recs_status_of_experiments)                              \
     / sizeof(ngx_http_recs_status_of_experiments[0]))


/* One line per variant. */
typedef enum {
    NGX_HTTP_RECS_OF_VARIANT_UNITS,
    NGX_HTTP_RECS_OF_VARIANT_EXPOSURES,
    NGX_HTTP_RECS_OF_VARIANT_SHARE,
    NGX_HTTP_RECS_OF_VARIANT_COUNT
} ngx_http_recs_of_variant_t;

static const struct {
    const char  *name;
    const char  *type;
    const char  *help;
} ngx_http_recs_status_of_variants[NGX_HTTP_RECS_OF_VARIANT_COUNT] = {
    { "ngx_recs_experiment_units_total", "counter",
      "Units that met the variant, each once." },
    { "ngx_recs_experiment_exposures_total", "counter",
      "Requests that met the variant." },
    { "ngx_recs_experiment_expected_share", "gauge",
      "The share of units that the variant should have." }
};


static double
ngx_http_recs_status_of_variant(ngx_http_recs_experiment_t *x,
    ngx_http_recs_guard_counts_t *c, ngx_http_recs_of_variant_t what,
    ngx_uint_t variant)
{
    switch (what) {

    case NGX_HTTP_RECS_OF_VARIANT_UNITS:
        return (double) c->units[variant];

    case NGX_HTTP_RECS_OF_VARIANT_EXPOSURES:
        return (double) c->exposures[variant];

    default:
        return x->live.shares[variant];
    }
}


static u_char *
ngx_http_recs_status_metrics_variants(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_guard_counts_t *c,
    ngx_http_recs_of_variant_t what)
{
    ngx_uint_t                    i, variant;
    recs_str_t                   *name;
    ngx_http_recs_experiment_t  **x;

    x = rmcf->experiments.elts;

    p = ngx_http_recs_metrics_family(p, end,
                                 ngx_http_recs_status_of_variants[what].name,
                                 ngx_http_recs_status_of_variants[what].type,
                                 ngx_http_recs_status_of_variants[what].help);

    for (i = 0; i < rmcf->experiments.nelts; i++) {
        for (variant = 0; variant < x[i]->core.n_variants; variant++) {
            name = &x[i]->core.variants[variant];

            p = ngx_slprintf(p, end, "%s{experiment=\"%V\",variant=\"%*s\"} ",
                             ngx_http_recs_status_of_variants[what].name,
                             &x[i]->name, name->len, name->data);
            p = ngx_http_recs_status_number(p, end,
                     ngx_http_recs_status_of_variant(x[i], &c[i], what,
                                                     variant));
            p = ngx_slprintf(p, end, "\n");
        }
    }

    return p;
}


ngx_uint_t
ngx_http_recs_status_metrics_lines(ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t                    i, lines;
    ngx_http_recs_experiment_t  **x;

    x = rmcf->experiments.elts;

    lines = 3 * (NGX_HTTP_RECS_STATUS_OF_EXPERIMENTS
                 + NGX_HTTP_RECS_OF_VARIANT_COUNT
                 + NGX_HTTP_RECS_STICKY_COUNT)
            + rmcf->experiments.nelts * NGX_HTTP_RECS_STATUS_OF_EXPERIMENTS;

    for (i = 0; i < rmcf->experiments.nelts; i++) {
        lines += x[i]->core.n_variants * NGX_HTTP_RECS_OF_VARIANT_COUNT;
    }

    return lines;
}


u_char *
ngx_http_recs_status_metrics(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf, ngx_pool_t *pool)
{
    ngx_uint_t                     i, n;
    ngx_atomic_uint_t              counts[NGX_HTTP_RECS_STICKY_COUNT];
    ngx_http_recs_experiment_t   **x;
    ngx_http_recs_guard_counts_t  *c;

    static const ngx_http_recs_metrics_total_t  totals[] = {
        NGX_HTTP_RECS_STICKY_MAP(NGX_HTTP_RECS_METRICS_TOTAL)
    };

    x = rmcf->experiments.elts;

    c = ngx_palloc(pool, (rmcf->experiments.nelts + 1)
                         * sizeof(ngx_http_recs_guard_counts_t));
    if (c == NULL || rmcf->experiments.nelts == 0) {
        return p;
    }

    /* One reading for all families: they agree with each other. */

    for (i = 0; i < rmcf->experiments.nelts; i++) {
        ngx_http_recs_guard_read(x[i], &c[i]);
    }

    for (n = 0; n < NGX_HTTP_RECS_OF_VARIANT_COUNT; n++) {
        p = ngx_http_recs_status_metrics_variants(p, end, rmcf, c, n);
    }

    for (n = 0; n < NGX_HTTP_RECS_STATUS_OF_EXPERIMENTS; n++) {
        p = ngx_http_recs_metrics_family(p, end,
                                 ngx_http_recs_status_of_experiments[n].name,
                                 ngx_http_recs_status_of_experiments[n].type,
                                 ngx_http_recs_status_of_experiments[n].help);

        for (i = 0; i < rmcf->experiments.nelts; i++) {
            p = ngx_slprintf(p, end, "%s{experiment=\"%V\"} ",
                             ngx_http_recs_status_of_experiments[n].name,
                             &x[i]->name);
            p = ngx_http_recs_status_number(p, end,
                     ngx_http_recs_status_of_experiments[n].value(rmcf, x[i],
                                                                  &c[i]));
            p = ngx_slprintf(p, end, "\n");
        }
    }

    ngx_http_recs_guard_read_sticky(rmcf, counts);

    return ngx_http_recs_metrics_totals(p, end, "sticky", totals,
                                        NGX_HTTP_RECS_STICKY_COUNT, counts);
}


/* --- html --- */

static u_char *
ngx_http_recs_status_html_variants(u_char *p, u_char *end,
    ngx_http_recs_experiment_t *x, ngx_http_recs_guard_counts_t *c)
{
    double       total;
    ngx_uint_t   i;
    recs_str_t  *name;

    for (total = 0, i = 0; i < x->core.n_variants; i++) {
        total += (double) c->units[i];
    }

    for (i = 0; i < x->core.n_variants; i++) {
        name = &x->core.variants[i];

        p = ngx_slprintf(p, end, "%s%*s <b>%uA</b> <span class=\"dim\">",
                         i == 0 ? "" : "<br>", name->len, name->data,
                         c->units[i]);

        if (total != 0) {
            p = ngx_slprintf(p, end, "%.2f %% of ",
                             100 * (double) c->units[i] / total);
        }

        p = ngx_slprintf(p, end, "%.2f %%</span>", 100 * x->live.shares[i]);
    }

    return p;
}


static u_char *
ngx_http_recs_status_html_experiment(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_experiment_t *x)
{
    char                          number[NGX_HTTP_RECS_STATUS_NUMBER];
    const char                   *state;
    ngx_http_recs_guard_counts_t  c;

    ngx_http_recs_guard_read(x, &c);

    state = ngx_http_recs_status_state(rmcf, x);
    (void) snprintf(number, sizeof(number), "%.2g", c.p);

    p = ngx_slprintf(p, end, "<tr><td><b>%V</b></td><td class=\"n\">%uD</td>"
                     "<td class=\"%s\">%s</td><td>", &x->name,
                     (uint32_t) x->core.bucket_version,
                     ngx_strcmp(state, "on") == 0 ? "good" : "bad", state);
    p = ngx_http_recs_status_html_variants(p, end, x, &c);

    p = ngx_slprintf(p, end, "</td><td class=\"%s\">%s%s</td>"
                     "<td class=\"n\">%uA</td><td class=\"n\">%uA</td><td>",
                     c.mismatch != 0 ? "bad" : "good",
                     c.mismatch != 0 ? "wrong, p " : "p ", number, c.forced,
                     c.without_unit);

    if (x->live.n_arms != 0) {
        p = ngx_slprintf(p, end, "<code>%*s</code>", x->live.epoch_len,
                         x->live.epoch);
    }

    return ngx_slprintf(p, end, "</td></tr>\n");
}


u_char *
ngx_http_recs_status_html_experiments(u_char *p, u_char *end,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t                    i;
    ngx_atomic_uint_t             counts[NGX_HTTP_RECS_STICKY_COUNT];
    ngx_http_recs_experiment_t  **x;

    if (rmcf->experiments.nelts == 0) {
        return p;
    }

    x = rmcf->experiments.elts;

    p = ngx_slprintf(p, end, "<section><h2>Experiments</h2><table><tr>"
                     "<th>experiment<th class=\"n\">version<th>state"
                     "<th>units that met it<th>sample ratio"
                     "<th class=\"n\">forced<th class=\"n\">without an id"
                     "<th>epoch</tr>\n");

    for (i = 0; i < rmcf->experiments.nelts; i++) {
        p = ngx_http_recs_status_html_experiment(p, end, rmcf, x[i]);
    }

    p = ngx_slprintf(p, end, "</table><div class=\"key\">kept variants and "
                     "tokens: ");

    ngx_http_recs_guard_read_sticky(rmcf, counts);

    for (i = 0; i < NGX_HTTP_RECS_STICKY_COUNT; i++) {
        p = ngx_slprintf(p, end, "%s&nbsp;%uA ",
                         ngx_http_recs_status_sticky[i], counts[i]);
    }

    return ngx_slprintf(p, end, "</div></section>\n");
}
