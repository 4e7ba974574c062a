/*
 * Consent comes first: at 0 nothing that could tell who asks is evaluated.
 */

#include "ngx_http_recs_module.h"
#include "recs_escape.h"


/* The value as an id; empty where it is none. */
static void
ngx_http_recs_visitor_id(ngx_str_t *value, ngx_str_t *id)
{
    if (recs_id_valid((char *) value->data, value->len)) {
        *id = *value;

    } else {
        ngx_str_null(id);
    }
}


static void
ngx_http_recs_visitor_item(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf, ngx_str_t *item)
{
    size_t      len;
    u_char     *decoded;
    ngx_str_t   value;

    ngx_str_null(item);

    if (rlcf->item != NULL) {
        if (ngx_http_complex_value(r, rlcf->item, &value) != NGX_OK) {
            return;
        }

    } else if (ngx_http_arg(r, (u_char *) "item", 4, &value) != NGX_OK) {
        return;
    }

    if (value.len == 0 || value.len > 3 * RECS_ID_MAX) {
        return;
    }

    decoded = ngx_pnalloc(r->pool, value.len);
    if (decoded == NULL) {
        return;
    }

    if (recs_unescape((char *) decoded, (char *) value.data, value.len, &len))
    {
        value.data = decoded;
        value.len = len;
    }

    ngx_http_recs_visitor_id(&value, item);
}


/* Absent is 2; whatever is not 0, 1 or 2 is 0. */
static ngx_uint_t
ngx_http_recs_visitor_consent(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf)
{
    ngx_str_t  value;

    if (rlcf->consent == NULL) {
        return 2;
    }

    if (ngx_http_complex_value(r, rlcf->consent, &value) != NGX_OK
        || value.len != 1 || value.data[0] < '0' || value.data[0] > '2')
    {
        return 0;
    }

    return value.data[0] - '0';
}


void
ngx_http_recs_visitor_read(ngx_http_request_t *r,
    ngx_http_recs_visitor_t *visitor)
{
    ngx_str_t                  value;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    ngx_memzero(visitor, sizeof(ngx_http_recs_visitor_t));

    visitor->consent = ngx_http_recs_visitor_consent(r, rlcf);

    ngx_http_recs_visitor_item(r, rlcf, &visitor->item);

    if (visitor->consent == 0) {
        return;
    }

    if (rlcf->user != NULL
        && ngx_http_complex_value(r, rlcf->user, &value) == NGX_OK)
    {
        ngx_http_recs_visitor_id(&value, &visitor->user);
    }

    visitor->id = visitor->user;
}
