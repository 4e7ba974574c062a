#include "recs_stats_bootstrap.h"

#include <math.h>
#include <stdlib.h>

#include "recs_rng.h"
#include "recs_stats_dist.h"


static void recs_stats_bootstrap_draw(const double *differences, uint32_t n,
    uint32_t m, const recs_stats_bootstrap_params_t *params, double *means);
static void recs_stats_bootstrap_interval(const double *differences,
    uint32_t n, uint32_t m, const recs_stats_bootstrap_params_t *params,
    double *means, recs_stats_bootstrap_t *result);
static int recs_stats_bootstrap_compare(const void *a, const void *b);


recs_status_t
recs_stats_bootstrap(const double *differences, uint32_t n, uint32_t m,
    const recs_stats_bootstrap_params_t *params,
    recs_stats_bootstrap_t *results, recs_error_t *err)
{
    double    *means;
    uint32_t   j;

    if (n < 2 || m < 1 || m > RECS_STATS_BOOTSTRAP_MAX
        || params->n_resamples < 2)
    {
        return recs_error(err, RECS_INVALID, "%u users in common: at least "
                          "two are needed to tell models apart", n);
    }

    means = malloc((size_t) params->n_resamples * m * sizeof(double));
    if (means == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    recs_stats_bootstrap_draw(differences, n, m, params, means);

    for (j = 0; j < m; j++) {
        recs_stats_bootstrap_interval(differences + j, n, m, params,
                                      means
                                      + (size_t) j * params->n_resamples,
                                      &results[j]);
    }

    free(means);

    return RECS_OK;
}


/* means is [m][n_resamples]. */

static void
recs_stats_bootstrap_draw(const double *differences, uint32_t n, uint32_t m,
    const recs_stats_bootstrap_params_t *params, double *means)
{
    double         sums[RECS_STATS_BOOTSTRAP_MAX];
    uint32_t       r, i, j;
    uint64_t       random;
    recs_rng_t     rng;
    const double  *row;

    recs_rng_seed(&rng, params->seed);

    for (r = 0; r < params->n_resamples; r++) {
        for (j = 0; j < m; j++) {
            sums[j] = 0;
        }

        /* A number of 64 bits draws two users. */

        random = 0;

        for (i = 0; i < n; i++) {
            random = i % 2 == 0 ? recs_rng_next(&rng) : random << 32;
            row = differences + (size_t) ((random >> 32) * n >> 32) * m;

            for (j = 0; j < m; j++) {
                sums[j] += row[j];
            }
        }

        for (j = 0; j < m; j++) {
            means[(size_t) j * params->n_resamples + r] = sums[j] / n;
        }
    }
}


/* The quantile of the sorted means that BCa puts in the place of z. */

static double
recs_stats_bootstrap_quantile(const double *means, uint32_t n, double z0,
    double acceleration, double z)
{
    double    share;
    uint32_t  i;

    share = recs_normal_upper(-(z0 + (z0 + z)
                                     / (1 - acceleration * (z0 + z))));
    i = (uint32_t) (share * n);

    return means[i < n ? i : n - 1];
}


static void
recs_stats_bootstrap_interval(const double *differences, uint32_t n,
    uint32_t m, const recs_stats_bootstrap_params_t *params, double *means,
    recs_stats_bootstrap_t *result)
{
    double    x, mean, squares, cubes, below, z, z0, acceleration;
    uint32_t  i;

    mean = 0;
    squares = 0;
    cubes = 0;

    for (i = 0; i < n; i++) {
        mean += differences[(size_t) i * m] / n;
    }

    for (i = 0; i < n; i++) {
        x = differences[(size_t) i * m] - mean;
        squares += x * x;
        cubes += x * x * x;
    }

    result->estimate = mean;
    result->lo = mean;
    result->hi = mean;

    if (!(squares > 0) || !isfinite(mean)) {
        return;
    }

    qsort(means, params->n_resamples, sizeof(double),
          recs_stats_bootstrap_compare);

    below = 0;

    for (i = 0; i < params->n_resamples && means[i] <= mean; i++) {
        below += means[i] < mean ? 1 : 0.5;
    }

    below = fmin(fmax(below, 0.5), params->n_resamples - 0.5);
    z = recs_normal_critical(params->alpha / 2);
    z0 = recs_normal_critical(1 - below / params->n_resamples);
    acceleration = cubes / (6 * pow(squares, 1.5));

    result->lo = recs_stats_bootstrap_quantile(means, params->n_resamples,
                                               z0, acceleration, -z);
    result->hi = recs_stats_bootstrap_quantile(means, params->n_resamples,
                                               z0, acceleration, z);
}


static int
recs_stats_bootstrap_compare(const void *a, const void *b)
{
    double  x, y;

    x = *(const double *) a;
    y = *(const double *) b;

    return x < y ? -1 : x > y;
}
