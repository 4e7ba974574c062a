/*
 * Key files, and HMAC-SHA256 by libcrypto.
 *
 * A key is kept as a keyed context of libcrypto's, made by the master and
 * inherited by the workers: a MAC starts from it without hashing the key.
 */

#include "ngx_http_recs_keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>


#define NGX_HTTP_RECS_KEYS_LIVE      2
#define NGX_HTTP_RECS_KEYS_FILE_MAX  16384   /* bytes */
#define NGX_HTTP_RECS_KEY_MIN        16
#define NGX_HTTP_RECS_KEY_MAX        64      /* SHA-256's block */


typedef struct {
    u_char        kid;
    EVP_MAC_CTX  *hmac;
} ngx_http_recs_key_t;

struct ngx_http_recs_keys_s {
    ngx_uint_t           n;
    ngx_http_recs_key_t  live[NGX_HTTP_RECS_KEYS_LIVE];
    u_char               seen[256];          /* key numbers of the file */
};

/* A file that is being read. */
typedef struct {
    ngx_conf_t            *cf;
    ngx_str_t             *path;
    ngx_uint_t             line;
    ngx_http_recs_keys_t  *keys;
} ngx_http_recs_keys_file_t;


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


static ngx_int_t
ngx_http_recs_keys_wrong(ngx_http_recs_keys_file_t *file, const char *what)
{
    ngx_conf_log_error(NGX_LOG_EMERG, file->cf, 0,
                       "key file \"%V\", line %ui: %s", file->path,
                       file->line, what);

    return NGX_ERROR;
}


/* Hex digits at p, up to last, as a key's bytes. */
static ngx_int_t
ngx_http_recs_keys_hex(ngx_http_recs_keys_file_t *file, u_char *p,
    u_char *last, u_char key[NGX_HTTP_RECS_KEY_MAX], size_t *len)
{
    size_t     n;
    ngx_int_t  byte;

    for (n = 0; p < last; p += 2) {

        /* ngx_hextoi() takes an odd digit at the end for a byte. */

        byte = last - p > 1 ? ngx_hextoi(p, 2) : NGX_ERROR;

        if (byte == NGX_ERROR) {
            return ngx_http_recs_keys_wrong(file, "the key is not pairs of "
                                            "hex digits up to the line's end");
        }

        if (n == NGX_HTTP_RECS_KEY_MAX) {
            return ngx_http_recs_keys_wrong(file, "the key is longer than "
                                            "64 bytes, 128 hex digits");
        }

        key[n++] = (u_char) byte;
    }

    if (n < NGX_HTTP_RECS_KEY_MIN) {
        return ngx_http_recs_keys_wrong(file, "the key is shorter than "
                                        "16 bytes, 32 hex digits");
    }

    *len = n;

    return NGX_OK;
}


/* KID HEX, at p up to last, without blanks at either end. */
static ngx_int_t
ngx_http_recs_keys_line(ngx_http_recs_keys_file_t *file, u_char *p,
    u_char *last)
{
    size_t                 len;
    u_char                 key[NGX_HTTP_RECS_KEY_MAX], *hex;
    ngx_int_t              kid, rc;
    EVP_MAC_CTX           *ctx;
    ngx_http_recs_keys_t  *keys;

    keys = file->keys;

    for (hex = p; hex < last && *hex != ' ' && *hex != '\t'; hex++) {
        /* void */
    }

    kid = ngx_atoi(p, hex - p);

    if (kid < 1 || kid > 255) {
        return ngx_http_recs_keys_wrong(file, "it does not begin with a "
                                        "key's number from 1 to 255");
    }

    if (keys->seen[kid]) {
        return ngx_http_recs_keys_wrong(file, "another key has this number");
    }

    keys->seen[kid] = 1;

    while (hex < last && (*hex == ' ' || *hex == '\t')) {
        hex++;
    }

    rc = ngx_http_recs_keys_hex(file, hex, last, key, &len);

    if (rc == NGX_OK && keys->n < NGX_HTTP_RECS_KEYS_LIVE) {
        ctx = ngx_http_recs_keys_context(key, len);

        if (ctx == NULL) {
            rc = ngx_http_recs_keys_wrong(file, "libcrypto has no "
                                          "HMAC-SHA256 for it");
        } else {
            keys->live[keys->n].kid = (u_char) kid;
            keys->live[keys->n].hmac = ctx;
            keys->n++;
        }
    }

    OPENSSL_cleanse(key, sizeof(key));

    return rc;
}


static ngx_int_t
ngx_http_recs_keys_parse(ngx_http_recs_keys_file_t *file, u_char *p,
    u_char *last)
{
    u_char  *begin, *end, *next;

    for ( /* void */ ; p < last; p = next) {

        file->line++;

        end = ngx_strlchr(p, last, '\n');
        next = end != NULL ? end + 1 : last;
        begin = p;

        if (end == NULL) {
            end = last;
        }

        while (begin < end && (*begin == ' ' || *begin == '\t')) {
            begin++;
        }

        while (end > begin
               && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        {
            end--;
        }

        if (begin == end || *begin == '#') {
            continue;
        }

        if (ngx_http_recs_keys_line(file, begin, end) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (file->keys->n == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, file->cf, 0,
                           "key file \"%V\" has no key: write lines like "
                           "\"1 HEX\", 32 hex digits or more", file->path);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* Is it a file that nobody but its owner and group can read? */
static ngx_int_t
ngx_http_recs_keys_private(ngx_conf_t *cf, ngx_str_t *path, ngx_fd_t fd)
{
    ngx_file_info_t  fi;

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_fd_info_n " of key file \"%V\" failed", path);
        return NGX_ERROR;
    }

    if (!ngx_is_file(&fi)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "key file \"%V\" is not a regular file", path);
        return NGX_ERROR;
    }

    if (fi.st_mode & (S_IROTH|S_IWOTH)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "key file \"%V\" is open to everybody: "
                           "chmod o-rw it", path);
        return NGX_ERROR;
    }

    if (ngx_file_size(&fi) > NGX_HTTP_RECS_KEYS_FILE_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "key file \"%V\" is over %d bytes", path,
                           NGX_HTTP_RECS_KEYS_FILE_MAX);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* The file's text into text[NGX_HTTP_RECS_KEYS_FILE_MAX]; its length. */
static ssize_t
ngx_http_recs_keys_load(ngx_conf_t *cf, ngx_str_t *path, u_char *text)
{
    ssize_t   n;
    ngx_fd_t  fd;

    /* Nonblocking: a pipe is refused, not waited for. */

    fd = ngx_open_file(path->data, NGX_FILE_RDONLY|NGX_FILE_NONBLOCK,
                       NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " key file \"%V\" failed", path);
        return NGX_ERROR;
    }

    n = ngx_http_recs_keys_private(cf, path, fd);

    if (n == NGX_OK) {
        n = ngx_read_fd(fd, text, NGX_HTTP_RECS_KEYS_FILE_MAX);

        if (n == -1) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                               ngx_read_fd_n " key file \"%V\" failed", path);
        }
    }

    ngx_close_file(fd);

    return n;
}


ngx_int_t
ngx_http_recs_keys_read(ngx_conf_t *cf, ngx_str_t *path,
    ngx_http_recs_keys_t **keys)
{
    u_char                      text[NGX_HTTP_RECS_KEYS_FILE_MAX];
    ssize_t                     n;
    ngx_int_t                   rc;
    ngx_pool_cleanup_t         *cln;
    ngx_http_recs_keys_file_t   file;

    if (ngx_conf_full_name(cf->cycle, path, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    cln = ngx_pool_cleanup_add(cf->pool, sizeof(ngx_http_recs_keys_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(cln->data, sizeof(ngx_http_recs_keys_t));
    cln->handler = ngx_http_recs_keys_cleanup;

    file.cf = cf;
    file.path = path;
    file.line = 0;
    file.keys = cln->data;

    n = ngx_http_recs_keys_load(cf, path, text);
    if (n < 0) {
        return NGX_ERROR;
    }

    rc = ngx_http_recs_keys_parse(&file, text, text + n);

    OPENSSL_cleanse(text, n);

    if (rc == NGX_OK) {
        *keys = cln->data;
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
