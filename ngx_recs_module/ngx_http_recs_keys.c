/*
 * The keys of a file, and HMAC-SHA256 by libcrypto.
 *
 * A key is kept as a keyed context of libcrypto's, made by the master and
 * inherited by the workers: a MAC starts from it without hashing the key.
 */

#include "ngx_http_recs_keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "recs_key_file.h"


typedef struct {
    u_char        kid;
    EVP_MAC_CTX  *hmac;
} ngx_http_recs_key_t;

struct ngx_http_recs_keys_s {
    ngx_uint_t           n;
    ngx_http_recs_key_t  live[RECS_KEY_FILE_LIVE];
};


static void
ngx_http_recs_keys_cleanup(void *data)
{
    ngx_http_recs_keys_t *keys = data;

    ngx_uint_t  i;

    for (i = 0; i < keys->n; i++) {
        EVP_MAC_CTX_free(keys->live[i].hmac);
    }
}


static EVP_MAC_CTX *
ngx_http_recs_keys_context(u_char *key, size_t len)
{
    EVP_MAC      *hmac;
    OSSL_PARAM    params[2];
    EVP_MAC_CTX  *ctx;

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                 (char *) "SHA256", 0);
    params[1] = OSSL_PARAM_construct_end();

    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    ctx = EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);

    if (ctx != NULL && !EVP_MAC_init(ctx, key, len, params)) {
        EVP_MAC_CTX_free(ctx);
        return NULL;
    }

    return ctx;
}


ngx_int_t
ngx_http_recs_keys_read(ngx_conf_t *cf, ngx_str_t *path,
    ngx_http_recs_keys_t **keys)
{
    ngx_uint_t             i;
    ngx_int_t              rc;
    recs_error_t           err;
    recs_key_file_t        file;
    ngx_pool_cleanup_t    *cln;
    ngx_http_recs_keys_t  *live;

    if (ngx_conf_full_name(cf->cycle, path, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    cln = ngx_pool_cleanup_add(cf->pool, sizeof(ngx_http_recs_keys_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    live = cln->data;
    ngx_memzero(live, sizeof(ngx_http_recs_keys_t));
    cln->handler = ngx_http_recs_keys_cleanup;

    if (recs_key_file_read((char *) path->data, &file, &err) != RECS_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s", err.message);
        return NGX_ERROR;
    }

    rc = NGX_OK;

    for (i = 0; i < file.n; i++) {
        live->live[i].kid = file.live[i].kid;
        live->live[i].hmac = ngx_http_recs_keys_context(file.live[i].bytes,
                                                        file.live[i].len);
        live->n++;

        if (live->live[i].hmac == NULL) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "libcrypto has no "
                               "HMAC-SHA256 for key file \"%V\"", path);
            rc = NGX_ERROR;
            break;
        }
    }

    recs_key_file_forget(&file);

    if (rc == NGX_OK) {
        *keys = live;
    }

    return rc;
}


char *
ngx_http_recs_keys(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    ngx_str_t              *value;
    ngx_http_recs_keys_t  **keys;

    keys = (ngx_http_recs_keys_t **) (p + cmd->offset);

    if (*keys != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    return ngx_http_recs_keys_read(cf, &value[1], keys) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_recs_keys_mac(ngx_http_recs_key_t *key, const u_char *data,
    size_t len, u_char mac[NGX_HTTP_RECS_MAC_LEN])
{
    u_char  whole[EVP_MAX_MD_SIZE];
    size_t  n;

    if (!EVP_MAC_init(key->hmac, NULL, 0, NULL)
        || !EVP_MAC_update(key->hmac, data, len)
        || !EVP_MAC_final(key->hmac, whole, &n, sizeof(whole))
        || n < NGX_HTTP_RECS_MAC_LEN)
    {
        return NGX_ERROR;
    }

    ngx_memcpy(mac, whole, NGX_HTTP_RECS_MAC_LEN);

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_keys_sign(ngx_http_recs_keys_t *keys, const u_char *data,
    size_t len, u_char *kid, u_char mac[NGX_HTTP_RECS_MAC_LEN])
{
    *kid = keys->live[0].kid;

    return ngx_http_recs_keys_mac(&keys->live[0], data, len, mac);
}


static ngx_http_recs_key_t *
ngx_http_recs_keys_live(ngx_http_recs_keys_t *keys, u_char kid)
{
    ngx_uint_t  i;

    for (i = 0; i < keys->n; i++) {
        if (keys->live[i].kid == kid) {
            return &keys->live[i];
        }
    }

    return NULL;
}


ngx_uint_t
ngx_http_recs_keys_has(ngx_http_recs_keys_t *keys, u_char kid)
{
    return ngx_http_recs_keys_live(keys, kid) != NULL;
}


ngx_int_t
ngx_http_recs_keys_check(ngx_http_recs_keys_t *keys, u_char kid,
    const u_char *data, size_t len, const u_char *mac, size_t mac_len)
{
    u_char                right[NGX_HTTP_RECS_MAC_LEN];
    ngx_http_recs_key_t  *key;

    if (mac_len < NGX_HTTP_RECS_MAC_MIN || mac_len > NGX_HTTP_RECS_MAC_LEN) {
        return NGX_DECLINED;
    }

    key = ngx_http_recs_keys_live(keys, kid);

    return key != NULL
           && ngx_http_recs_keys_mac(key, data, len, right) == NGX_OK
           && CRYPTO_memcmp(right, mac, mac_len) == 0
           ? NGX_OK : NGX_DECLINED;
}
