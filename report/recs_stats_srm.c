#include <math.h>

#include "recs_stats_dist.h"
#include "recs_stats_srm.h"


recs_status_t
recs_stats_srm(const uint64_t *counts, const double *weights, unsigned n,
    recs_stats_srm_t *srm)
{
    double            due, total, weight;
    unsigned          i, n_weighted;
    recs_stats_srm_t  s = { 0, 1, 0 };

    total = weight = 0;
    n_weighted = 0;

    for (i = 0; i < n; i++) {
        total += (double) counts[i];
        weight += weights[i];
        n_weighted += weights[i] > 0;
    }

    *srm = s;

    if (n_weighted < 2) {
        return RECS_REFUSED;
    }

    for (i = 0; i < n; i++) {
        due = total * (weights[i] / weight);

        if (weights[i] > 0) {

            if (due < RECS_STATS_SRM_UNITS) {
                return RECS_REFUSED;
            }

            s.chi2 += ((double) counts[i] - due) * ((double) counts[i] - due)
                      / due;

        } else if (counts[i] > 0) {
            s.chi2 = INFINITY;
        }
    }

    s.df = n_weighted - 1;
    s.p = recs_chi2_upper(s.chi2, s.df);
    *srm = s;

    return RECS_OK;
}
