#include "ngx_http_recs_visitor_cookie.h"
#include "ngx_http_recs_zone.h"

#include "recs_escape.h"


static ngx_str_t  ngx_http_recs_gpc_header = ngx_string("Sec-GPC");
static ngx_str_t  ngx_http_recs_dnt_header = ngx_string("DNT");


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


/* Does a header of that name say exactly "1"? */
static ngx_uint_t
ngx_http_recs_visitor_header(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.len == name->len
                && h[i].value.len == 1 && h[i].value.data[0] == '1'
                && ngx_strncasecmp(h[i].key.data, name->data, name->len) == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}


/* What the browser's signal lowers consent to, at most. */
static ngx_uint_t
ngx_http_recs_visitor_cap(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf)
{
    if (ngx_http_recs_visitor_header(r, &ngx_http_recs_gpc_header)
        || (rlcf->gpc_dnt
            && ngx_http_recs_visitor_header(r, &ngx_http_recs_dnt_header)))
    {
        return rlcf->gpc;
    }

    return NGX_HTTP_RECS_CONSENT_PERSONALISE;
}


/* Absent is 2; whatever is not 0, 1 or 2 is 0. */
static ngx_uint_t
ngx_http_recs_visitor_consent(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf)
{
    ngx_str_t  value;

    if (rlcf->consent == NULL) {
        return NGX_HTTP_RECS_CONSENT_PERSONALISE;
    }

    if (ngx_http_complex_value(r, rlcf->consent, &value) != NGX_OK
        || value.len != 1 || value.data[0] < '0' || value.data[0] > '2')
    {
        return NGX_HTTP_RECS_CONSENT_NONE;
    }

    return value.data[0] - '0';
}


/* A value that cannot be had makes a bot of nobody. */
static ngx_uint_t
ngx_http_recs_visitor_bypass(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf)
{
    ngx_str_t  value;

    return rlcf->bypass != NULL
           && ngx_http_complex_value(r, rlcf->bypass, &value) == NGX_OK
           && value.len != 0 && !(value.len == 1 && value.data[0] == '0');
}


static void
ngx_http_recs_visitor_count(ngx_http_request_t *r,
    ngx_http_recs_visitor_t *visitor, ngx_uint_t lowered)
{
    ngx_http_recs_visitors_t    what;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if (visitor->bypass) {
        what = NGX_HTTP_RECS_VISITORS_BYPASSED;

    } else {
        what = NGX_HTTP_RECS_VISITORS_CONSENT_0 + visitor->consent;
    }

    ngx_http_recs_zone_count_visitors(rmcf, what);

    if (lowered) {
        ngx_http_recs_zone_count_visitors(rmcf,
                                          NGX_HTTP_RECS_VISITORS_LOWERED);
    }
}


/* Sets bypass and consent. */
static void
ngx_http_recs_visitor_allow(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf, ngx_http_recs_visitor_t *visitor,
    ngx_http_recs_visitor_t *main)
{
    ngx_uint_t  cap, consent;

    if (ngx_http_recs_visitor_bypass(r, rlcf)
        || (main != NULL && main->bypass))
    {
        visitor->bypass = 1;
        consent = NGX_HTTP_RECS_CONSENT_NONE;
        cap = NGX_HTTP_RECS_CONSENT_NONE;

    } else {
        consent = ngx_http_recs_visitor_consent(r, rlcf);
        cap = ngx_http_recs_visitor_cap(r, rlcf);
    }

    visitor->consent = ngx_min(consent, cap);

    if (main == NULL) {
        ngx_http_recs_visitor_count(r, visitor, cap < consent);

    } else {
        visitor->consent = ngx_min(visitor->consent, main->consent);
    }
}


void
ngx_http_recs_visitor_read(ngx_http_request_t *r,
    ngx_http_recs_visitor_t *visitor, ngx_http_recs_visitor_t *main)
{
    ngx_str_t                  value;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    ngx_memzero(visitor, sizeof(ngx_http_recs_visitor_t));

    ngx_http_recs_visitor_item(r, rlcf, &visitor->item);
    ngx_http_recs_visitor_allow(r, rlcf, visitor, main);

    if (visitor->bypass) {
        return;
    }

    if (visitor->consent == NGX_HTTP_RECS_CONSENT_NONE) {

        if (main == NULL) {
            ngx_http_recs_visitor_cookie_forget(r);
        }

        return;
    }

    if (rlcf->user != NULL
        && ngx_http_complex_value(r, rlcf->user, &value) == NGX_OK)
    {
        ngx_http_recs_visitor_id(&value, &visitor->user);
    }

    visitor->id = visitor->user;

    if (visitor->id.len != 0) {
        return;
    }

    if (main == NULL) {
        ngx_http_recs_visitor_cookie_read(r, visitor);

    } else if (main->user.len == 0) {
        visitor->id = main->id;
    }
}


ngx_int_t
ngx_http_recs_visitor_lower(ngx_http_request_t *r,
    ngx_http_recs_visitor_t *visitor)
{
    ngx_http_recs_visitor_t    here;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    ngx_memzero(&here, sizeof(ngx_http_recs_visitor_t));
    ngx_http_recs_visitor_allow(r, rlcf, &here, visitor);

    if (here.consent == visitor->consent && here.bypass == visitor->bypass) {
        return NGX_DECLINED;
    }

    visitor->consent = here.consent;
    visitor->bypass = here.bypass;

    if (here.consent == NGX_HTTP_RECS_CONSENT_NONE) {
        ngx_str_null(&visitor->user);
        ngx_str_null(&visitor->id);
        ngx_str_null(&visitor->cookie);

        if (!here.bypass) {
            ngx_http_recs_visitor_cookie_forget(r);
        }
    }

    return NGX_OK;
}


ngx_uint_t
ngx_http_recs_visitor_refuses(ngx_http_request_t *r)
{
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    return !ngx_http_recs_visitor_bypass(r, rlcf)
           && (ngx_http_recs_visitor_consent(r, rlcf)
               == NGX_HTTP_RECS_CONSENT_NONE
               || ngx_http_recs_visitor_cap(r, rlcf)
                  == NGX_HTTP_RECS_CONSENT_NONE);
}


char *
ngx_http_recs_gpc(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    if (rlcf->gpc != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    if (value[1].len != 1
        || (value[1].data[0] != '0' && value[1].data[0] != '1'))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid consent level \"%V\" in \"%V\", it must "
                           "be 0 or 1", &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts == 3 && ngx_strcmp(value[2].data, "dnt") != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" in \"%V\", only \"dnt\" "
                           "may stand there", &value[2], &cmd->name);
        return NGX_CONF_ERROR;
    }

    rlcf->gpc = value[1].data[0] - '0';
    rlcf->gpc_dnt = cf->args->nelts == 3;

    return NGX_CONF_OK;
}
