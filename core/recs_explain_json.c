#include "recs_explain_json.h"

#include <math.h>
#include <string.h>

#include "recs_decimal.h"


static void
recs_explain_json_put(const recs_explain_json_t *to, const char *json)
{
    to->json(to->data, json, strlen(json));
}


static void
recs_explain_json_number(const recs_explain_json_t *to, const char *name,
    double value)
{
    char  text[RECS_DECIMAL_MAX];

    recs_explain_json_put(to, name);
    to->json(to->data, text, recs_decimal(text, (float) value));
}


static void
recs_explain_json_text(const recs_explain_json_t *to, const char *name,
    recs_str_t text)
{
    recs_explain_json_put(to, name);
    to->string(to->data, text);
}


static void
recs_explain_json_id(const recs_explain_json_t *to,
    const recs_bundle_t *bundle, const char *name, uint32_t item)
{
    if (item != RECS_ITEM_NO) {
        recs_explain_json_text(to, name, recs_record_id(
                               recs_bundle_item_record(bundle, item)));
    }
}


static void
recs_explain_json_terms(const recs_explain_json_t *to,
    const recs_bundle_t *bundle, const recs_contributions_t *terms)
{
    uint32_t                    i;
    const recs_contribution_t  *term;

    recs_explain_json_put(to, "\"terms\":[");

    for (i = 0; i < terms->n; i++) {
        term = &terms->parts[i];

        recs_explain_json_put(to, i > 0 ? ",{\"term\":\"" : "{\"term\":\"");
        recs_explain_json_put(to, recs_contribution_name(term->kind));
        recs_explain_json_put(to, "\"");
        recs_explain_json_id(to, bundle, ",\"item\":", term->item);

        if (term->name.len > 0) {
            recs_explain_json_text(to, ",\"name\":", term->name);
        }

        if (term->kind == RECS_CONTRIBUTION_FEATURE
            && !isnan(term->value))
        {
            recs_explain_json_number(to, ",\"value\":", term->value);
        }

        if (term->kind == RECS_CONTRIBUTION_FEATURE
            && !isnan(term->weight))
        {
            recs_explain_json_number(to, ",\"weight\":", term->weight);
        }

        if (term->count > 0) {
            recs_explain_json_number(to, ",\"count\":", term->count);
        }

        recs_explain_json_number(to, ",\"score\":", term->score);
        recs_explain_json_put(to, "}");
    }

    recs_explain_json_put(to, "]");
}


static void
recs_explain_json_rule(const recs_explain_json_t *to,
    const recs_bundle_t *bundle, const recs_move_t *rule)
{
    switch (rule->kind) {

    case RECS_MOVE_DIVERSITY:
        recs_explain_json_id(to, bundle, ",\"like\":", rule->item);
        recs_explain_json_number(to, ",\"penalty\":", rule->penalty);
        return;

    case RECS_MOVE_MAX_PER:
        recs_explain_json_text(to, ",\"attribute\":",
                               recs_bundle_item_column_name(bundle,
                                                            rule->column));
        recs_explain_json_text(to, ",\"value\":", rule->value);
        recs_explain_json_number(to, ",\"count\":", rule->count);
        recs_explain_json_number(to, ",\"most\":", rule->most);
        return;

    case RECS_MOVE_EXPLORE:
        recs_explain_json_number(to, ",\"propensity\":", rule->propensity);
        return;

    case RECS_MOVE_PIN:
        return;

    default:
        recs_explain_json_number(to, ",\"items\":", rule->count);
        return;
    }
}


static void
recs_explain_json_rules(const recs_explain_json_t *to,
    const recs_bundle_t *bundle, const recs_move_t *rules, uint32_t n)
{
    uint32_t  i;

    recs_explain_json_put(to, "[");

    for (i = 0; i < n; i++) {
        recs_explain_json_put(to, i > 0 ? ",{\"rule\":\"" : "{\"rule\":\"");
        recs_explain_json_put(to, recs_move_name(rules[i].kind));
        recs_explain_json_put(to, "\"");
        recs_explain_json_rule(to, bundle, &rules[i]);
        recs_explain_json_put(to, "}");
    }

    recs_explain_json_put(to, "]");
}


void
recs_explain_json_item(const recs_explain_json_t *to,
    const recs_bundle_t *bundle, const recs_explanation_t *explanation)
{
    recs_explain_json_put(to, "{");
    recs_explain_json_terms(to, bundle, &explanation->score);

    if (explanation->retrieval.n > 0) {
        recs_explain_json_number(to, ",\"retrieval\":{\"score\":",
                                 explanation->retrieval.score);
        recs_explain_json_put(to, ",");
        recs_explain_json_terms(to, bundle, &explanation->retrieval);
        recs_explain_json_put(to, "}");
    }

    if (explanation->n_rules > 0) {
        recs_explain_json_put(to, ",\"rules\":");
        recs_explain_json_rules(to, bundle, explanation->rules,
                                explanation->n_rules);
    }

    recs_explain_json_put(to, "}");
}


void
recs_explain_json_kept_out(const recs_explain_json_t *to,
    const recs_kept_out_t *kept_out)
{
    recs_explain_json_rules(to, NULL, kept_out->rules, kept_out->n_rules);
}
