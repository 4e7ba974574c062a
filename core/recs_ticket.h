/*
 * recs_ticket: a few signed bytes that a visitor brings along, as text.
 *
 *     u8   version
 *     u32  time          seconds since 1970, as a rule when it expires
 *     payload
 *     u8   kid           of the key
 *     16 bytes MAC
 *
 * Integers are little-endian, the whole in base64url.  No crypto here: what
 * is signed is its purpose, whose it is, where that matters, and the body,
 * that is all before kid; so nothing passes for another use or person.
 */

#ifndef _RECS_TICKET_H_INCLUDED_
#define _RECS_TICKET_H_INCLUDED_


#include "recs_base64url.h"
#include "recs_id.h"
#include "recs_status.h"


#define RECS_TICKET_HEAD         (1 + 4)
#define RECS_TICKET_PAYLOAD_MAX  160
#define RECS_TICKET_MAC          16
#define RECS_TICKET_TAIL         (1 + RECS_TICKET_MAC)
#define RECS_TICKET_SIZE(payload)                                             \
    (RECS_TICKET_HEAD + (payload) + RECS_TICKET_TAIL)
#define RECS_TICKET_LEN(payload)                                              \
    RECS_BASE64URL_LEN(RECS_TICKET_SIZE(payload))
#define RECS_TICKET_LEN_MAX      RECS_TICKET_LEN(RECS_TICKET_PAYLOAD_MAX)
#define RECS_TICKET_PURPOSE_MAX  16          /* bytes, "recs-session-1" */
#define RECS_TICKET_SIGNED_MAX                                                \
    (RECS_TICKET_PURPOSE_MAX + 1 + RECS_ID_MAX                                \
     + RECS_TICKET_HEAD + RECS_TICKET_PAYLOAD_MAX)


typedef struct {
    uint8_t   bytes[RECS_TICKET_SIZE(RECS_TICKET_PAYLOAD_MAX)];
    size_t    body_len;
    uint32_t  time;
    uint8_t   kid;
    uint8_t   mac[RECS_TICKET_MAC];
} recs_ticket_t;


/*
 * Believed only once the MAC was checked.
 *
 * RECS_CORRUPT  the text is no ticket
 * RECS_VERSION  of another version
 */
recs_status_t recs_ticket_read(recs_ticket_t *ticket, uint8_t version,
    recs_str_t text);

/* The payload of a ticket that was read; its length. */
size_t recs_ticket_payload(const recs_ticket_t *ticket,
    const uint8_t **payload);

/*
 * Begins a ticket, goes on with its numbers and ends it: p is where the next
 * byte goes.
 */
uint8_t *recs_ticket_begin(recs_ticket_t *ticket, uint8_t version,
    uint32_t time);
uint8_t *recs_ticket_put(uint8_t *p, uint64_t number, unsigned size);
void recs_ticket_end(recs_ticket_t *ticket, const uint8_t *p);

uint64_t recs_ticket_number(const uint8_t *p, unsigned size);

/*
 * The bytes that the MAC is over: purpose, a byte of whose's length, whose,
 * body; returns how many.  whose is an id or empty.
 */
size_t recs_ticket_signed(const recs_ticket_t *ticket, const char *purpose,
    recs_str_t whose, uint8_t bytes[RECS_TICKET_SIGNED_MAX]);

/* The text, once kid and mac are set; returns its length. */
size_t recs_ticket_write(recs_ticket_t *ticket,
    char text[RECS_TICKET_LEN_MAX]);


#endif /* _RECS_TICKET_H_INCLUDED_ */
