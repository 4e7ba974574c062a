/*
 * Any text as a token: nothing is read behind it, and what is taken for one
 * is written back as the very same text.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "recs_token.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char           text[RECS_TOKEN_TEXT_MAX];
    size_t         len;
    uint8_t        bytes[RECS_TOKEN_BYTES_MAX], *body;
    uint8_t        again[RECS_TOKEN_BODY_MAX];
    recs_token_t   t;

    len = recs_token_bytes((const char *) data, size, bytes);

    if (len == 0) {
        return 0;
    }

    if (recs_token_text(bytes, len, text) != size
        || memcmp(text, data, size) != 0)
    {
        abort();
    }

    body = malloc(len);

    if (body == NULL) {
        abort();
    }

    memcpy(body, bytes, len);

    if (recs_token_decode(&t, body, len)
        && (recs_token_encode(&t, again) != len
            || memcmp(again, body, len) != 0))
    {
        abort();
    }

    free(body);

    return 0;
}
