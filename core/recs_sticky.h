/*
 * recs_sticky: what a visitor's browser keeps of his experiments: the variants
 * that he was given.  The payload of a signed cookie, recs_ticket.h, which
 * makes it 255 bytes at most, its name included.
 *
 * An entry is one bucket version of one experiment for one unit: who logs in
 * has two units, an experiment with a new version begins anew and still knows
 * who was in the old one.  A new entry goes on top, at RECS_STICKY_MAX the
 * oldest drops.
 *
 *     u32  experiment    hash of its name
 *     u24  unit          hash of the id
 *     u8   version
 *     u8   variant       0 to 15
 *     u8   era
 */

#ifndef _RECS_STICKY_H_INCLUDED_
#define _RECS_STICKY_H_INCLUDED_


#include <stdint.h>

#include "recs_ticket.h"


#define RECS_STICKY_COOKIE    "recs_sticky"
#define RECS_STICKY_PURPOSE   "recs-sticky-1"
#define RECS_STICKY_VERSION   1
#define RECS_STICKY_MAX       16
#define RECS_STICKY_ENTRY     10                       /* bytes */
#define RECS_STICKY_LEN       RECS_TICKET_LEN(RECS_STICKY_MAX                 \
                                              * RECS_STICKY_ENTRY)

_Static_assert(RECS_STICKY_MAX * RECS_STICKY_ENTRY
               <= RECS_TICKET_PAYLOAD_MAX, "a ticket has room");
_Static_assert(sizeof(RECS_STICKY_COOKIE "=") - 1 + RECS_STICKY_LEN <= 256,
               "a cookie of 256 bytes");


typedef struct {
    uint32_t  experiment;                    /* recs_sticky_experiment() */
    uint32_t  unit;                          /* recs_sticky_unit() */
    uint8_t   version;                       /* of the buckets */
    uint8_t   variant;                       /* 0 to 15 */
    uint8_t   era;                           /* the caller's: of the weights */
} recs_sticky_entry_t;

typedef struct {
    uint32_t             n;
    recs_sticky_entry_t  entries[RECS_STICKY_MAX];     /* newest first */
} recs_sticky_t;


/* Hashes of 32 and of 24 bits. */
uint32_t recs_sticky_experiment(recs_str_t name);
uint32_t recs_sticky_unit(recs_str_t id);

/* NULL: none.  A sticky of NULL has none. */
const recs_sticky_entry_t *recs_sticky_find(const recs_sticky_t *sticky,
    uint32_t experiment, uint32_t unit, uint8_t version);

/*
 * Puts an entry in the place of that of the same experiment, unit and
 * version, or on top.  Returns 1 where something changed: the cookie is to be
 * sent.
 */
int recs_sticky_set(recs_sticky_t *sticky, const recs_sticky_entry_t *entry);

/*
 * The entries of a ticket that was read as RECS_STICKY_VERSION; believed only
 * once its MAC was checked.
 *
 * RECS_CORRUPT  bytes that recs_sticky_make() does not write
 */
recs_status_t recs_sticky_read(recs_sticky_t *sticky,
    const recs_ticket_t *ticket);

/* The ticket, still to be signed. */
void recs_sticky_make(recs_ticket_t *ticket, const recs_sticky_t *sticky,
    uint32_t expires);


#endif /* _RECS_STICKY_H_INCLUDED_ */
