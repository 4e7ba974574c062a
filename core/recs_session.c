#include "recs_session.h"

#include <string.h>


void
recs_session_touch(recs_session_t *session, uint64_t hash, uint32_t max)
{
    uint32_t              i;
    recs_session_item_t   touched, *items;

    items = session->items;
    touched.hash = hash;
    touched.weight = 1;

    for (i = 0; i < session->n; i++) {
        if (items[i].hash == hash) {
            touched.weight = items[i].weight < RECS_SESSION_WEIGHT_MAX
                             ? items[i].weight + 1
                             : RECS_SESSION_WEIGHT_MAX;
            break;
        }
    }

    if (i == session->n && session->n < max) {
        session->n++;
    }

    if (i >= session->n) {
        i = session->n - 1;
    }

    memmove(&items[1], &items[0], i * sizeof(recs_session_item_t));
    items[0] = touched;
}
