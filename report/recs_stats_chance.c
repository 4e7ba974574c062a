#include <math.h>

#include "recs_stats_chance.h"
#include "recs_stats_dist.h"


#define RECS_1_SQRT_2PI  0.39894228040143267794


/* E[max(d, 0)] and E[max(-d, 0)] of the normal difference d. */
recs_stats_chance_t
recs_stats_chance(const recs_stats_result_t *result)
{
    double               peak, z;
    recs_stats_chance_t  chance = { 0.5, 0, 0 };

    if (!(result->se > 0)) {
        return chance;
    }

    z = result->estimate / result->se;
    peak = result->se * RECS_1_SQRT_2PI * exp(-0.5 * z * z);

    chance.win = recs_normal_upper(-z);
    chance.risk_control = fmax(peak + result->estimate * chance.win, 0);
    chance.risk_treatment = fmax(peak - result->estimate
                                        * recs_normal_upper(z), 0);

    return chance;
}
