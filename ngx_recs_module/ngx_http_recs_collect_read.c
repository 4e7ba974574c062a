/*
 * The body of a request into memory, and no more of it than is allowed: nginx
 * itself would put on disk what is over client_body_buffer_size, and chunks
 * of any number.
 */

#include "ngx_http_recs_collect_private.h"


#define NGX_HTTP_RECS_COLLECT_FIRST  1024


typedef struct {
    u_char  *data;
    size_t   len;
    size_t   size;
} ngx_http_recs_collect_text_t;


/* Room for n more bytes.  A slow client gets it as it sends. */
static ngx_int_t
ngx_http_recs_collect_reserve(ngx_http_request_t *r,
    ngx_http_recs_collect_text_t *text, size_t n)
{
    size_t   size;
    u_char  *data;

    if (n <= text->size - text->len) {
        return NGX_OK;
    }

    size = ngx_max(text->size, NGX_HTTP_RECS_COLLECT_FIRST);

    while (size < text->len + n) {
        size *= 2;
    }

    data = ngx_pnalloc(r->pool, size);
    if (data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (text->len != 0) {
        ngx_memcpy(data, text->data, text->len);
        (void) ngx_pfree(r->pool, text->data);
    }

    text->data = data;
    text->size = size;

    return NGX_OK;
}


/* Takes what nginx has read. */
static ngx_int_t
ngx_http_recs_collect_take(ngx_http_request_t *r,
    ngx_http_recs_collect_text_t *text)
{
    size_t        n;
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    for (cl = r->request_body->bufs; cl != NULL; cl = cl->next) {
        b = cl->buf;

        if (!ngx_buf_in_memory(b)) {

            /* Somebody else has read it, onto disk; or it is the end. */

            if (b->in_file && b->file_last > b->file_pos) {
                return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
            }

            continue;
        }

        n = b->last - b->pos;

        if (n > RECS_COLLECT_BODY_MAX - text->len) {
            return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
        }

        rc = ngx_http_recs_collect_reserve(r, text, n);
        if (rc != NGX_OK) {
            return rc;
        }

        ngx_memcpy(text->data + text->len, b->pos, n);
        text->len += n;
        b->pos = b->last;
    }

    r->request_body->bufs = NULL;

    return NGX_OK;
}


/* Most bodies came with the header, in one piece. */
static ngx_uint_t
ngx_http_recs_collect_whole(ngx_http_request_t *r, ngx_str_t *text)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    cl = r->request_body->bufs;

    if (r->reading_body || cl == NULL || cl->next != NULL
        || !ngx_buf_in_memory(cl->buf))
    {
        return 0;
    }

    b = cl->buf;
    text->data = b->pos;
    text->len = b->last - b->pos;

    return text->len <= RECS_COLLECT_BODY_MAX;
}


ngx_int_t
ngx_http_recs_collect_read(ngx_http_request_t *r, ngx_str_t *text)
{
    ngx_int_t                      rc;
    ngx_http_recs_ctx_t           *ctx;
    ngx_http_recs_collect_text_t  *read;

    ngx_str_null(text);

    if (r->request_body == NULL) {
        return NGX_OK;
    }

    ctx = ngx_http_recs_get_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    read = ctx->collect;

    if (read == NULL) {
        if (ngx_http_recs_collect_whole(r, text)) {
            return NGX_OK;
        }

        read = ngx_pcalloc(r->pool, sizeof(ngx_http_recs_collect_text_t));
        if (read == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ctx->collect = read;
    }

    for ( ;; ) {
        rc = ngx_http_recs_collect_take(r, read);
        if (rc != NGX_OK) {
            return rc;
        }

        if (!r->reading_body) {
            text->data = read->data;
            text->len = read->len;
            return NGX_OK;
        }

        rc = ngx_http_read_unbuffered_request_body(r);

        if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
            return rc;
        }

        if (rc == NGX_AGAIN && r->request_body->bufs == NULL) {
            return NGX_AGAIN;
        }
    }
}
