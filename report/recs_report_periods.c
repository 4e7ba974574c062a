/*
 * Periods of equal weights, from the propensities of first exposures.
 *
 * Workers and machines take a new configuration at not quite the same time:
 * exposures with the old weights that come a little late belong to the period
 * before.
 */

#include "recs_report_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_stats_dist.h"
#include "recs_stats_srm.h"


/* So late an exposure may have the weights of the period before; and so late
   the weight of a variant of which the new one has not been seen yet. */
#define RECS_PERIOD_LATE_MS     3600000
#define RECS_PERIOD_UNKNOWN_MS  5000

/* Weights that sum to 1 do so within this. */
#define RECS_PERIOD_SLACK       .0005


typedef struct {
    int64_t   first_ms;
    uint32_t  unit;
} recs_period_place_t;


static int recs_periods_differ(const recs_report_work_t *work);
static recs_report_period_t *recs_period_new(recs_report_work_t *work,
    int64_t start_ms);
static recs_status_t recs_periods_split(recs_report_work_t *work,
    recs_error_t *err);
static recs_report_period_t *recs_period_of(recs_report_work_t *work,
    const recs_unit_t *unit);
static int recs_period_compare(const void *a, const void *b);
static void recs_periods_count(recs_report_work_t *work);
static void recs_periods_use(recs_report_experiment_t *x);
static void recs_periods_ratio(recs_report_experiment_t *x);
static int recs_period_ratio(recs_report_period_t *period,
    uint32_t n_variants, recs_stats_srm_t *srm);


int
recs_report_unit_counts(const recs_unit_t *unit)
{
    return unit->flags == RECS_UNIT_EXPOSED;
}


recs_status_t
recs_report_periods(recs_report_work_t *work, recs_error_t *err)
{
    recs_status_t              status;
    recs_report_experiment_t  *x;

    x = work->out;

    x->periods = calloc(RECS_REPORT_PERIODS_MAX,
                        sizeof(recs_report_period_t));
    if (x->periods == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for periods");
    }

    if (recs_periods_differ(work)) {
        status = recs_periods_split(work, err);
        if (status != RECS_OK) {
            return status;
        }

    } else {
        (void) recs_period_new(work, 0);
    }

    recs_periods_count(work);
    recs_periods_use(x);
    recs_periods_ratio(x);

    return RECS_OK;
}


/* Whether a variant was given to units by more than one weight. */

static int
recs_periods_differ(const recs_report_work_t *work)
{
    uint32_t            i, weights[RECS_REPORT_VARIANTS_MAX];
    const recs_unit_t  *unit;

    memset(weights, 0, sizeof(weights));

    for (i = 0; i < work->table.n; i++) {
        unit = &work->table.units[i];

        if (!recs_report_unit_counts(unit) || unit->weight == 0) {
            continue;
        }

        if (weights[unit->variant] == 0) {
            weights[unit->variant] = unit->weight;

        } else if (weights[unit->variant] != unit->weight) {
            return 1;
        }
    }

    return 0;
}


static recs_report_period_t *
recs_period_new(recs_report_work_t *work, int64_t start_ms)
{
    recs_report_period_t  *period;

    period = &work->out->periods[work->out->n_periods++];
    period->start_ms = start_ms;
    period->srm_p = NAN;

    return period;
}


static recs_status_t
recs_periods_split(recs_report_work_t *work, recs_error_t *err)
{
    uint32_t               i, n;
    recs_unit_t           *unit;
    recs_period_place_t   *places;

    places = malloc(work->table.n * sizeof(recs_period_place_t));
    if (places == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for periods");
    }

    n = 0;

    for (i = 0; i < work->table.n; i++) {
        if (recs_report_unit_counts(&work->table.units[i])) {
            places[n].first_ms = work->table.units[i].first_ms;
            places[n++].unit = i;
        }
    }

    qsort(places, n, sizeof(recs_period_place_t), recs_period_compare);

    for (i = 0; i < n; i++) {
        unit = &work->table.units[places[i].unit];
        unit->period = (uint16_t) (recs_period_of(work, unit)
                                   - work->out->periods);
    }

    free(places);

    return RECS_OK;
}


/* Units come in the order of their first exposures. */

static recs_report_period_t *
recs_period_of(recs_report_work_t *work, const recs_unit_t *unit)
{
    double                     weight, *known;
    int64_t                    since;
    recs_report_period_t      *period;
    recs_report_experiment_t  *x;

    x = work->out;

    if (x->n_periods == 0) {
        (void) recs_period_new(work, unit->first_ms);
    }

    period = &x->periods[x->n_periods - 1];
    known = &period->weights[unit->variant];
    weight = unit->weight / RECS_UNIT_WEIGHT_ONE;
    since = unit->first_ms - period->start_ms;

    if (unit->weight == 0 || *known == weight) {
        return period;
    }

    if (x->n_periods > 1 && period[-1].weights[unit->variant] == weight
        && since < (*known != 0 ? RECS_PERIOD_LATE_MS
                                : RECS_PERIOD_UNKNOWN_MS))
    {
        return period - 1;
    }

    if (*known != 0) {

        if (x->n_periods == RECS_REPORT_PERIODS_MAX) {
            x->periods_lost = 1;
            return period;
        }

        period = recs_period_new(work, unit->first_ms);
    }

    period->weights[unit->variant] = weight;

    return period;
}


static int
recs_period_compare(const void *a, const void *b)
{
    const recs_period_place_t  *p, *q;

    p = a;
    q = b;

    if (p->first_ms != q->first_ms) {
        return p->first_ms < q->first_ms ? -1 : 1;
    }

    return p->unit < q->unit ? -1 : 1;
}


static void
recs_periods_count(recs_report_work_t *work)
{
    uint32_t                   i;
    recs_unit_t               *unit;
    recs_report_period_t      *period;
    recs_report_experiment_t  *x;

    x = work->out;

    for (i = 0; i < work->table.n; i++) {
        unit = &work->table.units[i];

        if (!recs_report_unit_counts(unit)) {
            x->n_forced += (unit->flags & RECS_UNIT_FORCED) != 0;
            x->n_multiple += (unit->flags & RECS_UNIT_FORCED) == 0;
            continue;
        }

        if (x->n_units++ == 0 || unit->first_ms < x->first_ms) {
            x->first_ms = unit->first_ms;
        }

        x->last_ms = unit->first_ms > x->last_ms ? unit->first_ms : x->last_ms;
        x->variants[unit->variant].units++;

        period = &x->periods[unit->period];
        period->units[unit->variant]++;

        if (unit->first_ms > period->end_ms) {
            period->end_ms = unit->first_ms;
        }

        if (unit->weight != 0 && x->n_periods == 1) {
            period->weights[unit->variant] = unit->weight
                                             / RECS_UNIT_WEIGHT_ONE;
        }
    }

    x->periods[0].start_ms = x->first_ms;
}


/* Where the control and another variant have units enough to compare. */

static void
recs_periods_use(recs_report_experiment_t *x)
{
    uint32_t               i, v;
    recs_report_period_t  *period;

    for (i = 0; i < x->n_periods; i++) {
        period = &x->periods[i];
        period->used = x->n_periods == 1;

        for (v = 0; v < x->n_variants; v++) {
            period->used |= v != x->control
                            && period->units[v] >= RECS_REPORT_PERIOD_UNITS
                            && period->units[x->control]
                               >= RECS_REPORT_PERIOD_UNITS;
        }

        for (v = 0; v < x->n_variants && !period->used; v++) {
            x->n_unused += period->units[v];
        }
    }
}


/* Each period's test, and that of all: the sum of the chi-squares. */

static void
recs_periods_ratio(recs_report_experiment_t *x)
{
    double             chi2;
    uint32_t           i, n_tested;
    unsigned           df;
    recs_stats_srm_t   srm;

    chi2 = 0;
    df = 0;
    n_tested = 0;
    x->srm_p = NAN;

    if (x->periods_lost) {
        return;
    }

    for (i = 0; i < x->n_periods; i++) {
        if (recs_period_ratio(&x->periods[i], x->n_variants, &srm)) {
            x->periods[i].srm_p = srm.p;
            chi2 += srm.chi2;
            df += srm.df;
            n_tested++;
        }
    }

    if (n_tested == 0) {
        return;
    }

    x->srm_p = recs_chi2_upper(chi2, df);
    x->srm_broken = x->srm_p < RECS_STATS_SRM_ALPHA;

    for (i = 0; i < x->n_periods; i++) {
        x->srm_broken |= x->periods[i].srm_p
                         < RECS_STATS_SRM_ALPHA / n_tested;
    }
}


/* 0: it cannot be tested. */

static int
recs_period_ratio(recs_report_period_t *period, uint32_t n_variants,
    recs_stats_srm_t *srm)
{
    double    sum, weights[RECS_REPORT_VARIANTS_MAX + 1];
    uint32_t  i;
    uint64_t  units[RECS_REPORT_VARIANTS_MAX + 1];

    sum = 0;

    for (i = 0; i < n_variants; i++) {

        if (period->units[i] != 0 && period->weights[i] == 0) {
            return 0;
        }

        units[i] = period->units[i];
        weights[i] = period->weights[i];
        sum += weights[i];
    }

    if (sum > 1 + RECS_PERIOD_SLACK) {
        return 0;
    }

    /* A variant that is due and of which nobody is in the logs. */

    units[n_variants] = 0;
    weights[n_variants] = 1 - sum;

    if (weights[n_variants] > RECS_PERIOD_SLACK
        && recs_stats_srm(units, weights, n_variants + 1, srm) == RECS_OK)
    {
        return 1;
    }

    return recs_stats_srm(units, weights, n_variants, srm) == RECS_OK;
}
