/*
 * rank and candidates of a slot: what orders what the search has found.
 */

#include "ngx_http_recs_module.h"


char *
ngx_http_recs_slot_rank(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    recs_str_t  name;

    name.data = (char *) value->data;
    name.len = value->len;

    slot->rank = recs_rank_find(name);

    if (slot->rank == RECS_RANK_COUNT) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid rank \"%V\", it must be \"logistic\", "
                           "\"mlp\", \"trees\" or \"none\"", value);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_recs_slot_candidates(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    ngx_int_t  n;

    n = ngx_atoi(value->data, value->len);

    if (n < 1 || n > RECS_CANDIDATES_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid number of candidates \"%V\", it must be "
                           "between 1 and %d", value, RECS_CANDIDATES_MAX);
        return NGX_CONF_ERROR;
    }

    slot->candidates = n;

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_recs_slot_rank_settle(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    recs_bundle_t *bundle)
{
    if (recs_rank_available(bundle, slot->rank)) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "recs_slot \"%V\" ranks by %s, which model \"%V\" has not, "
                  "in %V:%ui", &slot->name, recs_rank_name(slot->rank),
                  &slot->model->name, &slot->file, slot->line);

    return NGX_ERROR;
}
