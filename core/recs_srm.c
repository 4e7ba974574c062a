#include "recs_srm.h"

#include <math.h>


#define RECS_SRM_STIRLING  16.0


/*
 * What Stirling's formula leaves out of lgamma(x), x > 0:
 * lgamma(x) = (x - 1/2) log x - x + log(2 pi) / 2 + this.
 * (Abramowitz and Stegun, 6.1.41; small x by 6.1.15.)
 */
static double
recs_srm_remainder(double x)
{
    double  sum, y;

    sum = 0;

    while (x < RECS_SRM_STIRLING) {
        sum += (x + 0.5) * log1p(1 / x) - 1;
        x += 1;
    }

    y = 1 / (x * x);

    return sum + (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260
                  - y * (1.0 / 1680 - y * (1.0 / 1188
                  - y * (691.0 / 360360)))))) / x;
}


/*
 * The logarithm of B.  With a = prior * weight, A their sum, x = a + count,
 * X their sum, it is
 *
 *     sum lgamma(x) - lgamma(a) - count * log(weight)
 *         - lgamma(X) + lgamma(A)
 *
 * whose terms are millions while it is a few units.  So the large ones are
 * taken away on paper: with m = X * weight, the sum of x - m being 0,
 *
 *     sum [x log(x / m) - (x - m)] - sum log(x / m) / 2
 *         - (k - 1) / 2 * log(X / A) + remainders
 */
static double
recs_srm_log_factor(const uint64_t *counts, const double *weights,
    unsigned n, double total_weight, double total)
{
    double    factor, weight, a, x, m, off;
    unsigned  i, k;

    k = 0;
    factor = 0;

    for (i = 0; i < n; i++) {

        if (weights[i] == 0) {
            continue;
        }

        k++;
        weight = weights[i] / total_weight;
        a = RECS_SRM_PRIOR * weight;
        x = a + (double) counts[i];
        m = (RECS_SRM_PRIOR + total) * weight;
        off = (double) counts[i] - total * weight;

        factor += (x - 0.5) * log1p(off / m) - off
                  + recs_srm_remainder(x) - recs_srm_remainder(a);
    }

    return factor - (k - 1) * 0.5 * log1p(total / RECS_SRM_PRIOR)
           - recs_srm_remainder(RECS_SRM_PRIOR + total)
           + recs_srm_remainder(RECS_SRM_PRIOR);
}


double
recs_srm_sequential(const uint64_t *counts, const double *weights,
    unsigned n)
{
    double    total_weight, total, factor;
    unsigned  i;

    total_weight = 0;
    total = 0;

    for (i = 0; i < n; i++) {

        if (weights[i] == 0 && counts[i] != 0) {
            return 0;
        }

        total_weight += weights[i];
        total += (double) counts[i];
    }

    if (total == 0) {
        return 1;
    }

    factor = recs_srm_log_factor(counts, weights, n, total_weight, total);

    return factor > 0 ? exp(-factor) : 1;
}
