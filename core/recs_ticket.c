#include "recs_ticket.h"

#include <string.h>


uint64_t
recs_ticket_number(const uint8_t *p, unsigned size)
{
    uint64_t  number;

    number = 0;

    while (size--) {
        number = number << 8 | p[size];
    }

    return number;
}


uint8_t *
recs_ticket_put(uint8_t *p, uint64_t number, unsigned size)
{
    while (size--) {
        *p++ = number & 0xff;
        number >>= 8;
    }

    return p;
}


recs_status_t
recs_ticket_read(recs_ticket_t *ticket, uint8_t version, recs_str_t text)
{
    size_t          size;
    const uint8_t  *tail;

    size = recs_base64url_read(ticket->bytes, sizeof(ticket->bytes),
                               text.data, text.len);

    if (size == RECS_BASE64URL_NO || size == 0) {
        return RECS_CORRUPT;
    }

    if (ticket->bytes[0] != version) {
        return RECS_VERSION;
    }

    if (size < RECS_TICKET_SIZE(0)) {
        return RECS_CORRUPT;
    }

    ticket->body_len = size - RECS_TICKET_TAIL;
    ticket->time = (uint32_t) recs_ticket_number(ticket->bytes + 1, 4);

    tail = ticket->bytes + ticket->body_len;
    ticket->kid = tail[0];
    memcpy(ticket->mac, tail + 1, RECS_TICKET_MAC);

    return RECS_OK;
}


size_t
recs_ticket_payload(const recs_ticket_t *ticket, const uint8_t **payload)
{
    *payload = ticket->bytes + RECS_TICKET_HEAD;

    return ticket->body_len - RECS_TICKET_HEAD;
}


uint8_t *
recs_ticket_begin(recs_ticket_t *ticket, uint8_t version, uint32_t time)
{
    ticket->time = time;
    ticket->bytes[0] = version;

    return recs_ticket_put(ticket->bytes + 1, time, 4);
}


void
recs_ticket_end(recs_ticket_t *ticket, const uint8_t *p)
{
    ticket->body_len = (size_t) (p - ticket->bytes);
}


size_t
recs_ticket_signed(const recs_ticket_t *ticket, const char *purpose,
    recs_str_t whose, uint8_t bytes[RECS_TICKET_SIGNED_MAX])
{
    size_t    len;
    uint8_t  *p;

    len = strlen(purpose);
    memcpy(bytes, purpose, len);
    p = bytes + len;
    *p++ = (uint8_t) whose.len;

    if (whose.len > 0) {
        memcpy(p, whose.data, whose.len);
        p += whose.len;
    }

    memcpy(p, ticket->bytes, ticket->body_len);

    return (size_t) (p - bytes) + ticket->body_len;
}


size_t
recs_ticket_write(recs_ticket_t *ticket, char text[RECS_TICKET_LEN_MAX])
{
    uint8_t  *tail;

    tail = ticket->bytes + ticket->body_len;
    tail[0] = ticket->kid;
    memcpy(tail + 1, ticket->mac, RECS_TICKET_MAC);

    return recs_base64url_write(text, ticket->bytes,
                                ticket->body_len + RECS_TICKET_TAIL);
}
