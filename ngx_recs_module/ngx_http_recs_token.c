#include "ngx_http_recs_token.h"
#include "ngx_http_recs_variant.h"

#include "recs_item_hash.h"

#include <math.h>


/* What a MAC is of begins with what it is for. */
#define NGX_HTTP_RECS_TOKEN_USE    "recs-token-1"
#define NGX_HTTP_RECS_TOKEN_ID     "recs-token-id-1"

#define NGX_HTTP_RECS_TOKEN_USE_LEN  (sizeof(NGX_HTTP_RECS_TOKEN_USE) - 1)
#define NGX_HTTP_RECS_TOKEN_ID_LEN   (sizeof(NGX_HTTP_RECS_TOKEN_ID) - 1)


/* What stands for a visitor is the MAC of this; returns its length. */
static size_t
ngx_http_recs_token_visitor(ngx_str_t *id,
    u_char text[NGX_HTTP_RECS_TOKEN_ID_LEN + RECS_ID_MAX])
{
    ngx_memcpy(text, NGX_HTTP_RECS_TOKEN_ID, NGX_HTTP_RECS_TOKEN_ID_LEN);

    if (id->len != 0) {
        ngx_memcpy(text + NGX_HTTP_RECS_TOKEN_ID_LEN, id->data, id->len);
    }

    return NGX_HTTP_RECS_TOKEN_ID_LEN + id->len;
}


/* The visitor's MAC under the keys, once per request. */
static ngx_int_t
ngx_http_recs_token_user(ngx_http_recs_ctx_t *ctx, ngx_http_recs_keys_t *keys)
{
    size_t                        len;
    u_char                        text[NGX_HTTP_RECS_TOKEN_ID_LEN
                                       + RECS_ID_MAX];
    ngx_str_t                    *id;
    ngx_http_recs_token_user_t   *user;

    id = &ctx->visitor.id;
    user = &ctx->token_user;

    if (user->keys == keys && user->id.data == id->data) {
        return NGX_OK;
    }

    len = ngx_http_recs_token_visitor(id, text);

    if (ngx_http_recs_keys_sign(keys, text, len, &user->kid, user->mac)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    user->keys = keys;
    user->id = *id;

    return NGX_OK;
}


void
ngx_http_recs_token_begin(ngx_http_recs_signer_t *signer,
    ngx_http_request_t *r, ngx_http_recs_answer_t *answer)
{
    recs_token_t              *token;
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_model_t     *model;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    ctx = ngx_http_recs_peek_ctx(r);

    signer->keys = NULL;

    if (rlcf->token_keys == NULL || ctx == NULL || answer->answer.n == 0
        || ngx_http_recs_token_user(ctx, rlcf->token_keys) != NGX_OK)
    {
        return;
    }

    model = answer->served->model;
    token = &signer->token;
    ngx_memzero(token, sizeof(recs_token_t));

    token->kid = ctx->token_user.kid;
    token->time = (uint32_t) ngx_time();
    token->generation = model->generation.number;
    token->generation_hash = (uint32_t)
                             strtoul(ngx_strchr(model->generation.name, '-')
                                     + 1, NULL, 16);
    ngx_memcpy(token->user_mac, ctx->token_user.mac, RECS_TOKEN_USER_LEN);
    token->slot.data = (char *) answer->slot->name.data;
    token->slot.len = answer->slot->name.len;

    if (answer->variant != NULL) {
        token->experiment = answer->variant->experiment->core.name;
        token->variant = ngx_http_recs_variant_name(answer->variant);
    }

    signer->items = answer->answer.items;
    signer->keys = rlcf->token_keys;
}


size_t
ngx_http_recs_token_write(ngx_http_recs_signer_t *signer, ngx_uint_t i,
    recs_str_t id, char text[NGX_HTTP_RECS_TOKEN_LEN])
{
    size_t   len;
    u_char   kid, *body;
    u_char   bytes[NGX_HTTP_RECS_TOKEN_USE_LEN + RECS_TOKEN_BYTES_MAX];

    if (signer->keys == NULL) {
        return 0;
    }

    signer->token.rank = (uint8_t) (i + 1);
    signer->token.propensity = signer->items[i].propensity;
    signer->token.item_hash = recs_item_hash(id);

    body = ngx_cpymem(bytes, NGX_HTTP_RECS_TOKEN_USE,
                      NGX_HTTP_RECS_TOKEN_USE_LEN);
    len = recs_token_encode(&signer->token, body);

    if (ngx_http_recs_keys_sign(signer->keys, bytes,
                                NGX_HTTP_RECS_TOKEN_USE_LEN + len, &kid,
                                body + len)
        != NGX_OK)
    {
        return 0;
    }

    return recs_token_text(body, len + RECS_TOKEN_MAC_LEN, text);
}


/* Is it signed by us, and whole? */
static ngx_uint_t
ngx_http_recs_token_genuine(ngx_http_recs_keys_t *keys, u_char *bytes,
    size_t len, recs_token_t *token)
{
    u_char  *body;

    body = bytes + NGX_HTTP_RECS_TOKEN_USE_LEN;

    if (len <= RECS_TOKEN_MAC_LEN) {
        return 0;
    }

    len -= RECS_TOKEN_MAC_LEN;

    return recs_token_decode(token, body, len)
           && ngx_http_recs_keys_check(keys, token->kid, bytes,
                                       NGX_HTTP_RECS_TOKEN_USE_LEN + len,
                                       body + len, RECS_TOKEN_MAC_LEN)
              == NGX_OK;
}


/* Is it this visitor's, of this item, and not too old? */
static ngx_uint_t
ngx_http_recs_token_meant(ngx_http_recs_keys_t *keys,
    ngx_http_recs_ctx_t *ctx, ngx_str_t *item, recs_token_t *token)
{
    u_char       text[NGX_HTTP_RECS_TOKEN_ID_LEN + RECS_ID_MAX];
    size_t       len;
    int64_t      age;
    recs_str_t   id;

    age = (int64_t) ngx_time() - token->time;

    if (age > NGX_HTTP_RECS_TOKEN_VALID || age < -NGX_HTTP_RECS_TOKEN_VALID) {
        return 0;
    }

    id.data = (char *) item->data;
    id.len = item->len;

    if (token->item_hash != recs_item_hash(id)) {
        return 0;
    }

    len = ngx_http_recs_token_visitor(&ctx->visitor.id, text);

    return ngx_http_recs_keys_check(keys, token->kid, text, len,
                                    token->user_mac, RECS_TOKEN_USER_LEN)
           == NGX_OK;
}


static u_char *
ngx_http_recs_token_name(u_char *p, recs_str_t *from, ngx_str_t *name)
{
    name->data = p;
    name->len = from->len;

    return ngx_cpymem(p, from->data, from->len);
}


ngx_int_t
ngx_http_recs_token_read(ngx_http_request_t *r, ngx_str_t *text,
    ngx_str_t *item, ngx_http_recs_token_t *token)
{
    size_t                     len;
    u_char                     bytes[NGX_HTTP_RECS_TOKEN_USE_LEN
                                     + RECS_TOKEN_BYTES_MAX], *p;
    recs_token_t               t;
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    ctx = ngx_http_recs_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (rlcf->token_keys == NULL) {
        return NGX_DECLINED;
    }

    p = ngx_cpymem(bytes, NGX_HTTP_RECS_TOKEN_USE,
                   NGX_HTTP_RECS_TOKEN_USE_LEN);
    len = recs_token_bytes((char *) text->data, text->len, p);

    if (!ngx_http_recs_token_genuine(rlcf->token_keys, bytes, len, &t)
        || !ngx_http_recs_token_meant(rlcf->token_keys, ctx, item, &t))
    {
        return NGX_DECLINED;
    }

    p = ngx_pnalloc(r->pool, t.slot.len + t.experiment.len + t.variant.len
                             + 2 * NGX_INT32_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    p = ngx_http_recs_token_name(p, &t.slot, &token->slot);
    p = ngx_http_recs_token_name(p, &t.experiment, &token->experiment);
    p = ngx_http_recs_token_name(p, &t.variant, &token->variant);

    token->generation.data = p;
    token->generation.len = ngx_sprintf(p, "%06uD-%08xD", t.generation,
                                        t.generation_hash) - p;
    token->rank = t.rank;
    token->time = t.time;
    token->propensity = t.propensity > 0 ? t.propensity : NAN;
    token->item_hash = t.item_hash;

    return NGX_OK;
}
