/*
 * bench_users: users drawn from a bundle, as queries.
 */

#ifndef _BENCH_USERS_H_INCLUDED_
#define _BENCH_USERS_H_INCLUDED_


#include "bench_query.h"


#define BENCH_SESSION  5                /* items */


/* Of the same users; an n of 0: the bundle has nothing to ask that with. */
typedef struct {
    bench_query_t       *all;           /* the vector alone */
    uint32_t             n_all;
    bench_query_t       *seen;          /* ... without what they have seen */
    uint32_t             n_seen;
    bench_query_t       *blend;         /* ... and with their lists */
    uint32_t             n_blend;
    bench_query_t       *filter;        /* seen, among 1 % of the items */
    uint32_t             n_filter;
    bench_query_t       *session;       /* BENCH_SESSION items each */
    uint32_t             n_session;
    recs_bitmap_word_t  *allowed;
    uint32_t            *allowed_items;
} bench_users_t;


/* n users, fewer where there are fewer; the same for the same seed. */
bench_users_t *bench_users_create(const recs_bundle_t *bundle, uint32_t n,
    uint64_t seed);
void bench_users_destroy(bench_users_t *users);


#endif /* _BENCH_USERS_H_INCLUDED_ */
