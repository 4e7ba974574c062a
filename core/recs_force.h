/*
 * recs_force: a variant that a tester asks for, by a signed token that
 * expires or, where the configuration allows it, by a plain number.
 *
 * The token is a ticket (recs_ticket.h), its time is when it expires; payload:
 *
 *     u32  experiment    recs_sticky_experiment() of its name
 *     u8   variant       its number
 */

#ifndef _RECS_FORCE_H_INCLUDED_
#define _RECS_FORCE_H_INCLUDED_


#include "recs_ticket.h"


#define RECS_FORCE_PURPOSE  "recs-force-1"
#define RECS_FORCE_VERSION  1
#define RECS_FORCE_PAYLOAD  (4 + 1)
#define RECS_FORCE_LEN      RECS_TICKET_LEN(RECS_FORCE_PAYLOAD)


/* The token, still to be signed. */
void recs_force_make(recs_ticket_t *ticket, uint32_t experiment,
    uint8_t variant, uint32_t expires);

/*
 * The variant of a ticket that was read as RECS_FORCE_VERSION, or -1: it is
 * for another experiment, or no such token.  Its MAC and time are the
 * caller's to check.
 */
int32_t recs_force_read(const recs_ticket_t *ticket, uint32_t experiment);

/*
 * The value of the first argument of that name in "a=1&b=2"; returns 0 where
 * there is none.  Nothing is unescaped: neither tokens nor numbers need it.
 */
int recs_force_argument(recs_str_t arguments, recs_str_t name,
    recs_str_t *value);

/* A number below n_variants, in digits alone; else -1. */
int32_t recs_force_number(recs_str_t value, uint32_t n_variants);


#endif /* _RECS_FORCE_H_INCLUDED_ */
