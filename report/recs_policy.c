#include "recs_policy.h"

#include <math.h>
#include <string.h>


/* Propensities are logged with some 9 digits: weights of 1 + 1e-9. */
#define RECS_POLICY_ROUNDING  1e-6


enum {
    RECS_POLICY_N,
    RECS_POLICY_EXCESS,
    RECS_POLICY_WEIGHTED,
    RECS_POLICY_REWARD,
    RECS_POLICY_ROBUST
};


static void recs_policy_ratio(const recs_policy_t *policy, double z,
    const double *above, const double *below, recs_policy_value_t *value);
static double recs_policy_dot(const double *a, const double *b);
static unsigned recs_policy_refused(const recs_policy_estimate_t *estimate);


void
recs_policy_row(recs_policy_unit_t *unit, const recs_policy_row_t *row)
{
    double  w;

    w = row->weight;

    unit->n_rows++;
    unit->excess += w - 1;
    unit->weighted += w * row->reward;
    unit->reward += row->reward;
    unit->robust += row->baseline + w * (row->reward - row->expected);
    unit->squares += w * w;
    unit->max_weight = fmax(unit->max_weight, w);
}


void
recs_policy_add(recs_policy_t *policy, const recs_policy_unit_t *unit)
{
    unsigned      i, j;
    const double  sums[RECS_POLICY_SUMS] = {
        (double) unit->n_rows, unit->excess, unit->weighted, unit->reward,
        unit->robust
    };

    policy->n_units++;

    for (i = 0; i < RECS_POLICY_SUMS; i++) {
        policy->sums[i] += sums[i];

        for (j = 0; j < RECS_POLICY_SUMS; j++) {
            policy->products[i][j] += sums[i] * sums[j];
        }
    }

    policy->squares += unit->squares;
    policy->max_weight = fmax(policy->max_weight, unit->max_weight);
}


void
recs_policy_estimate(const recs_policy_t *policy, double z,
    recs_policy_estimate_t *estimate)
{
    double  weights;

    /* By recs_policy_add()'s order: n, excess, weighted, reward, robust. */
    static const double  n[] = { 1, 0, 0, 0, 0 };
    static const double  excess[] = { 0, 1, 0, 0, 0 };
    static const double  weight[] = { 1, 1, 0, 0, 0 };
    static const double  weighted[] = { 0, 0, 1, 0, 0 };
    static const double  reward[] = { 0, 0, 0, 1, 0 };
    static const double  robust[] = { 0, 0, 0, 0, 1 };
    static const double  gain[] = { 0, 0, 0, -1, 1 };

    memset(estimate, 0, sizeof(recs_policy_estimate_t));

    estimate->n_rows = (uint64_t) policy->sums[RECS_POLICY_N];
    estimate->n_units = policy->n_units;
    estimate->max_weight = policy->max_weight;

    recs_policy_ratio(policy, z, reward, n, &estimate->logged);
    recs_policy_ratio(policy, z, weighted, n, &estimate->ips);
    recs_policy_ratio(policy, z, weighted, weight, &estimate->snips);
    recs_policy_ratio(policy, z, robust, n, &estimate->dr);
    recs_policy_ratio(policy, z, gain, n, &estimate->gain);
    recs_policy_ratio(policy, z, excess, n, &estimate->weight);

    if (estimate->n_rows > 0) {
        estimate->weight.value += 1;
        estimate->weight.lo += 1;
        estimate->weight.hi += 1;
    }

    if (policy->squares > 0) {
        weights = recs_policy_dot(weight, policy->sums);
        estimate->effective = weights * weights / policy->squares;
    }

    estimate->refused = recs_policy_refused(estimate);
}


/*
 * The ratio of two sums over units, and its standard error by linearisation:
 * the residuals' squares, sum (a - ratio b)^2, from the sums of products.
 */

static void
recs_policy_ratio(const recs_policy_t *policy, double z, const double *above,
    const double *below, recs_policy_value_t *value)
{
    double    n, divisor, squares, residual[RECS_POLICY_SUMS];
    unsigned  i;

    divisor = recs_policy_dot(below, policy->sums);

    if (divisor <= 0) {
        return;
    }

    value->value = recs_policy_dot(above, policy->sums) / divisor;

    for (i = 0; i < RECS_POLICY_SUMS; i++) {
        residual[i] = above[i] - value->value * below[i];
    }

    squares = 0;

    for (i = 0; i < RECS_POLICY_SUMS; i++) {
        squares += residual[i]
                   * recs_policy_dot(residual, policy->products[i]);
    }

    n = (double) policy->n_units;

    if (n > 1 && squares > 0) {
        value->se = sqrt(squares * n / (n - 1)) / divisor;
    }

    value->lo = value->value - z * value->se;
    value->hi = value->value + z * value->se;
}


static double
recs_policy_dot(const double *a, const double *b)
{
    double    sum;
    unsigned  i;

    sum = 0;

    for (i = 0; i < RECS_POLICY_SUMS; i++) {
        sum += a[i] * b[i];
    }

    return sum;
}


static unsigned
recs_policy_refused(const recs_policy_estimate_t *estimate)
{
    unsigned  refused;

    refused = 0;

    if (estimate->effective < RECS_POLICY_ESS_MIN) {
        refused |= RECS_POLICY_FEW_EFFECTIVE;
    }

    if (estimate->effective
        < RECS_POLICY_ESS_SHARE_MIN * (double) estimate->n_rows)
    {
        refused |= RECS_POLICY_FEW_OF_MANY;
    }

    if ((double) estimate->n_units < RECS_POLICY_ESS_MIN) {
        refused |= RECS_POLICY_FEW_UNITS;
    }

    if (fabs(estimate->weight.value - 1)
        > RECS_POLICY_WEIGHT_SE_MAX * estimate->weight.se
          + RECS_POLICY_ROUNDING)
    {
        refused |= RECS_POLICY_WRONG_WEIGHTS;
    }

    return refused;
}
