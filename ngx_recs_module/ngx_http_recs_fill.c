/*
 * The page streams through: bytes outside of elements are passed on where
 * they lie, an element is held back until it is whole and then answered.
 *
 * For each buffer that comes in, its pieces go out, then a marker: an empty
 * buffer that takes over the flags and, once it is sent, tells the producer
 * that the buffer is free again.
 *
 * A page that all share comes again and again, the same bytes for everyone:
 * the worker remembers where its elements are.
 */

#include "ngx_http_recs_exposure.h"
#include "ngx_http_recs_fill.h"
#include "ngx_http_recs_fill_private.h"


static ngx_int_t ngx_http_recs_fill_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_recs_fill_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;

static recs_markup_memo_t  ngx_http_recs_fill_memo;       /* the worker's */


ngx_uint_t
ngx_http_recs_fill_wanted(ngx_http_request_t *r)
{
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    return rlcf->fill && r == r->main
           && r->headers_out.status == NGX_HTTP_OK
           && ngx_http_test_content_type(r, &rlcf->fill_types) != NULL;
}


/* --- pieces that go out --- */

static ngx_int_t
ngx_http_recs_fill_link(ngx_http_recs_fill_t *fs, ngx_chain_t *cl)
{
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->next = NULL;
    *fs->last_out = cl;
    fs->last_out = &cl->next;

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_fill_put(ngx_http_recs_fill_t *fs, const char *data, size_t len)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (len == 0) {
        return NGX_OK;
    }

    cl = ngx_chain_get_free_buf(fs->request->pool, &fs->free);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    b = cl->buf;
    ngx_memzero(b, sizeof(ngx_buf_t));

    b->pos = (u_char *) data;
    b->last = b->pos + len;
    b->start = b->pos;
    b->end = b->last;
    b->memory = 1;
    b->tag = (ngx_buf_tag_t) &ngx_http_recs_module;

    return ngx_http_recs_fill_link(fs, cl);
}


char *
ngx_http_recs_fill_copy(ngx_http_recs_fill_t *fs, const char *data,
    size_t len)
{
    char  *copy;

    copy = ngx_pnalloc(fs->request->pool, len);

    if (copy != NULL) {
        ngx_memcpy(copy, data, len);
    }

    return copy;
}


/*
 * What stands for the buffer after its pieces.  It is never used again: a
 * later filter may keep it longer than the sent bytes.
 */
static ngx_int_t
ngx_http_recs_fill_mark(ngx_http_recs_fill_t *fs, ngx_buf_t *in)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    b = ngx_calloc_buf(fs->request->pool);
    cl = ngx_alloc_chain_link(fs->request->pool);

    if (b == NULL || cl == NULL) {
        return NGX_ERROR;
    }

    b->sync = 1;
    b->flush = in->flush;
    b->recycled = in->recycled;
    b->last_buf = in->last_buf;
    b->last_in_chain = in->last_in_chain;
    b->shadow = in;
    b->tag = (ngx_buf_tag_t) &ngx_http_recs_module;

    cl->buf = b;

    return ngx_http_recs_fill_link(fs, cl);
}


/* --- the page --- */

static void *
ngx_http_recs_fill_alloc(void *data, void *old, size_t old_size, size_t size)
{
    ngx_http_request_t *r = data;

    void  *p;

    p = ngx_pnalloc(r->pool, size);
    if (p == NULL) {
        return NULL;
    }

    if (old != NULL) {
        ngx_memcpy(p, old, old_size);
        (void) ngx_pfree(r->pool, old);
    }

    return p;
}


static ngx_int_t
ngx_http_recs_fill_token(ngx_http_recs_fill_t *fs, recs_markup_token_t *token)
{
    char  *data;

    switch (token->kind) {

    case RECS_MARKUP_PASS:
        return ngx_http_recs_fill_put(fs, token->data, token->len);

    case RECS_MARKUP_HELD:
        return ngx_http_recs_fill_held(fs, token);

    default:                                 /* RECS_MARKUP_ELEMENT */
        data = ngx_http_recs_fill_copy(fs, token->data, token->len);

        return data != NULL ? ngx_http_recs_fill_element(fs, token, data)
                            : NGX_ERROR;
    }
}


static ngx_int_t
ngx_http_recs_fill_chunk(ngx_http_recs_fill_t *fs, const char *p, size_t len,
    uint64_t serial)
{
    ngx_int_t                       rc;
    const char                     *end;
    recs_markup_token_t             token;
    recs_markup_memo_record_t       record;
    const recs_markup_memo_page_t  *page;

    end = p + len;

    page = recs_markup_memo_find(&ngx_http_recs_fill_memo, &fs->markup, p,
                                 len, serial);
    if (page != NULL) {
        return ngx_http_recs_fill_known(fs, page, p, end);
    }

    recs_markup_memo_begin(&record, &fs->markup, p, len);

    for ( ;; ) {
        recs_markup_next(&fs->markup, &p, end, &token);

        if (token.kind == RECS_MARKUP_MORE) {
            break;
        }

        recs_markup_memo_add(&record, p, &token);

        rc = ngx_http_recs_fill_token(fs, &token);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    recs_markup_memo_keep(&ngx_http_recs_fill_memo, &record, &fs->markup);

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_fill_buffer(ngx_http_recs_fill_t *fs, ngx_buf_t *b)
{
    ngx_http_recs_text_t  *text;

    if (ngx_buf_in_memory(b)) {
        return b->pos != b->last
               ? ngx_http_recs_fill_chunk(fs, (char *) b->pos,
                                          b->last - b->pos, 0)
               : NGX_OK;
    }

    if (!b->in_file || b->file_pos == b->file_last) {
        return NGX_OK;
    }

    text = ngx_http_recs_fill_file(fs->request, b);

    return text != NULL
           ? ngx_http_recs_fill_chunk(fs, (char *) text->data, text->len,
                                      text->serial)
           : NGX_ERROR;
}


static ngx_int_t
ngx_http_recs_fill_end(ngx_http_recs_fill_t *fs)
{
    recs_markup_token_t  token;

    for ( ;; ) {
        recs_markup_end(&fs->markup, &token);

        if (token.kind != RECS_MARKUP_HELD) {
            return NGX_OK;
        }

        if (ngx_http_recs_fill_held(fs, &token) != NGX_OK) {
            return NGX_ERROR;
        }
    }
}


/*
 * What has been sent: pieces may be used again, a marker gives its buffer
 * back to who made it.
 */
static void
ngx_http_recs_fill_sent(ngx_http_recs_fill_t *fs)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    while (fs->busy != NULL && ngx_buf_size(fs->busy->buf) == 0) {
        cl = fs->busy;
        b = cl->buf;
        fs->busy = cl->next;

        if (b->shadow != NULL) {
            b->shadow->pos = b->shadow->last;
            b->shadow->file_pos = b->shadow->file_last;
            b->shadow = NULL;
            ngx_free_chain(fs->request->pool, cl);
            continue;
        }

        cl->next = fs->free;
        fs->free = cl;
    }
}


/* The elements are on their way; an error: they, or all behind, are not. */
static void
ngx_http_recs_fill_passed(ngx_http_recs_fill_t *fs, ngx_int_t rc)
{
    ngx_uint_t  i;

    for (i = 0; rc != NGX_ERROR && i < fs->n_filled; i++) {
        ngx_http_recs_exposure_add(fs->request, fs->filled[i].answer,
                                   fs->filled[i].n);
    }

    fs->n_filled = 0;
}


static ngx_int_t
ngx_http_recs_fill_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t              rc;
    ngx_chain_t           *cl, **last;
    ngx_http_recs_ctx_t   *ctx;
    ngx_http_recs_fill_t  *fs;

    ctx = r == r->main ? ngx_http_recs_peek_ctx(r) : NULL;

    if (ctx == NULL || ctx->fill == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    fs = ctx->fill;
    fs->out = NULL;
    fs->last_out = &fs->out;

    for (cl = in; cl != NULL; cl = cl->next) {

        if (ngx_http_recs_fill_buffer(fs, cl->buf) != NGX_OK) {
            return NGX_ERROR;
        }

        if (cl->buf->last_buf && ngx_http_recs_fill_end(fs) != NGX_OK) {
            return NGX_ERROR;
        }

        if (ngx_http_recs_fill_mark(fs, cl->buf) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    rc = ngx_http_next_body_filter(r, fs->out);

    ngx_http_recs_fill_passed(fs, rc);

    for (last = &fs->busy; *last != NULL; last = &(*last)->next) {
        /* void */
    }

    *last = fs->out;

    ngx_http_recs_fill_sent(fs);

    return rc;
}


/* Once for the worker: a setting to correct, not a request to report. */
static void
ngx_http_recs_fill_warn_encoded(ngx_http_request_t *r)
{
    static ngx_uint_t  warned;

    if (!warned) {
        warned = 1;
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "a page of recs_fill came compressed and passes as it "
                      "is; set: proxy_set_header Accept-Encoding \"\"");
    }
}


static ngx_int_t
ngx_http_recs_fill_start(ngx_http_request_t *r)
{
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_fill_t      *fs;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    ctx = ngx_http_recs_get_ctx(r);
    fs = ngx_pcalloc(r->pool, sizeof(ngx_http_recs_fill_t));

    if (ctx == NULL || fs == NULL) {
        return NGX_ERROR;
    }

    fs->request = r;
    fs->rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    recs_markup_init(&fs->markup, rlcf->fill_max_size,
                     ngx_http_recs_fill_alloc, r);

    ctx->fill = fs;

    if (!ngx_http_recs_fill_file_wanted(r)) {
        r->filter_need_in_memory = 1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_fill_header_filter(ngx_http_request_t *r)
{
    ngx_http_recs_ctx_t        *ctx;
    ngx_http_recs_main_conf_t  *rmcf;

    ctx = r == r->main ? ngx_http_recs_peek_ctx(r) : NULL;

    if (ctx != NULL) {
        /* A later filter gave the page up: this is another one. */
        ctx->fill = NULL;
        ctx->exposures = NULL;
    }

    if (!ngx_http_recs_fill_wanted(r)) {
        return ngx_http_next_header_filter(r);
    }

    if (ngx_http_recs_make_private(r) != NGX_OK) {
        return NGX_ERROR;
    }

    if (r->headers_out.content_encoding != NULL
        && r->headers_out.content_encoding->value.len != 0)
    {
        rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
        ngx_http_recs_zone_count_fill(rmcf, NGX_HTTP_RECS_FILL_ENCODED);
        ngx_http_recs_fill_warn_encoded(r);

        return ngx_http_next_header_filter(r);
    }

    if (r->headers_out.content_length_n == 0) {
        return ngx_http_next_header_filter(r);
    }

    if (!r->header_only && ngx_http_recs_fill_start(r) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);

    return ngx_http_next_header_filter(r);
}


ngx_int_t
ngx_http_recs_fill_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_recs_fill_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_recs_fill_body_filter;

    return NGX_OK;
}
