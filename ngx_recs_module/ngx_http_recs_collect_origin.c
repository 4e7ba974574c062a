/*
 * recs_collect_origin: which pages may send events.
 *
 * Pages of the own site may always: a browser says so in Sec-Fetch-Site, an
 * older one by an Origin that is the request's Host, or by none at all; and
 * who is no browser says nothing.  Pages of other origins may where they are
 * named here.
 */

#include "ngx_http_recs_collect_private.h"


/* The value that allows every origin; and what a browser is told then. */
static char  ngx_http_recs_collect_any[] = "*";


/* scheme://host[:port], as browsers write it. */
static ngx_uint_t
ngx_http_recs_collect_origin_valid(ngx_str_t *origin)
{
    u_char  *p, *last;

    p = origin->data;
    last = p + origin->len;

    if (ngx_strncmp(p, "https://", 8) == 0) {
        p += 8;

    } else if (ngx_strncmp(p, "http://", 7) == 0) {
        p += 7;

    } else {
        return 0;
    }

    if (p == last) {
        return 0;
    }

    for ( /* void */ ; p < last; p++) {
        if (*p <= ' ' || *p >= 0x7f
            || ngx_strchr("/\\?#@$\"',;*", *p) != NULL)
        {
            return 0;
        }
    }

    return 1;
}


char *
ngx_http_recs_collect_origin(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_str_t   *value, *origin;
    ngx_uint_t   i;

    if (rlcf->collect_origins != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    rlcf->collect_origins = ngx_array_create(cf->pool, 2, sizeof(ngx_str_t));
    if (rlcf->collect_origins == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        return NGX_CONF_OK;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        origin = ngx_array_push(rlcf->collect_origins);
        if (origin == NULL) {
            return NGX_CONF_ERROR;
        }

        if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "any") == 0) {
            ngx_str_set(origin, ngx_http_recs_collect_any);
            return NGX_CONF_OK;
        }

        *origin = value[i];
        ngx_strlow(origin->data, origin->data, origin->len);

        if (!ngx_http_recs_collect_origin_valid(origin)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid origin \"%V\", it must be "
                               "http[s]://host[:port], or the only value "
                               "\"any\" or \"off\"", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


/* The values of Origin and Sec-Fetch-Site; NGX_ERROR where one stands twice. */
static ngx_int_t
ngx_http_recs_collect_headers(ngx_http_request_t *r, ngx_str_t **origin,
    ngx_str_t **site)
{
    ngx_uint_t         i;
    ngx_str_t        **value;
    ngx_list_part_t   *part;
    ngx_table_elt_t   *h;

    *origin = NULL;
    *site = NULL;

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].key.len == 6
                && ngx_strncasecmp(h[i].key.data, (u_char *) "origin", 6) == 0)
            {
                value = origin;

            } else if (h[i].key.len == 14
                       && ngx_strncasecmp(h[i].key.data,
                                          (u_char *) "sec-fetch-site", 14)
                          == 0)
            {
                value = site;

            } else {
                continue;
            }

            if (*value != NULL) {
                return NGX_ERROR;
            }

            *value = &h[i].value;
        }
    }

    return NGX_OK;
}


static const char *
ngx_http_recs_collect_allowed(ngx_array_t *origins, ngx_str_t *origin)
{
    ngx_uint_t   i;
    ngx_str_t   *named;

    if (origins == NULL) {
        return NULL;
    }

    named = origins->elts;

    for (i = 0; i < origins->nelts; i++) {
        if (named[i].data == (u_char *) ngx_http_recs_collect_any
            || (origin != NULL && named[i].len == origin->len
                && ngx_memcmp(named[i].data, origin->data, origin->len) == 0))
        {
            return (const char *) named[i].data;
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_http_recs_collect_is(ngx_str_t *value, const char *text)
{
    return value->len == ngx_strlen(text)
           && ngx_memcmp(value->data, text, value->len) == 0;
}


/* Is the origin, whatever its scheme, the host that was asked? */
static ngx_uint_t
ngx_http_recs_collect_own(ngx_http_request_t *r, ngx_str_t *origin)
{
    u_char     *p;
    ngx_str_t  *host;

    if (r->headers_in.host == NULL) {
        return 0;
    }

    p = ngx_strnstr(origin->data, "://", origin->len);
    if (p == NULL) {
        return 0;
    }

    p += 3;
    host = &r->headers_in.host->value;

    return host->len == (size_t) (origin->data + origin->len - p)
           && ngx_strncasecmp(host->data, p, host->len) == 0;
}


ngx_int_t
ngx_http_recs_collect_from(ngx_http_request_t *r, const char **allowed)
{
    ngx_uint_t                 own;
    ngx_str_t                 *origin, *site;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    *allowed = NULL;

    if (ngx_http_recs_collect_headers(r, &origin, &site) != NGX_OK) {
        return NGX_DECLINED;
    }

    *allowed = ngx_http_recs_collect_allowed(rlcf->collect_origins, origin);

    if (*allowed != NULL) {
        return NGX_OK;
    }

    if (site != NULL) {
        own = ngx_http_recs_collect_is(site, "same-origin")
              || ngx_http_recs_collect_is(site, "same-site")
              || ngx_http_recs_collect_is(site, "none");

    } else {
        own = origin == NULL || ngx_http_recs_collect_own(r, origin);
    }

    return own ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
ngx_http_recs_collect_cors(ngx_http_request_t *r, const char *allowed,
    ngx_uint_t preflight)
{
    ngx_uint_t  any;

    if (allowed == NULL) {
        return NGX_OK;
    }

    any = allowed == ngx_http_recs_collect_any;

    if (ngx_http_recs_add_header(r, "Access-Control-Allow-Origin", allowed)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* With "*" a browser accepts no answer to what it sent with cookies. */

    if (!any
        && (ngx_http_recs_add_header(r, "Access-Control-Allow-Credentials",
                                     "true")
            != NGX_OK
            || ngx_http_recs_add_header(r, "Vary", "Origin") != NGX_OK))
    {
        return NGX_ERROR;
    }

    if (preflight
        && (ngx_http_recs_add_header(r, "Access-Control-Allow-Methods",
                                     "GET, POST")
            != NGX_OK
            || ngx_http_recs_add_header(r, "Access-Control-Allow-Headers",
                                        "Content-Type")
               != NGX_OK
            || ngx_http_recs_add_header(r, "Access-Control-Max-Age", "7200")
               != NGX_OK))
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}
