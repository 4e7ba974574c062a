/*
 * The filter directives of a slot, resolved against its model once: what is
 * left is shared by the workers, as pages of the master or of the bundle.
 */

#include "ngx_http_recs_module.h"


char *
ngx_http_recs_slot_filter(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    recs_str_t          *values;
    ngx_uint_t           i, n;
    recs_filter_term_t  *term;

    n = cf->args->nelts - 2;

    if (slot->terms.elts == NULL
        && ngx_array_init(&slot->terms, cf->pool, 2,
                          sizeof(recs_filter_term_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    term = ngx_array_push(&slot->terms);
    values = ngx_palloc(cf->pool, n * sizeof(recs_str_t));

    if (term == NULL || values == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < n; i++) {
        values[i].data = (char *) value[i + 1].data;
        values[i].len = value[i + 1].len;
    }

    term->attribute.data = (char *) value[0].data;
    term->attribute.len = value[0].len;
    term->values = values;
    term->n_values = n;

    return NGX_CONF_OK;
}


static void
ngx_http_recs_slot_filter_free(void *data)
{
    recs_filter_free(data);
}


/* A value that no item has now may be one of the next generation's. */
static void
ngx_http_recs_slot_filter_warn(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    recs_bundle_t *bundle)
{
    ngx_uint_t                i, j;
    const recs_str_t         *value;
    recs_filter_term_t       *terms;
    recs_filter_attribute_t   attribute;

    terms = slot->terms.elts;

    for (i = 0; i < slot->terms.nelts; i++) {

        (void) recs_filter_attribute(bundle, terms[i].attribute, &attribute);

        for (j = 0; j < terms[i].n_values; j++) {
            value = &terms[i].values[j];

            if (recs_filter_value(bundle, &attribute, *value)
                != RECS_FILTER_VALUE_NO)
            {
                continue;
            }

            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "no item of model \"%V\" has the value \"%*s\" of "
                          "\"%*s\" in recs_slot \"%V\" in %V:%ui",
                          &slot->model->name, value->len, value->data,
                          terms[i].attribute.len, terms[i].attribute.data,
                          &slot->name, &slot->file, slot->line);
        }
    }
}


ngx_int_t
ngx_http_recs_slot_filter_settle(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    recs_bundle_t *bundle)
{
    recs_error_t         err;
    recs_filter_t       *filter;
    ngx_pool_cleanup_t  *cln;

    if (slot->terms.nelts == 0) {
        return NGX_OK;
    }

    cln = ngx_pool_cleanup_add(cf->pool, sizeof(recs_filter_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    filter = cln->data;

    if (recs_filter_resolve(filter, bundle, slot->terms.elts,
                            slot->terms.nelts, &err)
        != RECS_OK)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"filter\" of model \"%V\": %s in recs_slot \"%V\" in "
                      "%V:%ui", &slot->model->name, err.message, &slot->name,
                      &slot->file, slot->line);
        return NGX_ERROR;
    }

    cln->handler = ngx_http_recs_slot_filter_free;
    slot->filter = filter;

    ngx_http_recs_slot_filter_warn(cf, slot, bundle);

    return NGX_OK;
}
