/*
 * recs_slot NAME { ... }: what a place on a page asks for.
 */

#include "ngx_http_recs_module.h"
#include "ngx_http_recs_render.h"


#define NGX_HTTP_RECS_SLOT_MODEL       0x001
#define NGX_HTTP_RECS_SLOT_STRATEGY    0x002
#define NGX_HTTP_RECS_SLOT_COUNT       0x004
#define NGX_HTTP_RECS_SLOT_EXCLUDE     0x008
#define NGX_HTTP_RECS_SLOT_TEMPLATE    0x010
#define NGX_HTTP_RECS_SLOT_BUDGET      0x020
#define NGX_HTTP_RECS_SLOT_EXPLORE     0x040
#define NGX_HTTP_RECS_SLOT_RECENCY     0x080
#define NGX_HTTP_RECS_SLOT_RANK        0x100
#define NGX_HTTP_RECS_SLOT_CANDIDATES  0x200
#define NGX_HTTP_RECS_SLOT_WHERE       0x400
#define NGX_HTTP_RECS_SLOT_DIVERSITY   0x800
#define NGX_HTTP_RECS_SLOT_QUERY       0x1000

/* What a variant of an experiment may change. */
#define NGX_HTTP_RECS_SLOT_CHANGE    (NGX_HTTP_RECS_SLOT_MODEL                \
                                      | NGX_HTTP_RECS_SLOT_STRATEGY           \
                                      | NGX_HTTP_RECS_SLOT_COUNT)

/* In microseconds.  A worker serves nobody else meanwhile. */
#define NGX_HTTP_RECS_BUDGET_MAX     1000000

/* In items; more than any session has. */
#define NGX_HTTP_RECS_RECENCY_MAX    1000

/* In hundredths of a percent. */
#define NGX_HTTP_RECS_EXPLORE_MAX    5000


/* A slot while its block is being read. */
typedef struct {
    ngx_http_recs_slot_t  *slot;
    ngx_uint_t             given;
} ngx_http_recs_slot_block_t;

typedef char *(*ngx_http_recs_slot_set_pt)(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, ngx_str_t *value);

typedef struct {
    ngx_str_t                  name;
    ngx_uint_t                 given;        /* 0: several times */
    ngx_uint_t                 min_args;
    ngx_uint_t                 max_args;
    ngx_http_recs_slot_set_pt  set;
} ngx_http_recs_slot_directive_t;


static char *ngx_http_recs_slot_model(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, ngx_str_t *value);
static char *ngx_http_recs_slot_strategy(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, ngx_str_t *value);
static char *ngx_http_recs_slot_count(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, ngx_str_t *value);
static char *ngx_http_recs_slot_exclude(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, ngx_str_t *value);
static char *ngx_http_recs_slot_budget(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, ngx_str_t *value);
static char *ngx_http_recs_slot_explore(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, ngx_str_t *value);
static char *ngx_http_recs_slot_recency(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, ngx_str_t *value);
static char *ngx_http_recs_slot_template(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, ngx_str_t *value);


static ngx_http_recs_slot_directive_t  ngx_http_recs_slot_directives[] = {

    { ngx_string("model"), NGX_HTTP_RECS_SLOT_MODEL, 1, 1,
      ngx_http_recs_slot_model },

    { ngx_string("strategy"), NGX_HTTP_RECS_SLOT_STRATEGY, 1, 1,
      ngx_http_recs_slot_strategy },

    { ngx_string("count"), NGX_HTTP_RECS_SLOT_COUNT, 1, 1,
      ngx_http_recs_slot_count },

    { ngx_string("exclude"), NGX_HTTP_RECS_SLOT_EXCLUDE, 1, 1,
      ngx_http_recs_slot_exclude },

    { ngx_string("filter"), 0, 2, NGX_MAX_INT32_VALUE,
      ngx_http_recs_slot_filter },

    { ngx_string("where"), NGX_HTTP_RECS_SLOT_WHERE, 1, 1,
      ngx_http_recs_slot_where },

    { ngx_string("budget"), NGX_HTTP_RECS_SLOT_BUDGET, 1, 1,
      ngx_http_recs_slot_budget },

    { ngx_string("explore"), NGX_HTTP_RECS_SLOT_EXPLORE, 1, 1,
      ngx_http_recs_slot_explore },

    { ngx_string("recency"), NGX_HTTP_RECS_SLOT_RECENCY, 1, 1,
      ngx_http_recs_slot_recency },

    { ngx_string("rank"), NGX_HTTP_RECS_SLOT_RANK, 1, 1,
      ngx_http_recs_slot_rank },

    { ngx_string("candidates"), NGX_HTTP_RECS_SLOT_CANDIDATES, 1, 1,
      ngx_http_recs_slot_candidates },

    { ngx_string("diversity"), NGX_HTTP_RECS_SLOT_DIVERSITY, 1, 1,
      ngx_http_recs_slot_diversity },

    { ngx_string("max_per"), 0, 2, 2,
      ngx_http_recs_slot_max_per },

    { ngx_string("query"), NGX_HTTP_RECS_SLOT_QUERY, 1, 2,
      ngx_http_recs_slot_query },

    { ngx_string("template"), NGX_HTTP_RECS_SLOT_TEMPLATE, 1, 1,
      ngx_http_recs_slot_template },

    { ngx_null_string, 0, 0, 0, NULL }
};


static char *
ngx_http_recs_slot_model(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    if (!recs_name_valid((char *) value->data, value->len)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid model name \"%V\"", value);
        return NGX_CONF_ERROR;
    }

    slot->model_name = *value;

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_slot_strategy(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    ngx_uint_t            i;
    const char           *name;

    static const recs_source_t  strategies[] = {
        RECS_SOURCE_PERSONAL, RECS_SOURCE_SIMILAR, RECS_SOURCE_POPULAR
    };

    for (i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++) {
        name = recs_source_name(strategies[i]);

        if (ngx_strcmp(value->data, name) == 0) {
            slot->strategy = strategies[i];
            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid strategy \"%V\", it must be \"personal\", "
                       "\"similar\" or \"popular\"", value);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_recs_slot_count(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    ngx_int_t  count;

    count = ngx_atoi(value->data, value->len);

    if (count == NGX_ERROR || count < 1 || count > NGX_HTTP_RECS_COUNT_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid count \"%V\", it must be between 1 "
                           "and %d", value, NGX_HTTP_RECS_COUNT_MAX);
        return NGX_CONF_ERROR;
    }

    slot->count = count;

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_slot_exclude(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    if (ngx_strcmp(value->data, "seen") == 0) {
        slot->exclude_seen = 1;

    } else if (ngx_strcmp(value->data, "none") == 0) {
        slot->exclude_seen = 0;

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"exclude\", it must be "
                           "\"seen\" or \"none\"", value);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_slot_budget(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    ngx_int_t   n;
    ngx_uint_t  unit;

    unit = 0;

    if (value->len > 2) {
        if (ngx_strcmp(value->data + value->len - 2, "us") == 0) {
            unit = 1;

        } else if (ngx_strcmp(value->data + value->len - 2, "ms") == 0) {
            unit = 1000;
        }
    }

    n = unit != 0 ? ngx_atoi(value->data, value->len - 2) : NGX_ERROR;

    if (n < 1 || n > (ngx_int_t) (NGX_HTTP_RECS_BUDGET_MAX / unit)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid budget \"%V\", it must be between 1us "
                           "and 1000ms, as 2000us or 2ms", value);
        return NGX_CONF_ERROR;
    }

    slot->budget_us = n * unit;

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_slot_explore(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    ngx_int_t  n;

    n = value->len > 1 && value->data[value->len - 1] == '%'
        ? ngx_atofp(value->data, value->len - 1, 2) : NGX_ERROR;

    if (n == NGX_ERROR || n > NGX_HTTP_RECS_EXPLORE_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid share \"%V\" to explore, it must be "
                           "between 0%% and 50%%, as 2.5%%", value);
        return NGX_CONF_ERROR;
    }

    slot->explore = (float) n / 10000;

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_slot_recency(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    ngx_int_t  n;

    n = ngx_atoi(value->data, value->len);

    if (n < 1 || n > NGX_HTTP_RECS_RECENCY_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid recency \"%V\", it must be between 1 "
                           "and %d items", value, NGX_HTTP_RECS_RECENCY_MAX);
        return NGX_CONF_ERROR;
    }

    slot->recency = n;

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_slot_template(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    ngx_str_t  path;

    path = *value;

    if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_recs_template_load(cf, &path, &slot->template);
}


static char *
ngx_http_recs_slot_directive(ngx_conf_t *cf, ngx_command_t *dummy, void *conf)
{
    ngx_str_t                       *value;
    ngx_http_recs_slot_block_t      *block;
    ngx_http_recs_slot_directive_t  *d;

    value = cf->args->elts;
    block = cf->handler_conf;

    if (ngx_strcmp(value[0].data, "include") == 0) {
        if (cf->args->nelts != 2) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid number of arguments in \"include\" "
                               "directive");
            return NGX_CONF_ERROR;
        }

        return ngx_conf_include(cf, dummy, conf);
    }

    for (d = ngx_http_recs_slot_directives; d->name.len != 0; d++) {

        if (ngx_strcmp(value[0].data, d->name.data) != 0) {
            continue;
        }

        if (cf->args->nelts < d->min_args + 1
            || cf->args->nelts > d->max_args + 1)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid number of arguments in \"%V\" "
                               "directive", &value[0]);
            return NGX_CONF_ERROR;
        }

        if (block->given & d->given) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" directive is duplicate", &value[0]);
            return NGX_CONF_ERROR;
        }

        block->given |= d->given;

        return d->set(cf, block->slot, &value[1]);
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "unknown directive \"%V\" in recs_slot", &value[0]);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_recs_slot_parse(ngx_conf_t *cf, ngx_http_recs_slot_t *slot)
{
    char                        *rv;
    ngx_conf_t                   save;
    ngx_http_recs_slot_block_t   block;

    block.slot = slot;
    block.given = 0;

    save = *cf;
    cf->handler = ngx_http_recs_slot_directive;
    cf->handler_conf = (void *) &block;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (!(block.given & NGX_HTTP_RECS_SLOT_MODEL)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no \"model\" in recs_slot \"%V\"", &slot->name);
        return NGX_CONF_ERROR;
    }

    slot->exclude_given = (block.given & NGX_HTTP_RECS_SLOT_EXCLUDE) != 0;

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_recs_slot_change(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *name, ngx_str_t *value)
{
    ngx_http_recs_slot_directive_t  *d;

    for (d = ngx_http_recs_slot_directives; d->name.len != 0; d++) {

        if ((d->given & NGX_HTTP_RECS_SLOT_CHANGE)
            && d->name.len == name->len
            && ngx_memcmp(d->name.data, name->data, name->len) == 0)
        {
            return d->set(cf, slot, value) == NGX_CONF_OK ? NGX_OK
                                                          : NGX_ERROR;
        }
    }

    return NGX_DECLINED;
}


char *
ngx_http_recs_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_main_conf_t *rmcf = conf;

    ngx_str_t              *value;
    ngx_http_recs_slot_t   *slot, **place;

    value = cf->args->elts;

    if (!recs_name_valid((char *) value[1].data, value[1].len)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid slot name \"%V\", it must match "
                           "[a-z][a-z0-9_]{0,31}", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_recs_slot_find(rmcf, value[1].data, value[1].len) != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate recs_slot \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    slot = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_slot_t));
    if (slot == NULL) {
        return NGX_CONF_ERROR;
    }

    slot->name = value[1];
    slot->index = rmcf->slots.nelts;
    slot->file = cf->conf_file->file.name;
    slot->line = cf->conf_file->line;
    slot->strategy = RECS_SOURCE_PERSONAL;
    slot->count = NGX_HTTP_RECS_COUNT_DEFAULT;

    place = ngx_array_push(&rmcf->slots);
    if (place == NULL) {
        return NGX_CONF_ERROR;
    }

    *place = slot;

    return ngx_http_recs_slot_parse(cf, slot);
}


ngx_http_recs_slot_t *
ngx_http_recs_slot_find(ngx_http_recs_main_conf_t *rmcf, u_char *name,
    size_t len)
{
    ngx_uint_t              i;
    ngx_http_recs_slot_t  **slots;

    slots = rmcf->slots.elts;

    for (i = 0; i < rmcf->slots.nelts; i++) {
        if (slots[i]->name.len == len
            && ngx_memcmp(slots[i]->name.data, name, len) == 0)
        {
            return slots[i];
        }
    }

    return NULL;
}


/*
 * What only the model can tell.  It was verified when its recs_model was
 * read: this only maps it.
 */
static ngx_int_t
ngx_http_recs_slot_settle_model(ngx_conf_t *cf, ngx_http_recs_slot_t *slot)
{
    ngx_int_t               rc;
    recs_error_t            err;
    recs_bundle_t          *bundle;
    ngx_http_recs_model_t  *model;

    model = slot->model->shared != NULL ? slot->model->shared : slot->model;

    if ((slot->terms.nelts == 0 && slot->where == NULL
         && slot->n_limits == 0 && slot->rank == RECS_RANK_NONE
         && slot->query == NULL)
        || model->fd == NGX_INVALID_FILE)
    {
        return NGX_OK;
    }

    if (recs_bundle_open_fd(&bundle, model->fd, (char *) model->path.data,
                            RECS_BUNDLE_SEAL_KNOWN|RECS_BUNDLE_TRUSTED, &err)
        != RECS_OK)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "recs_model \"%V\": %s",
                      &model->name, err.message);
        return NGX_ERROR;
    }

    rc = ngx_http_recs_slot_filter_settle(cf, slot, bundle);

    if (rc == NGX_OK) {
        rc = ngx_http_recs_slot_where_bind(cf, slot, bundle);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_recs_slot_slate_settle(cf, slot, bundle);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_recs_slot_rank_settle(cf, slot, bundle);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_recs_slot_query_settle(cf, slot, bundle);
    }

    recs_bundle_close(bundle);

    return rc;
}


ngx_int_t
ngx_http_recs_slot_settle(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_slot_t *slot)
{
    slot->model = ngx_http_recs_model_find(rmcf, &slot->model_name);

    if (slot->model == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "unknown model \"%V\" in recs_slot \"%V\" in "
                      "%V:%ui", &slot->model_name, &slot->name,
                      &slot->file, slot->line);
        return NGX_ERROR;
    }

    if (!slot->exclude_given) {
        slot->exclude_seen = slot->strategy == RECS_SOURCE_PERSONAL
                             && slot->query == NULL;
    }

    if (slot->rank != RECS_RANK_NONE
        && slot->strategy != RECS_SOURCE_PERSONAL)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "recs_slot \"%V\" ranks by %s, which is for strategy "
                      "personal alone, in %V:%ui", &slot->name,
                      recs_rank_name(slot->rank), &slot->file, slot->line);
        return NGX_ERROR;
    }

    return ngx_http_recs_slot_where_parse(cf, slot) == NGX_OK
           ? ngx_http_recs_slot_settle_model(cf, slot) : NGX_ERROR;
}


ngx_int_t
ngx_http_recs_slot_init(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t              i;
    ngx_http_recs_slot_t  **slots;

    slots = rmcf->slots.elts;

    for (i = 0; i < rmcf->slots.nelts; i++) {
        if (ngx_http_recs_slot_settle(cf, rmcf, slots[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
