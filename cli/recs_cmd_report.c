/*
 * recs report: what experiments have shown, from event logs.
 */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recs_cli_report.h"
#include "recs_cmd_report_policy.h"
#include "recs_report_html.h"
#include "recs_timestamp.h"


static int recs_cmd_report_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_report_options[] = {
    RECS_CLI_REPORT_OPTIONS,
    { "control", "VARIANT", "what the others are compared with\n(control, "
      "holdout, else the first by name)" },
    { "alpha", "P", "chance of a false verdict (0.05)" },
    { "fixed", NULL, "intervals for one look at the end (always valid)" },
    { "correction", "holm|bh", "over metrics and variants (holm)" },
    { "cuped", "DAYS", "take out what visitors did in the days before" },
    { "segment", "FIELD", "a table for each slot, or context.NAME" },
    { "min-cell", "N", "visitors below which a segment is not told (50)" },
    { "min-conversions", "N", "visitors with an outcome before a verdict "
      "(150)" },
    { "min-days", "N", "days before a verdict (3)" },
    { "json", NULL, "one JSON object" },
    { "html", "FILE", "a page with plots, too" },
    RECS_CMD_REPORT_POLICY_OPTIONS,
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_report = {
    "report",
    "say what experiments have shown",
    "LOG... [--experiment NAME] [--metric NAME=KIND:EVENT ...] "
    "[--window TIME]\n"
    " [--control VARIANT] [--fixed] [--cuped DAYS] [--segment FIELD] [--json]\n"
    " [--html FILE]\n"
    "LOG... --policy uniform|FILE [--format events|open-bandit] "
    "[--window TIME] [--json]",
    recs_cmd_report_options,
    1,
    -1,
    recs_cmd_report_run,
    NULL
};


static int
recs_cmd_report_statistics(recs_report_options_t *options,
    const recs_args_t *args)
{
    const char  *text;

    text = recs_args_get(args, "alpha");

    if (text != NULL
        && (!recs_number_parse(text, strlen(text), &options->alpha)
            || !(options->alpha >= 1e-6 && options->alpha <= .5)))
    {
        return recs_usage_error(args, "--alpha wants a number between "
                                "0.000001 and 0.5");
    }

    text = recs_args_get(args, "correction");

    if (text != NULL && strcmp(text, "bh") == 0) {
        options->correction = RECS_CORRECTION_BH;

    } else if (text != NULL && strcmp(text, "holm") != 0) {
        return recs_usage_error(args, "--correction is holm or bh");
    }

    text = recs_args_get(args, "segment");

    if (text != NULL && strcmp(text, "slot") != 0
        && (strncmp(text, "context.", 8) != 0
            || !recs_name_valid(text + 8, strlen(text + 8))))
    {
        return recs_usage_error(args, "--segment is slot or context.NAME");
    }

    options->segment = text;
    options->control = recs_args_get(args, "control");
    options->fixed = recs_args_has(args, "fixed");

    return RECS_EXIT_OK;
}


static int
recs_cmd_report_numbers(recs_report_options_t *options,
    const recs_args_t *args)
{
    int            rc;
    unsigned long  days, cell, conversions, min_days;

    days = 0;
    cell = options->min_cell;
    conversions = options->min_conversions;
    min_days = options->min_days;

    rc = recs_args_unsigned(args, "cuped", 1, 365, &days);

    if (rc == RECS_EXIT_OK) {
        rc = recs_args_unsigned(args, "min-cell", 2, 1000000000, &cell);
    }

    if (rc == RECS_EXIT_OK) {
        rc = recs_args_unsigned(args, "min-conversions", 0, 1000000000,
                                &conversions);
    }

    if (rc == RECS_EXIT_OK) {
        rc = recs_args_unsigned(args, "min-days", 0, 365, &min_days);
    }

    options->cuped_ms = (int64_t) days * RECS_REPORT_DAY_MS;
    options->min_cell = (uint32_t) cell;
    options->min_conversions = (uint32_t) conversions;
    options->min_days = (uint32_t) min_days;

    return rc;
}


static int
recs_cmd_report_print(const recs_args_t *args, const recs_report_t *report)
{
    int            rc;
    json_t        *json;
    uint32_t       i;
    recs_error_t   err;

    if (recs_args_has(args, "json")) {
        json = recs_cli_report_json(report);

        if (json == NULL) {
            recs_error(&err, RECS_NOMEM, "no memory to print the report");
            return recs_failure(args, &err);
        }

        json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
        putchar('\n');
        json_decref(json);

    } else {
        recs_cli_report_text(report);
    }

    rc = RECS_EXIT_OK;

    for (i = 0; i < report->n_experiments; i++) {
        if (report->experiments[i].srm_broken) {
            rc = RECS_EXIT_REFUSED;
        }
    }

    return rc;
}


static int
recs_cmd_report_run(const recs_args_t *args)
{
    int                 rc;
    const char         *html;
    recs_error_t        err;
    recs_report_t      *report;
    recs_cli_report_t   cli;

    rc = recs_cli_report_init(&cli, args);

    if (rc == RECS_EXIT_OK) {
        rc = recs_cmd_report_statistics(&cli.options, args);
    }

    if (rc == RECS_EXIT_OK) {
        rc = recs_cmd_report_numbers(&cli.options, args);
    }

    if (rc != RECS_EXIT_OK) {
        goto done;
    }

    if (recs_args_has(args, "policy")) {
        rc = recs_cmd_report_policy(args, &cli);
        goto done;
    }

    if (recs_cli_report_run(&cli, &report, &err) != RECS_OK) {
        rc = recs_failure(args, &err);
        goto done;
    }

    rc = recs_cmd_report_print(args, report);
    html = recs_args_get(args, "html");

    if (html != NULL && recs_report_html(report, html, &err) != RECS_OK) {
        rc = recs_failure(args, &err);
    }

    recs_report_destroy(report);

done:

    recs_cli_report_free(&cli);

    return rc;
}
