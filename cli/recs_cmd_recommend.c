/*
 * recs recommend: the server's own answers, offline.
 */

#include "recs_bundle.h"
#include "recs_cli.h"
#include "recs_cli_context.h"
#include "recs_cli_explain.h"
#include "recs_cli_filter.h"
#include "recs_cli_query.h"
#include "recs_cli_rank.h"
#include "recs_cli_rules.h"
#include "recs_cli_slate.h"
#include "recs_cli_text.h"
#include "recs_cli_where.h"
#include "recs_id_lines.h"
#include "recs_question.h"
#include "recs_recommend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define RECS_CMD_RECOMMEND_COUNT  10


typedef struct {
    const recs_args_t   *args;
    recs_bundle_t       *bundle;
    recs_scratch_t      *scratch;
    recs_query_t         query;
    recs_answer_item_t  *items;           /* [RECS_COUNT_MAX] */
    uint32_t            *recent;          /* of --items */
    recs_filter_t        filter;
    recs_where_t        *where;           /* NULL: no --where */
    recs_cli_rules_t     rules;
    uint32_t             segments[RECS_CONTEXTS_MAX];
    recs_rank_context_t  contexts[RECS_CONTEXTS_MAX];
    recs_limit_t         limits[RECS_LIMITS_MAX];
    uint32_t             title;           /* column, or RECS_COLUMN_NO */
    int                  json;
    int                  explains;
    recs_cli_explain_t   explain;
} recs_cmd_recommend_t;


static int recs_cmd_recommend_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_recommend_options[] = {
    { "user", "U", "the list of one user" },
    { "users", "FILE", "of each user in FILE, an id a line; - is stdin" },
    { "items", "A,B,C", "of a visitor who has just seen these items, the\n"
      "latest first" },
    { "item", "A", "what the similar rung starts from" },
    RECS_CLI_QUERY_OPTIONS,
    { "strategy", "RUNG", "personal, session, similar or popular (what was\n"
      "given decides: personal, session, similar)" },
    { "k", "N", "items in a list, 1 to 1000 (10)" },
    { "exclude", "WHAT", "seen or none (seen for personal and session, none\n"
      "for similar, popular and --query)" },
    { "filter", "NAME=VALUE", "only items with this value of the attribute,\n"
      "or with any of VALUE|VALUE; given again: with both" },
    { "where", "EXPR", "only items this is true of, as in\n"
      "'price < 50 and not brand in (a, b)'" },
    { "context", "NAME=VALUE", "of a visitor in this context, as in\n"
      "country=de: what is popular there; repeatable" },
    { "rank", "NAME", "rank the best by the bundle's logistic, mlp or trees" },
    RECS_CLI_CANDIDATES_OPTION,
    RECS_CLI_SLATE_OPTIONS,
    { "rules", "FILE", "with the pins, boosts and blocks of this file, as\n"
      "recs_rules of nginx" },
    { "slot", "NAME", "that are for this slot" },
    { "explain", NULL, "what each score is the sum of, and the rules that\n"
      "moved an item" },
    { "json", NULL, "one JSON object a line" },
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_recommend = {
    "recommend",
    "answer offline as the server would",
    "BUNDLE --user U | --users FILE [-k N] [--exclude none]\n"
    "    [--explain] [--json]\n"
    "BUNDLE --items A,B,C [-k N] [--json]\n"
    "BUNDLE --item A [-k N] [--json]\n"
    "BUNDLE --query TEXT [--user U] [-k N] [--json]",
    recs_cmd_recommend_options,
    1,
    1,
    recs_cmd_recommend_run,
    NULL
};


static void
recs_cmd_recommend_json(const recs_cmd_recommend_t *r,
    const recs_answer_t *answer)
{
    uint32_t                    i;
    const recs_answer_item_t   *item;

    printf("{");

    if (r->query.user.len > 0) {
        printf("\"user\":");
        recs_cli_put_json(stdout, r->query.user);
        printf(",");
    }

    printf("\"source\":\"%s\",", recs_source_name(answer->source));

    if (answer->reason != RECS_REASON_NONE) {
        printf("\"reason\":\"%s\",", recs_reason_name(answer->reason));
    }

    printf("\"items\":[");

    for (i = 0; i < answer->n; i++) {
        item = &answer->items[i];

        printf("%s{\"id\":", i > 0 ? "," : "");
        recs_cli_put_json(stdout, recs_record_id(
            recs_bundle_item_record(r->bundle, item->item)));
        printf(",\"score\":%.9g", item->score);

        if (item->source != answer->source) {
            printf(",\"source\":\"%s\"", recs_source_name(item->source));
        }

        if (r->explains) {
            printf(",\"explanation\":");
            recs_cli_explain_item_json(&r->explain, i);
        }

        printf("}");
    }

    printf("]");

    if (r->explains) {
        printf(",\"kept_out\":");
        recs_cli_explain_kept_out_json(&r->explain);
    }

    printf("}\n");
}


static void
recs_cmd_recommend_text(const recs_cmd_recommend_t *r,
    const recs_answer_t *answer)
{
    uint32_t                    i;
    recs_str_t                  record;
    const recs_answer_item_t   *item;

    if (r->query.user.len > 0) {
        printf("user ");
        recs_cli_put_text(stdout, r->query.user);
        printf(": ");
    }

    printf("%s%s%s\n", recs_source_name(answer->source),
           answer->reason != RECS_REASON_NONE ? ", because " : "",
           recs_reason_name(answer->reason));

    for (i = 0; i < answer->n; i++) {
        item = &answer->items[i];
        record = recs_bundle_item_record(r->bundle, item->item);

        printf("%5u  %-9s  %-13.9g  ", i + 1, recs_source_name(item->source),
               item->score);
        recs_cli_put_text(stdout, recs_record_id(record));

        if (r->title != RECS_COLUMN_NO) {
            printf("  ");
            recs_cli_put_text(stdout, recs_record_attribute(record,
                                                            r->title));
        }

        printf("\n");

        if (r->explains) {
            recs_cli_explain_item_text(&r->explain, i);
        }
    }

    if (r->explains) {
        recs_cli_explain_kept_out_text(&r->explain);
    }
}


static void
recs_cmd_recommend_answer(recs_cmd_recommend_t *r)
{
    recs_answer_t  answer;

    answer.items = r->items;
    recs_recommend(r->bundle, r->scratch, &r->query, &answer);

    if (r->explains) {
        recs_cli_explain(&r->explain, r->scratch, &r->query, &answer);
    }

    if (r->json) {
        recs_cmd_recommend_json(r, &answer);

    } else {
        recs_cmd_recommend_text(r, &answer);
    }
}


static recs_status_t
recs_cmd_recommend_users(recs_cmd_recommend_t *r, const char *path,
    recs_error_t *err)
{
    recs_input_t   input;
    recs_status_t  status;

    status = recs_input_open(&input, path, err);
    if (status != RECS_OK) {
        return status;
    }

    while ((status = recs_id_lines_next(&input, &r->query.user, err))
           == RECS_OK)
    {
        recs_cmd_recommend_answer(r);

        if (ferror(stdout)) {
            status = recs_error(err, RECS_IO, "cannot write to standard "
                                "output");
            break;
        }
    }

    recs_input_close(&input);

    return status == RECS_NOT_FOUND ? RECS_OK : status;
}


/* What the model does not know is left out, as the server does. */

static recs_status_t
recs_cmd_recommend_recent(recs_cmd_recommend_t *r, const char *list,
    recs_error_t *err)
{
    uint32_t    item;
    recs_str_t  id;

    r->recent = malloc((strlen(list) + 1) * sizeof(uint32_t));
    if (r->recent == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for --items");
    }

    r->query.recent = r->recent;

    for ( ;; list += id.len + 1) {
        id.data = list;
        id.len = strcspn(list, ",");

        if (!recs_id_valid(id.data, id.len)) {
            return recs_error(err, RECS_INVALID, "--items: \"%.*s\" is no "
                              "item id", id.len < 64 ? (int) id.len : 64,
                              id.data);
        }

        item = recs_bundle_item(r->bundle, id);

        if (item != RECS_ITEM_NO) {
            r->recent[r->query.n_recent++] = item;

        } else {
            fprintf(stderr, "recs recommend: the model has no item \"");
            recs_cli_put_text(stderr, id);
            fprintf(stderr, "\"; left out\n");
        }

        if (list[id.len] == '\0') {
            return RECS_OK;
        }
    }
}


static int
recs_cmd_recommend_id(const recs_args_t *args, const char *name,
    recs_str_t *id)
{
    const char  *value;

    value = recs_args_get(args, name);
    if (value == NULL) {
        return RECS_EXIT_OK;
    }

    id->data = value;
    id->len = strlen(value);

    if (!recs_id_valid(id->data, id->len)) {
        return recs_usage_error(args, "--%s wants an id: 1 to %d bytes of "
                                "UTF-8 without control characters", name,
                                RECS_ID_MAX);
    }

    return RECS_EXIT_OK;
}


static int
recs_cmd_recommend_strategy(recs_cmd_recommend_t *r)
{
    const char     *name;
    recs_source_t   rung;

    name = recs_args_get(r->args, "strategy");

    if (name == NULL) {
        if (recs_args_has(r->args, "user") || recs_args_has(r->args, "users"))
        {
            r->query.strategy = RECS_SOURCE_PERSONAL;

        } else if (recs_args_has(r->args, "items")) {
            r->query.strategy = RECS_SOURCE_SESSION;

        } else if (recs_args_has(r->args, "item")) {
            r->query.strategy = RECS_SOURCE_SIMILAR;

        } else if (r->query.asks) {
            r->query.strategy = RECS_SOURCE_PERSONAL;

        } else {
            return recs_usage_error(r->args, "--user, --users, --items, "
                                    "--item, --query or --strategy popular "
                                    "is missing");
        }

        return RECS_EXIT_OK;
    }

    for (rung = 0; rung < RECS_SOURCE_FALLBACK; rung++) {
        if (strcmp(name, recs_source_name(rung)) == 0) {
            r->query.strategy = rung;
            return RECS_EXIT_OK;
        }
    }

    return recs_usage_error(r->args, "--strategy is personal, session, "
                            "similar or popular, not \"%s\"", name);
}


static int
recs_cmd_recommend_exclude(recs_cmd_recommend_t *r)
{
    const char  *what;

    what = recs_args_get(r->args, "exclude");

    if (what == NULL) {
        r->query.exclude_seen = !r->query.asks
            && (r->query.strategy == RECS_SOURCE_PERSONAL
                || r->query.strategy == RECS_SOURCE_SESSION);

    } else if (strcmp(what, "seen") == 0) {
        r->query.exclude_seen = 1;

    } else if (strcmp(what, "none") != 0) {
        return recs_usage_error(r->args, "--exclude is seen or none, not "
                                "\"%s\"", what);
    }

    return RECS_EXIT_OK;
}


static int
recs_cmd_recommend_options_read(recs_cmd_recommend_t *r)
{
    int              rc;
    unsigned long    k;
    recs_cli_rank_t  rank;

    if (recs_args_has(r->args, "user") && recs_args_has(r->args, "users")) {
        return recs_usage_error(r->args, "--user and --users exclude each "
                                "other");
    }

    k = RECS_CMD_RECOMMEND_COUNT;

    if ((rc = recs_args_unsigned(r->args, "k", 1, RECS_COUNT_MAX, &k))
        != RECS_EXIT_OK
        || (rc = recs_cmd_recommend_id(r->args, "user", &r->query.user))
           != RECS_EXIT_OK
        || (rc = recs_cmd_recommend_id(r->args, "item", &r->query.item))
           != RECS_EXIT_OK
        || (rc = recs_cli_query(r->args, &r->query)) != RECS_EXIT_OK
        || (rc = recs_cmd_recommend_strategy(r)) != RECS_EXIT_OK
        || (rc = recs_cmd_recommend_exclude(r)) != RECS_EXIT_OK
        || (rc = recs_cli_filter_check(r->args)) != RECS_EXIT_OK
        || (rc = recs_cli_context_check(r->args)) != RECS_EXIT_OK
        || (rc = recs_cli_slate_check(r->args)) != RECS_EXIT_OK
        || (rc = recs_cli_rules_check(r->args)) != RECS_EXIT_OK
        || (rc = recs_cli_rank(r->args, &rank)) != RECS_EXIT_OK)
    {
        return rc;
    }

    r->query.count = (uint32_t) k;
    r->query.rank = rank.kind;
    r->query.candidates = rank.candidates;
    r->json = recs_args_has(r->args, "json");
    r->explains = recs_args_has(r->args, "explain");

    return RECS_EXIT_OK;
}


static recs_status_t
recs_cmd_recommend_open(recs_cmd_recommend_t *r, recs_error_t *err)
{
    recs_status_t             status;
    static const recs_str_t   title = { "title", sizeof("title") - 1 };

    status = recs_bundle_open(&r->bundle, recs_args_operand(r->args, 0), 0,
                              err);

    if (status == RECS_OK) {
        status = recs_rank_check(r->bundle, r->query.rank, err);
    }

    if (status == RECS_OK && r->query.asks) {
        status = recs_question_require(recs_bundle_view(r->bundle), err);
    }

    if (status == RECS_OK) {
        status = recs_scratch_create(&r->scratch, r->bundle, err);
    }

    if (status != RECS_OK) {
        return status;
    }

    r->items = malloc(RECS_COUNT_MAX * sizeof(recs_answer_item_t));
    if (r->items == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for the answers");
    }

    if (r->explains) {
        status = recs_cli_explain_create(&r->explain, r->bundle, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    r->title = recs_bundle_item_column(r->bundle, title);
    r->query.filter = &r->filter;
    r->query.segments = r->segments;
    r->query.n_segments = recs_cli_context(r->args, r->bundle, r->segments);
    r->query.contexts = r->contexts;
    r->query.n_contexts = recs_cli_contexts(r->args, r->contexts);

    status = recs_cli_slate(r->args, r->bundle, &r->query, r->limits, err);

    if (status == RECS_OK) {
        status = recs_cli_filter(r->args, r->bundle, &r->filter, err);
    }

    if (status == RECS_OK) {
        status = recs_cli_rules(r->args, r->bundle, &r->rules,
                                &r->query.rules, err);
    }

    return status == RECS_OK
           ? recs_cli_where(r->args, r->bundle, &r->filter, &r->where,
                            &r->query.filter, err)
           : status;
}


static int
recs_cmd_recommend_run(const recs_args_t *args)
{
    int                   rc;
    const char           *users, *items;
    recs_error_t          err;
    recs_status_t         status;
    recs_cmd_recommend_t  r;

    memset(&r, 0, sizeof(recs_cmd_recommend_t));
    r.args = args;

    rc = recs_cmd_recommend_options_read(&r);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    users = recs_args_get(args, "users");
    items = recs_args_get(args, "items");

    status = recs_cmd_recommend_open(&r, &err);

    if (status == RECS_OK && items != NULL) {
        status = recs_cmd_recommend_recent(&r, items, &err);
    }

    if (status == RECS_OK) {
        if (users != NULL) {
            status = recs_cmd_recommend_users(&r, users, &err);

        } else {
            recs_cmd_recommend_answer(&r);
        }
    }

    recs_cli_rules_free(&r.rules);
    recs_where_destroy(r.where);
    recs_filter_free(&r.filter);
    recs_cli_explain_destroy(&r.explain);
    recs_scratch_destroy(r.scratch);
    recs_bundle_close(r.bundle);
    free(r.items);
    free(r.recent);

    return status == RECS_OK ? RECS_EXIT_OK : recs_failure(args, &err);
}
