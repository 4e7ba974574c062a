/*
 * recs train: a dataset into a bundle.
 */

#include "recs_cli_train.h"
#include "recs_cli_vectors.h"
#include "recs_file.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>


#define RECS_CMD_TRAIN_EVERY  60          /* seconds */


static int recs_cmd_train_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_train_options[] = {
    RECS_CLI_TRAIN_OPTIONS,
    { "rank", "NAME[,NAME]", "ranking models beside it" },
    RECS_CLI_RANK_SET_OPTION,
    { "data", "DATASET", "what recs import or recs split has written" },
    { "o", "BUNDLE", "the file to write" },
    { "checkpoint", "FILE", "keep there what training has come to; the same\n"
      "command goes on from it" },
    { "checkpoint-every", "SECONDS", "write it at most so often (60); 0:\n"
      "after every epoch" },
    RECS_CLI_VECTORS_OPTIONS,
    { "json", NULL, "the summary as one JSON object" },
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_train = {
    "train",
    "train a model and write it as a bundle",
    "--model NAME --data DATASET -o BUNDLE [--set NAME=VALUE ...]\n"
    "  [--checkpoint FILE]",
    recs_cmd_train_options,
    0,
    0,
    recs_cmd_train_run,
    recs_cli_train_help
};


static double
recs_cmd_train_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (double) ts.tv_sec + (double) ts.tv_nsec * 1e-9;
}


/* A number where the text is one that JSON can hold, else the text. */

static json_t *
recs_cmd_train_value(const char *text)
{
    char    *end;
    double   value;

    value = strtod(text, &end);

    if (*end != '\0' || !isfinite(value)) {
        return json_string(text);
    }

    if (value != floor(value)) {
        return json_real(value);
    }

    return fabs(value) < 0x1p53 ? json_integer((json_int_t) value)
                                : json_string(text);
}


static json_t *
recs_cmd_train_pairs(const recs_pair_t *pairs, uint32_t n)
{
    json_t    *object;
    uint32_t   i;

    object = json_object();

    for (i = 0; i < n; i++) {
        json_object_set_new(object, pairs[i].name,
                            recs_cmd_train_value(pairs[i].value));
    }

    return object;
}


static void
recs_cmd_train_json(const recs_model_t *model, const char *path,
    double seconds)
{
    json_t  *summary;

    summary = json_pack("{s:s, s:s, s:I, s:I, s:I, s:f, s:o, s:o}",
                        "bundle", path,
                        "algorithm", model->algorithm,
                        "users", (json_int_t) model->users.n,
                        "items", (json_int_t) model->items.n,
                        "factors", (json_int_t) model->n_factors,
                        "seconds", seconds,
                        "params", recs_cmd_train_pairs(model->params,
                                                       model->n_params),
                        "notes", recs_cmd_train_pairs(model->notes,
                                                      model->n_notes));

    json_dumpf(summary, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
    printf("\n");
    json_decref(summary);
}


static void
recs_cmd_train_text(const recs_model_t *model, const char *path,
    double seconds)
{
    uint32_t  i;

    printf("%s: %s, %u users, %u items, %u factors, %.2f s\n", path,
           model->algorithm, model->users.n, model->items.n,
           model->n_factors, seconds);

    for (i = 0; i < model->n_params; i++) {
        printf("  %s %s\n", model->params[i].name, model->params[i].value);
    }

    for (i = 0; i < model->n_notes; i++) {
        printf("  %s %s\n", model->notes[i].name, model->notes[i].value);
    }
}


static recs_status_t
recs_cmd_train_checkpoint(const recs_args_t *args, unsigned long every,
    const recs_dataset_t *dataset, recs_cli_train_t *train, recs_error_t *err)
{
    const char            *path;
    recs_train_options_t   options;

    path = recs_args_get(args, "checkpoint");

    if (path == NULL) {
        return RECS_OK;
    }

    recs_cli_train_options(train, &options);

    return recs_checkpoint_open(&train->checkpoint, path, (double) every,
                                dataset, train->trainer, &options, err);
}


static recs_status_t
recs_cmd_train_trained(const recs_args_t *args, unsigned long every,
    const recs_dataset_t *dataset, recs_cli_train_t *train,
    recs_trained_t **trained, recs_error_t *err)
{
    recs_status_t       status;
    recs_cli_vectors_t  vectors;

    memset(&vectors, 0, sizeof(recs_cli_vectors_t));

    status = recs_cli_vectors_read(&vectors, args, &train->item_vectors, err);

    if (status == RECS_OK) {
        status = recs_cmd_train_checkpoint(args, every, dataset, train, err);
    }

    if (status == RECS_OK) {
        status = recs_cli_train_run(train, dataset, trained, err);
    }

    recs_cli_vectors_free(&vectors);

    return status;
}


static int
recs_cmd_train_run(const recs_args_t *args)
{
    int                rc;
    double             start, seconds;
    const char        *data, *path, *names;
    recs_error_t       err;
    unsigned long      every;
    recs_dataset_t    *dataset;
    recs_trained_t    *trained;
    recs_cli_train_t   train;

    start = recs_cmd_train_now();

    data = recs_args_get(args, "data");
    if (data == NULL) {
        return recs_usage_error(args, "--data is missing: the dataset to "
                                "train on");
    }

    path = recs_args_get(args, "o");
    if (path == NULL) {
        return recs_usage_error(args, "-o is missing: the bundle to write");
    }

    if ((rc = recs_cli_train_init(&train, args)) != RECS_EXIT_OK
        || (rc = recs_cli_vectors_check(args, train.trainer)) != RECS_EXIT_OK)
    {
        return rc;
    }

    names = recs_args_get(args, "rank");
    rc = recs_cli_train_rank(&train, args, names != NULL ? names : "none");
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    every = RECS_CMD_TRAIN_EVERY;

    rc = recs_args_unsigned(args, "checkpoint-every", 0, 1000000, &every);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    if (recs_dataset_open(&dataset, data, &err) != RECS_OK) {
        return recs_failure(args, &err);
    }

    if (recs_cmd_train_trained(args, every, dataset, &train, &trained, &err)
        != RECS_OK)
    {
        recs_checkpoint_close(train.checkpoint);
        recs_dataset_close(dataset);
        return recs_failure(args, &err);
    }

    /* Only then: a kill until here costs no epoch. */

    if (recs_model_write(&trained->model, path, &err) != RECS_OK
        || recs_checkpoint_remove(train.checkpoint, &err) != RECS_OK)
    {
        rc = recs_failure(args, &err);
        goto done;
    }

    seconds = recs_cmd_train_now() - start;

    if (recs_args_has(args, "json")) {
        recs_cmd_train_json(&trained->model, path, seconds);

    } else {
        recs_cmd_train_text(&trained->model, path, seconds);
    }

    rc = RECS_EXIT_OK;

done:

    recs_checkpoint_close(train.checkpoint);
    trained->destroy(trained);
    recs_dataset_close(dataset);

    return rc;
}
