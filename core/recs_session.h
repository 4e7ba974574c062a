/*
 * recs_session: the items that a visitor has touched last, by the hashes of
 * their ids (recs_item_hash.h), which outlive a generation of the model.
 *
 * Kept in shared memory (recs_session_table.h) or in a cookie
 * (recs_session_cookie.h).
 */

#ifndef _RECS_SESSION_H_INCLUDED_
#define _RECS_SESSION_H_INCLUDED_


#include <stdint.h>


#define RECS_SESSION_ITEMS_MAX   64
#define RECS_SESSION_WEIGHT_MAX  255


typedef struct {
    uint64_t  hash;
    uint32_t  weight;                   /* times touched, up to WEIGHT_MAX */
} recs_session_item_t;

typedef struct {
    uint32_t             n;
    recs_session_item_t  items[RECS_SESSION_ITEMS_MAX]; /* the last first */
} recs_session_t;


/*
 * Makes the item the last one touched.  A session keeps at most max items, at
 * least 1; the oldest goes.
 */
void recs_session_touch(recs_session_t *session, uint64_t hash, uint32_t max);


#endif /* _RECS_SESSION_H_INCLUDED_ */
