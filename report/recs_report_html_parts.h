/*
 * recs_report_html_parts: the parts of an experiment's page; private to
 * recs_report_html.c.
 */

#ifndef _RECS_REPORT_HTML_PARTS_H_INCLUDED_
#define _RECS_REPORT_HTML_PARTS_H_INCLUDED_


#include <stdio.h>

#include "recs_report.h"


typedef struct {
    FILE                            *out;
    const recs_report_t             *report;
    const recs_report_experiment_t  *experiment;
    unsigned                         number;      /* of the experiment */
} recs_report_part_t;


/* What to make of it, in words: a headline, a sentence, what to do. */
void recs_report_html_verdict(const recs_report_part_t *part);

/* Each metric of each treatment. */
void recs_report_html_results(const recs_report_part_t *part);
void recs_report_html_segments(const recs_report_part_t *part);

/* Lift and gain over time. */
void recs_report_html_plots(const recs_report_part_t *part);

/* Who got what, and whether that was the plan; what was left out. */
void recs_report_html_split(const recs_report_part_t *part);


/* "share of visitors with click" into text[RECS_REPORT_METRIC_WORDS]. */
#define RECS_REPORT_METRIC_WORDS  (2 * RECS_ID_MAX + 64)

void recs_report_metric_words(const recs_report_metric_t *metric, char *text);

/* A metric's value, "10.4 %" or "12.34", into text[RECS_REPORT_NUMBER]. */
void recs_report_metric_value(const recs_report_metric_t *metric,
    double value, char *text);

/* "good", "bad", "open" or "held": the class of a verdict's colour. */
const char *recs_report_verdict_class(recs_verdict_t verdict);

/* The interval's confidence, "95 %", into text[RECS_REPORT_NUMBER]. */
void recs_report_confidence(const recs_report_t *report, char *text);


#endif /* _RECS_REPORT_HTML_PARTS_H_INCLUDED_ */
