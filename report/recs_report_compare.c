/*
 * Moments of variants, period by period, to differences and lifts.
 */

#include <math.h>

#include "recs_report_private.h"
#include "recs_stats_chance.h"
#include "recs_stats_power.h"
#include "recs_stats_test.h"


/* One treatment against the control in one metric. */
typedef struct {
    const recs_report_experiment_t  *x;
    const recs_report_cell_t        *cells;
    uint32_t                         n_metrics;
    uint32_t                         metric;
    recs_metric_kind_t               kind;
    uint32_t                         arms[2];     /* control, treatment */
    double                           theta;       /* of CUPED; 0: without */
    double                           shares[RECS_REPORT_PERIODS_MAX];
} recs_comparison_t;


static const recs_report_cell_t *
recs_comparison_cell(const recs_comparison_t *c, uint32_t period,
    uint32_t variant)
{
    return &c->cells[((size_t) period * c->x->n_variants + variant)
                     * c->n_metrics + c->metric];
}


/* A period counts where both arms have a variance. */
static int
recs_comparison_has(const recs_comparison_t *c, uint32_t period)
{
    return c->x->periods[period].used
           && recs_comparison_cell(c, period, c->arms[0])->moments.n >= 2
           && recs_comparison_cell(c, period, c->arms[1])->moments.n >= 2;
}


/* Each period's share of the units, of all variants. */
static void
recs_comparison_weigh(recs_comparison_t *c)
{
    double    total;
    uint32_t  p, v;

    total = 0;

    for (p = 0; p < c->x->n_periods; p++) {
        c->shares[p] = 0;

        for (v = 0; recs_comparison_has(c, p) && v < c->x->n_variants; v++) {
            c->shares[p] += (double) recs_comparison_cell(c, p, v)->moments.n;
        }

        total += c->shares[p];
    }

    for (p = 0; p < c->x->n_periods && total > 0; p++) {
        c->shares[p] /= total;
    }
}


/*
 * The slope inside of periods and variants: what was before may differ between
 * periods.
 */
static double
recs_comparison_theta(const recs_comparison_t *c)
{
    uint32_t                    p, v;
    recs_pair_moments_t         within = { 0 };
    const recs_report_cell_t   *cell;

    for (p = 0; p < c->x->n_periods; p++) {
        for (v = 0; c->shares[p] > 0 && v < c->x->n_variants; v++) {
            cell = recs_comparison_cell(c, p, v);
            within.c_xy += cell->moments.c_xy;
            within.m2_x += cell->moments.m2_x;
        }
    }

    return recs_stats_cuped(&within, 1).theta;
}


static recs_stats_sample_t
recs_comparison_adjusted(const recs_comparison_t *c, uint32_t period,
    const recs_report_cell_t *cell)
{
    uint32_t            v;
    recs_moments_t      before = { 0 }, one;
    recs_stats_cuped_t  cuped;

    for (v = 0; v < c->x->n_variants; v++) {
        one = recs_pair_moments_x(&recs_comparison_cell(c, period, v)
                                       ->moments);
        recs_moments_merge(&before, &one);
    }

    cuped.theta = c->theta;
    cuped.mean = before.mean;

    return recs_stats_adjusted(&cell->moments, &cuped);
}


static recs_stats_sample_t
recs_comparison_sample(const recs_comparison_t *c, uint32_t period,
    uint32_t variant)
{
    recs_moments_t             y;
    const recs_report_cell_t  *cell;

    cell = recs_comparison_cell(c, period, variant);

    if (c->kind == RECS_METRIC_RATIO) {
        return recs_stats_ratio(&cell->moments);
    }

    if (c->theta != 0) {
        return recs_comparison_adjusted(c, period, cell);
    }

    if (c->kind == RECS_METRIC_RATE) {
        return recs_stats_rate(cell->n_conversions, cell->moments.n);
    }

    y = recs_pair_moments_y(&cell->moments);

    return recs_stats_mean(&y);
}


static recs_stats_sample_t
recs_comparison_arm(const recs_comparison_t *c, uint32_t variant)
{
    uint32_t             p;
    recs_stats_sample_t  strata[RECS_REPORT_PERIODS_MAX];

    for (p = 0; p < c->x->n_periods; p++) {
        strata[p] = recs_comparison_sample(c, p, variant);
    }

    return recs_stats_weighted(strata, c->shares, c->x->n_periods);
}


/* The verdict's p is the difference's: recs_stats_test.h says why. */
static void
recs_result_difference(recs_report_result_t *result,
    const recs_stats_params_t *params, int lower)
{
    recs_stats_chance_t  chance;
    recs_stats_result_t  r;

    result->p_adjusted = NAN;

    if (recs_stats_test(&result->control, &result->treatment, params, &r)
        != RECS_OK)
    {
        result->difference = result->difference_se = NAN;
        result->difference_lo = result->difference_hi = NAN;
        result->p = result->chance = result->risk = NAN;
        result->reasons = RECS_REPORT_NO_ESTIMATE;
        return;
    }

    chance = recs_stats_chance(&r);

    result->difference = r.estimate;
    result->difference_se = r.se;
    result->difference_lo = r.lo;
    result->difference_hi = r.hi;
    result->p = r.p;
    result->chance = lower ? 1 - chance.win : chance.win;
    result->risk = lower ? chance.risk_control : chance.risk_treatment;
}


static double
recs_told(double value)
{
    return isfinite(value) ? value : NAN;
}


static void
recs_result_lift(recs_report_result_t *result, recs_stats_params_t params)
{
    recs_stats_result_t  r;

    if (recs_stats_lift(&result->control, &result->treatment, &params, &r)
        != RECS_OK)
    {
        result->lift = result->lift_se = NAN;
        result->lift_lo = result->lift_hi = result->detectable = NAN;
        return;
    }

    params.relative = 1;

    result->lift = r.estimate;
    result->lift_se = r.se;
    result->lift_lo = recs_told(r.lo);
    result->lift_hi = recs_told(r.hi);
    result->detectable = recs_told(
        recs_stats_detectable(&result->control, &result->treatment, &params,
                              RECS_REPORT_POWER));
}


static double
recs_result_variance(const recs_report_result_t *result)
{
    const recs_stats_sample_t  *a, *b;

    a = &result->control;
    b = &result->treatment;

    return (a->n == 0 || b->n == 0)
           ? 0 : a->variance / (double) a->n + b->variance / (double) b->n;
}


/* The arms, and what CUPED took out of the difference's variance. */
static void
recs_comparison_arms(recs_comparison_t *c, int adjust,
    recs_report_result_t *result)
{
    double  plain;

    c->theta = 0;
    result->control = recs_comparison_arm(c, c->arms[0]);
    result->treatment = recs_comparison_arm(c, c->arms[1]);

    if (!adjust || c->kind == RECS_METRIC_RATIO) {
        return;
    }

    c->theta = recs_comparison_theta(c);

    if (c->theta == 0) {
        return;
    }

    plain = recs_result_variance(result);
    result->control = recs_comparison_arm(c, c->arms[0]);
    result->treatment = recs_comparison_arm(c, c->arms[1]);

    result->cuped = 1;
    result->variance_cut = (plain > 0)
                           ? 1 - recs_result_variance(result) / plain : 0;
}


static uint64_t
recs_comparison_conversions(const recs_comparison_t *c, uint32_t variant)
{
    uint32_t  p;
    uint64_t  n;

    n = 0;

    for (p = 0; p < c->x->n_periods; p++) {
        if (c->shares[p] > 0) {
            n += recs_comparison_cell(c, p, variant)->n_conversions;
        }
    }

    return n;
}


void
recs_report_compare(const recs_report_options_t *options,
    const recs_report_experiment_t *x, const recs_report_cell_t *cells,
    recs_report_result_t *results)
{
    uint32_t               m, v;
    recs_comparison_t      c;
    recs_stats_params_t    params = { 0 };
    recs_report_result_t  *result;

    params.alpha = options->alpha;
    params.tuning = options->fixed ? 0 : RECS_STATS_TUNING;

    result = results;
    c.x = x;
    c.cells = cells;
    c.n_metrics = options->n_metrics;
    c.arms[0] = x->control;

    for (v = 0; v < x->n_variants; v++) {
        for (m = 0; v != x->control && m < options->n_metrics; m++) {
            c.metric = m;
            c.kind = options->metrics[m].kind;
            c.arms[1] = v;
            recs_comparison_weigh(&c);

            *result = (recs_report_result_t) { .variant = v, .metric = m };
            recs_comparison_arms(&c, options->cuped_ms > 0, result);
            result->conversions[0] = recs_comparison_conversions(&c,
                                                                 c.arms[0]);
            result->conversions[1] = recs_comparison_conversions(&c, v);
            recs_result_difference(result, &params,
                                   options->metrics[m].lower);
            recs_result_lift(result, params);
            result++;
        }
    }
}
