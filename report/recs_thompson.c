#include "recs_thompson.h"

#include <math.h>
#include <string.h>

#include "recs_rng.h"


/* A mean's posterior. */
typedef struct {
    double  mean;
    double  deviation;
} recs_thompson_normal_t;


static int recs_thompson_normals(const recs_thompson_arm_t *arms, unsigned n,
    recs_thompson_normal_t *normals);
static double recs_thompson_beta(recs_rng_t *rng,
    const recs_thompson_arm_t *arm);
static double recs_thompson_gamma(recs_rng_t *rng, double shape);


int
recs_thompson_best(const recs_thompson_arm_t *arms, unsigned n,
    recs_thompson_kind_t kind, int lower, uint32_t n_draws, uint64_t seed,
    double *best)
{
    double                  x, most, outcomes;
    uint32_t                draw, wins[RECS_THOMPSON_ARMS_MAX];
    unsigned                i, first;
    recs_rng_t              rng;
    recs_thompson_normal_t  normals[RECS_THOMPSON_ARMS_MAX];

    outcomes = 0;

    for (i = 0; i < n; i++) {
        outcomes += (double) arms[i].n * fabs(arms[i].mean);
    }

    if (outcomes == 0
        || (kind == RECS_THOMPSON_MEAN
            && !recs_thompson_normals(arms, n, normals)))
    {
        return 0;
    }

    memset(wins, 0, sizeof(wins));
    recs_rng_seed(&rng, seed);

    for (draw = 0; draw < n_draws; draw++) {
        first = 0;
        most = -INFINITY;

        for (i = 0; i < n; i++) {
            x = kind == RECS_THOMPSON_RATE
                ? recs_thompson_beta(&rng, &arms[i])
                : normals[i].mean
                  + normals[i].deviation * recs_rng_normal(&rng);

            x = lower ? -x : x;

            if (x > most) {
                most = x;
                first = i;
            }
        }

        wins[first]++;
    }

    for (i = 0; i < n; i++) {
        best[i] = wins[i] / (double) n_draws;
    }

    return 1;
}


/*
 * The prior: one unit, at the mean of all units, and with their variance
 * around it.  Returns 0 where all units are alike.
 */

static int
recs_thompson_normals(const recs_thompson_arm_t *arms, unsigned n,
    recs_thompson_normal_t *normals)
{
    double    units, mean, variance, count;
    unsigned  i;

    units = 0;
    mean = 0;

    for (i = 0; i < n; i++) {
        units += (double) arms[i].n;
        mean += (double) arms[i].n * arms[i].mean;
    }

    mean /= units;
    variance = 0;

    for (i = 0; i < n; i++) {
        variance += (double) arms[i].n
                    * (arms[i].variance + (arms[i].mean - mean)
                                          * (arms[i].mean - mean));
    }

    variance /= units;

    if (!(variance > 0)) {
        return 0;
    }

    for (i = 0; i < n; i++) {
        count = (double) arms[i].n;

        normals[i].mean = (count * arms[i].mean + mean) / (count + 1);
        normals[i].deviation = sqrt((count * arms[i].variance + variance)
                                    / (count + 1) / (count + 1));
    }

    return 1;
}


static double
recs_thompson_beta(recs_rng_t *rng, const recs_thompson_arm_t *arm)
{
    double  successes, failures;

    successes = (double) arm->n * arm->mean;
    failures = (double) arm->n - successes;

    successes = recs_thompson_gamma(rng, 1 + successes);
    failures = recs_thompson_gamma(rng, 1 + failures);

    return successes / (successes + failures);
}


/* Marsaglia and Tsang 2000; shape >= 1. */

static double
recs_thompson_gamma(recs_rng_t *rng, double shape)
{
    double  d, c, x, v;

    d = shape - 1.0 / 3;
    c = 1 / sqrt(9 * d);

    for ( ;; ) {
        x = recs_rng_normal(rng);
        v = 1 + c * x;

        if (v <= 0) {
            continue;
        }

        v = v * v * v;

        if (log(recs_rng_uniform(rng)) < x * x / 2 + d * (1 - v + log(v))) {
            return d * v;
        }
    }
}


/* By the largest remainder; of equal ones the first. */

void
recs_thompson_steps(const double *best, unsigned n, double floor,
    uint32_t *steps)
{
    double    least, share, rest[RECS_THOMPSON_ARMS_MAX];
    uint32_t  left;
    unsigned  i, largest;

    /* Whole steps, rounded up, but for what 0.01 * 10000 has behind 100. */
    least = ceil(floor * RECS_THOMPSON_STEPS - 1e-9);
    least = fmin(least, RECS_THOMPSON_STEPS / n);
    left = RECS_THOMPSON_STEPS;

    for (i = 0; i < n; i++) {
        share = least + (RECS_THOMPSON_STEPS - n * least) * best[i];
        steps[i] = (uint32_t) share;
        rest[i] = share - steps[i];
        left -= steps[i];
    }

    while (left > 0) {
        largest = 0;

        for (i = 1; i < n; i++) {
            largest = rest[i] > rest[largest] ? i : largest;
        }

        steps[largest]++;
        rest[largest] -= 1;
        left--;
    }
}
