#include "recs_cmd_tune.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_file.h"


#define RECS_CMD_TUNE_VALUE  64


/* 1: of those that were looked for, or set. */

static int
recs_cmd_tune_told(const recs_cmd_tune_t *tune, uint32_t param)
{
    uint32_t  i;

    for (i = 0; i < tune->space.n_ranges; i++) {
        if (tune->space.ranges[i].param == param) {
            return 1;
        }
    }

    return tune->fixed[param];
}


static void
recs_cmd_tune_text(const recs_cmd_tune_t *tune, uint32_t best)
{
    char                   value[RECS_CMD_TUNE_VALUE];
    double                 first, quality;
    uint32_t               i;
    const recs_trainer_t  *trainer;

    trainer = tune->train.trainer;
    first = tune->trials[0].quality;
    quality = tune->trials[best].quality;

    printf("%s: %s@%lu %.4f, trial %u of %u; %.4f where nothing is set%s",
           trainer->name, recs_quality_name(tune->metric), tune->at, quality,
           best + 1, tune->n_trials, first, first > 0 ? "" : "\n");

    if (first > 0) {
        printf(", %+.1f %%\n", 100 * (quality - first) / first);
    }

    if (tune->space.n_ranges == 0) {
        fprintf(stderr, "recs tune: %s has nothing that is looked for by "
                "itself: name it with --search NAME=LO:HI\n", trainer->name);
        return;
    }

    for (i = 0; i < trainer->n_params; i++) {
        if (recs_cmd_tune_told(tune, i)) {
            recs_param_text(&trainer->params[i],
                            tune->trials[best].values[i], value,
                            sizeof(value));
            printf(" --set %s=%s", trainer->params[i].name, value);
        }
    }

    printf("\n");
}


static void
recs_cmd_tune_json(const recs_cmd_tune_t *tune, uint32_t best)
{
    double                 seconds;
    json_t                *settings, *object;
    uint32_t               i, failed;
    const recs_trainer_t  *trainer;

    trainer = tune->train.trainer;
    settings = json_object();

    for (i = 0; i < trainer->n_params; i++) {
        if (recs_cmd_tune_told(tune, i)) {
            json_object_set_new(settings, trainer->params[i].name,
                                json_real(tune->trials[best].values[i]));
        }
    }

    for (i = 0, failed = 0, seconds = 0; i < tune->n_trials; i++) {
        failed += !isfinite(tune->trials[i].quality);
        seconds += tune->trials[i].seconds;
    }

    object = json_pack("{s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:I, s:f, s:o}",
                       "model", trainer->name,
                       "metric", recs_quality_name(tune->metric),
                       "at", (json_int_t) tune->at,
                       "trials", (json_int_t) tune->n_trials,
                       "failed", (json_int_t) failed,
                       "seconds", seconds,
                       "first", tune->trials[0].quality,
                       "best", (json_int_t) best + 1,
                       "quality", tune->trials[best].quality,
                       "settings", settings);

    json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
    printf("\n");
    json_decref(object);
}


static recs_status_t
recs_cmd_tune_settings(const recs_cmd_tune_t *tune, uint32_t best,
    const char *path, recs_error_t *err)
{
    char                   text[RECS_PARAMS_MAX * 128 + 256];
    char                   value[RECS_CMD_TUNE_VALUE];
    size_t                 n;
    uint32_t               i;
    const recs_trainer_t  *trainer;

    trainer = tune->train.trainer;

    n = (size_t) snprintf(text, sizeof(text), "# recs tune: %s@%lu %.4f, "
                          "trial %u of %u\nmodel=%s\n",
                          recs_quality_name(tune->metric), tune->at,
                          tune->trials[best].quality, best + 1,
                          tune->n_trials, trainer->name);

    for (i = 0; i < trainer->n_params && n < sizeof(text); i++) {
        if (recs_cmd_tune_told(tune, i)) {
            recs_param_text(&trainer->params[i],
                            tune->trials[best].values[i], value,
                            sizeof(value));
            n += (size_t) snprintf(text + n, sizeof(text) - n, "%s=%s\n",
                                   trainer->params[i].name, value);
        }
    }

    return recs_file_put(path, text, strlen(text), err);
}


recs_status_t
recs_cmd_tune_tell(const recs_cmd_tune_t *tune, recs_error_t *err)
{
    uint32_t       best;
    const char    *path;
    recs_status_t  status;

    best = recs_tune_best(tune->trials, tune->n_trials);

    if (best == tune->n_trials) {
        return recs_error(err, RECS_INVALID, "none of %u trials could be "
                          "told apart from the others: no test user is known "
                          "to the model", tune->n_trials);
    }

    path = recs_args_get(tune->args, "o");

    if (path != NULL) {
        status = recs_cmd_tune_settings(tune, best, path, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    if (recs_args_has(tune->args, "json")) {
        recs_cmd_tune_json(tune, best);

    } else {
        recs_cmd_tune_text(tune, best);
    }

    return RECS_OK;
}
