/*
 * recs_session_cookie: a session as a ticket (recs_ticket.h), the text of a
 * cookie.  Its time is when it expires, its payload
 *
 *     n times, the last touched first:
 *         6 bytes  hash
 *         u8       weight
 *
 * With its name (RECS_SESSION_COOKIE) the cookie is at most 256 bytes.
 *
 * Whose it is stands in the MAC's input, which is the caller's to make and to
 * check: purpose, visitor, and the body.
 */

#ifndef _RECS_SESSION_COOKIE_H_INCLUDED_
#define _RECS_SESSION_COOKIE_H_INCLUDED_


#include "recs_session.h"
#include "recs_ticket.h"


#define RECS_SESSION_COOKIE          "recs_session"
#define RECS_SESSION_COOKIE_VERSION  1
#define RECS_SESSION_COOKIE_ITEMS    20
#define RECS_SESSION_COOKIE_ITEM     (6 + 1)
#define RECS_SESSION_COOKIE_PAYLOAD                                           \
    (RECS_SESSION_COOKIE_ITEMS * RECS_SESSION_COOKIE_ITEM)
#define RECS_SESSION_COOKIE_LEN                                               \
    RECS_TICKET_LEN(RECS_SESSION_COOKIE_PAYLOAD)

_Static_assert(RECS_SESSION_COOKIE_PAYLOAD <= RECS_TICKET_PAYLOAD_MAX,
               "a ticket has room");
_Static_assert(sizeof(RECS_SESSION_COOKIE "=") - 1
               + RECS_SESSION_COOKIE_LEN <= 256, "a cookie of 256 bytes");


/*
 * RECS_CORRUPT  the text is no cookie of ours
 * RECS_VERSION  of another version
 */
recs_status_t recs_session_cookie_read(recs_ticket_t *ticket,
    recs_str_t text);

/* Its items, once it is believed. */
void recs_session_cookie_items(const recs_ticket_t *ticket,
    recs_session_t *session);

/* Makes the body; of a session with too many items the oldest drop. */
void recs_session_cookie_make(recs_ticket_t *ticket,
    const recs_session_t *session, uint32_t expires);


#endif /* _RECS_SESSION_COOKIE_H_INCLUDED_ */
