/*
 * recs_cli_metrics: an evaluation's figures, as JSON and as a table.
 */

#ifndef _RECS_CLI_METRICS_H_INCLUDED_
#define _RECS_CLI_METRICS_H_INCLUDED_


#include <jansson.h>

#include "recs_evaluate.h"


/* An object with a member "recall_at_10" for each metric and cut-off. */
json_t *recs_cli_metrics(const recs_evaluation_t *evaluation);

/* On stdout: a line of names, and one for each cut-off. */
void recs_cli_put_metrics(const recs_evaluation_t *evaluation);


#endif /* _RECS_CLI_METRICS_H_INCLUDED_ */
