/*
 * recs_explain_case: a bundle, a question to change, and its explained answer.
 */

#ifndef _RECS_EXPLAIN_CASE_H_INCLUDED_
#define _RECS_EXPLAIN_CASE_H_INCLUDED_


#include "recs_explain.h"
#include "recs_fixture.h"


#define RECS_EXPLAIN_CASE_COUNT  12


typedef struct {
    recs_bundle_t             *bundle;
    const recs_bundle_view_t  *view;
    recs_scratch_t            *scratch;
    recs_explain_t            *explain;
    recs_query_t               query;
    recs_answer_t              answer;
    recs_answer_item_t         items[RECS_EXPLAIN_CASE_COUNT];
    recs_explanation_t         explanations[RECS_EXPLAIN_CASE_COUNT];
    recs_kept_out_t            kept_out;
    char                       user[16];      /* for query.user */
} recs_explain_case_t;


void recs_explain_case_open(recs_explain_case_t *c,
    const recs_fixture_params_t *params);
void recs_explain_case_close(recs_explain_case_t *c);

double recs_explain_case_sum(const recs_contributions_t *of);

/* Asks; every score must be the sum of its contributions, largest first. */
void recs_explain_case_ask(recs_explain_case_t *c);

/* The weight of `neighbor` in the list of item. */
uint32_t recs_explain_case_weight(const recs_bundle_view_t *view,
    uint32_t item, uint32_t neighbor);


#endif /* _RECS_EXPLAIN_CASE_H_INCLUDED_ */
