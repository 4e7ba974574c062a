/*
 * recs_profile: what of a visitor the PERSONAL and the SESSION rung go by.
 * Private to core/: recs_recommend() searches with it, recs_explain() tells of
 * what it is made.
 */

#ifndef _RECS_PROFILE_H_INCLUDED_
#define _RECS_PROFILE_H_INCLUDED_


#include "recs_scratch.h"
#include "recs_session_vector.h"


typedef struct {
    uint32_t         user;              /* RECS_USER_NO: unknown */
    const uint32_t  *session;           /* the last items of the session, each
                                           once, as far as they count */
    uint32_t         n_session;
    const float     *vector;            /* searched with; NULL: none */
    const float     *trained;           /* NULL: none */
    recs_session_parts_t
                     parts;             /* of vector; of_session is 0 where no
                                           session is in it */
    const uint32_t  *history;           /* whose lists are added */
    uint32_t         n_history;
    recs_neighbors_t user_list;         /* his own, added too; n 0: none */
} recs_profile_t;


/* Starts one: whose it is and his session.  It lies in the scratch. */
void recs_profile_begin(recs_profile_t *profile, const recs_bundle_t *bundle,
    recs_scratch_t *scratch, const recs_query_t *query);

/*
 * The rest of it, until the next call.  NONE, or why there is nothing for this
 * rung to go by.
 */
recs_reason_t recs_profile_personal(recs_profile_t *profile,
    const recs_bundle_t *bundle, recs_scratch_t *scratch,
    const recs_query_t *query);
recs_reason_t recs_profile_session(recs_profile_t *profile,
    const recs_bundle_t *bundle, recs_scratch_t *scratch,
    const recs_query_t *query);

/* For a ranking model. */
void recs_profile_visitor(const recs_profile_t *profile,
    const recs_query_t *query, recs_rank_visitor_t *visitor);


#endif /* _RECS_PROFILE_H_INCLUDED_ */
