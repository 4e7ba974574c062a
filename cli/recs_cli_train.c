#include "recs_cli_train.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>


#define RECS_CLI_HELP_WIDTH  52
#define RECS_CLI_NAMES_MAX   256


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


int
recs_cli_train_init(recs_cli_train_t *train, const recs_args_t *args)
{
    int            pos, rc;
    char           names[RECS_CLI_NAMES_MAX];
    const char    *name, *setting;
    recs_error_t   err;

    name = recs_args_get(args, "model");
    if (name == NULL) {
        return recs_usage_error(args, "--model is missing: %s",
                                recs_cli_train_names(names, sizeof(names)));
    }

    rc = recs_cli_train_choose(train, args, name);
    if (rc != RECS_EXIT_OK) {
        return rc;
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
}


recs_status_t
recs_cli_train_run(const recs_cli_train_t *train,
    const recs_dataset_t *dataset, recs_trained_t **trained,
    recs_error_t *err)
{
    recs_meter_t          *meter;
    recs_status_t          status;
    recs_train_options_t   options;

    meter = NULL;

    recs_cli_train_options(train, &options);
    options.progress = recs_cli_train_progress;
    options.progress_data = &meter;

    status = train->trainer->train(dataset, &options, trained, err);

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


void
recs_cli_train_help(void)
{
    uint32_t               i, p;
    const recs_param_t    *param;
    const recs_trainer_t  *trainer;

    for (i = 0; (trainer = recs_trainer_at(i)) != NULL; i++) {
        printf("\nmodel %s: %s\n", trainer->name, trainer->summary);

        for (p = 0; p < trainer->n_params; p++) {
            param = &trainer->params[p];
            printf("  %-25s ", param->name);
            recs_cli_train_wrap(param->help);
            printf("%28s%.9g to %.9g, default %.9g\n", "", param->min,
                   param->max, param->value);
        }
    }
}
