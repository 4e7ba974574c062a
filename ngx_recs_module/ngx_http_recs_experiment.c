/*
 * recs_experiment NAME { ... }: who gets which variant, and what that changes.
 */

#include "ngx_http_recs_experiment.h"


typedef char *(*ngx_http_recs_experiment_set_pt)(ngx_conf_t *cf,
    ngx_http_recs_experiment_t *x, ngx_str_t *value);

typedef struct {
    ngx_str_t                        name;
    ngx_uint_t                       min_args;
    ngx_uint_t                       max_args;
    ngx_http_recs_experiment_set_pt  set;
} ngx_http_recs_experiment_directive_t;


static char *ngx_http_recs_experiment_unit(ngx_conf_t *cf,
    ngx_http_recs_experiment_t *x, ngx_str_t *value);
static char *ngx_http_recs_experiment_when(ngx_conf_t *cf,
    ngx_http_recs_experiment_t *x, ngx_str_t *value);
static char *ngx_http_recs_experiment_slot(ngx_conf_t *cf,
    ngx_http_recs_experiment_t *x, ngx_str_t *value);
static char *ngx_http_recs_experiment_expose(ngx_conf_t *cf,
    ngx_http_recs_experiment_t *x, ngx_str_t *value);
static char *ngx_http_recs_experiment_guard(ngx_conf_t *cf,
    ngx_http_recs_experiment_t *x, ngx_str_t *value);
static char *ngx_http_recs_experiment_bandit(ngx_conf_t *cf,
    ngx_http_recs_experiment_t *x, ngx_str_t *value);


/* What core does not know. */
static ngx_http_recs_experiment_directive_t
    ngx_http_recs_experiment_directives[] =
{
    { ngx_string("unit"), 1, NGX_HTTP_RECS_UNITS_MAX,
      ngx_http_recs_experiment_unit },

    { ngx_string("when"), 1, 1, ngx_http_recs_experiment_when },

    { ngx_string("slot"), 1, 1, ngx_http_recs_experiment_slot },

    { ngx_string("expose"), 0, 0, ngx_http_recs_experiment_expose },

    { ngx_string("guard"), 1, 1, ngx_http_recs_experiment_guard },

    { ngx_string("bandit"), 1, 1, ngx_http_recs_experiment_bandit },

    { ngx_null_string, 0, 0, NULL }
};


static char *
ngx_http_recs_experiment_value(ngx_conf_t *cf, ngx_array_t *values,
    ngx_str_t *value)
{
    ngx_http_compile_complex_value_t  ccv;

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = value;
    ccv.complex_value = ngx_array_push(values);

    if (ccv.complex_value == NULL
        || ngx_http_compile_complex_value(&ccv) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_experiment_unit(ngx_conf_t *cf, ngx_http_recs_experiment_t *x,
    ngx_str_t *value)
{
    ngx_uint_t  i;

    if (x->units.nelts != 0) {
        return "is duplicate";
    }

    for (i = 0; i < cf->args->nelts - 1; i++) {
        if (ngx_http_recs_experiment_value(cf, &x->units, &value[i])
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_experiment_when(ngx_conf_t *cf, ngx_http_recs_experiment_t *x,
    ngx_str_t *value)
{
    return ngx_http_recs_experiment_value(cf, &x->conditions, value);
}


static char *
ngx_http_recs_experiment_slot(ngx_conf_t *cf, ngx_http_recs_experiment_t *x,
    ngx_str_t *value)
{
    if (x->slot_name.len != 0) {
        return "is duplicate";
    }

    if (!recs_name_valid((char *) value->data, value->len)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid slot name \"%V\"",
                           value);
        return NGX_CONF_ERROR;
    }

    x->slot_name = *value;

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_experiment_expose(ngx_conf_t *cf, ngx_http_recs_experiment_t *x,
    ngx_str_t *value)
{
    if (x->expose) {
        return "is duplicate";
    }

    x->expose = 1;

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_experiment_guard(ngx_conf_t *cf, ngx_http_recs_experiment_t *x,
    ngx_str_t *value)
{
    if (x->guard_given) {
        return "is duplicate";
    }

    x->guard_given = 1;
    x->guard = ngx_strcmp(value->data, "on") == 0;

    if (!x->guard && ngx_strcmp(value->data, "off") != 0) {
        return "must be \"on\" or \"off\"";
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_experiment_bandit(ngx_conf_t *cf, ngx_http_recs_experiment_t *x,
    ngx_str_t *value)
{
    if (x->bandit.len != 0) {
        return "is duplicate";
    }

    x->bandit = *value;

    return ngx_conf_full_name(cf->cycle, &x->bandit, 1) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* A line that core reads; of a variant its name and weight. */
static char *
ngx_http_recs_experiment_core(ngx_conf_t *cf, ngx_http_recs_experiment_t *x,
    ngx_str_t *words, ngx_uint_t n)
{
    recs_str_t    *copies;
    ngx_uint_t     i;
    recs_error_t   err;
    recs_status_t  status;

    copies = ngx_palloc(cf->temp_pool, n * sizeof(recs_str_t));
    if (copies == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < n; i++) {
        copies[i].data = (char *) words[i].data;
        copies[i].len = words[i].len;
    }

    status = recs_experiment_set(&x->core, copies, n, &err);

    if (status == RECS_OK) {
        return NGX_CONF_OK;
    }

    if (status == RECS_NOT_FOUND) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown directive \"%V\" in recs_experiment",
                           &words[0]);

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s", err.message);
    }

    return NGX_CONF_ERROR;
}


static char *
ngx_http_recs_experiment_variant(ngx_conf_t *cf,
    ngx_http_recs_experiment_t *x, ngx_str_t *words, ngx_uint_t n)
{
    if (ngx_http_recs_experiment_core(cf, x, words, n) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_recs_replacement_add(cf, x, &words[3], n - 3);
}


static char *
ngx_http_recs_experiment_directive(ngx_conf_t *cf, ngx_command_t *dummy,
    void *conf)
{
    char                                 *rv;
    ngx_str_t                            *words;
    ngx_uint_t                            n;
    ngx_http_recs_experiment_t           *x;
    ngx_http_recs_experiment_directive_t *d;

    x = cf->handler_conf;
    words = cf->args->elts;
    n = cf->args->nelts - 1;

    if (ngx_strcmp(words[0].data, "include") == 0 && n == 1) {
        return ngx_conf_include(cf, dummy, conf);
    }

    if (ngx_strcmp(words[0].data, "variant") == 0) {
        return ngx_http_recs_experiment_variant(cf, x, words, n + 1);
    }

    for (d = ngx_http_recs_experiment_directives; d->name.len != 0; d++) {
        if (ngx_strcmp(words[0].data, d->name.data) == 0) {
            break;
        }
    }

    if (d->name.len == 0) {
        return ngx_http_recs_experiment_core(cf, x, words, n + 1);
    }

    if (n < d->min_args || n > d->max_args) {
        rv = "has an invalid number of arguments";

    } else {
        rv = d->set(cf, x, &words[1]);
    }

    if (rv != NGX_CONF_OK && rv != NGX_CONF_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" directive %s",
                           &words[0], rv);
        return NGX_CONF_ERROR;
    }

    return rv;
}


/* What can be said of the block by itself. */
static char *
ngx_http_recs_experiment_settle(ngx_conf_t *cf, ngx_http_recs_experiment_t *x)
{
    recs_error_t  err;

    if (recs_experiment_settle(&x->core, &err) != RECS_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s", err.message);
        return NGX_CONF_ERROR;
    }

    if (x->slot_name.len == 0 && ngx_http_recs_replacement_wants_slot(x)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no \"slot\" in recs_experiment \"%V\": which one "
                           "do \"slot=TO\", \"model=\", \"strategy=\" and "
                           "\"count=\" replace?", &x->name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_experiment_parse(ngx_conf_t *cf, ngx_http_recs_experiment_t *x)
{
    char        *rv;
    ngx_conf_t   save;

    save = *cf;
    cf->handler = ngx_http_recs_experiment_directive;
    cf->handler_conf = (void *) x;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    return rv == NGX_CONF_OK ? ngx_http_recs_experiment_settle(cf, x) : rv;
}


static ngx_http_recs_experiment_t *
ngx_http_recs_experiment_new(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf,
    ngx_str_t *name)
{
    recs_str_t                   name_of;
    recs_error_t                 err;
    ngx_http_recs_experiment_t  *x, **place;

    x = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_experiment_t));
    place = ngx_array_push(&rmcf->experiments);

    if (x == NULL || place == NULL
        || ngx_array_init(&x->units, cf->pool, 1,
                          sizeof(ngx_http_complex_value_t))
           != NGX_OK
        || ngx_array_init(&x->conditions, cf->pool, 1,
                          sizeof(ngx_http_complex_value_t))
           != NGX_OK
        || ngx_array_init(&x->changes, cf->pool, 2,
                          sizeof(ngx_http_recs_change_t))
           != NGX_OK)
    {
        return NULL;
    }

    name_of.data = (char *) name->data;
    name_of.len = name->len;

    if (recs_experiment_init(&x->core, name_of, &err) != RECS_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s", err.message);
        return NULL;
    }

    x->name = *name;
    x->index = rmcf->experiments.nelts - 1;
    x->file = cf->conf_file->file.name;
    x->line = cf->conf_file->line;

    *place = x;

    return x;
}


char *
ngx_http_recs_experiment(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_main_conf_t *rmcf = conf;

    ngx_str_t                   *value;
    ngx_http_recs_experiment_t  *x;

    value = cf->args->elts;

    if (ngx_http_recs_experiment_find(rmcf, &value[1]) != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate recs_experiment \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    x = ngx_http_recs_experiment_new(cf, rmcf, &value[1]);
    if (x == NULL) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_recs_experiment_parse(cf, x);
}


ngx_http_recs_experiment_t *
ngx_http_recs_experiment_find(ngx_http_recs_main_conf_t *rmcf,
    ngx_str_t *name)
{
    ngx_uint_t                    i;
    ngx_http_recs_experiment_t  **x;

    x = rmcf->experiments.elts;

    for (i = 0; i < rmcf->experiments.nelts; i++) {
        if (x[i]->name.len == name->len
            && ngx_memcmp(x[i]->name.data, name->data, name->len) == 0)
        {
            return x[i];
        }
    }

    return NULL;
}
