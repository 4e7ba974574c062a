#include "recs_cli_train.h"
#include "recs_cli_settings.h"
#include "recs_cli_unnamed.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>


#define RECS_CLI_HELP_WIDTH  52
#define RECS_CLI_NAMES_MAX   256
#define RECS_CLI_RANKER_MAX  64


/* "a, b or c": the models there are. */
static const char *
recs_cli_train_names(char *buf, size_t size)
{
    int                    n;
    size_t                 used;
    uint32_t               i;
    const recs_trainer_t  *trainer;

    buf[0] = '\0';
    used = 0;

    for (i = 0; (trainer = recs_trainer_at(i)) != NULL; i++) {
        n = snprintf(buf + used, size - used, "%s%s",
                     i == 0 ? ""
                            : (recs_trainer_at(i + 1) ? ", " : " or "),
                     trainer->name);

        if (n < 0 || (size_t) n >= size - used) {
            break;
        }

        used += (size_t) n;
    }

    return buf;
}


int
recs_cli_train_choose(recs_cli_train_t *train, const recs_args_t *args,
    const char *name)
{
    int   rc;
    char  names[RECS_CLI_NAMES_MAX];

    memset(train, 0, sizeof(recs_cli_train_t));
    train->seed = 1;

    train->trainer = recs_trainer_find(name);
    if (train->trainer == NULL) {
        return recs_usage_error(args, "no model \"%s\": %s", name,
                                recs_cli_train_names(names, sizeof(names)));
    }

    recs_trainer_defaults(train->trainer, train->values);

    rc = recs_args_unsigned(args, "seed", 0, ULONG_MAX, &train->seed);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    return recs_args_unsigned(args, "threads", 1, 256, &train->n_threads);
}


/* The parameters of a file, then those of --set. */

static int
recs_cli_train_set(recs_cli_train_t *train, const recs_args_t *args,
    const recs_cli_settings_t *settings)
{
    int            pos;
    uint32_t       i;
    const char    *setting;
    recs_error_t   err;

    for (i = 0; i < settings->n; i++) {
        if (recs_trainer_set(train->trainer, train->values,
                             settings->lines[i], &err)
            != RECS_OK)
        {
            return recs_usage_error(args, "--settings: %s", err.message);
        }
    }

    for (pos = 0; (setting = recs_args_next(args, "set", &pos)) != NULL; ) {
        if (recs_trainer_set(train->trainer, train->values, setting, &err)
            != RECS_OK)
        {
            return recs_usage_error(args, "--set %s", err.message);
        }
    }

    return RECS_EXIT_OK;
}


int
recs_cli_train_init(recs_cli_train_t *train, const recs_args_t *args)
{
    int                   rc;
    char                  names[RECS_CLI_NAMES_MAX];
    const char           *name, *path;
    recs_error_t          err;
    recs_cli_settings_t   settings;

    memset(&settings, 0, sizeof(recs_cli_settings_t));
    path = recs_args_get(args, "settings");

    if (path != NULL
        && recs_cli_settings_read(&settings, path, &err) != RECS_OK)
    {
        return recs_failure(args, &err);
    }

    name = recs_args_get(args, "model");
    name = name != NULL ? name : settings.model;

    if (name == NULL) {
        rc = recs_usage_error(args, "--model is missing: %s",
                              recs_cli_train_names(names, sizeof(names)));

    } else if (settings.model != NULL && strcmp(name, settings.model) != 0) {
        rc = recs_usage_error(args, "--settings %s is of the model %.64s, "
                              "not %s", path, settings.model, name);

    } else {
        rc = recs_cli_train_choose(train, args, name);
    }

    if (rc == RECS_EXIT_OK) {
        rc = recs_cli_train_set(train, args, &settings);
    }

    recs_cli_settings_free(&settings);

    return rc;
}


/* One of --rank-set: of a ranker that is named, or of all that have it. */

static int
recs_cli_train_rank_set(recs_cli_train_t *train, const recs_args_t *args,
    const char *setting)
{
    char                  owner[64];
    size_t                len;
    uint32_t              i, n_set;
    recs_error_t          err;
    const char           *name;
    recs_rank_choice_t   *choice;

    n_set = 0;
    recs_error(&err, RECS_INVALID, "%.64s: no ranking model of --rank has it",
               setting);

    for (i = 0; i < train->n_rankers; i++) {
        choice = &train->rankers[i];
        len = strlen(choice->ranker->name);
        name = setting;

        if (strncmp(setting, choice->ranker->name, len) == 0
            && setting[len] == '.')
        {
            name = setting + len + 1;

        } else if (memchr(setting, '.', strcspn(setting, "=")) != NULL) {
            continue;
        }

        snprintf(owner, sizeof(owner), "ranking %s", choice->ranker->name);

        n_set += recs_params_set(owner, choice->ranker->params,
                                 choice->ranker->n_params, choice->values,
                                 name, &err)
                 == RECS_OK;
    }

    return n_set > 0 ? RECS_EXIT_OK
                     : recs_usage_error(args, "--rank-set %s", err.message);
}


static int
recs_cli_train_add_ranker(recs_cli_train_t *train, const recs_args_t *args,
    const char *name)
{
    uint32_t              i;
    recs_rank_choice_t   *choice;
    const recs_ranker_t  *ranker;

    ranker = recs_ranker_find(name);

    if (ranker == NULL || train->n_rankers == RECS_RANKERS_MAX) {
        return recs_usage_error(args, "no ranking model \"%s\": logistic, "
                                "mlp or trees", name);
    }

    for (i = 0; i < train->n_rankers; i++) {
        if (train->rankers[i].ranker == ranker) {
            return recs_usage_error(args, "--rank has %s twice", name);
        }
    }

    choice = &train->rankers[train->n_rankers++];
    choice->ranker = ranker;

    for (i = 0; i < ranker->n_params; i++) {
        choice->values[i] = ranker->params[i].value;
    }

    return RECS_EXIT_OK;
}


int
recs_cli_train_rank(recs_cli_train_t *train, const recs_args_t *args,
    const char *names)
{
    int          pos, rc;
    char         name[RECS_CLI_RANKER_MAX];
    size_t       len;
    const char  *setting;

    for ( /* void */ ; *names; names += len + (names[len] == ',')) {
        len = strcspn(names, ",");
        snprintf(name, sizeof(name), "%.*s", (int) len, names);

        if (strcmp(name, recs_rank_name(RECS_RANK_NONE)) == 0) {
            continue;
        }

        rc = recs_cli_train_add_ranker(train, args, name);
        if (rc != RECS_EXIT_OK) {
            return rc;
        }
    }

    for (pos = 0; (setting = recs_args_next(args, "rank-set", &pos)) != NULL;
         /* void */ )
    {
        rc = recs_cli_train_rank_set(train, args, setting);
        if (rc != RECS_EXIT_OK) {
            return rc;
        }
    }

    return RECS_EXIT_OK;
}


/* Epoch 0 opens a run: with validation there are two of them. */

static void
recs_cli_train_progress(void *data, const recs_progress_t *p)
{
    int             n;
    char            detail[128];
    recs_meter_t  **meter;

    meter = data;

    if (p->epoch == 0) {
        recs_meter_finish(*meter);
        *meter = recs_meter_start("training", p->n_epochs, "epochs");
        return;
    }

    n = 0;
    detail[0] = '\0';

    if (!isnan(p->loss)) {
        n = snprintf(detail, sizeof(detail), "loss %.6g", p->loss);
    }

    if (!isnan(p->metric)) {
        snprintf(detail + n, sizeof(detail) - (size_t) n,
                 "%svalidation NDCG@20 %.4f", n > 0 ? ", " : "", p->metric);
    }

    recs_meter_update(*meter, p->epoch, detail);
}


void
recs_cli_train_options(const recs_cli_train_t *train,
    recs_train_options_t *options)
{
    memset(options, 0, sizeof(recs_train_options_t));
    options->values = train->values;
    options->seed = train->seed;
    options->n_threads = (uint32_t) train->n_threads;
    options->checkpoint = train->checkpoint;
    options->item_vectors = train->item_vectors;
}


recs_status_t
recs_cli_train_run(const recs_cli_train_t *train,
    const recs_dataset_t *dataset, recs_trained_t **trained,
    recs_error_t *err)
{
    recs_meter_t          *meter;
    recs_status_t          status;
    recs_rank_train_t      rank;
    recs_train_options_t   options;

    meter = NULL;

    recs_cli_train_options(train, &options);
    options.progress = recs_cli_train_progress;
    options.progress_data = &meter;

    if (train->n_rankers == 0) {
        status = train->trainer->train(dataset, &options, trained, err);

    } else {
        rank.trainer = train->trainer;
        rank.options = &options;
        rank.choices = train->rankers;
        rank.n = train->n_rankers;
        rank.open = recs_cli_unnamed;

        status = recs_rank_train(&rank, dataset, trained, err);
    }

    recs_meter_finish(meter);

    return status;
}


/* Words of text from column 28 on, broken between words. */

static void
recs_cli_train_wrap(const char *text)
{
    size_t  len, column;

    column = 0;

    for ( /* void */ ; *text; text += len + (text[len] == ' ')) {
        len = strcspn(text, " ");

        if (column > 0 && column + 1 + len > RECS_CLI_HELP_WIDTH) {
            printf("\n%28s", "");
            column = 0;
        }

        column += (size_t) printf("%s%.*s", column > 0 ? " " : "", (int) len,
                                  text);
    }

    printf("\n");
}


static void
recs_cli_train_help_params(const recs_param_t *params, uint32_t n)
{
    char                 text[64];
    uint32_t             i;
    const recs_param_t  *param;

    for (i = 0; i < n; i++) {
        param = &params[i];
        recs_param_text(param, param->value, text, sizeof(text));

        printf("  %-25s ", param->name);
        recs_cli_train_wrap(param->help);

        if (param->integer == RECS_PARAM_CHOICE) {
            printf("%28sdefault %s\n", "", text);

        } else {
            printf("%28s%.9g to %.9g, default %s\n", "", param->min,
                   param->max, text);
        }
    }
}


void
recs_cli_train_help(void)
{
    uint32_t               i;
    const recs_ranker_t   *ranker;
    const recs_trainer_t  *trainer;

    for (i = 0; (trainer = recs_trainer_at(i)) != NULL; i++) {
        printf("\nmodel %s: %s\n", trainer->name, trainer->summary);
        recs_cli_train_help_params(trainer->params, trainer->n_params);
    }

    for (i = 0; (ranker = recs_ranker_at(i)) != NULL; i++) {
        printf("\nranking %s: %s\n", ranker->name, ranker->summary);
        recs_cli_train_help_params(ranker->params, ranker->n_params);
    }
}
