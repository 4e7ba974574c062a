/*
 * recs_api: GET <location>/<slot>?count=&item=&exclude=&explain= answers in
 * JSON.
 * Other parameters are not ours and are ignored.
 */

#include "ngx_http_recs_module.h"
#include "ngx_http_recs_exposure.h"
#include "ngx_http_recs_json.h"
#include "ngx_http_recs_variant.h"
#include "recs_escape.h"


#define NGX_HTTP_RECS_API_EXCLUDE_MAX  1000

/* An id, every byte of it percent-encoded. */
#define NGX_HTTP_RECS_API_ID_MAX       (3 * RECS_ID_MAX)


/* The one thing that is wrong here, and not with the request. */
static const char  ngx_http_recs_api_no_memory[] = "no memory";


/* Decodes len bytes at data as an id into decoded[NGX_..._ID_MAX]. */
static ngx_int_t
ngx_http_recs_api_id(u_char *data, size_t len, u_char *decoded, size_t *n)
{
    if (len > NGX_HTTP_RECS_API_ID_MAX
        || !recs_unescape((char *) decoded, (char *) data, len, n)
        || !recs_id_valid((char *) decoded, *n))
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static const char *
ngx_http_recs_api_count(ngx_str_t *value, ngx_http_recs_question_t *question)
{
    ngx_int_t  count;

    count = ngx_atoi(value->data, value->len);

    if (count == NGX_ERROR || count < 1 || count > NGX_HTTP_RECS_COUNT_MAX) {
        return "malformed parameter \"count\": a number from 1 to 100";
    }

    question->count = count;

    return NULL;
}


static const char *
ngx_http_recs_api_item(ngx_http_request_t *r, ngx_str_t *value,
    ngx_http_recs_question_t *question)
{
    size_t  n;
    u_char  decoded[NGX_HTTP_RECS_API_ID_MAX];

    if (ngx_http_recs_api_id(value->data, value->len, decoded, &n)
        != NGX_OK)
    {
        return "malformed parameter \"item\": an id of 1 to 128 bytes of "
               "UTF-8 without control characters, percent-encoded";
    }

    question->item.data = ngx_pnalloc(r->pool, n);
    if (question->item.data == NULL) {
        return ngx_http_recs_api_no_memory;
    }

    ngx_memcpy(question->item.data, decoded, n);
    question->item.len = n;

    return NULL;
}


/* Ids that the model does not know exclude nothing. */
static const char *
ngx_http_recs_api_exclude(ngx_http_request_t *r, ngx_http_recs_slot_t *slot,
    ngx_str_t *value, ngx_http_recs_question_t *question)
{
    size_t          n;
    u_char         *p, *end, *last;
    u_char          decoded[NGX_HTTP_RECS_API_ID_MAX];
    uint32_t        item;
    ngx_uint_t      n_ids;
    recs_str_t      id;
    recs_bundle_t  *bundle;

    if (value->len == 0) {
        return NULL;
    }

    p = value->data;
    last = p + value->len;
    n_ids = 1;

    for (end = p; end < last; end++) {
        n_ids += *end == ',';
    }

    if (n_ids > NGX_HTTP_RECS_API_EXCLUDE_MAX) {
        return "malformed parameter \"exclude\": more than 1000 ids";
    }

    question->exclude = ngx_palloc(r->pool, n_ids * sizeof(uint32_t));
    if (question->exclude == NULL) {
        return ngx_http_recs_api_no_memory;
    }

    bundle = slot->model->bundle;

    for ( ;; ) {
        end = ngx_strlchr(p, last, ',');

        if (end == NULL) {
            end = last;
        }

        if (ngx_http_recs_api_id(p, end - p, decoded, &n) != NGX_OK) {
            return "malformed parameter \"exclude\": ids of 1 to 128 bytes "
                   "of UTF-8 without control characters, percent-encoded, "
                   "separated by commas";
        }

        id.data = (char *) decoded;
        id.len = n;
        item = bundle != NULL ? recs_bundle_item(bundle, id) : RECS_ITEM_NO;

        if (item != RECS_ITEM_NO) {
            question->exclude[question->n_exclude++] = item;
        }

        if (end == last) {
            return NULL;
        }

        p = end + 1;
    }
}


/* To the visitor alone: what is included in a page may be for others. */
static const char *
ngx_http_recs_api_explain(ngx_http_request_t *r, ngx_str_t *value,
    ngx_http_recs_question_t *question)
{
    if (value->len != 1 || (value->data[0] != '0' && value->data[0] != '1')) {
        return "malformed parameter \"explain\": 0 or 1";
    }

    question->explain = value->data[0] == '1' && r == r->main;

    return NULL;
}


static const char *
ngx_http_recs_api_parameter(ngx_http_request_t *r,
    ngx_http_recs_slot_t *slot, ngx_str_t *name, ngx_str_t *value,
    ngx_uint_t *given, ngx_http_recs_question_t *question)
{
    ngx_uint_t                 i, n;
    ngx_http_recs_loc_conf_t  *rlcf;

    static const char  *names[] = { "count", "item", "exclude", "explain" };
    static const char  *repeated[] = {
        "malformed parameter \"count\": it is repeated",
        "malformed parameter \"item\": it is repeated",
        "malformed parameter \"exclude\": it is repeated",
        "malformed parameter \"explain\": it is repeated"
    };

    /* The last is one where it may be asked for. */

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    n = sizeof(names) / sizeof(names[0]) - !rlcf->explain;

    for (i = 0; i < n; i++) {
        if (name->len == ngx_strlen(names[i])
            && ngx_memcmp(name->data, names[i], name->len) == 0)
        {
            break;
        }
    }

    if (i == n) {
        return NULL;
    }

    if (*given & 1 << i) {
        return repeated[i];
    }

    *given |= 1 << i;

    switch (i) {

    case 0:
        return ngx_http_recs_api_count(value, question);

    case 1:
        return ngx_http_recs_api_item(r, value, question);

    case 2:
        return ngx_http_recs_api_exclude(r, slot, value, question);

    default:
        return ngx_http_recs_api_explain(r, value, question);
    }
}


/* Reads the query string; NULL, or what is wrong with it. */
static const char *
ngx_http_recs_api_parameters(ngx_http_request_t *r,
    ngx_http_recs_slot_t *slot, ngx_http_recs_question_t *question)
{
    u_char      *p, *end, *equals, *last;
    ngx_str_t    name, value;
    ngx_uint_t   given;
    const char  *wrong;

    ngx_memzero(question, sizeof(ngx_http_recs_question_t));
    given = 0;

    p = r->args.data;
    last = p + r->args.len;

    while (p < last) {
        end = ngx_strlchr(p, last, '&');

        if (end == NULL) {
            end = last;
        }

        equals = ngx_strlchr(p, end, '=');

        if (equals == NULL) {
            equals = end;
        }

        name.data = p;
        name.len = equals - p;
        value.data = equals < end ? equals + 1 : end;
        value.len = end - value.data;

        wrong = ngx_http_recs_api_parameter(r, slot, &name, &value, &given,
                                            question);
        if (wrong != NULL) {
            return wrong;
        }

        p = end + 1;
    }

    return NULL;
}


/* What follows the location's name in the URI. */
static ngx_http_recs_slot_t *
ngx_http_recs_api_slot(ngx_http_request_t *r)
{
    u_char                     *p, *last;
    ngx_http_core_loc_conf_t   *clcf;
    ngx_http_recs_main_conf_t  *rmcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    /* A rewrite may have led to an URI of another place. */

    if (r->uri.len < clcf->name.len
        || ngx_memcmp(r->uri.data, clcf->name.data, clcf->name.len) != 0)
    {
        return NULL;
    }

    p = r->uri.data + clcf->name.len;
    last = r->uri.data + r->uri.len;

    if (clcf->name.len == 0 || p[-1] != '/') {
        if (p == last || *p != '/') {
            return NULL;
        }

        p++;
    }

    return ngx_http_recs_slot_find(rmcf, p, last - p);
}


static ngx_int_t
ngx_http_recs_api_handler(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    ngx_str_t                  json;
    const char                *wrong;
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_slot_t      *slot, *served;
    ngx_http_recs_answer_t    *answer;
    ngx_http_recs_variant_t   *variant;
    ngx_http_recs_question_t   question;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    ctx = ngx_http_recs_get_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (r == r->main) {
        ctx->api = 1;
    }

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        if (ngx_http_recs_add_header(r, "Allow", "GET, HEAD") != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return ngx_http_recs_json_refuse(r, NGX_HTTP_NOT_ALLOWED,
                                        "only GET and HEAD are allowed");
    }

    slot = ngx_http_recs_api_slot(r);

    if (slot == NULL) {
        return ngx_http_recs_json_refuse(r, NGX_HTTP_NOT_FOUND,
                                        "no such slot");
    }

    served = ngx_http_recs_variant_slot(r, slot, &variant);
    wrong = ngx_http_recs_api_parameters(r, served, &question);

    if (wrong == ngx_http_recs_api_no_memory) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (wrong != NULL) {
        return ngx_http_recs_json_refuse(r, NGX_HTTP_BAD_REQUEST, wrong);
    }

    answer = ngx_http_recs_answer_question(r, slot, &question);

    if (answer != NULL && answer->explained != NULL) {
        ctx->explained = 1;
    }

    if (answer == NULL
        || ngx_http_recs_json_answer(r, answer, answer->explained, &json)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_recs_json_send(r, NGX_HTTP_OK, &json);

    if ((rc == NGX_OK || rc == NGX_AGAIN) && !r->header_only
        && !r->subrequest_in_memory)
    {
        ngx_http_recs_exposure_add(r, answer, answer->answer.n);
    }

    return rc;
}


char *
ngx_http_recs_api(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->named || clcf->noname || clcf->exact_match
#if (NGX_PCRE)
        || clcf->regex != NULL
#endif
        )
    {
        return "needs a location given by a prefix: the slot's name follows "
               "it in the URI";
    }

    return ngx_http_recs_set_handler(cf, conf, ngx_http_recs_api_handler);
}
