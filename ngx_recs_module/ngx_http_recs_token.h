/*
 * ngx_http_recs_token: each item that is shown carries a token, which the
 * visitor's browser brings back with what becomes of it: what was shown where,
 * by which model, signed (recs_token.h has the bytes).
 *
 * A token is valid for 24 hours by the wall clock, for the visitor to whom it
 * was given and for its item; for as long before its own time too, so that a
 * clock that was put back does not make it invalid.
 */

#ifndef _NGX_HTTP_RECS_TOKEN_H_INCLUDED_
#define _NGX_HTTP_RECS_TOKEN_H_INCLUDED_


#include "ngx_http_recs_module.h"

#include "recs_token.h"


#define NGX_HTTP_RECS_TOKEN_LEN    RECS_TOKEN_TEXT_MAX
#define NGX_HTTP_RECS_TOKEN_VALID  86400                 /* seconds */


/* Signs the items of one answer. */
typedef struct {
    ngx_http_recs_keys_t   *keys;            /* NULL: does not */
    recs_answer_item_t     *items;
    recs_token_t            token;
} ngx_http_recs_signer_t;


/* What a valid token says; strings live as long as the request. */
typedef struct {
    ngx_str_t    slot;
    ngx_str_t    experiment;                 /* empty: none */
    ngx_str_t    variant;
    ngx_str_t    generation;
    ngx_uint_t   rank;
    time_t       time;
    double       propensity;                 /* NAN: not known */
    uint64_t     item_hash;
} ngx_http_recs_token_t;


/* Where r is there may be no recs_token_key: all its tokens are empty. */
void ngx_http_recs_token_begin(ngx_http_recs_signer_t *signer,
    ngx_http_request_t *r, ngx_http_recs_answer_t *answer);

/* The token of the answer's item i, by its id; returns its length. */
size_t ngx_http_recs_token_write(ngx_http_recs_signer_t *signer,
    ngx_uint_t i, recs_str_t id, char text[NGX_HTTP_RECS_TOKEN_LEN]);

/*
 * NGX_DECLINED: not valid for this visitor, item and time, or there are no
 * keys here.  NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_recs_token_read(ngx_http_request_t *r, ngx_str_t *text,
    ngx_str_t *item, ngx_http_recs_token_t *token);


#endif /* _NGX_HTTP_RECS_TOKEN_H_INCLUDED_ */
