/*
 * The cookie of what a visitor keeps.
 */

#include "ngx_http_recs_sticky.h"

#include "ngx_http_recs_cookie.h"
#include "ngx_http_recs_guard.h"
#include "ngx_http_recs_ticket.h"


static ngx_str_t  ngx_http_recs_sticky_name = ngx_string(RECS_STICKY_COOKIE);


/* What the cookie is: COOKIES, one of ours, or why it is not believed. */
static ngx_http_recs_sticky_count_t
ngx_http_recs_sticky_check(ngx_http_recs_keys_t *keys, ngx_str_t *value,
    recs_ticket_t *ticket, recs_sticky_t *sticky)
{
    ngx_int_t   rc;
    recs_str_t  text;

    text.data = (char *) value->data;
    text.len = value->len;

    if (recs_ticket_read(ticket, RECS_STICKY_VERSION, text) != RECS_OK) {
        return NGX_HTTP_RECS_STICKY_MALFORMED;
    }

    rc = ngx_http_recs_ticket_check(keys, RECS_STICKY_PURPOSE, NULL, ticket);

    if (rc != NGX_OK) {
        return rc == NGX_ABORT ? NGX_HTTP_RECS_STICKY_UNKNOWN_KEY
                               : NGX_HTTP_RECS_STICKY_FORGED;
    }

    if ((time_t) ticket->time <= ngx_time()) {
        return NGX_HTTP_RECS_STICKY_EXPIRED;
    }

    return recs_sticky_read(sticky, ticket) == RECS_OK
           ? NGX_HTTP_RECS_STICKY_COOKIES : NGX_HTTP_RECS_STICKY_MALFORMED;
}


/* The first that is believed. */
static void
ngx_http_recs_sticky_read(ngx_http_request_t *r,
    ngx_http_recs_request_sticky_t *kept)
{
    ngx_str_t                      values[NGX_HTTP_RECS_COOKIES_MAX];
    ngx_uint_t                     i, n;
    recs_sticky_t                  sticky;
    recs_ticket_t                  ticket;
    ngx_http_recs_main_conf_t     *rmcf;
    ngx_http_recs_sticky_count_t   what;

    n = ngx_http_recs_cookie_values(r, &ngx_http_recs_sticky_name, values);
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    for (i = 0; i < n; i++) {
        what = ngx_http_recs_sticky_check(kept->keys, &values[i], &ticket,
                                          &sticky);

        if (what == NGX_HTTP_RECS_STICKY_COOKIES) {
            kept->sticky = sticky;
            kept->expires = ngx_min((time_t) ticket.time,
                                    ngx_time() + NGX_HTTP_RECS_COOKIE_AGE);
            return;
        }

        ngx_http_recs_guard_count_sticky(rmcf, what);
    }
}


ngx_http_recs_request_sticky_t *
ngx_http_recs_sticky(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx)
{
    ngx_http_recs_loc_conf_t  *rlcf;

    if (ctx->sticky != NULL) {
        return ctx->sticky;
    }

    ctx->sticky = ngx_pcalloc(r->pool,
                              sizeof(ngx_http_recs_request_sticky_t));
    if (ctx->sticky == NULL) {
        return NULL;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    ctx->sticky->keys = rlcf->session_keys;

    if (ctx->sticky->keys != NULL) {
        ngx_http_recs_sticky_read(r, ctx->sticky);
    }

    return ctx->sticky;
}


/*
 * The entry that a kept variant comes from: of the last of the chain that has
 * one.  NULL: it is not kept.
 */
static const recs_sticky_entry_t *
ngx_http_recs_sticky_origin(const recs_assign_t *in,
    ngx_http_recs_variant_t *variant)
{
    uint32_t                    i;
    recs_assignment_t          *a;
    const recs_sticky_entry_t  *entry, *found;

    a = &variant->assignment;
    found = NULL;

    for (i = a->unit; i < in->n_units; i++) {
        entry = recs_sticky_find(in->sticky, a->entry.experiment,
                                 recs_sticky_unit(in->units[i]),
                                 a->entry.version);

        if (entry != NULL && entry->variant == a->entry.variant) {
            found = entry;
            variant->origin.data = (u_char *) in->units[i].data;
            variant->origin.len = in->units[i].len;
        }
    }

    return found;
}


void
ngx_http_recs_sticky_keep(ngx_http_recs_request_sticky_t *kept,
    ngx_http_recs_variant_t *variant, const recs_assign_t *in)
{
    recs_assignment_t          *a;
    const recs_sticky_entry_t  *origin;

    a = &variant->assignment;

    variant->origin = variant->unit;
    variant->era = (u_char) variant->experiment->live.key;

    if (a->sticky) {
        origin = ngx_http_recs_sticky_origin(in, variant);

        if (origin != NULL) {
            variant->era = origin->era;
        }
    }

    if (a->changed && !variant->coin && kept != NULL && kept->keys != NULL) {
        a->entry.era = variant->era;
        kept->changed |= recs_sticky_set(&kept->sticky, &a->entry);
    }
}


/* An id that nobody will bring again: the response does not give it out. */
static ngx_uint_t
ngx_http_recs_sticky_lost(ngx_http_request_t *r,
    ngx_http_recs_visitor_t *visitor)
{
    return visitor->cookie.len != 0
           && r->headers_out.status >= NGX_HTTP_SPECIAL_RESPONSE;
}


ngx_int_t
ngx_http_recs_sticky_set(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx)
{
    ngx_str_t                        value;
    ngx_uint_t                       status;
    recs_ticket_t                    ticket;
    ngx_http_recs_main_conf_t       *rmcf;
    ngx_http_recs_request_sticky_t  *kept;

    kept = ctx->sticky;
    status = r->headers_out.status;

    if (kept == NULL || !kept->changed || status >= NGX_HTTP_BAD_REQUEST
        || status == NGX_HTTP_NOT_MODIFIED
        || status == NGX_HTTP_PARTIAL_CONTENT
        || ngx_http_recs_sticky_lost(r, &ctx->visitor))
    {
        return NGX_OK;
    }

    if (kept->expires == 0) {
        kept->expires = ngx_time() + NGX_HTTP_RECS_COOKIE_AGE;
    }

    recs_sticky_make(&ticket, &kept->sticky, (uint32_t) kept->expires);

    value.data = ngx_pnalloc(r->pool, RECS_TICKET_LEN_MAX);

    if (value.data == NULL
        || ngx_http_recs_ticket_sign(kept->keys, RECS_STICKY_PURPOSE, NULL,
                                     &ticket)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    value.len = recs_ticket_write(&ticket, (char *) value.data);

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    ngx_http_recs_guard_count_sticky(rmcf, NGX_HTTP_RECS_STICKY_COOKIES);

    return ngx_http_recs_cookie_set(r, &ngx_http_recs_sticky_name, &value,
                                    kept->expires - ngx_time());
}
