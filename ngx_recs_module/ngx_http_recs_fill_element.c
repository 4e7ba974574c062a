/*
 * What stands for a <recs-slot> element.
 */

#include "ngx_http_recs_fill_private.h"

#include "ngx_http_recs_fill.h"
#include "ngx_http_recs_render.h"
#include "ngx_http_recs_variant.h"


static ngx_uint_t
ngx_http_recs_fill_count(ngx_http_recs_slot_t *slot, recs_str_t text)
{
    ngx_int_t  n;

    if (text.len == 0) {
        return slot->count;
    }

    n = ngx_atoi((u_char *) text.data, text.len);

    return n < 1 ? 0 : ngx_min((ngx_uint_t) n, slot->count);
}


/*
 * The element's own template, where it has one.  NGX_DECLINED: one that
 * cannot be used.
 */
static ngx_int_t
ngx_http_recs_fill_template(ngx_http_recs_fill_t *fs, const char *data,
    recs_markup_token_t *token, recs_template_t **t)
{
    recs_error_t  err;

    if (token->template_at == token->template_end) {
        *t = NULL;
        return NGX_OK;
    }

    *t = ngx_palloc(fs->request->pool, sizeof(recs_template_t));
    if (*t == NULL) {
        return NGX_ERROR;
    }

    if (recs_template_parse(*t, data + token->template_at,
                            token->template_end - token->template_at, &err)
        != RECS_OK)
    {
        ngx_log_error(NGX_LOG_INFO, fs->request->connection->log, 0,
                      "template of recs-slot \"%*s\" cannot be used: %s",
                      token->name.len, token->name.data, err.message);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* What the element shows to this visitor; html stays empty for nothing. */
static ngx_http_recs_fill_outcome_t
ngx_http_recs_fill_answer(ngx_http_recs_fill_t *fs, const char *data,
    recs_markup_token_t *token, ngx_str_t *html)
{
    ngx_int_t                 rc;
    ngx_uint_t                n;
    recs_template_t          *t;
    ngx_http_recs_slot_t     *slot;
    ngx_http_recs_answer_t   *answer;
    ngx_http_recs_variant_t  *variant;

    slot = ngx_http_recs_slot_find(fs->rmcf, (u_char *) token->name.data,
                                   token->name.len);
    if (slot == NULL) {
        return NGX_HTTP_RECS_FILL_UNKNOWN_SLOT;
    }

    n = ngx_http_recs_fill_count(
            ngx_http_recs_variant_slot(fs->request->main, slot, &variant),
            token->count);
    if (n == 0) {
        return NGX_HTTP_RECS_FILL_MALFORMED;
    }

    rc = ngx_http_recs_fill_template(fs, data, token, &t);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_HTTP_RECS_FILL_BAD_TEMPLATE
                                  : NGX_HTTP_RECS_FILL_ERROR;
    }

    answer = ngx_http_recs_answer(fs->request, slot);

    if (answer == NULL
        || ngx_http_recs_render(fs->request, answer, t, n, html) != NGX_OK)
    {
        html->len = 0;
        return NGX_HTTP_RECS_FILL_ERROR;
    }

    fs->filled[fs->n_filled].answer = answer;
    fs->filled[fs->n_filled].n = html->len == 0 ? 0
                                 : ngx_min(n, answer->answer.n);
    fs->n_filled++;

    return html->len == 0 ? NGX_HTTP_RECS_FILL_EMPTY
                          : NGX_HTTP_RECS_FILL_FILLED;
}


ngx_int_t
ngx_http_recs_fill_element(ngx_http_recs_fill_t *fs,
    recs_markup_token_t *token, const char *data)
{
    ngx_str_t                     html;
    ngx_http_recs_fill_outcome_t  outcome;

    html.len = 0;

    if (fs->n_elements++ == NGX_HTTP_RECS_ELEMENTS_MAX) {
        recs_markup_off(&fs->markup);
        outcome = NGX_HTTP_RECS_FILL_TOO_MANY;

    } else {
        outcome = ngx_http_recs_fill_answer(fs, data, token, &html);
    }

    ngx_http_recs_zone_count_fill(fs->rmcf, outcome);

    if (html.len == 0) {
        return ngx_http_recs_fill_put(fs, data, token->len);
    }

    if (ngx_http_recs_fill_put(fs, data, token->start_tag_len) != NGX_OK
        || ngx_http_recs_fill_put(fs, (char *) html.data, html.len) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_recs_fill_put(fs, data + token->end_tag_at,
                                  token->len - token->end_tag_at);
}


ngx_int_t
ngx_http_recs_fill_held(ngx_http_recs_fill_t *fs, recs_markup_token_t *token)
{
    char  *copy;

    switch (token->fault) {

    case RECS_MARKUP_NO_FAULT:
        break;

    case RECS_MARKUP_TOO_LARGE:
        ngx_http_recs_zone_count_fill(fs->rmcf, NGX_HTTP_RECS_FILL_TOO_LARGE);
        break;

    case RECS_MARKUP_UNCLOSED:
        ngx_http_recs_zone_count_fill(fs->rmcf, NGX_HTTP_RECS_FILL_MALFORMED);
        break;

    default:
        ngx_http_recs_zone_count_fill(fs->rmcf, NGX_HTTP_RECS_FILL_ERROR);
    }

    /* Such elements count too: what is held back is copied. */

    if (token->fault != RECS_MARKUP_NO_FAULT
        && fs->n_elements++ == NGX_HTTP_RECS_ELEMENTS_MAX)
    {
        recs_markup_off(&fs->markup);
    }

    copy = ngx_http_recs_fill_copy(fs, token->data, token->len);
    if (copy == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_recs_fill_put(fs, copy, token->len);
}


static void
ngx_http_recs_fill_expect(ngx_http_recs_fill_t *fs,
    const recs_markup_memo_page_t *page)
{
    ngx_uint_t             i;
    recs_markup_token_t   *token;
    ngx_http_recs_slot_t  *slot;

    for (i = 0; i < page->n_tokens; i++) {
        token = &page->tokens[i];

        if (token->kind != RECS_MARKUP_ELEMENT) {
            continue;
        }

        slot = ngx_http_recs_slot_find(fs->rmcf, (u_char *) token->name.data,
                                       token->name.len);
        if (slot != NULL) {
            ngx_http_recs_answer_expect(fs->request, slot);
        }
    }
}


ngx_int_t
ngx_http_recs_fill_known(ngx_http_recs_fill_t *fs,
    const recs_markup_memo_page_t *page, const char *p, const char *end)
{
    ngx_int_t            rc;
    ngx_uint_t           i;
    recs_markup_token_t  token;

    recs_markup_memo_resume(page, &fs->markup);
    ngx_http_recs_fill_expect(fs, page);

    for (i = 0; i < page->n_tokens; i++) {
        token = recs_markup_memo_token(page, i, p);

        if (fs->markup.off) {
            return ngx_http_recs_fill_put(fs, token.data, end - token.data);
        }

        rc = token.kind == RECS_MARKUP_ELEMENT
             ? ngx_http_recs_fill_element(fs, &token, token.data)
             : ngx_http_recs_fill_put(fs, token.data, token.len);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}
