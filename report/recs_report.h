/*
 * recs_report: what the experiments in event logs have shown.
 *
 *     recs_report_options_t  options;
 *     recs_report_t         *report;
 *
 *     recs_report_defaults(&options);
 *     ...
 *     status = recs_report_create(&report, &options, &err);
 *     ... report->experiments[0].results ...
 *     recs_report_destroy(report);
 *
 * A unit is a visitor (`user`).  Its variant, weights and segment are those of
 * its first exposure; what it does from then on, within the window, counts
 * for that variant.  Units that met more than one variant, or were forced
 * into one, are left out and counted.
 *
 * Where the weights were changed midway, units are compared within the
 * periods of equal weights, and the differences are averaged over the periods
 * by their share of the units (stratification): a variant that got its
 * visitors in a better week wins nothing by it.
 *
 * Memory grows with distinct units of experiments, never with the bytes read:
 * outcomes wait for their exposures in an unnamed temporary file.  The same
 * input gives the same report, bit by bit, with any number of threads.
 */

#ifndef _RECS_REPORT_H_INCLUDED_
#define _RECS_REPORT_H_INCLUDED_


#include <stdint.h>

#include "recs_event_scan.h"
#include "recs_id.h"
#include "recs_moments.h"
#include "recs_report_metric.h"
#include "recs_stats_test.h"
#include "recs_status.h"


#define RECS_REPORT_VARIANTS_MAX     16
#define RECS_REPORT_EXPERIMENTS_MAX  200
#define RECS_REPORT_SEGMENTS_MAX     200      /* further values: "(other)" */
#define RECS_REPORT_PERIODS_MAX      1024
#define RECS_REPORT_POINTS_MAX       60

#define RECS_REPORT_DAY_MS           ((int64_t) 86400000)
#define RECS_REPORT_POWER            .8

/* Units of a period's variant, for it to be compared within the period. */
#define RECS_REPORT_PERIOD_UNITS     8

/* Multiple exposures: an alarm above this share and from this number on. */
#define RECS_REPORT_MULTIPLE_SHARE   .01
#define RECS_REPORT_MULTIPLE_UNITS   10


typedef enum {
    RECS_CORRECTION_HOLM,
    RECS_CORRECTION_BH
} recs_correction_t;

typedef struct {
    recs_event_scan_t       scan;         /* logs, threads, what is taken */

    const char             *experiment;   /* NULL: all */
    const char             *control;      /* NULL: "control" or "holdout",
                                             else the first by name */
    int                     per_variant;  /* a unit is a user in a variant, as
                                             for a bandit, whose users move */
    recs_report_metric_t    metrics[RECS_REPORT_METRICS_MAX];
    uint32_t                n_metrics;    /* 0: those of the defaults whose
                                             events are in the logs */
    const char             *segment;      /* "slot", "context.NAME" or NULL */

    int64_t                 window_ms;    /* outcomes after the exposure */
    int64_t                 cuped_ms;     /* before it; 0: no CUPED */
    double                  alpha;
    int                     fixed;        /* intervals for one single look */
    recs_correction_t       correction;

    uint32_t                min_cell;     /* units of a segment's variant */
    uint32_t                min_conversions;
    uint32_t                min_days;

    const char             *folder;       /* of the temporary file */
} recs_report_options_t;


/*
 * A week's window, alpha .05, Holm, cells of 50, guards 150 and 3, /tmp.  Of
 * scan only what is nothing is set.
 */
void recs_report_defaults(recs_report_options_t *options);


typedef enum {
    RECS_VERDICT_NONE,                    /* no difference seen yet */
    RECS_VERDICT_BETTER,
    RECS_VERDICT_WORSE,
    RECS_VERDICT_WITHHELD
} recs_verdict_t;

/* Why a verdict is withheld, or a result has no interval: bits. */
#define RECS_REPORT_BROKEN_RATIO     1    /* sample ratio mismatch */
#define RECS_REPORT_FEW_CONVERSIONS  2
#define RECS_REPORT_FEW_DAYS         4
#define RECS_REPORT_NO_ESTIMATE      8    /* too few units, or all alike */

/* A treatment against the control in one metric. */
typedef struct {
    uint32_t             variant;
    uint32_t             metric;

    recs_stats_sample_t  control;         /* a share, mean or ratio, after */
    recs_stats_sample_t  treatment;       /* CUPED and stratification */
    uint64_t             conversions[2];  /* units with an outcome */

    double               difference;      /* treatment - control */
    double               difference_se;
    double               difference_lo;
    double               difference_hi;

    double               lift;            /* difference / control; .05 = 5 % */
    double               lift_se;
    double               lift_lo;
    double               lift_hi;

    double               detectable;      /* lift seen with probability
                                             RECS_REPORT_POWER, if it is there,
                                             at a look like this one */

    double               p;
    double               p_adjusted;      /* over treatments and metrics */

    /* Beside the verdict: not corrected for looks (recs_stats_chance.h). */
    double               chance;          /* the treatment is the better one */
    double               risk;            /* lost by taking it, on average, in
                                             the difference's unit */

    int                  cuped;           /* intervals are adjusted */
    double               variance_cut;    /* by CUPED: share of the variance */

    recs_verdict_t       verdict;
    unsigned             reasons;
} recs_report_result_t;

/*
 * Results stand for treatment after treatment (variants without the control,
 * rising), for each all metrics.  A value that cannot be told is NAN.
 */

/* Units and differences of all that happened before time_ms. */
typedef struct {
    int64_t                time_ms;
    uint64_t               units[RECS_REPORT_VARIANTS_MAX];
    recs_report_result_t  *results;       /* [n_results] */
} recs_report_point_t;

typedef struct {
    int64_t      start_ms;
    int64_t      end_ms;                  /* of the last first exposure */
    double       weights[RECS_REPORT_VARIANTS_MAX];  /* as logged; 0: not */
    uint64_t     units[RECS_REPORT_VARIANTS_MAX];
    double       srm_p;                   /* NAN: not tested */
    int          used;                    /* 0: too few units to compare */
} recs_report_period_t;

typedef struct {
    char                  *value;         /* "": the exposures had none */
    uint64_t               units[RECS_REPORT_VARIANTS_MAX];
    recs_report_result_t  *results;       /* [n_results], no verdicts */
    int                    suppressed;    /* units and results are not told */
} recs_report_segment_t;

typedef struct {
    char                    *name;
    uint64_t                 units;       /* that count */
    uint64_t                 exposures;   /* of all units, each event */

    /*
     * Per unit, as they are: y is the outcome; x what a ratio is per, else
     * the outcome before the exposure (CUPED).
     */
    recs_pair_moments_t      moments[RECS_REPORT_METRICS_MAX];
} recs_report_variant_t;

typedef struct {
    char                    *name;
    recs_report_variant_t    variants[RECS_REPORT_VARIANTS_MAX];
    uint32_t                 n_variants;
    uint32_t                 control;

    uint64_t                 n_units;     /* that count, of all variants */
    uint64_t                 n_multiple;  /* left out: met several variants */
    uint64_t                 n_forced;    /* left out: were forced into one */
    uint64_t                 n_unused;    /* left out: periods not used */
    uint64_t                 n_no_user;   /* exposures without a user */
    int64_t                  first_ms;    /* of the first exposures */
    int64_t                  last_ms;

    /*
     * Chi-square of the units against the logged propensities, over all
     * periods; where these do not sum to 1, a variant is due and missing.
     */
    double                   srm_p;       /* NAN: not tested */
    int                      srm_broken;  /* this or a period's */
    int                      multiple_alarm;

    recs_report_period_t    *periods;     /* more than 1: weights changed */
    uint32_t                 n_periods;
    int                      periods_lost;   /* changed too often to follow */

    recs_report_result_t    *results;
    uint32_t                 n_results;

    recs_report_point_t     *points;      /* cumulative, rising in time */
    uint32_t                 n_points;

    recs_report_segment_t   *segments;    /* most units first */
    uint32_t                 n_segments;
} recs_report_experiment_t;

typedef struct {
    recs_report_options_t      options;   /* metrics as used; pointers are
                                             the caller's */
    recs_event_counts_t        counts;
    uint64_t                   n_outcomes;      /* of the metrics' events */
    uint64_t                   n_no_value;      /* purchases without a value */
    recs_report_experiment_t  *experiments;     /* by name */
    uint32_t                   n_experiments;
} recs_report_t;


/*
 * RECS_NOT_FOUND  no exposure of (such) an experiment in the logs; no control
 *                 of that name
 * RECS_INVALID    a log cannot be unpacked
 * RECS_LIMIT      more experiments or variants than the limits
 */
recs_status_t recs_report_create(recs_report_t **report,
    const recs_report_options_t *options, recs_error_t *err);
void recs_report_destroy(recs_report_t *report);

/* "better", "worse", "no difference seen yet", "withheld" */
const char *recs_verdict_text(recs_verdict_t verdict);

/* The reasons in words, one after the other; *pos from 0, NULL at the end. */
const char *recs_report_reason(unsigned reasons, unsigned *pos);


#endif /* _RECS_REPORT_H_INCLUDED_ */
