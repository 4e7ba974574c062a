#include "ngx_http_recs_json.h"
#include "ngx_http_recs_token.h"

#include "recs_decimal.h"
#include "recs_explain_json.h"


/* Most answers fit at once; a longer one is written again, at its length. */
#define NGX_HTTP_RECS_JSON_FIRST  8192


/*
 * Bytes that fit are written, all are counted.  Not by jansson: that would
 * build a tree of the heap for each request, and would leave '<' alone.
 */
typedef struct {
    u_char  *pos;
    u_char  *last;
    size_t   len;
} ngx_http_recs_json_t;

/* What an answer is written of. */
typedef struct {
    ngx_http_recs_answer_t     *answer;
    ngx_http_recs_explained_t  *explained;   /* NULL: not to be told */
    ngx_http_recs_signer_t      signer;
} ngx_http_recs_json_answer_t;

typedef void (*ngx_http_recs_json_pt)(ngx_http_recs_json_t *j, void *data);


#define ngx_http_recs_json_literal(j, text)                                   \
    ngx_http_recs_json_put(j, (u_char *) text, sizeof(text) - 1)


static void
ngx_http_recs_json_put(ngx_http_recs_json_t *j, u_char *text, size_t len)
{
    j->len += len;

    if ((size_t) (j->last - j->pos) >= len) {
        j->pos = ngx_cpymem(j->pos, text, len);
    }
}


/* 1: escaped; 2: so are some characters that begin with it. */
static const u_char  ngx_http_recs_json_kinds[256] = {
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    ['"'] = 1, ['\\'] = 1, ['<'] = 1, ['>'] = 1, ['&'] = 1, ['\''] = 1,
    [0x7f] = 1, [0xe2] = 2
};


/* Bytes at p, of rest, that must not stand as they are; 0: none. */
static size_t
ngx_http_recs_json_special(u_char *p, size_t rest)
{
    if (ngx_http_recs_json_kinds[*p] != 2) {
        return 1;
    }

    /* U+2028, U+2029: line ends to a script */

    return rest >= 3 && p[1] == 0x80 && (p[2] & 0xfe) == 0xa8 ? 3 : 0;
}


static void
ngx_http_recs_json_escape(ngx_http_recs_json_t *j, u_char *p, size_t n)
{
    u_char      text[6];
    ngx_uint_t  code;

    static u_char  hex[] = "0123456789abcdef";

    if (*p == '"' || *p == '\\') {
        text[0] = '\\';
        text[1] = *p;
        ngx_http_recs_json_put(j, text, 2);
        return;
    }

    code = n == 3 ? 0x2000 + (p[2] & 0x3f) : *p;

    text[0] = '\\';
    text[1] = 'u';
    text[2] = hex[code >> 12];
    text[3] = hex[code >> 8 & 15];
    text[4] = hex[code >> 4 & 15];
    text[5] = hex[code & 15];

    ngx_http_recs_json_put(j, text, 6);
}


static void
ngx_http_recs_json_string(ngx_http_recs_json_t *j, u_char *data, size_t len)
{
    size_t  i, n, from;

    ngx_http_recs_json_literal(j, "\"");

    from = 0;
    i = 0;

    for ( ;; ) {
        while (i < len && ngx_http_recs_json_kinds[data[i]] == 0) {
            i++;
        }

        if (i == len) {
            break;
        }

        n = ngx_http_recs_json_special(data + i, len - i);

        if (n == 0) {
            i++;
            continue;
        }

        ngx_http_recs_json_put(j, data + from, i - from);
        ngx_http_recs_json_escape(j, data + i, n);

        i += n;
        from = i;
    }

    ngx_http_recs_json_put(j, data + from, len - from);
    ngx_http_recs_json_literal(j, "\"");
}


static void
ngx_http_recs_json_text(ngx_http_recs_json_t *j, const char *text)
{
    ngx_http_recs_json_string(j, (u_char *) text, ngx_strlen(text));
}


static void
ngx_http_recs_json_score(ngx_http_recs_json_t *j, float score)
{
    char  text[RECS_DECIMAL_MAX];

    ngx_http_recs_json_put(j, (u_char *) text, recs_decimal(text, score));
}


static void
ngx_http_recs_json_explain_put(void *data, const char *text, size_t len)
{
    ngx_http_recs_json_put(data, (u_char *) text, len);
}


static void
ngx_http_recs_json_explain_string(void *data, recs_str_t text)
{
    ngx_http_recs_json_string(data, (u_char *) text.data, text.len);
}


static recs_explain_json_t
ngx_http_recs_json_explain(ngx_http_recs_json_t *j)
{
    recs_explain_json_t  to;

    to.json = ngx_http_recs_json_explain_put;
    to.string = ngx_http_recs_json_explain_string;
    to.data = j;

    return to;
}


static ngx_uint_t
ngx_http_recs_json_reserved(recs_str_t name)
{
    return (name.len == 2 && ngx_memcmp(name.data, "id", 2) == 0)
           || (name.len == 5 && ngx_memcmp(name.data, "score", 5) == 0)
           || (name.len == 5 && ngx_memcmp(name.data, "token", 5) == 0)
           || (name.len == 6 && ngx_memcmp(name.data, "source", 6) == 0)
           || (name.len == 11
               && ngx_memcmp(name.data, "explanation", 11) == 0);
}


static void
ngx_http_recs_json_token(ngx_http_recs_json_t *j,
    ngx_http_recs_signer_t *signer, ngx_uint_t i, recs_str_t id)
{
    char    token[NGX_HTTP_RECS_TOKEN_LEN];
    size_t  len;

    len = ngx_http_recs_token_write(signer, i, id, token);

    if (len > 0) {
        ngx_http_recs_json_literal(j, ",\"token\":\"");
        ngx_http_recs_json_put(j, (u_char *) token, len);
        ngx_http_recs_json_literal(j, "\"");
    }
}


/* The answer's item i, whose record it is. */
static void
ngx_http_recs_json_item(ngx_http_recs_json_t *j,
    ngx_http_recs_json_answer_t *data, uint32_t i, recs_str_t record)
{
    size_t               pos;
    uint32_t             column;
    recs_str_t           id, name, value;
    recs_bundle_t       *bundle;
    recs_answer_item_t  *item;
    recs_explain_json_t  explain;

    bundle = data->answer->served->model->bundle;
    item = &data->answer->answer.items[i];
    id = recs_record_id(record);

    ngx_http_recs_json_literal(j, "{\"id\":");
    ngx_http_recs_json_string(j, (u_char *) id.data, id.len);
    ngx_http_recs_json_literal(j, ",\"score\":");
    ngx_http_recs_json_score(j, item->score);
    ngx_http_recs_json_literal(j, ",\"source\":");
    ngx_http_recs_json_text(j, recs_source_name(item->source));

    ngx_http_recs_json_token(j, &data->signer, i, id);

    if (data->explained != NULL) {
        explain = ngx_http_recs_json_explain(j);
        ngx_http_recs_json_literal(j, ",\"explanation\":");
        recs_explain_json_item(&explain, bundle, &data->explained->items[i]);
    }

    pos = 0;

    while (recs_record_next(record, &pos, &column, &value)) {
        name = recs_bundle_item_column_name(bundle, column);

        if (ngx_http_recs_json_reserved(name)) {
            continue;
        }

        ngx_http_recs_json_literal(j, ",");
        ngx_http_recs_json_string(j, (u_char *) name.data, name.len);
        ngx_http_recs_json_literal(j, ":");
        ngx_http_recs_json_string(j, (u_char *) value.data, value.len);
    }

    ngx_http_recs_json_literal(j, "}");
}


static void
ngx_http_recs_json_items(ngx_http_recs_json_t *j,
    ngx_http_recs_json_answer_t *data)
{
    uint32_t                 i;
    recs_str_t               records[NGX_HTTP_RECS_COUNT_MAX];
    ngx_http_recs_answer_t  *answer;

    answer = data->answer;
    ngx_http_recs_answer_records(answer, answer->answer.n, records);

    for (i = 0; i < answer->answer.n; i++) {
        if (i > 0) {
            ngx_http_recs_json_literal(j, ",");
        }

        ngx_http_recs_json_item(j, data, i, records[i]);
    }
}


static void
ngx_http_recs_json_write_answer(ngx_http_recs_json_t *j, void *data)
{
    ngx_http_recs_json_answer_t *of = data;

    recs_explain_json_t      explain;
    ngx_http_recs_slot_t    *slot;
    ngx_http_recs_model_t   *model;
    ngx_http_recs_answer_t  *answer;

    answer = of->answer;
    slot = answer->slot;
    model = answer->served->model;

    ngx_http_recs_json_literal(j, "{\"slot\":");
    ngx_http_recs_json_string(j, slot->name.data, slot->name.len);
    ngx_http_recs_json_literal(j, ",\"source\":");
    ngx_http_recs_json_text(j, recs_source_name(answer->answer.source));

    if (answer->answer.reason != RECS_REASON_NONE) {
        ngx_http_recs_json_literal(j, ",\"reason\":");
        ngx_http_recs_json_text(j, recs_reason_name(answer->answer.reason));
    }

    if (answer->answer.degraded) {
        ngx_http_recs_json_literal(j, ",\"degraded\":true");
    }

    ngx_http_recs_json_literal(j, ",\"model\":");
    ngx_http_recs_json_string(j, model->name.data, model->name.len);
    ngx_http_recs_json_literal(j, ",\"generation\":");
    ngx_http_recs_json_text(j, model->bundle != NULL ? model->generation.name
                                                     : "");
    ngx_http_recs_json_literal(j, ",\"items\":[");

    ngx_http_recs_json_items(j, of);
    ngx_http_recs_json_literal(j, "]");

    if (of->explained != NULL) {
        explain = ngx_http_recs_json_explain(j);
        ngx_http_recs_json_literal(j, ",\"kept_out\":");
        recs_explain_json_kept_out(&explain, &of->explained->kept_out);
    }

    ngx_http_recs_json_literal(j, "}");
}


static void
ngx_http_recs_json_write_error(ngx_http_recs_json_t *j, void *data)
{
    ngx_str_t *message = data;

    ngx_http_recs_json_literal(j, "{\"error\":");
    ngx_http_recs_json_string(j, message->data, message->len);
    ngx_http_recs_json_literal(j, "}");
}


static ngx_int_t
ngx_http_recs_json_make(ngx_pool_t *pool, ngx_http_recs_json_pt write,
    void *data, ngx_str_t *json)
{
    u_char                first[NGX_HTTP_RECS_JSON_FIRST];
    ngx_http_recs_json_t  j;

    j.pos = first;
    j.last = first + sizeof(first);
    j.len = 0;

    write(&j, data);

    json->len = j.len;
    json->data = ngx_pnalloc(pool, j.len);
    if (json->data == NULL) {
        return NGX_ERROR;
    }

    if (j.len <= sizeof(first)) {
        ngx_memcpy(json->data, first, j.len);
        return NGX_OK;
    }

    j.pos = json->data;
    j.last = json->data + j.len;
    j.len = 0;

    write(&j, data);

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_json_answer(ngx_http_request_t *r,
    ngx_http_recs_answer_t *answer, ngx_http_recs_explained_t *explained,
    ngx_str_t *json)
{
    ngx_http_recs_json_answer_t  of;

    of.answer = answer;
    of.explained = explained;
    ngx_http_recs_token_begin(&of.signer, r, answer);

    return ngx_http_recs_json_make(r->pool, ngx_http_recs_json_write_answer,
                                   &of, json);
}


static ngx_int_t
ngx_http_recs_json_error(ngx_pool_t *pool, ngx_str_t *message,
    ngx_str_t *json)
{
    return ngx_http_recs_json_make(pool, ngx_http_recs_json_write_error,
                                   message, json);
}


ngx_int_t
ngx_http_recs_json_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *json)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    r->headers_out.status = status;
    r->headers_out.content_length_n = json->len;
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    if (ngx_http_recs_add_header(r, "X-Content-Type-Options", "nosniff")
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = json->data;
    b->last = json->data + json->len;
    b->memory = 1;
    b->last_buf = r == r->main;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


ngx_int_t
ngx_http_recs_json_refuse(ngx_http_request_t *r, ngx_uint_t status,
    const char *text)
{
    ngx_str_t  message, json;

    message.data = (u_char *) text;
    message.len = ngx_strlen(text);

    if (ngx_http_recs_json_error(r->pool, &message, &json) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_recs_json_send(r, status, &json);
}
