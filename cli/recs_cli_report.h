/*
 * recs_cli_report: what `recs report` and `recs bandit` share: the options
 * that choose logs, metrics and windows, and reading with progress; and how
 * a report is printed.
 */

#ifndef _RECS_CLI_REPORT_H_INCLUDED_
#define _RECS_CLI_REPORT_H_INCLUDED_


#include <jansson.h>

#include "recs_cli.h"
#include "recs_report.h"


#define RECS_CLI_REPORT_OPTIONS                                               \
    { "experiment", "NAME", "this one alone (all)" },                         \
    { "metric", "NAME=KIND:EVENT", "what to compare (repeatable), as\n"       \
      "    clicks=event:click         share of visitors who clicked\n"       \
      "    clicks=count:click         clicks per visitor\n"                   \
      "    revenue=value:purchase     sum of values per visitor\n"           \
      "    ctr=ratio:click/exposure   clicks per exposure\n"                  \
      "and a \"-\" before the kind where less is better" },                   \
    { "window", "TIME", "what visitors do counts so long after their first "  \
      "exposure (7d)" },                                                      \
    { "unverified", NULL, "count events without a valid token, too" },        \
    { "threads", "N", "threads to use (one per processor)" },                 \
    { "quiet", NULL, "no progress" }


typedef struct {
    recs_report_options_t   options;      /* scan's paths are the operands */
    const char            **paths;
    int                     quiet;
    recs_meter_t           *meter;
} recs_cli_report_t;


/*
 * Reads the options above; returns RECS_EXIT_OK or, having printed why, USAGE.
 * To be freed in either case.
 */
int recs_cli_report_init(recs_cli_report_t *report, const recs_args_t *args);
void recs_cli_report_free(recs_cli_report_t *report);

/*
 * Progress of options.scan between the two: a meter that counts the bytes of
 * the logs.
 */
void recs_cli_report_begin(recs_cli_report_t *report);
void recs_cli_report_end(recs_cli_report_t *report);

/* recs_report_create() with a meter. */
recs_status_t recs_cli_report_run(recs_cli_report_t *cli,
    recs_report_t **report, recs_error_t *err);


/* For people, the verdict first. */
void recs_cli_report_text(const recs_report_t *report);

/* For machines; NULL: no memory. */
json_t *recs_cli_report_json(const recs_report_t *report);


#endif /* _RECS_CLI_REPORT_H_INCLUDED_ */
