#include "recs_token.h"

#include <math.h>
#include <string.h>

#include "recs_base64url.h"


static uint8_t *
recs_token_put(uint8_t *p, uint64_t value, unsigned n)
{
    while (n-- > 0) {
        *p++ = (uint8_t) (value >> 8 * n);
    }

    return p;
}


static uint8_t *
recs_token_put_name(uint8_t *p, recs_str_t name)
{
    *p++ = (uint8_t) name.len;

    if (name.len > 0) {
        memcpy(p, name.data, name.len);
    }

    return p + name.len;
}


size_t
recs_token_encode(const recs_token_t *token, uint8_t body[RECS_TOKEN_BODY_MAX])
{
    uint8_t   *p;
    uint32_t   propensity;

    memcpy(&propensity, &token->propensity, sizeof(propensity));

    p = body;
    *p++ = RECS_TOKEN_VERSION;
    *p++ = token->kid;
    p = recs_token_put(p, token->time, 4);
    memcpy(p, token->user_mac, RECS_TOKEN_USER_LEN);
    p += RECS_TOKEN_USER_LEN;
    p = recs_token_put(p, token->generation, 4);
    p = recs_token_put(p, token->generation_hash, 4);
    *p++ = token->rank;
    p = recs_token_put(p, propensity, 4);
    p = recs_token_put(p, token->item_hash, 6);
    p = recs_token_put_name(p, token->slot);
    p = recs_token_put_name(p, token->experiment);
    p = recs_token_put_name(p, token->variant);

    return p - body;
}


static uint64_t
recs_token_get(const uint8_t **p, unsigned n)
{
    uint64_t  value;

    for (value = 0; n > 0; n--) {
        value = value << 8 | *(*p)++;
    }

    return value;
}


static int
recs_token_get_name(const uint8_t **p, const uint8_t *end, recs_str_t *name)
{
    if (*p == end) {
        return 0;
    }

    name->len = *(*p)++;
    name->data = (const char *) *p;

    if (name->len > RECS_TOKEN_NAME_MAX || name->len > (size_t) (end - *p)) {
        return 0;
    }

    *p += name->len;

    return 1;
}


int
recs_token_decode(recs_token_t *token, const uint8_t *body, size_t len)
{
    uint32_t        propensity;
    const uint8_t  *p, *end;

    if (len < RECS_TOKEN_BODY_MAX - 3 * RECS_TOKEN_NAME_MAX
        || body[0] != RECS_TOKEN_VERSION)
    {
        return 0;
    }

    p = body + 1;
    end = body + len;

    token->kid = *p++;
    token->time = (uint32_t) recs_token_get(&p, 4);
    memcpy(token->user_mac, p, RECS_TOKEN_USER_LEN);
    p += RECS_TOKEN_USER_LEN;
    token->generation = (uint32_t) recs_token_get(&p, 4);
    token->generation_hash = (uint32_t) recs_token_get(&p, 4);
    token->rank = *p++;
    propensity = (uint32_t) recs_token_get(&p, 4);
    token->item_hash = recs_token_get(&p, 6);

    memcpy(&token->propensity, &propensity, sizeof(propensity));

    return isfinite(token->propensity)
           && recs_token_get_name(&p, end, &token->slot)
           && recs_token_get_name(&p, end, &token->experiment)
           && recs_token_get_name(&p, end, &token->variant)
           && p == end;
}


size_t
recs_token_text(const uint8_t *bytes, size_t len,
    char text[RECS_TOKEN_TEXT_MAX])
{
    return recs_base64url_write(text, bytes, len);
}


size_t
recs_token_bytes(const char *text, size_t len,
    uint8_t bytes[RECS_TOKEN_BYTES_MAX])
{
    size_t  n;

    n = recs_base64url_read(bytes, RECS_TOKEN_BYTES_MAX, text, len);

    return n != RECS_BASE64URL_NO ? n : 0;
}
