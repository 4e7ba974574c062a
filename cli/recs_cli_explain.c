#include "recs_cli_explain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_cli_text.h"
#include "recs_explain_json.h"


recs_status_t
recs_cli_explain_create(recs_cli_explain_t *e, const recs_bundle_t *bundle,
    recs_error_t *err)
{
    recs_status_t            status;
    static const recs_str_t  title = { "title", sizeof("title") - 1 };

    status = recs_explain_create(&e->explain, bundle, err);
    if (status != RECS_OK) {
        return status;
    }

    e->explanations = malloc(RECS_COUNT_MAX * sizeof(recs_explanation_t));
    if (e->explanations == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for explanations");
    }

    e->bundle = bundle;
    e->title = recs_bundle_item_column(bundle, title);

    return RECS_OK;
}


void
recs_cli_explain_destroy(recs_cli_explain_t *e)
{
    recs_explain_destroy(e->explain);
    free(e->explanations);
}


void
recs_cli_explain(recs_cli_explain_t *e, recs_scratch_t *scratch,
    const recs_query_t *query, const recs_answer_t *answer)
{
    (void) recs_explain(e->explain, scratch, query, answer, e->explanations,
                        &e->kept_out);
}


static void
recs_cli_explain_put_json(void *data, const char *text, size_t len)
{
    fwrite(text, 1, len, data);
}


static void
recs_cli_explain_put_string(void *data, recs_str_t text)
{
    recs_cli_put_json(data, text);
}


static recs_explain_json_t
recs_cli_explain_to_stdout(void)
{
    return (recs_explain_json_t) { .json = recs_cli_explain_put_json,
                                   .string = recs_cli_explain_put_string,
                                   .data = stdout };
}


void
recs_cli_explain_item_json(const recs_cli_explain_t *e, uint32_t i)
{
    recs_explain_json_t  to;

    to = recs_cli_explain_to_stdout();
    recs_explain_json_item(&to, e->bundle, &e->explanations[i]);
}


void
recs_cli_explain_kept_out_json(const recs_cli_explain_t *e)
{
    recs_explain_json_t  to;

    to = recs_cli_explain_to_stdout();
    recs_explain_json_kept_out(&to, &e->kept_out);
}


/* Its id and title. */
static void
recs_cli_explain_put_item(const recs_cli_explain_t *e, uint32_t item)
{
    recs_str_t  record;

    record = recs_bundle_item_record(e->bundle, item);
    recs_cli_put_text(stdout, recs_record_id(record));

    if (e->title != RECS_COLUMN_NO) {
        printf("  ");
        recs_cli_put_text(stdout, recs_record_attribute(record, e->title));
    }
}


static void
recs_cli_explain_terms(const recs_cli_explain_t *e,
    const recs_contributions_t *terms)
{
    uint32_t                    i;
    const recs_contribution_t  *term;

    for (i = 0; i < terms->n; i++) {
        term = &terms->parts[i];

        printf("       %+-13.6g %-10s  ", term->score,
               recs_contribution_name(term->kind));

        if (term->item != RECS_ITEM_NO) {
            recs_cli_explain_put_item(e, term->item);

        } else if (term->kind == RECS_CONTRIBUTION_PROFILE) {
            printf("learned in training");

        } else if (term->kind == RECS_CONTRIBUTION_NEIGHBORS) {
            printf("by the user's own list");

        } else if (term->count > 0) {
            printf("%u smaller", term->count);

        } else {
            recs_cli_put_text(stdout, term->name);
        }

        if (term->kind == RECS_CONTRIBUTION_FEATURE && !isnan(term->value)) {
            printf(" %.6g", term->value);
        }

        if (term->kind == RECS_CONTRIBUTION_FEATURE && !isnan(term->weight)) {
            printf(", weighing %.6g", term->weight);
        }

        printf("\n");
    }
}


static void
recs_cli_explain_rule(const recs_cli_explain_t *e, const recs_move_t *rule)
{
    printf("       %-13s ", recs_move_name(rule->kind));

    switch (rule->kind) {

    case RECS_MOVE_DIVERSITY:
        printf("%.6g, like ", rule->penalty);
        recs_cli_explain_put_item(e, rule->item);
        break;

    case RECS_MOVE_MAX_PER:
        recs_cli_put_text(stdout, recs_bundle_item_column_name(e->bundle,
                                                               rule->column));
        printf(" ");
        recs_cli_put_text(stdout, rule->value);
        printf(", %u of at most %u", rule->count, rule->most);
        break;

    case RECS_MOVE_EXPLORE:
        printf("to be tried out");
        break;

    default:
        printf("by the rules");
        break;
    }

    printf("\n");
}


void
recs_cli_explain_item_text(const recs_cli_explain_t *e, uint32_t i)
{
    uint32_t                   k;
    const recs_explanation_t  *explanation;

    explanation = &e->explanations[i];
    recs_cli_explain_terms(e, &explanation->score);

    if (explanation->retrieval.n > 0) {
        printf("       found by %.9g:\n", explanation->retrieval.score);
        recs_cli_explain_terms(e, &explanation->retrieval);
    }

    for (k = 0; k < explanation->n_rules; k++) {
        recs_cli_explain_rule(e, &explanation->rules[k]);
    }
}


void
recs_cli_explain_kept_out_text(const recs_cli_explain_t *e)
{
    uint32_t            i;
    const recs_move_t  *rule;

    for (i = 0; i < e->kept_out.n_rules; i++) {
        rule = &e->kept_out.rules[i];
        printf("%s%s %u", i == 0 ? "       kept out: " : ", ",
               recs_move_name(rule->kind), rule->count);
    }

    if (i > 0) {
        printf("\n");
    }
}
