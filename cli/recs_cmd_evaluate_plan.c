#include "recs_cmd_evaluate.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>


static int
recs_cmd_evaluate_cutoffs(recs_cmd_evaluate_t *e)
{
    char           *end;
    const char     *list;
    unsigned long   k;

    list = recs_args_get(e->args, "at");
    list = list != NULL ? list : "10,20,50";

    for ( ;; ) {
        k = *list >= '0' && *list <= '9' ? strtoul(list, &end, 10) : 0;

        if (k == 0 || k > 1000 || (*end != ',' && *end != '\0')
            || e->n_at == RECS_EVALUATE_AT_MAX)
        {
            return recs_usage_error(e->args, "--at wants up to %d numbers "
                                    "between 1 and 1000, as 10,20,50",
                                    RECS_EVALUATE_AT_MAX);
        }

        e->at[e->n_at++] = (uint32_t) k;

        if (*end == '\0') {
            return RECS_EXIT_OK;
        }

        list = end + 1;
    }
}


static int
recs_cmd_evaluate_parse_split(recs_cmd_evaluate_t *e)
{
    int                   rc;
    char                 *end;
    const char           *text;
    unsigned long         k, seed;
    recs_error_t          err;
    recs_split_params_t  *params;

    params = &e->split;
    text = recs_args_get(e->args, "split");
    text = text != NULL ? text : "last";

    if (strncmp(text, "folds=", 6) == 0) {
        k = text[6] >= '0' && text[6] <= '9' ? strtoul(text + 6, &end, 10)
                                             : 0;

        if (k < 2 || k > RECS_CMD_EVALUATE_FOLDS_MAX || *end != '\0') {
            return recs_usage_error(e->args, "--split folds=K wants a K "
                                    "between 2 and %d",
                                    RECS_CMD_EVALUATE_FOLDS_MAX);
        }

        memset(params, 0, sizeof(recs_split_params_t));
        params->kind = RECS_SPLIT_FOLD;
        params->n_folds = (uint32_t) k;
        e->n_folds = (uint32_t) k;

    } else if (recs_split_parse(params, text, &err) != RECS_OK) {
        return recs_usage_error(e->args, "--split: %s, or folds=K",
                                err.message);
    }

    seed = 1;

    rc = recs_args_unsigned(e->args, "seed", 0, ULONG_MAX, &seed);
    params->seed = seed;

    return rc;
}


/* --hidden and --known. */

static int
recs_cmd_evaluate_parse_hidden(recs_cmd_evaluate_t *e)
{
    char        *end;
    const char  *share;

    share = recs_args_get(e->args, "hidden");

    if (share == NULL) {
        return recs_args_has(e->args, "known")
               ? recs_usage_error(e->args, "--known goes with --hidden")
               : RECS_EXIT_OK;
    }

    e->hidden = strtod(share, &end);

    if (end == share || *end != '\0' || !(e->hidden > 0 && e->hidden < 1)) {
        return recs_usage_error(e->args, "--hidden wants a share between 0 "
                                "and 1, as 0.1");
    }

    if (!recs_args_has(e->args, "data") || e->n_folds > 0 || e->compares) {
        return recs_usage_error(e->args, "--hidden needs --data and a split "
                                "other than folds=K, and does not go "
                                "with --compare or --html");
    }

    return recs_args_unsigned(e->args, "known", 1, 1000000, &e->n_known);
}


/* What is held out, and of what; each contender ranks as --rank says. */

static int
recs_cmd_evaluate_parse_source(recs_cmd_evaluate_t *e)
{
    int       data, test, rc;
    uint32_t  i;

    data = recs_args_has(e->args, "data");
    test = recs_args_has(e->args, "test");

    for (i = 0; i < e->n_contenders; i++) {
        if (e->contenders[i].bundle != NULL && !test) {
            return recs_usage_error(e->args, "--test is missing: what was "
                                    "held out from training %s",
                                    e->contenders[i].name);
        }

        if (e->contenders[i].bundle == NULL && !data) {
            return recs_usage_error(e->args, "--data is missing: what to "
                                    "train %s on", e->contenders[i].name);
        }

        if (e->contenders[i].rank == RECS_RANK_COUNT) {
            e->contenders[i].rank = e->rank.kind;
        }

        if (e->contenders[i].bundle == NULL) {
            rc = recs_cli_train_rank(&e->contenders[i].train, e->args,
                                     recs_rank_name(e->contenders[i].rank));
            if (rc != RECS_EXIT_OK) {
                return rc;
            }
        }
    }

    if (e->compares && e->n_folds > 0) {
        return recs_usage_error(e->args, "--compare and --html do not go "
                                "with --split folds=K");
    }

    return RECS_EXIT_OK;
}


int
recs_cmd_evaluate_plan(recs_cmd_evaluate_t *e)
{
    int  rc;

    if (recs_args_has(e->args, "test") && recs_args_has(e->args, "split")) {
        return recs_usage_error(e->args, "--test and --split exclude each "
                                "other");
    }

    rc = recs_cmd_evaluate_cutoffs(e);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    rc = recs_args_unsigned(e->args, "threads", 1, 256, &e->n_threads);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    rc = recs_cli_rank(e->args, &e->rank);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    rc = recs_cmd_evaluate_parse_split(e);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    rc = recs_cmd_evaluate_parse_source(e);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    return recs_cmd_evaluate_parse_hidden(e);
}
