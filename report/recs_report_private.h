/*
 * recs_report_private: how a report is made, file by file.
 *
 *     recs_report_read.c       logs -> units and outcomes
 *     recs_report_periods.c    units -> periods of equal weights
 *     recs_report_join.c       outcomes -> sums of units, day by day
 *     recs_report_measure.c    sums -> moments of variants
 *     recs_report_compare.c    moments -> results
 *     recs_report_judge.c      results -> verdicts
 */

#ifndef _RECS_REPORT_PRIVATE_H_INCLUDED_
#define _RECS_REPORT_PRIVATE_H_INCLUDED_


#include "recs_id_map.h"
#include "recs_outcomes.h"
#include "recs_report.h"
#include "recs_unit_table.h"


#define RECS_REPORT_EVENTS_MAX    (2 * RECS_REPORT_METRICS_MAX)

/* Numbers of segments. */
#define RECS_REPORT_SEGMENT_NONE   0      /* the exposure has no such field */
#define RECS_REPORT_SEGMENT_OTHER  1
#define RECS_REPORT_SEGMENT_FIRST  2

/* An outcome of whichever experiment. */
#define RECS_REPORT_ALL            UINT8_MAX


/* A metric over the units of a variant, in a period. */
typedef struct {
    recs_pair_moments_t  moments;
    uint64_t             n_conversions;
} recs_report_cell_t;

/* An experiment while it is read and joined. */
typedef struct {
    char               *name;
    size_t              name_len;
    char               *variants[RECS_REPORT_VARIANTS_MAX];
    size_t              variant_lens[RECS_REPORT_VARIANTS_MAX];
    uint32_t            n_variants;
    uint64_t            exposures[RECS_REPORT_VARIANTS_MAX];
    uint64_t            n_no_user;

    recs_id_map_t      *segments;         /* values; NULL: none are asked for */
    recs_unit_table_t   table;

    double             *sums;             /* [table.n][n_sums] */
    recs_report_cell_t *cells;            /* [n_periods][n_variants]
                                             [n_metrics] */
    int64_t             end_ms;           /* no outcome counts after it */
    int64_t             next_ms;          /* the next point's time */
    int64_t             step_ms;

    recs_report_experiment_t  *out;
} recs_report_work_t;

/* Where the sums of a metric stand in a unit's. */
typedef struct {
    uint32_t  y;
    uint32_t  x;                          /* n_sums: there is none */
    uint8_t   event;                      /* number in events, of y */
    uint8_t   per;                        /* ... of x, for ratios */
} recs_report_place_t;

/* A report in the making. */
typedef struct {
    recs_report_t        *report;
    uint64_t              seed;

    recs_report_work_t   *work;           /* [RECS_REPORT_EXPERIMENTS_MAX] */
    uint32_t              n_work;
    uint32_t              last;           /* experiment of the last exposure */

    recs_str_t            events[RECS_REPORT_EVENTS_MAX];
    uint64_t              event_counts[RECS_REPORT_EVENTS_MAX];
    uint8_t               event_values[RECS_REPORT_EVENTS_MAX];
                                          /* 1: a metric sums their values */
    uint32_t              n_events;
    recs_outcomes_t      *outcomes;
    int64_t               last_outcome_ms;

    recs_report_place_t   places[RECS_REPORT_METRICS_MAX];
    uint32_t              n_sums;
} recs_report_making_t;


/* Logs to work[] and outcomes; n_outcomes and counts of the report. */
recs_status_t recs_report_read(recs_report_making_t *making,
    recs_error_t *err);

/* The key of a user (hash) in a variant: the user's own, or one for each. */
uint64_t recs_report_unit_key(const recs_report_making_t *making,
    uint64_t unit, const char *variant, size_t len);

/*
 * Puts each unit of work that counts into a period, and tests the sample
 * ratio; work->out's units, periods and srm.
 */
recs_status_t recs_report_periods(recs_report_work_t *work,
    recs_error_t *err);

/* Whether the unit is compared at all. */
int recs_report_unit_counts(const recs_unit_t *unit);

/* Outcomes to sums; points, results and segments on the way and at the end. */
recs_status_t recs_report_join(recs_report_making_t *making,
    recs_error_t *err);

/*
 * Cells [n_periods][n_variants][n_metrics] of the units that were exposed
 * before end_ms and are of segment (-1: of any), and their number per variant.
 */
recs_status_t recs_report_measure(const recs_report_making_t *making,
    const recs_report_work_t *work, int64_t end_ms, int32_t segment,
    recs_report_cell_t *cells, uint64_t *units, recs_error_t *err);

size_t recs_report_n_cells(const recs_report_making_t *making,
    const recs_report_work_t *work);

/* Results [n_results] of cells, without verdicts. */
void recs_report_compare(const recs_report_options_t *options,
    const recs_report_experiment_t *x, const recs_report_cell_t *cells,
    recs_report_result_t *results);

/*
 * Adjusted p, reasons and verdicts of the experiment's results, and its alarm
 * of multiple exposures.
 */
void recs_report_judge(const recs_report_options_t *options,
    recs_report_experiment_t *x);


#endif /* _RECS_REPORT_PRIVATE_H_INCLUDED_ */
