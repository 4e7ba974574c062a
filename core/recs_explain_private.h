/*
 * recs_explain_private: what the files of recs_explain share.
 */

#ifndef _RECS_EXPLAIN_PRIVATE_H_INCLUDED_
#define _RECS_EXPLAIN_PRIVATE_H_INCLUDED_


#include "recs_attribution.h"
#include "recs_explain.h"
#include "recs_profile.h"


struct recs_explain_s {
    const recs_bundle_t       *bundle;
    const recs_bundle_view_t  *view;
    recs_attribution_t        *trained;         /* of the user's items */
    recs_attribution_t        *session;

    const recs_query_t        *query;
    recs_rank_scratch_t       *ranker;
    recs_source_t              rung;            /* whose profile it is */
    recs_profile_t             profile;
    const uint32_t            *seen;            /* in training, */
    uint32_t                   n_trained;       /* so many; 0: the trained
                                                   vector is told as a whole */
    uint32_t                   n_session;       /* 0: it tells nothing */
    const float               *question;        /* NULL: none in the vector */
    double                     of_question;     /* how often it is in it, */
    double                     of_trained;      /* and so on */
    double                     of_session;
    uint32_t                   lists[RECS_HISTORY_MAX];     /* the item's
                                                   weight in each, */
    uint32_t                   opposed[RECS_HISTORY_MAX];   /* in the opposed
                                                   list beside it, */
    uint32_t                   own;             /* and in the user's own */
    float                      weights[RECS_FOLD_IN_ITEMS_MAX];
    double                     terms[RECS_ATTRIBUTION_ITEMS_MAX];
};


/* The rules that moved item i of the answer. */
void recs_explain_rules(const recs_explain_t *explain,
    const recs_answer_t *answer, uint32_t i, recs_explanation_t *to);

/* How many items the question's rules keep out. */
void recs_explain_kept_out(const recs_explain_t *explain,
    recs_scratch_t *scratch, recs_kept_out_t *kept_out);


#endif /* _RECS_EXPLAIN_PRIVATE_H_INCLUDED_ */
