/*
 * recs_cmd_report_policy: `recs report --policy`, a form of its own.
 */

#ifndef _RECS_CMD_REPORT_POLICY_H_INCLUDED_
#define _RECS_CMD_REPORT_POLICY_H_INCLUDED_


#include "recs_cli_report.h"


/* Rows of the report's table of options. */
#define RECS_CMD_REPORT_POLICY_OPTIONS                                        \
    { "policy", "uniform|FILE", "what this policy would have earned in the "  \
      "logs: uniform\nover a slot's items, or of a file's lines\n"            \
      "ITEM PROBABILITY [POSITION [SLOT]]" },                                 \
    { "format", "FORMAT", "... in events (default) or in open-bandit csv" }


/*
 * Of the options: logs, window and alpha.  Returns the exit status, which is
 * RECS_EXIT_REFUSED where the estimate is not to be used.
 */
int recs_cmd_report_policy(const recs_args_t *args, recs_cli_report_t *cli);


#endif /* _RECS_CMD_REPORT_POLICY_H_INCLUDED_ */
