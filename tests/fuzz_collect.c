/*
 * Anything as a body, and as a query: what is taken obeys the rules, and what
 * a client says is text that a record can hold.
 */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "recs_collect_body.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
fuzz_check(const recs_collect_body_t *body)
{
    unsigned                     i;
    const recs_collect_event_t  *event;

    if (body->n_events < 1 || body->n_events > RECS_COLLECT_EVENTS_MAX) {
        abort();
    }

    for (i = 0; i < body->n_events; i++) {
        event = &body->events[i];

        if (!recs_name_valid(event->event.data, event->event.len)
            || !recs_id_valid(event->item.data, event->item.len)
            || (event->id.len != 0
                && !recs_id_valid(event->id.data, event->id.len))
            || event->token.len > RECS_COLLECT_TOKEN_MAX
            || isinf(event->value))
        {
            abort();
        }
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    recs_error_t         err;
    recs_status_t        status;
    recs_collect_body_t  body;

    status = recs_collect_body_parse(&body, (const char *) data, size, &err);

    if (status == RECS_OK) {
        fuzz_check(&body);
        recs_collect_body_free(&body);

    } else if (!recs_utf8_valid(err.message, strlen(err.message))) {
        abort();
    }

    status = recs_collect_query_parse(&body, (const char *) data, size, &err);

    if (status == RECS_OK) {
        fuzz_check(&body);
        recs_collect_body_free(&body);
    }

    return 0;
}
