/*
 * recs_report_metric: what is counted per unit, and how units are compared.
 *
 *     event:click              a rate: the share of units that clicked
 *     count:click              a mean: clicks per unit
 *     value:purchase           a mean: the sum of the values per unit
 *     ratio:click/exposure     clicks per exposure (delta method: units stay
 *                              the units, however many exposures each had)
 *
 * An event is a name of the log; "exposure" means those of the experiment in
 * question.
 */

#ifndef _RECS_REPORT_METRIC_H_INCLUDED_
#define _RECS_REPORT_METRIC_H_INCLUDED_


#include <stdint.h>

#include "recs_id.h"
#include "recs_status.h"


#define RECS_REPORT_METRICS_MAX  16


typedef enum {
    RECS_METRIC_RATE,
    RECS_METRIC_COUNT,
    RECS_METRIC_VALUE,
    RECS_METRIC_RATIO
} recs_metric_kind_t;

typedef struct {
    char                name[RECS_ID_MAX + 1];
    recs_metric_kind_t  kind;
    char                event[RECS_ID_MAX + 1];
    char                per[RECS_ID_MAX + 1];       /* of a ratio */
    int                 lower;                      /* less is better */
} recs_report_metric_t;


/*
 * "NAME=KIND:EVENT" or "NAME=ratio:EVENT/EVENT"; a "-" before the kind: less
 * is better.  NAME: [a-z][a-z0-9_]{0,31}.
 */
recs_status_t recs_report_metric_parse(recs_report_metric_t *metric,
    const char *text, recs_error_t *err);

/* "event:click", as it is parsed, into text[2 * RECS_ID_MAX + 16]. */
void recs_report_metric_text(const recs_report_metric_t *metric, char *text);


#endif /* _RECS_REPORT_METRIC_H_INCLUDED_ */
