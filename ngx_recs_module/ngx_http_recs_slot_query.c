/*
 * query of a slot: a question in words that it answers.
 */

#include "ngx_http_recs_module.h"
#include "recs_escape.h"
#include "recs_question.h"


/* As it stands in an address, where a byte takes three. */
#define NGX_HTTP_RECS_QUERY_MAX  (3 * RECS_QUESTION_BYTES_MAX)


static char *
ngx_http_recs_slot_query_weight(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    ngx_int_t  n;

    n = value->len > 7 && ngx_strncmp(value->data, "weight=", 7) == 0
        ? ngx_atofp(value->data + 7, value->len - 7, 4) : NGX_ERROR;

    if (n < 0 || n > 10000) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" in \"query\", it must be "
                           "\"weight=\" and a number between 0 and 1", value);
        return NGX_CONF_ERROR;
    }

    slot->query_weight = (float) n / 10000;

    return NGX_CONF_OK;
}


char *
ngx_http_recs_slot_query(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value)
{
    ngx_http_compile_complex_value_t  ccv;

    slot->query = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (slot->query == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = value;
    ccv.complex_value = slot->query;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    slot->query_weight = RECS_QUESTION_WEIGHT;

    return cf->args->nelts > 2
           ? ngx_http_recs_slot_query_weight(cf, slot, value + 1)
           : NGX_CONF_OK;
}


ngx_int_t
ngx_http_recs_slot_query_settle(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    recs_bundle_t *bundle)
{
    recs_error_t  err;

    if (slot->query == NULL
        || recs_question_require(recs_bundle_view(bundle), &err) == RECS_OK)
    {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"query\" of model \"%V\": %s in recs_slot \"%V\" in "
                  "%V:%ui", &slot->model->name, err.message, &slot->name,
                  &slot->file, slot->line);

    return NGX_ERROR;
}


/* As much of it as is read: not the beginning of an encoded byte. */
static size_t
ngx_http_recs_query_len(ngx_str_t *value)
{
    size_t  len;

    if (value->len <= NGX_HTTP_RECS_QUERY_MAX) {
        return value->len;
    }

    len = NGX_HTTP_RECS_QUERY_MAX;

    if (value->data[len - 1] == '%') {
        return len - 1;
    }

    return value->data[len - 2] == '%' ? len - 2 : len;
}


/*
 * Variables of a request's arguments are as they stand in the address; what
 * is no such encoding is taken as it is.
 */
ngx_int_t
ngx_http_recs_slot_question(ngx_http_request_t *r, ngx_http_recs_slot_t *slot,
    recs_query_t *query)
{
    size_t      len;
    u_char     *encoded, *decoded;
    ngx_str_t   value;
    ngx_uint_t  i;

    if (slot->query == NULL) {
        return NGX_OK;
    }

    if (ngx_http_complex_value(r, slot->query, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    query->asks = 1;
    query->question_weight = slot->query_weight;

    if (value.len == 0) {
        return NGX_OK;
    }

    value.len = ngx_http_recs_query_len(&value);

    encoded = ngx_pnalloc(r->pool, 2 * value.len);
    if (encoded == NULL) {
        return NGX_ERROR;
    }

    decoded = encoded + value.len;

    for (i = 0; i < value.len; i++) {
        encoded[i] = value.data[i] == '+' ? ' ' : value.data[i];
    }

    if (recs_unescape((char *) decoded, (char *) encoded, value.len, &len)) {
        query->question.data = (char *) decoded;
        query->question.len = len;

    } else {
        query->question.data = (char *) value.data;
        query->question.len = value.len;
    }

    return NGX_OK;
}
