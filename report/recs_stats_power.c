#include <math.h>

#include "recs_stats_dist.h"
#include "recs_stats_power.h"


#define RECS_UNITS_MAX  1e15


double
recs_stats_power(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, const recs_stats_params_t *params)
{
    double               width, z;
    recs_stats_params_t  absolute;
    recs_stats_result_t  r;

    absolute = *params;
    absolute.relative = 0;

    if (recs_stats_test(control, treatment, &absolute, &r) != RECS_OK) {
        return 0;
    }

    z = r.estimate / r.se;
    width = recs_stats_half_width(control, treatment, params);

    return recs_normal_upper(width - z) + recs_normal_upper(width + z);
}


double
recs_stats_detectable(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, const recs_stats_params_t *params,
    double power)
{
    double               least;
    recs_stats_params_t  absolute;
    recs_stats_result_t  r;

    absolute = *params;
    absolute.relative = 0;

    if (recs_stats_test(control, treatment, &absolute, &r) != RECS_OK
        || (params->relative && !(control->mean > 0)))
    {
        return INFINITY;
    }

    least = r.se * (recs_stats_half_width(control, treatment, params)
                    + recs_normal_critical(1 - power));

    return params->relative ? least / control->mean : least;
}


/* The power of samples of `units` together, in their proportion. */
static double
recs_stats_power_of(double units, const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, const recs_stats_params_t *params)
{
    double               share;
    recs_stats_sample_t  c, t;

    share = (double) control->n / ((double) control->n
                                   + (double) treatment->n);
    c = *control;
    t = *treatment;
    c.n = (uint64_t) fmax(2, round(units * share));
    t.n = (uint64_t) fmax(2, round(units * (1 - share)));

    return recs_stats_power(&c, &t, params);
}


double
recs_stats_needed(const recs_stats_sample_t *control,
    const recs_stats_sample_t *treatment, const recs_stats_params_t *params,
    double power)
{
    double  enough, middle, short_of;

    short_of = 4;
    enough = RECS_UNITS_MAX;

    if (!(recs_stats_power_of(enough, control, treatment, params) >= power)) {
        return INFINITY;
    }

    while (enough - short_of > 1) {
        middle = floor((short_of > enough / 4) ? (short_of + enough) / 2
                                               : sqrt(short_of * enough));

        if (recs_stats_power_of(middle, control, treatment, params) >= power) {
            enough = middle;

        } else {
            short_of = middle;
        }
    }

    return enough;
}
