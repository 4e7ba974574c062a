/*
 * recs_session_cookie: a session as the text of a cookie.
 *
 *     u8   version              1
 *     u32  expires              seconds since 1970
 *     n times, the last touched first:
 *         6 bytes  hash
 *         u8       weight
 *     u8   kid                  of the key
 *     16 bytes MAC
 *
 * Integers are little-endian, the whole in base64url.  With its name
 * (RECS_SESSION_COOKIE) the cookie is at most 256 bytes.
 *
 * Whose it is stands in the MAC's input, which is the caller's to make and to
 * check: purpose, visitor, and the body, that is all before kid.
 */

#ifndef _RECS_SESSION_COOKIE_H_INCLUDED_
#define _RECS_SESSION_COOKIE_H_INCLUDED_


#include "recs_base64url.h"
#include "recs_id.h"
#include "recs_session.h"
#include "recs_status.h"


#define RECS_SESSION_COOKIE        "recs_session"
#define RECS_SESSION_COOKIE_ITEMS  20
#define RECS_SESSION_COOKIE_MAC    16
#define RECS_SESSION_COOKIE_BODY   (1 + 4 + RECS_SESSION_COOKIE_ITEMS * 7)
#define RECS_SESSION_COOKIE_SIZE                                              \
    (RECS_SESSION_COOKIE_BODY + 1 + RECS_SESSION_COOKIE_MAC)
#define RECS_SESSION_COOKIE_LEN                                               \
    RECS_BASE64URL_LEN(RECS_SESSION_COOKIE_SIZE)

_Static_assert(sizeof(RECS_SESSION_COOKIE "=") - 1
               + RECS_SESSION_COOKIE_LEN <= 256, "a cookie of 256 bytes");


/* A cookie in bytes; believed only once the MAC was checked. */
typedef struct {
    uint8_t   bytes[RECS_SESSION_COOKIE_SIZE];
    size_t    body_len;
    uint32_t  expires;
    uint8_t   kid;
    uint8_t   mac[RECS_SESSION_COOKIE_MAC];
} recs_session_cookie_t;


/*
 * RECS_CORRUPT  the text is no cookie of ours
 * RECS_VERSION  of another version
 */
recs_status_t recs_session_cookie_read(recs_session_cookie_t *cookie,
    recs_str_t text);

/* Its items, once it is believed. */
void recs_session_cookie_items(const recs_session_cookie_t *cookie,
    recs_session_t *session);

/* Makes the body; of a session with too many items the oldest drop. */
void recs_session_cookie_make(recs_session_cookie_t *cookie,
    const recs_session_t *session, uint32_t expires);

/* The text, once kid and mac are set; returns its length. */
size_t recs_session_cookie_write(recs_session_cookie_t *cookie,
    char text[RECS_SESSION_COOKIE_LEN]);


#endif /* _RECS_SESSION_COOKIE_H_INCLUDED_ */
