/*
 * A page that is being filled, for the files that do it:
 * ngx_http_recs_fill.c has the filters and the buffers,
 * ngx_http_recs_fill_file.c the pages that lie in files,
 * ngx_http_recs_fill_element.c the elements.
 */

#ifndef _NGX_HTTP_RECS_FILL_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_RECS_FILL_PRIVATE_H_INCLUDED_


#include "ngx_http_recs_module.h"
#include "ngx_http_recs_fill.h"

#include "recs_markup_memo.h"


typedef struct {
    recs_markup_t               markup;
    ngx_http_request_t         *request;
    ngx_http_recs_main_conf_t  *rmcf;

    ngx_chain_t                *free;        /* buffers of passed pieces */
    ngx_chain_t                *busy;
    ngx_chain_t                *out;
    ngx_chain_t               **last_out;

    ngx_uint_t                  n_elements;

    /* filled, but not yet passed on */
    ngx_http_recs_exposure_t    filled[NGX_HTTP_RECS_ELEMENTS_MAX];
    ngx_uint_t                  n_filled;
} ngx_http_recs_fill_t;


/* A part of a file; it never changes. */
typedef struct {
    ngx_uint_t                  refs;
    uint64_t                    serial;      /* no other text has it */
    size_t                      len;
    u_char                      data[];
} ngx_http_recs_text_t;


/* ngx_http_recs_fill.c */

/* Puts out bytes that stay where they are until they are sent. */
ngx_int_t ngx_http_recs_fill_put(ngx_http_recs_fill_t *fs, const char *data,
    size_t len);
char *ngx_http_recs_fill_copy(ngx_http_recs_fill_t *fs, const char *data,
    size_t len);

/* ngx_http_recs_fill_element.c */

/* The element's bytes are at data, and stay there until they are sent. */
ngx_int_t ngx_http_recs_fill_element(ngx_http_recs_fill_t *fs,
    recs_markup_token_t *token, const char *data);
/* Bytes that were held back for nothing. */
ngx_int_t ngx_http_recs_fill_held(ngx_http_recs_fill_t *fs,
    recs_markup_token_t *token);
/* A chunk whose elements are known, all of them within it. */
ngx_int_t ngx_http_recs_fill_known(ngx_http_recs_fill_t *fs,
    const recs_markup_memo_page_t *page, const char *p, const char *end);

/* ngx_http_recs_fill_file.c */

/* May the page be left in its file, to be asked for here? */
ngx_uint_t ngx_http_recs_fill_file_wanted(ngx_http_request_t *r);
/*
 * The buffer's part of its file, in memory until the response has been sent;
 * NULL: it cannot be had, and it is logged why.
 */
ngx_http_recs_text_t *ngx_http_recs_fill_file(ngx_http_request_t *r,
    ngx_buf_t *b);


#endif /* _NGX_HTTP_RECS_FILL_PRIVATE_H_INCLUDED_ */
