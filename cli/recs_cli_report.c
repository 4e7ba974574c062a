#include "recs_cli_report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>


static int
recs_cli_report_metrics(recs_report_options_t *options,
    const recs_args_t *args)
{
    int            pos;
    uint32_t       i;
    const char    *text;
    recs_error_t   err;

    pos = 0;

    while ((text = recs_args_next(args, "metric", &pos)) != NULL) {

        if (options->n_metrics == RECS_REPORT_METRICS_MAX) {
            return recs_usage_error(args, "at most %d metrics",
                                    RECS_REPORT_METRICS_MAX);
        }

        if (recs_report_metric_parse(&options->metrics[options->n_metrics],
                                     text, &err)
            != RECS_OK)
        {
            return recs_usage_error(args, "--metric: %s", err.message);
        }

        for (i = 0; i < options->n_metrics; i++) {
            if (strcmp(options->metrics[i].name,
                       options->metrics[options->n_metrics].name) == 0)
            {
                return recs_usage_error(args, "two metrics are named \"%s\"",
                                        options->metrics[i].name);
            }
        }

        options->n_metrics++;
    }

    return RECS_EXIT_OK;
}


static int
recs_cli_report_paths(recs_cli_report_t *report, const recs_args_t *args)
{
    int  i, n;

    n = recs_args_n_operands(args);
    report->paths = calloc((size_t) n + 1, sizeof(char *));

    if (report->paths == NULL) {
        return recs_usage_error(args, "out of memory");
    }

    for (i = 0; i < n; i++) {
        report->paths[i] = recs_args_operand(args, i);
    }

    report->options.scan.paths = report->paths;
    report->options.scan.n_paths = (uint32_t) n;

    return RECS_EXIT_OK;
}


int
recs_cli_report_init(recs_cli_report_t *report, const recs_args_t *args)
{
    int                     rc;
    const char             *folder;
    struct timespec         now;
    unsigned long           n_threads, seconds;
    recs_report_options_t  *options;

    memset(report, 0, sizeof(*report));
    report->quiet = recs_args_has(args, "quiet");

    options = &report->options;
    recs_report_defaults(options);
    options->experiment = recs_args_get(args, "experiment");

    folder = getenv("TMPDIR");
    if (folder != NULL && *folder != '\0') {
        options->folder = folder;
    }

    n_threads = 0;
    seconds = (unsigned long) (options->window_ms / 1000);

    rc = recs_args_unsigned(args, "threads", 1, 64, &n_threads);

    if (rc == RECS_EXIT_OK) {
        rc = recs_args_seconds(args, "window", &seconds);
    }

    if (rc == RECS_EXIT_OK) {
        rc = recs_cli_report_metrics(options, args);
    }

    if (rc == RECS_EXIT_OK) {
        rc = recs_cli_report_paths(report, args);
    }

    clock_gettime(CLOCK_REALTIME, &now);

    options->window_ms = (int64_t) seconds * 1000;
    options->scan.n_threads = (uint32_t) n_threads;
    options->scan.unverified = recs_args_has(args, "unverified");
    options->scan.now_ms = (int64_t) now.tv_sec * 1000;

    return rc;
}


void
recs_cli_report_free(recs_cli_report_t *report)
{
    free(report->paths);
}


static void
recs_cli_report_progress(void *data, uint64_t bytes, uint64_t total)
{
    recs_cli_report_t  *report;

    report = data;

    if (report->meter == NULL) {
        report->meter = recs_meter_start("reading", (double) total, "B");
    }

    recs_meter_update(report->meter, (double) bytes, NULL);
}


void
recs_cli_report_begin(recs_cli_report_t *report)
{
    if (!report->quiet) {
        report->options.scan.progress = recs_cli_report_progress;
        report->options.scan.progress_data = report;
    }
}


void
recs_cli_report_end(recs_cli_report_t *report)
{
    recs_meter_finish(report->meter);
    report->meter = NULL;
    report->options.scan.progress = NULL;
}


recs_status_t
recs_cli_report_run(recs_cli_report_t *cli, recs_report_t **report,
    recs_error_t *err)
{
    recs_status_t  status;

    recs_cli_report_begin(cli);
    status = recs_report_create(report, &cli->options, err);
    recs_cli_report_end(cli);

    return status;
}
