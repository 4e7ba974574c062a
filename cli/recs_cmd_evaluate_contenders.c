#include "recs_cmd_evaluate.h"

#include <stdlib.h>
#include <string.h>


static int recs_cmd_evaluate_named(recs_cmd_evaluate_t *e,
    recs_contender_t *c, const char *text);
static int recs_cmd_evaluate_setting(recs_cmd_evaluate_t *e,
    recs_contender_t *c, const char *setting);
static int recs_cmd_evaluate_all(recs_cmd_evaluate_t *e);
static recs_contender_t *recs_cmd_evaluate_next(recs_cmd_evaluate_t *e);
static uint32_t recs_cmd_evaluate_room(const recs_args_t *args);


int
recs_cmd_evaluate_contenders(recs_cmd_evaluate_t *e)
{
    int                compare, data, pos, rc;
    const char        *bundle, *text;
    recs_contender_t  *c;

    e->contenders = calloc(recs_cmd_evaluate_room(e->args),
                           sizeof(recs_contender_t));
    if (e->contenders == NULL) {
        return recs_no_memory(e->args);
    }

    bundle = recs_args_get(e->args, "bundle");
    compare = recs_args_has(e->args, "compare");
    e->compares = compare || recs_args_has(e->args, "html");

    data = recs_args_has(e->args, "data");

    if ((bundle != NULL && data) || (bundle == NULL && !data && !compare))
    {
        return recs_usage_error(e->args, "either --bundle or --data is "
                                "needed");
    }

    if (bundle != NULL || !compare || recs_args_has(e->args, "model")) {
        c = recs_cmd_evaluate_next(e);
        c->bundle = bundle != NULL ? strdup(bundle) : NULL;

        if (bundle != NULL && c->bundle == NULL) {
            return recs_no_memory(e->args);
        }

        rc = bundle != NULL ? RECS_EXIT_OK
                            : recs_cli_train_init(&c->train, e->args);
        if (rc != RECS_EXIT_OK) {
            return rc;
        }

        c->name = bundle != NULL ? bundle : c->train.trainer->name;
    }

    for (pos = 0; (text = recs_args_next(e->args, "compare", &pos)) != NULL; )
    {
        rc = strcmp(text, "all") == 0
             ? recs_cmd_evaluate_all(e)
             : recs_cmd_evaluate_named(e, recs_cmd_evaluate_next(e), text);
        if (rc != RECS_EXIT_OK) {
            return rc;
        }
    }

    if (compare && e->n_contenders < 2) {
        return recs_usage_error(e->args, "--compare wants two models at "
                                "least");
    }

    return RECS_EXIT_OK;
}


/* "ials", "ials,factors=128", "shop.mdb,rank=logistic". */

static int
recs_cmd_evaluate_named(recs_cmd_evaluate_t *e, recs_contender_t *c,
    const char *text)
{
    int    rc;
    char  *copy, *rest, *setting;

    copy = strdup(text);
    if (copy == NULL) {
        return recs_no_memory(e->args);
    }

    rest = copy;
    c->name = text;
    setting = strsep(&rest, ",");
    rc = RECS_EXIT_OK;

    if (recs_trainer_find(setting) != NULL) {
        rc = recs_cli_train_choose(&c->train, e->args, setting);

    } else {
        c->bundle = strdup(setting);
        rc = c->bundle != NULL ? RECS_EXIT_OK : recs_no_memory(e->args);
    }

    while (rc == RECS_EXIT_OK && (setting = strsep(&rest, ",")) != NULL) {
        rc = recs_cmd_evaluate_setting(e, c, setting);
    }

    free(copy);

    return rc;
}


static int
recs_cmd_evaluate_setting(recs_cmd_evaluate_t *e, recs_contender_t *c,
    const char *setting)
{
    recs_str_t    name;
    recs_error_t  err;

    if (strncmp(setting, "rank=", 5) == 0) {
        name.data = setting + 5;
        name.len = strlen(name.data);
        c->rank = recs_rank_find(name);

        return c->rank != RECS_RANK_COUNT ? RECS_EXIT_OK
               : recs_usage_error(e->args, "--compare %s: rank is none, "
                                  "logistic, mlp or trees", c->name);
    }

    if (c->bundle != NULL) {
        return recs_usage_error(e->args, "--compare %s: no model of that "
                                "name, and a bundle has no setting \"%s\"",
                                c->name, setting);
    }

    return recs_trainer_set(c->train.trainer, c->train.values, setting, &err)
           == RECS_OK ? RECS_EXIT_OK
                      : recs_usage_error(e->args, "--compare %s: %s",
                                         c->name, err.message);
}


/* Those that were not named before: one of them may be the first. */

static int
recs_cmd_evaluate_all(recs_cmd_evaluate_t *e)
{
    int                    rc;
    uint32_t               i, j, n;
    recs_contender_t      *c;
    const recs_trainer_t  *trainer;

    n = e->n_contenders;

    for (i = 0; (trainer = recs_trainer_at(i)) != NULL; i++) {
        for (j = 0;
             j < n && strcmp(e->contenders[j].name, trainer->name) != 0;
             j++)
        {
            /* void */
        }

        if (j < n) {
            continue;
        }

        c = recs_cmd_evaluate_next(e);
        c->name = trainer->name;
        c->any = 1;

        rc = recs_cli_train_choose(&c->train, e->args, trainer->name);
        if (rc != RECS_EXIT_OK) {
            return rc;
        }
    }

    return RECS_EXIT_OK;
}


/* As many as there can be: --model or --bundle, and each --compare. */

static uint32_t
recs_cmd_evaluate_room(const recs_args_t *args)
{
    int          pos;
    uint32_t     n, n_models;
    const char  *text;

    for (n_models = 0; recs_trainer_at(n_models) != NULL; n_models++) {
        /* void */
    }

    n = 1;

    for (pos = 0; (text = recs_args_next(args, "compare", &pos)) != NULL; ) {
        n += strcmp(text, "all") == 0 ? n_models : 1;
    }

    return n;
}


static recs_contender_t *
recs_cmd_evaluate_next(recs_cmd_evaluate_t *e)
{
    recs_contender_t  *c;

    c = &e->contenders[e->n_contenders++];
    c->rank = RECS_RANK_COUNT;

    return c;
}


void
recs_cmd_evaluate_free(recs_cmd_evaluate_t *e)
{
    uint32_t  i;

    for (i = 0; i < e->n_contenders; i++) {
        free(e->contenders[i].bundle);
        recs_evaluation_rows_free(&e->contenders[i].rows);
    }

    free(e->contenders);
    free(e->comparisons);
}
