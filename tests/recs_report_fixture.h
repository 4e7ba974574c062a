/*
 * recs_report_fixture: a report as recs_report_create() makes them, out of
 * the air: for what shows reports.
 */

#ifndef _RECS_REPORT_FIXTURE_H_INCLUDED_
#define _RECS_REPORT_FIXTURE_H_INCLUDED_


#include "recs_report.h"


#define RECS_REPORT_FIXTURE_RESULTS  6
#define RECS_REPORT_FIXTURE_POINTS   28


/* Owns all that the report points to. */
typedef struct {
    recs_report_t             report;
    recs_report_experiment_t  experiment;
    recs_report_result_t      results[RECS_REPORT_FIXTURE_RESULTS];
    recs_report_point_t       points[RECS_REPORT_FIXTURE_POINTS];
    recs_report_result_t      point_results[RECS_REPORT_FIXTURE_POINTS]
                                           [RECS_REPORT_FIXTURE_RESULTS];
    recs_report_period_t      periods[2];
    recs_report_segment_t     segments[3];
    recs_report_result_t      segment_results[3][RECS_REPORT_FIXTURE_RESULTS];
} recs_report_fixture_t;


/*
 * Three variants over four weeks in three metrics: "deep" clicks 5 % more
 * than "control", with 95 % between 2 and 8; of "wide" nothing is known.
 */
void recs_report_fixture(recs_report_fixture_t *fixture);


#endif /* _RECS_REPORT_FIXTURE_H_INCLUDED_ */
