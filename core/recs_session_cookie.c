#include "recs_session_cookie.h"


recs_status_t
recs_session_cookie_read(recs_ticket_t *ticket, recs_str_t text)
{
    size_t          len;
    recs_status_t   status;
    const uint8_t  *p;

    status = recs_ticket_read(ticket, RECS_SESSION_COOKIE_VERSION, text);

    if (status != RECS_OK) {
        return status;
    }

    len = recs_ticket_payload(ticket, &p);

    return len <= RECS_SESSION_COOKIE_PAYLOAD
           && len % RECS_SESSION_COOKIE_ITEM == 0 ? RECS_OK : RECS_CORRUPT;
}


void
recs_session_cookie_items(const recs_ticket_t *ticket,
    recs_session_t *session)
{
    size_t                len;
    uint32_t              i;
    const uint8_t        *p;
    recs_session_item_t  *item;

    len = recs_ticket_payload(ticket, &p);
    session->n = (uint32_t) (len / RECS_SESSION_COOKIE_ITEM);

    for (i = 0; i < session->n; i++, p += RECS_SESSION_COOKIE_ITEM) {
        item = &session->items[i];
        item->hash = recs_ticket_number(p, 6);
        item->weight = p[6];
    }
}


void
recs_session_cookie_make(recs_ticket_t *ticket,
    const recs_session_t *session, uint32_t expires)
{
    uint8_t   *p;
    uint32_t   i;

    p = recs_ticket_begin(ticket, RECS_SESSION_COOKIE_VERSION, expires);

    for (i = 0; i < session->n && i < RECS_SESSION_COOKIE_ITEMS; i++) {
        p = recs_ticket_put(p, session->items[i].hash, 6);
        p = recs_ticket_put(p, session->items[i].weight, 1);
    }

    recs_ticket_end(ticket, p);
}
