#include "ngx_http_recs_render.h"
#include "ngx_http_recs_token.h"


/* Most elements fit at once; a longer one is rendered again, at its length. */
#define NGX_HTTP_RECS_RENDER_FIRST  8192


/* What a placeholder's value comes from. */
typedef struct {
    ngx_http_request_t      *request;
    ngx_http_recs_answer_t  *answer;
    recs_bundle_t           *bundle;
    ngx_http_recs_signer_t   signer;
    unsigned                 signs:1;        /* the signer has begun */

    recs_str_t               record;
    ngx_uint_t               rank;
    u_char                   rank_text[NGX_INT_T_LEN];
    char                     token[NGX_HTTP_RECS_TOKEN_LEN];
} ngx_http_recs_render_t;


static u_char *
ngx_http_recs_template_read(ngx_conf_t *cf, ngx_str_t *path, size_t *len)
{
    u_char           *text;
    ssize_t           n;
    ngx_fd_t          fd;
    ngx_file_info_t   fi;

    text = NULL;

    fd = ngx_open_file(path->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", path);
        return NULL;
    }

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR || !ngx_is_file(&fi)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "template \"%V\" is not a regular file", path);
        goto done;
    }

    if (ngx_file_size(&fi) > NGX_HTTP_RECS_TEMPLATE_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "template \"%V\" is over %d bytes", path,
                           NGX_HTTP_RECS_TEMPLATE_MAX);
        goto done;
    }

    text = ngx_pnalloc(cf->pool, NGX_HTTP_RECS_TEMPLATE_MAX);
    if (text == NULL) {
        goto done;
    }

    n = ngx_read_fd(fd, text, NGX_HTTP_RECS_TEMPLATE_MAX);

    if (n == -1) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_read_fd_n " \"%V\" failed", path);
        text = NULL;
        goto done;
    }

    *len = n;

done:

    ngx_close_file(fd);

    return text;
}


char *
ngx_http_recs_template_load(ngx_conf_t *cf, ngx_str_t *path,
    recs_template_t **t)
{
    size_t            len;
    u_char           *text;
    recs_error_t      err;
    recs_template_t  *template;

    text = ngx_http_recs_template_read(cf, path, &len);
    if (text == NULL) {
        return NGX_CONF_ERROR;
    }

    template = ngx_palloc(cf->pool, sizeof(recs_template_t));
    if (template == NULL) {
        return NGX_CONF_ERROR;
    }

    if (recs_template_parse(template, (char *) text, len, &err) != RECS_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "template \"%V\": %s", path,
                           err.message);
        return NGX_CONF_ERROR;
    }

    *t = template;

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_http_recs_render_is(recs_str_t name, const char *text)
{
    return name.len == ngx_strlen(text)
           && ngx_memcmp(name.data, text, name.len) == 0;
}


/* A template that shows no token costs none. */
static recs_str_t
ngx_http_recs_render_token(ngx_http_recs_render_t *item)
{
    recs_str_t  value;

    if (!item->signs) {
        ngx_http_recs_token_begin(&item->signer, item->request, item->answer);
        item->signs = 1;
    }

    value.data = item->token;
    value.len = ngx_http_recs_token_write(&item->signer,
                                          item->rank - 1,
                                          recs_record_id(item->record),
                                          item->token);

    return value;
}


static recs_str_t
ngx_http_recs_render_value(void *data, recs_str_t name)
{
    ngx_http_recs_render_t *item = data;

    uint32_t    column;
    recs_str_t  value;

    value.data = NULL;
    value.len = 0;

    if (ngx_http_recs_render_is(name, "id")) {
        return recs_record_id(item->record);
    }

    if (ngx_http_recs_render_is(name, "rank")) {
        value.data = (char *) item->rank_text;
        value.len = ngx_sprintf(item->rank_text, "%ui", item->rank)
                    - item->rank_text;
        return value;
    }

    if (ngx_http_recs_render_is(name, "slot")) {
        value.data = (char *) item->answer->slot->name.data;
        value.len = item->answer->slot->name.len;
        return value;
    }

    if (ngx_http_recs_render_is(name, "token")) {
        return ngx_http_recs_render_token(item);
    }

    column = recs_bundle_item_column(item->bundle, name);

    return column == RECS_COLUMN_NO
           ? value : recs_record_attribute(item->record, column);
}


/* <a href="{{url}}">{{title}}</a>; the id where there is no title. */
static void
ngx_http_recs_render_link(recs_output_t *out, ngx_http_recs_render_t *item)
{
    recs_str_t  url, title;

    static const recs_str_t  url_name = { "url", 3 };
    static const recs_str_t  title_name = { "title", 5 };

    url = ngx_http_recs_render_value(item, url_name);
    title = ngx_http_recs_render_value(item, title_name);

    if (title.len == 0) {
        title = recs_record_id(item->record);
    }

    if (url.len == 0) {
        recs_output_put(out, "<span>", 6);
        recs_output_value(out, RECS_PLACE_TEXT, title);
        recs_output_put(out, "</span> ", 8);
        return;
    }

    recs_output_put(out, "<a href=\"", 9);
    recs_output_value(out, RECS_PLACE_URL, url);
    recs_output_put(out, "\">", 2);
    recs_output_value(out, RECS_PLACE_TEXT, title);
    recs_output_put(out, "</a> ", 5);
}


/* All n items into out: what fits is written, all is counted. */
static void
ngx_http_recs_render_items(ngx_http_request_t *r, recs_output_t *out,
    ngx_http_recs_answer_t *answer, recs_template_t *t, ngx_uint_t n)
{
    char                    *dst;
    size_t                   size;
    ngx_uint_t               i;
    recs_str_t               records[NGX_HTTP_RECS_COUNT_MAX];
    ngx_http_recs_render_t   item;

    item.request = r;
    item.answer = answer;
    item.bundle = answer->served->model->bundle;
    item.signs = 0;

    ngx_http_recs_answer_records(answer, n, records);

    for (i = 0; i < n; i++) {
        item.record = records[i];
        item.rank = i + 1;

        if (t == NULL) {
            ngx_http_recs_render_link(out, &item);
            continue;
        }

        dst = NULL;
        size = 0;

        if (out->len < out->size) {
            dst = out->dst + out->len;
            size = out->size - out->len;
        }

        out->len += recs_template_render(t, ngx_http_recs_render_value, &item,
                                         dst, size);
    }
}


ngx_int_t
ngx_http_recs_render(ngx_http_request_t *r, ngx_http_recs_answer_t *answer,
    recs_template_t *t, ngx_uint_t n, ngx_str_t *html)
{
    char           first[NGX_HTTP_RECS_RENDER_FIRST];
    recs_output_t  out;

    if (t == NULL) {
        t = answer->served->template;
    }

    n = ngx_min(n, answer->answer.n);

    out.dst = first;
    out.size = sizeof(first);
    out.len = 0;
    ngx_http_recs_render_items(r, &out, answer, t, n);

    html->len = out.len;
    html->data = ngx_pnalloc(r->pool, out.len + 1);
    if (html->data == NULL) {
        return NGX_ERROR;
    }

    if (out.len <= sizeof(first)) {
        ngx_memcpy(html->data, first, out.len);
        return NGX_OK;
    }

    out.dst = (char *) html->data;
    out.size = html->len;
    out.len = 0;
    ngx_http_recs_render_items(r, &out, answer, t, n);

    return NGX_OK;
}
