/*
 * Pages that come as a part of a file.  With sendfile nginx would read such a
 * page into memory for each request anew, only to have it scanned; the worker
 * keeps the last ones instead, as long as the file stays what it was.
 */

#include "ngx_http_recs_fill_private.h"


#define NGX_HTTP_RECS_FILE_MAX    65536      /* bytes of a page, at most */
#define NGX_HTTP_RECS_FILES       32

/*
 * Seconds that a file has not been changed for: a change within the last tick
 * of the file system's clock would not show in its times.
 */
#define NGX_HTTP_RECS_FILE_SETTLED  2


typedef struct {
    dev_t                   dev;
    ino_t                   ino;
    off_t                   size;
    struct timespec         mtime;
    struct timespec         ctime;
    off_t                   pos;             /* of the text, in the file */
} ngx_http_recs_file_key_t;

typedef struct {
    ngx_http_recs_file_key_t  key;
    ngx_http_recs_text_t     *text;          /* NULL: empty */
    unsigned                  used:1;        /* since the last conflict */
} ngx_http_recs_file_t;


static ngx_http_recs_file_t  ngx_http_recs_files[NGX_HTTP_RECS_FILES];
static uint64_t              ngx_http_recs_file_serial;


ngx_uint_t
ngx_http_recs_fill_file_wanted(ngx_http_request_t *r)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    /* Who asked for aio does not want a worker to wait for a disk. */

    return r->headers_out.content_length_n > 0
           && r->headers_out.content_length_n <= NGX_HTTP_RECS_FILE_MAX
           && clcf->aio == NGX_HTTP_AIO_OFF;
}


static void
ngx_http_recs_text_release(void *data)
{
    ngx_http_recs_text_t *text = data;

    if (--text->refs == 0) {
        ngx_free(text);
    }
}


/* Makes the text stay until the response has been sent. */
static ngx_http_recs_text_t *
ngx_http_recs_text_hold(ngx_http_request_t *r, ngx_http_recs_text_t *text)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_recs_text_release;
    cln->data = text;
    text->refs++;

    return text;
}


static ngx_http_recs_text_t *
ngx_http_recs_text_read(ngx_buf_t *b, ngx_log_t *log)
{
    size_t                 len;
    ssize_t                n;
    ngx_http_recs_text_t  *text;

    len = b->file_last - b->file_pos;

    text = ngx_alloc(sizeof(ngx_http_recs_text_t) + len, log);
    if (text == NULL) {
        return NULL;
    }

    n = ngx_read_file(b->file, text->data, len, b->file_pos);

    if (n != (ssize_t) len) {
        if (n != NGX_ERROR) {
            ngx_log_error(NGX_LOG_ALERT, log, 0,
                          ngx_read_file_n " read only %z of %uz from \"%s\"",
                          n, len, b->file->name.data);
        }

        ngx_free(text);
        return NULL;
    }

    text->refs = 0;
    text->len = len;
    text->serial = ++ngx_http_recs_file_serial;

    return text;
}


static ngx_http_recs_file_t *
ngx_http_recs_file_place(ngx_http_recs_file_key_t *key)
{
    return &ngx_http_recs_files[(key->ino ^ key->pos) % NGX_HTTP_RECS_FILES];
}


/* What was of use lately stays, for once. */
static void
ngx_http_recs_file_keep(ngx_http_recs_file_key_t *key,
    ngx_http_recs_text_t *text)
{
    ngx_http_recs_file_t  *file;

    if (ngx_time() - key->ctime.tv_sec < NGX_HTTP_RECS_FILE_SETTLED) {
        return;
    }

    file = ngx_http_recs_file_place(key);

    if (file->used) {
        file->used = 0;
        return;
    }

    if (file->text != NULL) {
        ngx_http_recs_text_release(file->text);
    }

    file->key = *key;
    file->text = text;
    text->refs++;
}


static ngx_int_t
ngx_http_recs_file_key(ngx_buf_t *b, ngx_http_recs_file_key_t *key)
{
    ngx_file_info_t  fi;

    if (ngx_fd_info(b->file->fd, &fi) == NGX_FILE_ERROR) {
        return NGX_ERROR;
    }

    /* It is compared as bytes. */

    ngx_memzero(key, sizeof(ngx_http_recs_file_key_t));

    key->dev = fi.st_dev;
    key->ino = fi.st_ino;
    key->size = fi.st_size;
    key->mtime = fi.st_mtim;
    key->ctime = fi.st_ctim;
    key->pos = b->file_pos;

    return NGX_OK;
}


ngx_http_recs_text_t *
ngx_http_recs_fill_file(ngx_http_request_t *r, ngx_buf_t *b)
{
    ngx_log_t                 *log;
    ngx_http_recs_file_t      *file;
    ngx_http_recs_text_t      *text;
    ngx_http_recs_file_key_t   key;

    log = r->connection->log;

    if (ngx_http_recs_file_key(b, &key) != NGX_OK) {
        ngx_log_error(NGX_LOG_ALERT, log, ngx_errno,
                      ngx_fd_info_n " \"%s\" failed", b->file->name.data);
        return NULL;
    }

    file = ngx_http_recs_file_place(&key);

    if (file->text != NULL
        && file->text->len == (size_t) (b->file_last - b->file_pos)
        && ngx_memcmp(&file->key, &key, sizeof(key)) == 0)
    {
        file->used = 1;
        return ngx_http_recs_text_hold(r, file->text);
    }

    text = ngx_http_recs_text_read(b, log);
    if (text == NULL) {
        return NULL;
    }

    if (ngx_http_recs_text_hold(r, text) == NULL) {
        ngx_free(text);
        return NULL;
    }

    ngx_http_recs_file_keep(&key, text);

    return text;
}
