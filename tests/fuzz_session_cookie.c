/*
 * recs_session_cookie_read() on any text: refused, or the text that its
 * bytes are written as.
 *
 *     make fuzz FUZZERS=fuzz_session_cookie
 */

#include "recs_session_cookie.h"

#include <stdlib.h>
#include <string.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char            text[RECS_TICKET_LEN_MAX];
    size_t          len;
    recs_str_t      given;
    recs_ticket_t   cookie, again;
    recs_session_t  session;

    given.data = (const char *) data;
    given.len = size;

    if (recs_session_cookie_read(&cookie, given) != RECS_OK) {
        return 0;
    }

    recs_session_cookie_items(&cookie, &session);

    if (session.n > RECS_SESSION_COOKIE_ITEMS) {
        abort();
    }

    recs_session_cookie_make(&again, &session, cookie.time);
    again.kid = cookie.kid;
    memcpy(again.mac, cookie.mac, sizeof(cookie.mac));
    len = recs_ticket_write(&again, text);

    if (len != size || memcmp(text, data, size) != 0) {
        abort();
    }

    return 0;
}
