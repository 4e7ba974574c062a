#include "ngx_http_recs_visitor_cookie.h"

#include <sys/random.h>

#include "ngx_http_recs_cookie.h"
#include "ngx_http_recs_session.h"
#include "ngx_http_recs_zone.h"
#include "recs_session_cookie.h"


#define NGX_HTTP_RECS_VISITOR_ID  16         /* bytes, random */

#define NGX_HTTP_RECS_VISITOR_PLAIN   1
#define NGX_HTTP_RECS_VISITOR_SIGNED  2


typedef struct {
    u_char  version;
    u_char  id[NGX_HTTP_RECS_VISITOR_ID];
} ngx_http_recs_visitor_plain_t;

typedef struct {
    ngx_http_recs_visitor_plain_t  plain;
    u_char                         kid;
    u_char                         mac[NGX_HTTP_RECS_MAC_LEN];
} ngx_http_recs_visitor_signed_t;

/* What the MAC is over. */
typedef struct {
    u_char  use[14];
    u_char  id[NGX_HTTP_RECS_VISITOR_ID];
} ngx_http_recs_visitor_signature_t;


static ngx_str_t  ngx_http_recs_visitor_cookie_name = ngx_string("recs_id");


/* --- the bytes --- */

static void
ngx_http_recs_visitor_signature(ngx_http_recs_visitor_signature_t *signature,
    const u_char *id)
{
    ngx_memcpy(signature->use, "recs-visitor-1", sizeof(signature->use));
    ngx_memcpy(signature->id, id, sizeof(signature->id));
}


/* NGX_DECLINED: it is none of ours. */
static ngx_int_t
ngx_http_recs_visitor_cookie_decode(ngx_http_recs_keys_t *keys,
    ngx_str_t *value, u_char id[NGX_HTTP_RECS_VISITOR_ID])
{
    u_char                             bytes[64];
    size_t                             len;
    ngx_str_t                          decoded;
    ngx_http_recs_visitor_signed_t    *cookie;
    ngx_http_recs_visitor_signature_t  signature;

    decoded.data = bytes;
    cookie = (ngx_http_recs_visitor_signed_t *) bytes;

    len = keys != NULL ? sizeof(ngx_http_recs_visitor_signed_t)
                       : sizeof(ngx_http_recs_visitor_plain_t);

    if (ngx_base64_decoded_length(value->len) > sizeof(bytes)
        || ngx_decode_base64url(&decoded, value) != NGX_OK
        || decoded.len != len)
    {
        return NGX_DECLINED;
    }

    if (keys == NULL) {
        if (cookie->plain.version != NGX_HTTP_RECS_VISITOR_PLAIN) {
            return NGX_DECLINED;
        }

    } else {
        ngx_http_recs_visitor_signature(&signature, cookie->plain.id);

        if (cookie->plain.version != NGX_HTTP_RECS_VISITOR_SIGNED
            || ngx_http_recs_keys_check(keys, cookie->kid,
                                        (u_char *) &signature,
                                        sizeof(signature), cookie->mac,
                                        sizeof(cookie->mac))
               != NGX_OK)
        {
            return NGX_DECLINED;
        }
    }

    ngx_memcpy(id, cookie->plain.id, NGX_HTTP_RECS_VISITOR_ID);

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_visitor_cookie_text(ngx_pool_t *pool, const char *prefix,
    const void *bytes, size_t len, ngx_str_t *text)
{
    ngx_str_t  src, dst;

    src.data = (u_char *) bytes;
    src.len = len;

    text->len = ngx_strlen(prefix);
    text->data = ngx_pnalloc(pool, text->len + ngx_base64_encoded_length(len));

    if (text->data == NULL) {
        return NGX_ERROR;
    }

    dst.data = ngx_cpymem(text->data, prefix, text->len);
    ngx_encode_base64url(&dst, &src);
    text->len += dst.len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_visitor_cookie_id(ngx_pool_t *pool, const u_char *id,
    ngx_str_t *text)
{
    return ngx_http_recs_visitor_cookie_text(pool, "~", id,
                                             NGX_HTTP_RECS_VISITOR_ID, text);
}


/* --- a request's --- */

/* The first valid one. */
static ngx_int_t
ngx_http_recs_visitor_cookie_find(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf, u_char id[NGX_HTTP_RECS_VISITOR_ID])
{
    ngx_str_t   values[NGX_HTTP_RECS_COOKIES_MAX];
    ngx_uint_t  i, n;

    if (rlcf->visitor_cookie.len == 0) {
        return NGX_DECLINED;
    }

    n = ngx_http_recs_cookie_values(r, &rlcf->visitor_cookie, values);

    for (i = 0; i < n; i++) {
        if (ngx_http_recs_visitor_cookie_decode(rlcf->session_keys,
                                                &values[i], id)
            == NGX_OK)
        {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


static void
ngx_http_recs_visitor_cookie_new(ngx_http_request_t *r,
    ngx_http_recs_loc_conf_t *rlcf, ngx_http_recs_visitor_t *visitor)
{
    size_t                              len;
    ngx_str_t                           id, text;
    ngx_http_recs_visitor_signed_t      cookie;
    ngx_http_recs_visitor_signature_t   signature;

    if (getrandom(cookie.plain.id, sizeof(cookie.plain.id), GRND_NONBLOCK)
        != (ssize_t) sizeof(cookie.plain.id))
    {
        return;
    }

    cookie.plain.version = NGX_HTTP_RECS_VISITOR_PLAIN;
    len = sizeof(cookie.plain);

    if (rlcf->session_keys != NULL) {
        cookie.plain.version = NGX_HTTP_RECS_VISITOR_SIGNED;
        len = sizeof(cookie);

        ngx_http_recs_visitor_signature(&signature, cookie.plain.id);

        if (ngx_http_recs_keys_sign(rlcf->session_keys,
                                    (u_char *) &signature, sizeof(signature),
                                    &cookie.kid, cookie.mac)
            != NGX_OK)
        {
            return;
        }
    }

    if (ngx_http_recs_visitor_cookie_id(r->pool, cookie.plain.id, &id)
        != NGX_OK
        || ngx_http_recs_visitor_cookie_text(r->pool, "", &cookie, len, &text)
           != NGX_OK)
    {
        return;
    }

    visitor->id = id;
    visitor->cookie = text;
}


void
ngx_http_recs_visitor_cookie_read(ngx_http_request_t *r,
    ngx_http_recs_visitor_t *visitor)
{
    u_char                      id[NGX_HTTP_RECS_VISITOR_ID];
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if (!rmcf->visitor_cookies) {
        return;
    }

    if (ngx_http_recs_visitor_cookie_find(r, rlcf, id) == NGX_OK) {
        (void) ngx_http_recs_visitor_cookie_id(r->pool, id, &visitor->id);
        return;
    }

    if (rlcf->issue_cookie && !r->header_sent) {
        ngx_http_recs_visitor_cookie_new(r, rlcf, visitor);
    }
}


void
ngx_http_recs_visitor_cookie_want(ngx_http_request_t *r,
    ngx_http_recs_visitor_t *visitor)
{
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (visitor->id.len == 0 && rlcf->visitor_cookie.len != 0
        && !r->header_sent)
    {
        ngx_http_recs_visitor_cookie_new(r, rlcf, visitor);
    }
}


void
ngx_http_recs_visitor_cookie_forget(ngx_http_request_t *r)
{
    u_char                      id[NGX_HTTP_RECS_VISITOR_ID];
    ngx_str_t                   text;
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if (!rmcf->visitor_cookies
        || ngx_http_recs_visitor_cookie_find(r, rlcf, id) != NGX_OK
        || ngx_http_recs_visitor_cookie_id(r->pool, id, &text) != NGX_OK)
    {
        return;
    }

    ngx_http_recs_session_forget(r, &text);
    ngx_http_recs_zone_count_visitors(rmcf, NGX_HTTP_RECS_VISITORS_DROPPED);
}


/* --- directives --- */

char *
ngx_http_recs_visitor_cookie(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    if (rlcf->visitor_cookie.data != NULL) {
        return "is duplicate";
    }

    if (!ngx_http_recs_cookie_name_valid(&value[1])) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid cookie name \"%V\" in \"%V\"",
                           &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    if (ngx_strcmp(value[1].data, RECS_SESSION_COOKIE) == 0) {
        return "has the name of the sessions' cookie";
    }

    rlcf->visitor_cookie = value[1];

    if (ngx_strcmp(value[1].data, "off") == 0) {
        rlcf->visitor_cookie.len = 0;
    }

    return NGX_CONF_OK;
}


void
ngx_http_recs_visitor_cookie_merge(ngx_conf_t *cf,
    ngx_http_recs_loc_conf_t *prev, ngx_http_recs_loc_conf_t *conf)
{
    ngx_http_recs_main_conf_t  *rmcf;

    if (conf->visitor_cookie.data == NULL) {
        conf->visitor_cookie = prev->visitor_cookie.data != NULL
                               ? prev->visitor_cookie
                               : ngx_http_recs_visitor_cookie_name;
    }

    conf->issue_cookie = conf->visitor_cookie.len != 0 && conf->wants_id;

    if (conf->issue_cookie) {
        rmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_recs_module);
        rmcf->visitor_cookies = 1;
    }
}
