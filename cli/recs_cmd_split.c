/*
 * recs split: a dataset parted into what is trained on and a held-out test.
 */

#include "recs_cli.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "recs_file.h"
#include "recs_split.h"


static int recs_cmd_split_run(const recs_args_t *args);
static recs_status_t recs_cmd_split_do(const recs_args_t *args,
    const recs_split_params_t *params, recs_error_t *err);
static void recs_cmd_split_report(const recs_args_t *args,
    const recs_split_t *split);


static const recs_option_t  recs_cmd_split_options[] = {
    { "split", "RULE", "last=F: each user's last ceil(F*n), by time, are held"
      " out\ntime=F: all but the first floor(F*n), by time, are held out\n"
      "random=F: ceil(F*n) are held out, drawn evenly\n"
      "users=F: all of ceil(F*n) users, drawn evenly" },
    { "o", "TRAIN", "the dataset to train on; it keeps every user and item" },
    { "test", "FILE", "the held-out interactions, as csv" },
    { "seed", "N", "seed of random and users (1)" },
    { "json", NULL, "the counts as one JSON object" },
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_split = {
    "split",
    "hold part of a dataset out for testing",
    "DATASET --split last=0.2|time=0.8|random=0.1|users=0.1 -o TRAIN "
    "--test FILE",
    recs_cmd_split_options,
    1,
    1,
    recs_cmd_split_run,
    NULL
};


static int
recs_cmd_split_run(const recs_args_t *args)
{
    int                  i, rc;
    unsigned long        seed;
    recs_error_t         err;
    recs_split_params_t  params;

    static const char *const  required[] = { "split", "o", "test" };
    static const char *const  missing[] = {
        "--split RULE", "-o TRAIN", "--test FILE"
    };

    for (i = 0; i < 3; i++) {
        if (recs_args_get(args, required[i]) == NULL) {
            return recs_usage_error(args, "%s is missing", missing[i]);
        }
    }

    if (strcmp(recs_args_get(args, "o"), recs_args_get(args, "test")) == 0) {
        return recs_usage_error(args, "-o and --test name one file");
    }

    seed = 1;

    rc = recs_args_unsigned(args, "seed", 0, UINT32_MAX, &seed);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    if (recs_split_parse(&params, recs_args_get(args, "split"), &err)
        != RECS_OK)
    {
        return recs_usage_error(args, "%s", err.message);
    }

    params.seed = seed;

    if (recs_cmd_split_do(args, &params, &err) != RECS_OK) {
        return recs_failure(args, &err);
    }

    return RECS_EXIT_OK;
}


static recs_status_t
recs_cmd_split_do(const recs_args_t *args, const recs_split_params_t *params,
    recs_error_t *err)
{
    recs_split_t     split;
    recs_status_t    status;
    recs_dataset_t  *dataset;

    if ((status = recs_file_apart(recs_args_get(args, "o"),
                                  recs_args_operand(args, 0), err)) != RECS_OK
        || (status = recs_file_apart(recs_args_get(args, "test"),
                                     recs_args_operand(args, 0), err))
           != RECS_OK)
    {
        return status;
    }

    status = recs_dataset_open(&dataset, recs_args_operand(args, 0), err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_split(recs_dataset_view(dataset), params, &split, err);

    if (status == RECS_OK) {
        status = recs_split_write(&split, recs_args_get(args, "o"),
                                  recs_args_get(args, "test"), err);

        if (status == RECS_OK) {
            recs_cmd_split_report(args, &split);
        }

        recs_split_free(&split);
    }

    recs_dataset_close(dataset);

    return status;
}


static void
recs_cmd_split_report(const recs_args_t *args, const recs_split_t *split)
{
    json_t                     *object;
    const recs_dataset_view_t  *train, *test;

    train = recs_dataset_view(split->train);
    test = recs_dataset_view(split->test);

    if (!recs_args_has(args, "json")) {
        printf("%s: %" PRIu64 " interactions to train on\n",
               recs_args_get(args, "o"), train->n_interactions);
        printf("%s: %" PRIu64 " interactions of %" PRIu32 " users to test"
               " on\n", recs_args_get(args, "test"), test->n_interactions,
               split->n_test_users);

        if (split->n_dropped_users > 0) {
            printf("dropped: %" PRIu64 " interactions of %" PRIu32 " users"
                   " with nothing to train on\n", split->n_dropped,
                   split->n_dropped_users);
        }

        return;
    }

    object = json_pack("{s:I, s:I, s:I, s:I, s:I}",
                       "train", (json_int_t) train->n_interactions,
                       "test", (json_int_t) test->n_interactions,
                       "test_users", (json_int_t) split->n_test_users,
                       "dropped_users", (json_int_t) split->n_dropped_users,
                       "dropped", (json_int_t) split->n_dropped);

    json_dumpf(object, stdout, JSON_COMPACT);
    printf("\n");
    json_decref(object);
}
