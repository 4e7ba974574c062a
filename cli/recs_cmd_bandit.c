/*
 * recs bandit: the arms of a bandit's next epoch, from its logs.
 */

#include "recs_bandit.h"
#include "recs_cli_report.h"
#include "recs_thompson.h"
#include "recs_timestamp.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>


/* An epoch lasts so long, at least. */
#define RECS_CMD_BANDIT_EPOCH_MS  3600000


typedef struct {
    const recs_args_t      *args;
    recs_cli_report_t       cli;
    recs_bandit_options_t   options;
    const char             *more[RECS_ARMS_MAX];
    const char             *path;
    char                    epoch[RECS_EPOCH_MAX + 1];
    recs_report_t          *report;               /* NULL: was not made */
    recs_bandit_t           bandit;
    char                    kept[RECS_ERROR_MAX];    /* why; "": written */
} recs_cmd_bandit_t;


static int recs_cmd_bandit_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_bandit_options[] = {
    RECS_CLI_REPORT_OPTIONS,
    { "o", "FILE", "where the arms are written, for recs_experiment's "
      "`bandit FILE`" },
    { "arm", "VARIANT", "an arm that the logs may not show yet (repeatable)" },
    { "floor", "P", "probability of each arm, at least (0.01)" },
    { "epoch", "TEXT", "name of the epoch (the hour, UTC): with another one "
      "visitors\nare drawn anew" },
    { "seed", "N", "seed of the draws (1)" },
    { "json", NULL, "one JSON object" },
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_bandit = {
    "bandit",
    "say how often each variant of a bandit is to be drawn",
    "LOG... --experiment NAME -o FILE [--metric NAME=KIND:EVENT] "
    "[--window TIME]\n"
    " [--arm VARIANT ...] [--floor P] [--epoch TEXT] [--seed N] [--json]",
    recs_cmd_bandit_options,
    1,
    -1,
    recs_cmd_bandit_run,
    NULL
};


/* "2026-11-24T20:00Z" */

static void
recs_cmd_bandit_epoch(int64_t time_ms, char *epoch)
{
    char  timestamp[20];

    recs_timestamp_format(time_ms, timestamp);
    snprintf(epoch, RECS_EPOCH_MAX + 1, "%.10sT%.2s:00Z", timestamp,
             timestamp + 11);
}


static int
recs_cmd_bandit_init(recs_cmd_bandit_t *b)
{
    int            rc, pos;
    const char    *text;
    unsigned long  seed;

    b->path = recs_args_get(b->args, "o");

    if (b->cli.options.experiment == NULL || b->path == NULL) {
        return recs_usage_error(b->args, "%s is missing",
                                b->path == NULL ? "-o FILE"
                                                : "--experiment NAME");
    }

    if (b->cli.options.n_metrics > 1) {
        return recs_usage_error(b->args, "arms compete in one --metric");
    }

    text = recs_args_get(b->args, "floor");
    b->options.floor = RECS_ARM_FLOOR;

    if (text != NULL
        && (!recs_number_parse(text, strlen(text), &b->options.floor)
            || !(b->options.floor >= RECS_ARM_FLOOR
                 && b->options.floor <= .5)))
    {
        return recs_usage_error(b->args, "--floor wants a number from %g to "
                                "0.5", RECS_ARM_FLOOR);
    }

    pos = 0;
    b->options.more = b->more;

    while ((text = recs_args_next(b->args, "arm", &pos)) != NULL) {
        if (b->options.n_more == RECS_ARMS_MAX) {
            return recs_usage_error(b->args, "at most %d arms",
                                    RECS_ARMS_MAX);
        }

        b->more[b->options.n_more++] = text;
    }

    text = recs_args_get(b->args, "epoch");
    recs_cmd_bandit_epoch(b->cli.options.scan.now_ms, b->epoch);

    if (text != NULL) {
        if (strlen(text) > RECS_EPOCH_MAX) {
            return recs_usage_error(b->args, "--epoch has at most %d bytes",
                                    RECS_EPOCH_MAX);
        }

        strcpy(b->epoch, text);
    }

    seed = 1;
    rc = recs_args_unsigned(b->args, "seed", 0, UINT32_MAX, &seed);
    b->options.seed = seed;

    return rc;
}


/* 1 where the file that is there began its epoch less than an hour ago. */

static int
recs_cmd_bandit_young(recs_cmd_bandit_t *b)
{
    int64_t      age_ms;
    struct stat  st;

    if (stat(b->path, &st) == -1) {
        return 0;
    }

    age_ms = b->cli.options.scan.now_ms - (int64_t) st.st_mtime * 1000;

    if (age_ms < 0 || age_ms >= RECS_CMD_BANDIT_EPOCH_MS) {
        return 0;
    }

    snprintf(b->kept, sizeof(b->kept), "its epoch began %d minutes ago, and "
             "lasts an hour at least", (int) (age_ms / 60000));

    return 1;
}


/*
 * Where the logs say nothing, the arms stay as they are: a pause in the logs
 * must not throw away what was learnt.
 */

static recs_status_t
recs_cmd_bandit_do(recs_cmd_bandit_t *b, recs_error_t *err)
{
    recs_status_t           status;
    recs_report_options_t  *options;

    if (recs_cmd_bandit_young(b)) {
        return RECS_OK;
    }

    options = &b->cli.options;
    options->per_variant = 1;

    if (options->n_metrics == 0) {
        status = recs_report_metric_parse(&options->metrics[0],
                                          "clicks=event:click", err);
        if (status != RECS_OK) {
            return status;
        }

        options->n_metrics = 1;
    }

    status = recs_cli_report_run(&b->cli, &b->report, err);

    if (status == RECS_OK) {
        status = recs_bandit_choose(&b->bandit, b->report,
                                    &b->report->experiments[0], &b->options,
                                    err);
    }

    if (status == RECS_NOT_FOUND) {
        memcpy(b->kept, err->message, sizeof(b->kept));
        return RECS_OK;
    }

    return status == RECS_OK
           ? recs_bandit_write(&b->bandit, b->epoch, b->path, err) : status;
}


static void
recs_cmd_bandit_json(const recs_cmd_bandit_t *b)
{
    json_t                   *object, *arms;
    unsigned                  i;
    const recs_bandit_arm_t  *arm;

    object = json_pack("{s:s, s:b}", "experiment",
                       b->cli.options.experiment, "written",
                       b->kept[0] == '\0');

    if (b->kept[0] != '\0') {
        json_object_set_new(object, "reason", json_string(b->kept));

    } else {
        arms = json_array();

        for (i = 0; i < b->bandit.n; i++) {
            arm = &b->bandit.arms[i];

            json_array_append_new(arms,
                json_pack("{s:s, s:I, s:f, s:f, s:f}", "variant", arm->name,
                          "units", (json_int_t) arm->n, "mean", arm->mean,
                          "best", arm->best, "probability",
                          arm->steps / (double) RECS_THOMPSON_STEPS));
        }

        json_object_set_new(object, "epoch", json_string(b->epoch));
        json_object_set_new(object, "arms", arms);
    }

    json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
    printf("\n");
    json_decref(object);
}


static void
recs_cmd_bandit_text(const recs_cmd_bandit_t *b)
{
    unsigned                  i;
    const recs_bandit_arm_t  *arm;

    if (b->kept[0] != '\0') {
        printf("%s is left as it is: %s\n", b->path, b->kept);
        return;
    }

    printf("%s: experiment %s, epoch %s\n\n%-24s %10s %12s %8s %8s\n",
           b->path, b->bandit.experiment, b->epoch, "variant", "visitors",
           b->report->options.metrics[0].name, "best", "drawn");

    for (i = 0; i < b->bandit.n; i++) {
        arm = &b->bandit.arms[i];

        printf("%-24s %10llu %12.6g %8.4f %8.4f\n", arm->name,
               (unsigned long long) arm->n, arm->mean, arm->best,
               arm->steps / (double) RECS_THOMPSON_STEPS);
    }
}


static int
recs_cmd_bandit_run(const recs_args_t *args)
{
    int                rc;
    recs_error_t       err;
    recs_cmd_bandit_t  b;

    memset(&b, 0, sizeof(recs_cmd_bandit_t));
    b.args = args;

    rc = recs_cli_report_init(&b.cli, args);

    if (rc == RECS_EXIT_OK) {
        rc = recs_cmd_bandit_init(&b);
    }

    if (rc == RECS_EXIT_OK && recs_cmd_bandit_do(&b, &err) != RECS_OK) {
        rc = recs_failure(args, &err);

    } else if (rc == RECS_EXIT_OK && recs_args_has(args, "json")) {
        recs_cmd_bandit_json(&b);

    } else if (rc == RECS_EXIT_OK) {
        recs_cmd_bandit_text(&b);
    }

    recs_report_destroy(b.report);
    recs_cli_report_free(&b.cli);

    return rc;
}
