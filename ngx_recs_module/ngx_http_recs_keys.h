/*
 * ngx_http_recs_keys: the keys of a file (core/recs_key_file.h), and
 * HMAC-SHA256 under them.
 *
 * The first key signs, the first two are checked against.  The master reads
 * the file while the configuration is parsed; a reload reads it again.
 *
 * What is signed begins with the name of its use ("recs-token-1", ...), so
 * that nothing signed for one use passes for another.
 */

#ifndef _NGX_HTTP_RECS_KEYS_H_INCLUDED_
#define _NGX_HTTP_RECS_KEYS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_HTTP_RECS_MAC_LEN  16            /* of HMAC-SHA256's 32 bytes */
#define NGX_HTTP_RECS_MAC_MIN  8             /* that a check takes */


typedef struct ngx_http_recs_keys_s  ngx_http_recs_keys_t;


/* recs_token_key FILE, recs_session_key FILE: the field at cmd->offset. */
char *ngx_http_recs_keys(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/*
 * The keys of the file, which live as long as the configuration; path becomes
 * a full one.  NGX_ERROR: logged, with the line that is wrong.
 */
ngx_int_t ngx_http_recs_keys_read(ngx_conf_t *cf, ngx_str_t *path,
    ngx_http_recs_keys_t **keys);

/* The MAC of data under the first key; NGX_ERROR: no memory. */
ngx_int_t ngx_http_recs_keys_sign(ngx_http_recs_keys_t *keys,
    const u_char *data, size_t len, u_char *kid,
    u_char mac[NGX_HTTP_RECS_MAC_LEN]);

/* Is there a live key of that number? */
ngx_uint_t ngx_http_recs_keys_has(ngx_http_recs_keys_t *keys, u_char kid);

/*
 * Is mac, or its first mac_len bytes, that of data under the live key kid?
 * NGX_DECLINED: no.  Takes the same time wherever they differ.
 */
ngx_int_t ngx_http_recs_keys_check(ngx_http_recs_keys_t *keys, u_char kid,
    const u_char *data, size_t len, const u_char *mac, size_t mac_len);


#endif /* _NGX_HTTP_RECS_KEYS_H_INCLUDED_ */
