/*
 * recs_cli_metrics: an evaluation's figures, as JSON and as tables.
 */

#ifndef _RECS_CLI_METRICS_H_INCLUDED_
#define _RECS_CLI_METRICS_H_INCLUDED_


#include <jansson.h>

#include "recs_evaluate.h"


/*
 * An object with a member "recall_at_10" for each metric and cut-off, "auc",
 * the same figures of the popular rung in "popular" and of parts of the users
 * in "parts".  What cannot be told is null.
 */
json_t *recs_cli_metrics(const recs_evaluation_t *evaluation);

/* Members as above: [lo, hi] of 95 %, by Student's t, of the folds' mean. */
json_t *recs_cli_metrics_interval(const recs_evaluation_t *mean,
    const recs_evaluation_t *error, uint32_t n_folds);

/* On stdout; error is of n_folds, or NULL. */
void recs_cli_put_metrics(const recs_evaluation_t *evaluation,
    const recs_evaluation_t *error, uint32_t n_folds);
void recs_cli_put_parts(const recs_evaluation_t *evaluation);

/* Of figure i (recs_figures_at()): "recall", and "recall_at_10". */
const char *recs_cli_figure_kind(uint32_t i);

#define RECS_CLI_FIGURE_NAME  64

void recs_cli_figure_name(char *name, const recs_evaluation_t *evaluation,
    uint32_t i);

/* The cut-off of a summary: number 20, or the first. */
uint32_t recs_cli_main_cutoff(const recs_evaluation_t *evaluation);


#endif /* _RECS_CLI_METRICS_H_INCLUDED_ */
