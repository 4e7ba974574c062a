/*
 * The where of a slot, bound to its model once, after the slot's filters: the
 * workers share what neither time nor variables are in, as pages of the
 * master.
 */

#include "ngx_http_recs_module.h"
#include "recs_where.h"


struct ngx_http_recs_where_s {
    recs_where_t            *where;
    ngx_int_t                variables[RECS_WHERE_VARIABLES_MAX];
};


char *
ngx_http_recs_slot_where(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    slot->where_text = *value;

    return NGX_CONF_OK;
}


static void
ngx_http_recs_slot_where_free(void *data)
{
    ngx_http_recs_where_t  *where = data;

    recs_where_destroy(where->where);
}


static ngx_int_t
ngx_http_recs_slot_where_variables(ngx_conf_t *cf,
    ngx_http_recs_where_t *where)
{
    uint32_t    i;
    ngx_str_t   name;
    recs_str_t  variable;

    for (i = 0; i < recs_where_n_variables(where->where); i++) {
        variable = recs_where_variable(where->where, i);

        name.data = (u_char *) variable.data;
        name.len = variable.len;

        where->variables[i] = ngx_http_get_variable_index(cf, &name);
        if (where->variables[i] == NGX_ERROR) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_slot_where_parse(ngx_conf_t *cf, ngx_http_recs_slot_t *slot)
{
    recs_str_t               text;
    recs_error_t             err;
    ngx_pool_cleanup_t      *cln;
    ngx_http_recs_where_t   *where;

    if (slot->where_text.data == NULL) {
        return NGX_OK;
    }

    cln = ngx_pool_cleanup_add(cf->pool, sizeof(ngx_http_recs_where_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    where = cln->data;
    text.data = (char *) slot->where_text.data;
    text.len = slot->where_text.len;

    if (recs_where_parse(&where->where, text, &err) != RECS_OK) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"where\" is wrong: %s in recs_slot \"%V\" in %V:%ui",
                      err.message, &slot->name, &slot->file, slot->line);
        return NGX_ERROR;
    }

    cln->handler = ngx_http_recs_slot_where_free;
    slot->where = where;

    return ngx_http_recs_slot_where_variables(cf, where);
}


ngx_int_t
ngx_http_recs_slot_where_bind(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    recs_bundle_t *bundle)
{
    recs_error_t  err;

    if (slot->where == NULL) {
        return NGX_OK;
    }

    if (recs_where_bind(slot->where->where, bundle, slot->filter, &err)
        == RECS_OK)
    {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"where\" of model \"%V\": %s in recs_slot \"%V\" in "
                  "%V:%ui", &slot->model->name, err.message, &slot->name,
                  &slot->file, slot->line);

    return NGX_ERROR;
}


ngx_int_t
ngx_http_recs_slot_allowed(ngx_http_request_t *r, ngx_http_recs_slot_t *slot,
    recs_bundle_t *bundle, const recs_filter_t **filter)
{
    uint32_t                    i, n;
    recs_str_t                  values[RECS_WHERE_VARIABLES_MAX];
    ngx_http_recs_where_t      *where;
    ngx_http_variable_value_t  *v;

    where = slot->where;

    if (where == NULL) {
        *filter = slot->filter;
        return NGX_OK;
    }

    n = recs_where_n_variables(where->where);

    for (i = 0; i < n; i++) {
        v = ngx_http_get_indexed_variable(r, where->variables[i]);
        if (v == NULL) {
            return NGX_ERROR;
        }

        values[i].data = (char *) v->data;
        values[i].len = v->not_found ? 0 : v->len;
    }

    *filter = recs_where_filter(where->where, bundle, values, ngx_time());

    return NGX_OK;
}
