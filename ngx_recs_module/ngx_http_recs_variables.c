/*
 * Variables.  Each is computed once per main request and cacheable, so that
 * both passes of nginx's scripts see the same bytes; none holds CR or LF.
 */

#include "ngx_http_recs_module.h"
#include "ngx_http_recs_exposure.h"
#include "ngx_http_recs_json.h"
#include "ngx_http_recs_render.h"
#include "ngx_http_recs_variant.h"


static ngx_int_t ngx_http_recs_user_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_slot_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_ids_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_json_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_source_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_reason_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_generation_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_assigned_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);

static ngx_uint_t ngx_http_recs_variables_slot(
    ngx_http_recs_main_conf_t *rmcf, ngx_str_t *name);
static ngx_uint_t ngx_http_recs_variables_model(
    ngx_http_recs_main_conf_t *rmcf, ngx_str_t *name);
static ngx_uint_t ngx_http_recs_variables_experiment(
    ngx_http_recs_main_conf_t *rmcf, ngx_str_t *name);


static ngx_str_t  ngx_http_recs_user_name = ngx_string("recs_user");
static ngx_str_t  ngx_http_recs_exposures_name = ngx_string("recs_exposures");

/* What variables are of: a directive, and whether it names one so. */
typedef struct {
    const char                  *directive;
    ngx_uint_t                 (*known)(ngx_http_recs_main_conf_t *rmcf,
                                        ngx_str_t *name);
} ngx_http_recs_named_t;

static ngx_http_recs_named_t  ngx_http_recs_named_slot =
    { "recs_slot", ngx_http_recs_variables_slot };
static ngx_http_recs_named_t  ngx_http_recs_named_model =
    { "recs_model", ngx_http_recs_variables_model };
static ngx_http_recs_named_t  ngx_http_recs_named_experiment =
    { "recs_experiment", ngx_http_recs_variables_experiment };

typedef struct {
    ngx_str_t                    name;
    ngx_http_get_variable_pt     handler;
    ngx_http_recs_named_t       *of;
} ngx_http_recs_prefix_t;

static ngx_http_recs_prefix_t  ngx_http_recs_prefixes[] = {

    { ngx_string("recs_slot_"), ngx_http_recs_slot_variable,
      &ngx_http_recs_named_slot },

    { ngx_string("recs_ids_"), ngx_http_recs_ids_variable,
      &ngx_http_recs_named_slot },

    { ngx_string("recs_json_"), ngx_http_recs_json_variable,
      &ngx_http_recs_named_slot },

    { ngx_string("recs_source_"), ngx_http_recs_source_variable,
      &ngx_http_recs_named_slot },

    { ngx_string("recs_reason_"), ngx_http_recs_reason_variable,
      &ngx_http_recs_named_slot },

    { ngx_string("recs_generation_"), ngx_http_recs_generation_variable,
      &ngx_http_recs_named_model },

    { ngx_string("recs_variant_"), ngx_http_recs_assigned_variable,
      &ngx_http_recs_named_experiment },

    { ngx_null_string, NULL, NULL }
};


ngx_int_t
ngx_http_recs_variables_add(ngx_conf_t *cf)
{
    ngx_http_variable_t     *var;
    ngx_http_recs_prefix_t  *prefix;

    var = ngx_http_add_variable(cf, &ngx_http_recs_user_name, 0);
    if (var == NULL) {
        return NGX_ERROR;
    }

    var->get_handler = ngx_http_recs_user_variable;

    var = ngx_http_add_variable(cf, &ngx_http_recs_exposures_name, 0);
    if (var == NULL) {
        return NGX_ERROR;
    }

    var->get_handler = ngx_http_recs_exposures_variable;

    for (prefix = ngx_http_recs_prefixes; prefix->name.len != 0; prefix++) {

        var = ngx_http_add_variable(cf, &prefix->name, NGX_HTTP_VAR_PREFIX);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = prefix->handler;
    }

    return NGX_OK;
}


/* The prefix of name, whose rest is in *rest; NULL: not ours. */
static ngx_http_recs_prefix_t *
ngx_http_recs_variable_prefix(ngx_str_t *name, ngx_str_t *rest)
{
    ngx_http_recs_prefix_t  *prefix;

    for (prefix = ngx_http_recs_prefixes; prefix->name.len != 0; prefix++) {

        if (name->len >= prefix->name.len
            && ngx_memcmp(name->data, prefix->name.data, prefix->name.len)
               == 0)
        {
            rest->data = name->data + prefix->name.len;
            rest->len = name->len - prefix->name.len;
            return prefix;
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_http_recs_variables_slot(ngx_http_recs_main_conf_t *rmcf, ngx_str_t *name)
{
    return ngx_http_recs_slot_find(rmcf, name->data, name->len) != NULL;
}


static ngx_uint_t
ngx_http_recs_variables_model(ngx_http_recs_main_conf_t *rmcf,
    ngx_str_t *name)
{
    return ngx_http_recs_model_find(rmcf, name) != NULL;
}


static ngx_uint_t
ngx_http_recs_variables_experiment(ngx_http_recs_main_conf_t *rmcf,
    ngx_str_t *name)
{
    return ngx_http_recs_experiment_find(rmcf, name) != NULL;
}


ngx_int_t
ngx_http_recs_variables_check(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf)
{
    ngx_str_t                   name;
    ngx_uint_t                  i;
    ngx_http_variable_t        *var;
    ngx_http_recs_prefix_t     *prefix;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    var = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {

        prefix = ngx_http_recs_variable_prefix(&var[i].name, &name);

        if (prefix == NULL) {
            continue;
        }

        if (!prefix->of->known(rmcf, &name)) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown %s \"%V\" in the \"$%V\" variable",
                          prefix->of->directive, &name, &var[i].name);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_http_recs_variable_set(ngx_http_variable_value_t *v, u_char *data,
    size_t len)
{
    v->data = data;
    v->len = len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
}


static ngx_int_t
ngx_http_recs_user_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_recs_ctx_t  *ctx;

    ctx = ngx_http_recs_logging(r) ? ngx_http_recs_peek_ctx(r)
                                   : ngx_http_recs_get_ctx(r);

    if (ctx == NULL || ctx->visitor.user.len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    ngx_http_recs_variable_set(v, ctx->visitor.user.data,
                               ctx->visitor.user.len);

    return NGX_OK;
}


/*
 * The answer of the slot whose name the variable ends in; NULL where there is
 * none, or none any more.
 */
static ngx_http_recs_answer_t *
ngx_http_recs_variable_answer(ngx_http_request_t *r, uintptr_t data)
{
    ngx_str_t                   name;
    ngx_http_recs_ctx_t        *ctx;
    ngx_http_recs_slot_t       *slot;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if (ngx_http_recs_variable_prefix((ngx_str_t *) data, &name) == NULL) {
        return NULL;
    }

    slot = ngx_http_recs_slot_find(rmcf, name.data, name.len);
    if (slot == NULL) {
        return NULL;
    }

    if (!ngx_http_recs_logging(r)) {
        return ngx_http_recs_answer(r, slot);
    }

    ctx = ngx_http_recs_peek_ctx(r);

    return ctx != NULL && ctx->answers[slot->index].computed
           ? &ctx->answers[slot->index] : NULL;
}


/* It may go into a header, where a line end would begin another. */
static void
ngx_http_recs_variable_one_line(ngx_str_t *text)
{
    size_t  i;

    for (i = 0; i < text->len; i++) {
        if (text->data[i] == CR || text->data[i] == LF) {
            text->data[i] = ' ';
        }
    }
}


static ngx_int_t
ngx_http_recs_slot_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                html;
    ngx_http_recs_answer_t  *answer;

    answer = ngx_http_recs_variable_answer(r, data);

    if (answer == NULL
        || ngx_http_recs_render(r, answer, NULL, answer->answer.n, &html)
           != NGX_OK)
    {
        v->not_found = 1;
        return NGX_OK;
    }

    ngx_http_recs_variable_one_line(&html);
    ngx_http_recs_variable_set(v, html.data, html.len);

    return NGX_OK;
}


static recs_str_t
ngx_http_recs_variable_id(ngx_http_recs_answer_t *answer, uint32_t i)
{
    return recs_record_id(
               recs_bundle_item_record(answer->served->model->bundle,
                                       answer->answer.items[i].item));
}


static ngx_int_t
ngx_http_recs_ids_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    size_t                   size;
    u_char                  *p, *start;
    uint32_t                 i;
    recs_str_t               id;
    ngx_http_recs_answer_t  *answer;

    answer = ngx_http_recs_variable_answer(r, data);
    if (answer == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    size = 1;

    for (i = 0; i < answer->answer.n; i++) {
        id = ngx_http_recs_variable_id(answer, i);
        size += id.len + 1 + 2 * ngx_escape_uri(NULL, (u_char *) id.data,
                                                id.len,
                                                NGX_ESCAPE_URI_COMPONENT);
    }

    start = ngx_pnalloc(r->pool, size);
    if (start == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = start;

    for (i = 0; i < answer->answer.n; i++) {
        id = ngx_http_recs_variable_id(answer, i);

        if (i > 0) {
            *p++ = ',';
        }

        p = (u_char *) ngx_escape_uri(p, (u_char *) id.data, id.len,
                                      NGX_ESCAPE_URI_COMPONENT);
    }

    ngx_http_recs_variable_set(v, start, p - start);

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_json_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                json;
    ngx_http_recs_answer_t  *answer;

    answer = ngx_http_recs_variable_answer(r, data);

    if (answer == NULL
        || ngx_http_recs_json_answer(r, answer, NULL, &json) != NGX_OK)
    {
        v->not_found = 1;
        return NGX_OK;
    }

    ngx_http_recs_variable_set(v, json.data, json.len);

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_source_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    const char              *name;
    ngx_http_recs_answer_t  *answer;

    answer = ngx_http_recs_variable_answer(r, data);
    if (answer == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    name = recs_source_name(answer->answer.source);
    ngx_http_recs_variable_set(v, (u_char *) name, ngx_strlen(name));

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_reason_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    const char              *name;
    ngx_http_recs_answer_t  *answer;

    answer = ngx_http_recs_variable_answer(r, data);
    if (answer == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    name = recs_reason_name(answer->answer.reason);
    ngx_http_recs_variable_set(v, (u_char *) name, ngx_strlen(name));

    return NGX_OK;
}


/* What this worker serves; it costs nothing, so the log may ask too. */
static ngx_int_t
ngx_http_recs_generation_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                   name;
    ngx_http_recs_model_t      *model;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    model = ngx_http_recs_variable_prefix((ngx_str_t *) data, &name) != NULL
            ? ngx_http_recs_model_find(rmcf, &name) : NULL;

    if (model == NULL || model->bundle == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    ngx_http_recs_variable_set(v, (u_char *) model->generation.name,
                               ngx_strlen(model->generation.name));

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_assigned_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                    name;
    ngx_http_recs_experiment_t  *x;
    ngx_http_recs_main_conf_t   *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    x = ngx_http_recs_variable_prefix((ngx_str_t *) data, &name) != NULL
        ? ngx_http_recs_experiment_find(rmcf, &name) : NULL;

    if (x == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_recs_variant_variable(r, v, x);
}
