/*
 * diversity and max_per of a slot: its list is chosen as a whole.
 */

#include "ngx_http_recs_module.h"


char *
ngx_http_recs_slot_diversity(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    ngx_int_t  n;

    n = ngx_atofp(value->data, value->len, 3);

    if (n == NGX_ERROR || n > 1000) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid diversity \"%V\", it must be between 0 "
                           "and 1, as 0.25", value);
        return NGX_CONF_ERROR;
    }

    slot->diversity = (float) n / 1000;

    return NGX_CONF_OK;
}


char *
ngx_http_recs_slot_max_per(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    ngx_int_t  n;

    n = ngx_atoi(value[1].data, value[1].len);

    if (n < 1 || n > NGX_HTTP_RECS_COUNT_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid number \"%V\" in \"max_per\", it must be "
                           "between 1 and %d", &value[1],
                           NGX_HTTP_RECS_COUNT_MAX);
        return NGX_CONF_ERROR;
    }

    if (slot->n_limits == RECS_LIMITS_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"max_per\" stands here more than %d times",
                           RECS_LIMITS_MAX);
        return NGX_CONF_ERROR;
    }

    slot->limit_names[slot->n_limits] = value[0];
    slot->limits[slot->n_limits++].n = n;

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_recs_slot_slate_settle(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    recs_bundle_t *bundle)
{
    ngx_uint_t  i;
    recs_str_t  name;

    for (i = 0; i < slot->n_limits; i++) {
        name.data = (char *) slot->limit_names[i].data;
        name.len = slot->limit_names[i].len;

        slot->limits[i].column = recs_bundle_item_column(bundle, name);

        if (slot->limits[i].column == RECS_COLUMN_NO) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"max_per\" of model \"%V\": the model has no "
                          "attribute \"%V\" in recs_slot \"%V\" in %V:%ui",
                          &slot->model->name, &slot->limit_names[i],
                          &slot->name, &slot->file, slot->line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
