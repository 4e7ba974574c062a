/*
 * Any text as a sticky cookie and as a forcing token: refused, or the text
 * that its bytes are written as.
 *
 *     make fuzz FUZZERS=fuzz_sticky
 */

#include "recs_force.h"
#include "recs_sticky.h"

#include <stdlib.h>
#include <string.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
fuzz_same(recs_ticket_t *again, const recs_ticket_t *ticket, recs_str_t given)
{
    char    text[RECS_TICKET_LEN_MAX];
    size_t  len;

    again->kid = ticket->kid;
    memcpy(again->mac, ticket->mac, RECS_TICKET_MAC);
    len = recs_ticket_write(again, text);

    if (len != given.len || memcmp(text, given.data, len) != 0) {
        abort();
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int32_t        variant;
    recs_str_t     given;
    recs_ticket_t  ticket, again;
    recs_sticky_t  sticky;

    given.data = (const char *) data;
    given.len = size;

    if (recs_ticket_read(&ticket, RECS_STICKY_VERSION, given) == RECS_OK
        && recs_sticky_read(&sticky, &ticket) == RECS_OK)
    {
        if (sticky.n > RECS_STICKY_MAX || size > RECS_STICKY_LEN) {
            abort();
        }

        recs_sticky_make(&again, &sticky, ticket.time);
        fuzz_same(&again, &ticket, given);
    }

    if (recs_ticket_read(&ticket, RECS_FORCE_VERSION, given) == RECS_OK) {
        variant = recs_force_read(&ticket, 0);

        if (variant >= 0) {
            recs_force_make(&again, 0, (uint8_t) variant, ticket.time);
            fuzz_same(&again, &ticket, given);
        }
    }

    return 0;
}
