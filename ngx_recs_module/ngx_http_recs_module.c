/*
 * ngx_http_recs_module: the directives, and where the module hooks in.
 */

#include "ngx_http_recs_module.h"
#include "ngx_http_recs_collect.h"
#include "ngx_http_recs_context.h"
#include "ngx_http_recs_event_log.h"
#include "ngx_http_recs_experiment.h"
#include "ngx_http_recs_exposure.h"
#include "ngx_http_recs_fill.h"
#include "ngx_http_recs_guard.h"
#include "ngx_http_recs_session.h"
#include "ngx_http_recs_visitor_cookie.h"
#include "ngx_http_recs_watch.h"
#include "ngx_http_recs_zone.h"


#define NGX_HTTP_RECS_FILL_MAX_SIZE  32768

#define NGX_HTTP_RECS_ANY_CONF                                                \
    (NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF)


static ngx_int_t ngx_http_recs_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_recs_postconfiguration(ngx_conf_t *cf);
static void *ngx_http_recs_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_recs_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_recs_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_recs_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_recs_init_process(ngx_cycle_t *cycle);
static void ngx_http_recs_exit_process(ngx_cycle_t *cycle);


static ngx_command_t  ngx_http_recs_commands[] = {

    { ngx_string("recs_model"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2|NGX_CONF_TAKE3|NGX_CONF_TAKE4,
      ngx_http_recs_model,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_slot"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_recs_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_experiment"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_recs_experiment,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_user"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, user),
      NULL },

    { ngx_string("recs_item"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, item),
      NULL },

    { ngx_string("recs_consent"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, consent),
      NULL },

    { ngx_string("recs_gpc"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_TAKE12,
      ngx_http_recs_gpc,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_bypass"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, bypass),
      NULL },

    { ngx_string("recs_visitor_cookie"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_CONF_TAKE1,
      ngx_http_recs_visitor_cookie,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_fill"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, fill),
      NULL },

    { ngx_string("recs_fill_types"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_1MORE,
      ngx_http_types_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, fill_types_keys),
      &ngx_http_html_default_types[0] },

    { ngx_string("recs_fill_max_size"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, fill_max_size),
      NULL },

    { ngx_string("recs_dedupe"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, dedupe),
      NULL },

    { ngx_string("recs_explain"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, explain),
      NULL },

    { ngx_string("recs_cache_control"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, cache_control),
      NULL },

    { ngx_string("recs_api"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_recs_api,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_recs_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_switch"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_recs_switch,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_block"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_recs_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_rules"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_recs_rules_file,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_event_log"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_TAKE123,
      ngx_http_recs_event_log,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_track"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_TAKE2,
      ngx_http_recs_track,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_context"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_TAKE2,
      ngx_http_recs_context,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_collect"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_recs_collect,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_collect_origin"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_1MORE,
      ngx_http_recs_collect_origin,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_session_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2|NGX_CONF_TAKE3|NGX_CONF_TAKE4,
      ngx_http_recs_session_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_session"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_TAKE12,
      ngx_http_recs_session,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("recs_token_key"),
      NGX_HTTP_RECS_ANY_CONF|NGX_CONF_TAKE1,
      ngx_http_recs_keys,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, token_keys),
      NULL },

    { ngx_string("recs_session_key"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_CONF_TAKE1,
      ngx_http_recs_keys,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_recs_loc_conf_t, session_keys),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_recs_module_ctx = {
    ngx_http_recs_preconfiguration,        /* preconfiguration */
    ngx_http_recs_postconfiguration,       /* postconfiguration */

    ngx_http_recs_create_main_conf,        /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_recs_create_loc_conf,         /* create location configuration */
    ngx_http_recs_merge_loc_conf           /* merge location configuration */
};


ngx_module_t  ngx_http_recs_module = {
    NGX_MODULE_V1,
    &ngx_http_recs_module_ctx,             /* module context */
    ngx_http_recs_commands,                /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_http_recs_init_module,             /* init module */
    ngx_http_recs_init_process,            /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_recs_exit_process,            /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_recs_preconfiguration(ngx_conf_t *cf)
{
    return ngx_http_recs_variables_add(cf);
}


static ngx_int_t
ngx_http_recs_postconfiguration(ngx_conf_t *cf)
{
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_recs_module);

    if (ngx_http_recs_slot_init(cf, rmcf) != NGX_OK
        || ngx_http_recs_experiment_init(cf, rmcf) != NGX_OK
        || ngx_http_recs_variables_check(cf, rmcf) != NGX_OK
        || ngx_http_recs_zone_add(cf, rmcf) != NGX_OK
        || ngx_http_recs_guard_add(cf, rmcf) != NGX_OK
        || ngx_http_recs_event_runs_add(cf, rmcf) != NGX_OK
        || ngx_http_recs_visitor_filter_init(cf) != NGX_OK
        || ngx_http_recs_headers_init(cf) != NGX_OK
        || ngx_http_recs_session_init(cf) != NGX_OK
        || ngx_http_recs_fill_init(cf) != NGX_OK
        || ngx_http_recs_track_init(cf) != NGX_OK
        || ngx_http_recs_exposure_init(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_recs_ctx_init(cf);
}


static void *
ngx_http_recs_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_main_conf_t));
    if (rmcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&rmcf->models, cf->pool, 4,
                       sizeof(ngx_http_recs_model_t *))
        != NGX_OK
        || ngx_array_init(&rmcf->slots, cf->pool, 8,
                          sizeof(ngx_http_recs_slot_t *))
           != NGX_OK
        || ngx_array_init(&rmcf->experiments, cf->pool, 4,
                          sizeof(ngx_http_recs_experiment_t *))
           != NGX_OK)
    {
        return NULL;
    }

    return rmcf;
}


static void *
ngx_http_recs_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_loc_conf_t));
    if (rlcf == NULL) {
        return NULL;
    }

    rlcf->user = NGX_CONF_UNSET_PTR;
    rlcf->item = NGX_CONF_UNSET_PTR;
    rlcf->consent = NGX_CONF_UNSET_PTR;
    rlcf->bypass = NGX_CONF_UNSET_PTR;
    rlcf->gpc = NGX_CONF_UNSET_UINT;
    rlcf->cache_control = NGX_CONF_UNSET_PTR;
    rlcf->fill = NGX_CONF_UNSET;
    rlcf->fill_max_size = NGX_CONF_UNSET_SIZE;
    rlcf->dedupe = NGX_CONF_UNSET;
    rlcf->explain = NGX_CONF_UNSET;
    rlcf->event_log = NGX_CONF_UNSET_PTR;
    rlcf->tracks = NGX_CONF_UNSET_PTR;
    rlcf->contexts = NGX_CONF_UNSET_PTR;
    rlcf->collect_origins = NGX_CONF_UNSET_PTR;
    rlcf->token_keys = NGX_CONF_UNSET_PTR;
    rlcf->session_keys = NGX_CONF_UNSET_PTR;
    rlcf->session = NGX_CONF_UNSET_PTR;

    return rlcf;
}


char *
ngx_http_recs_set_handler(ngx_conf_t *cf, ngx_http_recs_loc_conf_t *rlcf,
    ngx_http_handler_pt handler)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (rlcf->handler == handler) {
        return "is duplicate";
    }

    if (clcf->handler != NULL) {
        return "conflicts with another handler of this location";
    }

    clcf->handler = handler;
    rlcf->handler = handler;

    return NGX_CONF_OK;
}


/* proxy_pass and its like take a location without asking. */
static char *
ngx_http_recs_check_handler(ngx_conf_t *cf, ngx_http_recs_loc_conf_t *rlcf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (rlcf->handler == NULL || clcf->handler == rlcf->handler) {
        return NGX_CONF_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "recs_api, recs_status or recs_collect conflicts with "
                  "another handler of location \"%V\"", &clcf->name);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_recs_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_recs_loc_conf_t *prev = parent;
    ngx_http_recs_loc_conf_t *conf = child;

    ngx_http_recs_main_conf_t  *rmcf;

    ngx_conf_merge_ptr_value(conf->user, prev->user, NULL);
    ngx_conf_merge_ptr_value(conf->item, prev->item, NULL);
    ngx_conf_merge_ptr_value(conf->consent, prev->consent, NULL);
    ngx_conf_merge_ptr_value(conf->bypass, prev->bypass, NULL);

    if (conf->gpc == NGX_CONF_UNSET_UINT) {
        conf->gpc_dnt = prev->gpc_dnt;
    }

    ngx_conf_merge_uint_value(conf->gpc, prev->gpc,
                              NGX_HTTP_RECS_CONSENT_NONE);
    ngx_conf_merge_ptr_value(conf->contexts, prev->contexts, NULL);
    ngx_conf_merge_ptr_value(conf->cache_control, prev->cache_control, NULL);
    ngx_conf_merge_ptr_value(conf->token_keys, prev->token_keys, NULL);
    ngx_conf_merge_ptr_value(conf->session_keys, prev->session_keys, NULL);
    ngx_conf_merge_value(conf->fill, prev->fill, 0);
    ngx_conf_merge_size_value(conf->fill_max_size, prev->fill_max_size,
                              NGX_HTTP_RECS_FILL_MAX_SIZE);
    ngx_conf_merge_value(conf->dedupe, prev->dedupe, 1);
    ngx_conf_merge_value(conf->explain, prev->explain, 0);

    if (conf->explain) {
        rmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_recs_module);
        rmcf->explains = 1;
    }

    if (ngx_http_merge_types(cf, &conf->fill_types_keys, &conf->fill_types,
                             &prev->fill_types_keys, &prev->fill_types,
                             ngx_http_html_default_types)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_recs_check_handler(cf, conf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_recs_track_merge(cf, prev, conf) != NGX_CONF_OK
        || ngx_http_recs_collect_merge(cf, prev, conf) != NGX_CONF_OK
        || ngx_http_recs_session_merge(cf, prev, conf) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    ngx_http_recs_visitor_cookie_merge(cf, prev, conf);

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_recs_init_module(ngx_cycle_t *cycle)
{
    ngx_http_recs_ctx_last(cycle);

    return NGX_OK;
}


/* The configuration, where this process serves: not in a cache manager. */
static ngx_http_recs_main_conf_t *
ngx_http_recs_serving(ngx_cycle_t *cycle)
{
    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NULL;
    }

    return ngx_http_cycle_get_module_main_conf(cycle, ngx_http_recs_module);
}


/* Nothing here may fail: a worker that cannot start is not started again. */
static ngx_int_t
ngx_http_recs_init_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                   i;
    ngx_http_recs_model_t      **models;
    ngx_http_recs_main_conf_t   *rmcf;

    rmcf = ngx_http_recs_serving(cycle);

    if (rmcf == NULL) {
        return NGX_OK;
    }

    ngx_http_recs_model_attach(cycle, rmcf);

    models = rmcf->models.elts;

    for (i = 0; i < rmcf->models.nelts; i++) {
        ngx_http_recs_zone_attached(rmcf, models[i]);
    }

    ngx_http_recs_guard_resume(rmcf);
    ngx_http_recs_watch_start(cycle, rmcf);
    ngx_http_recs_guard_start(rmcf, cycle->log);

    return NGX_OK;
}


static void
ngx_http_recs_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_recs_serving(cycle);

    if (rmcf != NULL) {
        ngx_http_recs_zone_leave(rmcf);
    }
}
