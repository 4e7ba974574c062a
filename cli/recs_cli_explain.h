/*
 * recs_cli_explain: --explain, of an answer.
 */

#ifndef _RECS_CLI_EXPLAIN_H_INCLUDED_
#define _RECS_CLI_EXPLAIN_H_INCLUDED_


#include "recs_explain.h"


typedef struct {
    const recs_bundle_t  *bundle;
    recs_explain_t       *explain;
    recs_explanation_t   *explanations;     /* [RECS_COUNT_MAX] */
    recs_kept_out_t       kept_out;
    uint32_t              title;            /* column, or RECS_COLUMN_NO */
} recs_cli_explain_t;


/* Of a zeroed one. */
recs_status_t recs_cli_explain_create(recs_cli_explain_t *e,
    const recs_bundle_t *bundle, recs_error_t *err);
void recs_cli_explain_destroy(recs_cli_explain_t *e);

/* What was just answered. */
void recs_cli_explain(recs_cli_explain_t *e, recs_scratch_t *scratch,
    const recs_query_t *query, const recs_answer_t *answer);

/* Of item i: in JSON, or lines for people. */
void recs_cli_explain_item_json(const recs_cli_explain_t *e, uint32_t i);
void recs_cli_explain_item_text(const recs_cli_explain_t *e, uint32_t i);

/* Of the answer. */
void recs_cli_explain_kept_out_json(const recs_cli_explain_t *e);
void recs_cli_explain_kept_out_text(const recs_cli_explain_t *e);


#endif /* _RECS_CLI_EXPLAIN_H_INCLUDED_ */
