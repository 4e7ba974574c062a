#include <math.h>

#include "recs_stats_dist.h"
#include "recs_stats_test.h"


recs_stats_sample_t
recs_stats_mean(const recs_moments_t *m)
{
    return (recs_stats_sample_t) { m->n, m->mean, recs_moments_variance(m) };
}


recs_stats_sample_t
recs_stats_rate(uint64_t n_ones, uint64_t n)
{
    double  rate;

    rate = (n == 0) ? 0 : (double) n_ones / (double) n;

    return (recs_stats_sample_t) { n, rate, rate * (1 - rate) };
}


/*
 * The ratio changes by (y - ratio x) / mean_x with one unit more: that is the
 * value whose variance counts.
 */
recs_stats_sample_t
recs_stats_ratio(const recs_pair_moments_t *m)
{
    double               m2, ratio;
    recs_stats_sample_t  sample = { 0 };

    if (m->n < 2 || m->mean_x == 0) {
        return sample;
    }

    ratio = m->mean_y / m->mean_x;
    m2 = m->m2_y - 2 * ratio * m->c_xy + ratio * ratio * m->m2_x;

    sample.n = m->n;
    sample.mean = ratio;
    sample.variance = fmax(m2, 0) / (double) (m->n - 1)
                      / (m->mean_x * m->mean_x);

    return sample;
}


recs_stats_cuped_t
recs_stats_cuped(const recs_pair_moments_t *variants, unsigned n_variants)
{
    double              c_xy, m2_x;
    unsigned            i;
    recs_moments_t      all = { 0 }, x;
    recs_stats_cuped_t  cuped;

    c_xy = m2_x = 0;

    for (i = 0; i < n_variants; i++) {
        c_xy += variants[i].c_xy;
        m2_x += variants[i].m2_x;

        x = recs_pair_moments_x(&variants[i]);
        recs_moments_merge(&all, &x);
    }

    cuped.theta = (m2_x > 0) ? c_xy / m2_x : 0;
    cuped.mean = all.mean;

    return cuped;
}


recs_stats_sample_t
recs_stats_adjusted(const recs_pair_moments_t *m,
    const recs_stats_cuped_t *cuped)
{
    double          theta;
    recs_moments_t  y;

    theta = cuped->theta;

    y = recs_pair_moments_y(m);
    y.mean -= theta * (m->mean_x - cuped->mean);
    y.m2 = fmax(y.m2 - 2 * theta * m->c_xy + theta * theta * m->m2_x, 0);

    return recs_stats_mean(&y);
}


recs_stats_sample_t
recs_stats_weighted(const recs_stats_sample_t *strata, const double *shares,
    unsigned n)
{
    double               variance;
    unsigned             i;
    recs_stats_sample_t  sample = { 0 }, none = { 0 };

    variance = 0;

    for (i = 0; i < n; i++) {

        if (shares[i] == 0) {
            continue;
        }

        if (strata[i].n < 2) {
            return none;
        }

        sample.n += strata[i].n;
        sample.mean += shares[i] * strata[i].mean;
        variance += shares[i] * shares[i] * strata[i].variance
                    / (double) strata[i].n;
    }

    sample.variance = variance * (double) sample.n;

    return sample;
}


/*
 * The estimate and its standard error.  One variance of zero is no news where
 * the other is not: nobody of the control may have converted.
 */
static recs_status_t
recs_stats_compare(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, unsigned relative,
    recs_stats_result_t *result)
{
    double  estimate, ratio, se, var_c, var_t;

    if (control->n < 2 || treatment->n < 2) {
        return RECS_REFUSED;
    }

    var_c = control->variance / (double) control->n;
    var_t = treatment->variance / (double) treatment->n;
    estimate = treatment->mean - control->mean;

    if (relative) {

        if (!(control->mean > 0)) {
            return RECS_REFUSED;
        }

        ratio = treatment->mean / control->mean;
        estimate /= control->mean;
        se = sqrt(var_t + var_c * ratio * ratio) / control->mean;

    } else {
        se = sqrt(var_t + var_c);
    }

    if (!(se > 0) || !isfinite(se) || !isfinite(estimate)) {
        return RECS_REFUSED;
    }

    result->estimate = estimate;
    result->se = se;

    return RECS_OK;
}


/* Welch and Satterthwaite's degrees of freedom. */
static double
recs_stats_df(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment)
{
    double  share, var_c, var_t;

    var_c = control->variance / (double) control->n;
    var_t = treatment->variance / (double) treatment->n;

    if (!(var_c + var_t > 0)) {
        return INFINITY;
    }

    share = var_c / (var_c + var_t);

    return 1 / (share * share / (double) (control->n - 1)
                + (1 - share) * (1 - share) / (double) (treatment->n - 1));
}


/* n rho^2 of the confidence sequence at n units. */
static double
recs_stats_n_rho2(double n, const recs_stats_params_t *params)
{
    double  l;

    l = -2 * log(params->alpha);

    return n * (l + log(l + 1)) / params->tuning;
}


double
recs_stats_half_width(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, const recs_stats_params_t *params)
{
    double  k;

    if (params->tuning == 0) {
        return recs_t_critical(params->alpha / 2,
                               recs_stats_df(control, treatment));
    }

    k = recs_stats_n_rho2((double) control->n + (double) treatment->n, params);

    return sqrt((k + 1) / k * (log1p(k) - 2 * log(params->alpha)));
}


static double
recs_stats_p(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, const recs_stats_params_t *params,
    double z)
{
    double  k;

    if (params->tuning == 0) {
        return 2 * recs_t_upper(z, recs_stats_df(control, treatment));
    }

    k = recs_stats_n_rho2((double) control->n + (double) treatment->n, params);

    return fmin(1, sqrt(k + 1) * exp(-0.5 * z * z * k / (k + 1)));
}


recs_status_t
recs_stats_test(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, const recs_stats_params_t *params,
    recs_stats_result_t *result)
{
    double               width;
    recs_status_t        status;
    recs_stats_result_t  r = { 0, 0, -INFINITY, INFINITY, 1 };

    status = recs_stats_compare(control, treatment, params->relative, &r);

    if (status == RECS_OK) {
        width = r.se * recs_stats_half_width(control, treatment, params);
        r.lo = r.estimate - width;
        r.hi = r.estimate + width;
        r.p = recs_stats_p(control, treatment, params,
                           fabs(r.estimate / r.se));
    }

    *result = r;

    return status;
}


recs_status_t
recs_stats_lift(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, const recs_stats_params_t *params,
    recs_stats_result_t *result)
{
    double               a, k2, middle, root, var_c, var_t;
    recs_stats_params_t  absolute;
    recs_stats_result_t  difference, r = { 0, 0, -INFINITY, INFINITY, 1 };

    absolute = *params;
    absolute.relative = 0;
    *result = r;

    if (recs_stats_compare(control, treatment, 1, &r) != RECS_OK
        || recs_stats_test(control, treatment, &absolute, &difference)
           != RECS_OK)
    {
        return RECS_REFUSED;
    }

    r.p = difference.p;

    k2 = recs_stats_half_width(control, treatment, params);
    k2 *= k2;
    var_c = control->variance / (double) control->n;
    var_t = treatment->variance / (double) treatment->n;

    /* a R^2 - 2 middle R + ... <= 0 */
    a = control->mean * control->mean - k2 * var_c;

    if (a > 0) {
        middle = treatment->mean * control->mean;
        root = sqrt(fmax(k2 * (control->mean * control->mean * var_t
                               + treatment->mean * treatment->mean * var_c
                               - k2 * var_c * var_t), 0));
        r.lo = (middle - root) / a - 1;
        r.hi = (middle + root) / a - 1;
    }

    *result = r;

    return RECS_OK;
}
