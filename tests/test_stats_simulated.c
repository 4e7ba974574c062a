/*
 * Experiments drawn from a known truth, with fixed seeds: how often the tests
 * see what is not there, and what is.  The bounds are the requirement's; every
 * share comes with its standard error in the comment.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "recs_rng.h"
#include "recs_stats_power.h"
#include "recs_stats_test.h"


#define RUNS   4000
#define LOOKS  100
#define ALPHA  0.05


static const recs_stats_params_t  one_look = { .alpha = ALPHA };
static const recs_stats_params_t  any_looks = {
    .alpha = ALPHA, .tuning = RECS_STATS_TUNING
};


static void
in_range(const char *what, double got, double least, double greatest)
{
    printf("# %s: %.4f\n", what, got);

    if (!(got >= least && got <= greatest)) {
        fail_msg("%s: %.4f, expected %g to %g", what, got, least, greatest);
    }
}


static int
significant(const recs_stats_sample_t *a, const recs_stats_sample_t *b,
    const recs_stats_params_t *params)
{
    recs_stats_result_t  r;

    if (recs_stats_test(a, b, params, &r) != RECS_OK) {
        return 0;
    }

    return r.lo > 0 || r.hi < 0;
}


/* Of n units, those that convert. */
static uint64_t
draw(recs_rng_t *rng, uint64_t n, double rate)
{
    uint64_t  i, n_ones, threshold;

    n_ones = 0;
    threshold = (uint64_t) (rate * 0x1p64);

    for (i = 0; i < n; i++) {
        n_ones += recs_rng_next(rng) < threshold;
    }

    return n_ones;
}


/*
 * A/A: 50 units of each variant, a fifth of whom convert, between two looks.
 * Shares of 4000: 5 % +- 0.34, 38 % +- 0.77.
 */
static void
test_no_difference(void **state)
{
    unsigned             i, look, n_fixed, n_peeked, n_sequential, peeked,
                         sequential;
    uint64_t             ones_a, ones_b;
    recs_rng_t           rng;
    recs_stats_sample_t  a, b;

    (void) state;

    recs_rng_seed(&rng, 1);
    n_fixed = n_peeked = n_sequential = 0;

    for (i = 0; i < RUNS; i++) {
        ones_a = ones_b = 0;
        peeked = sequential = 0;

        for (look = 1; look <= LOOKS; look++) {
            ones_a += draw(&rng, 50, 0.2);
            ones_b += draw(&rng, 50, 0.2);
            a = recs_stats_rate(ones_a, 50 * look);
            b = recs_stats_rate(ones_b, 50 * look);

            peeked = peeked || significant(&a, &b, &one_look);
            sequential = sequential || significant(&a, &b, &any_looks);
        }

        n_fixed += significant(&a, &b, &one_look);
        n_peeked += peeked;
        n_sequential += sequential;
    }

    in_range("A/A, one look", (double) n_fixed / RUNS, 0.04, 0.06);
    in_range("A/A, confidence sequence", (double) n_sequential / RUNS, 0.001,
             0.05);
    in_range("A/A, peeking", (double) n_peeked / RUNS, 0.35, 0.41);
}


/* 10 % against 13 %, of as many units as are said to be needed: +- 0.63. */
static void
power_is(const recs_stats_params_t *params, const char *what, double power)
{
    unsigned             i, n_seen;
    uint64_t             n;
    recs_rng_t           rng;
    recs_stats_sample_t  a, b;

    recs_rng_seed(&rng, 2);
    n_seen = 0;

    a = recs_stats_rate(10, 100);
    b = recs_stats_rate(13, 100);
    n = (uint64_t) recs_stats_needed(&a, &b, params, power) / 2;

    for (i = 0; i < RUNS; i++) {
        a = recs_stats_rate(draw(&rng, n, 0.10), n);
        b = recs_stats_rate(draw(&rng, n, 0.13), n);
        n_seen += significant(&a, &b, params);
    }

    printf("# %s: 2 x %u units\n", what, (unsigned) n);
    in_range(what, (double) n_seen / RUNS, power - 0.03, power + 0.03);
}


static void
test_power(void **state)
{
    (void) state;

    power_is(&one_look, "power .8, one look", 0.8);
    power_is(&one_look, "power .5, one look", 0.5);
    power_is(&any_looks, "power .8, confidence sequence", 0.8);
}


#define CUPED_RUNS   2000
#define CUPED_UNITS  200
#define CUPED_LIFT   0.1

/* One experiment: outcomes of variance 1, correlation .7 with before. */
static void
cuped_run(recs_rng_t *rng, recs_stats_result_t *plain,
    recs_stats_result_t *adjusted)
{
    double               before;
    unsigned             i, v;
    recs_moments_t       y;
    recs_stats_cuped_t   cuped;
    recs_stats_sample_t  sample[2];
    recs_pair_moments_t  m[2] = { { 0 }, { 0 } };

    for (v = 0; v < 2; v++) {
        for (i = 0; i < CUPED_UNITS; i++) {
            before = recs_rng_normal(rng);
            recs_pair_moments_add(&m[v], before,
                                  1 + CUPED_LIFT * v + 0.7 * before
                                  + sqrt(0.51) * recs_rng_normal(rng));
        }
    }

    for (v = 0; v < 2; v++) {
        y = recs_pair_moments_y(&m[v]);
        sample[v] = recs_stats_mean(&y);
    }

    recs_stats_test(&sample[0], &sample[1], &one_look, plain);

    cuped = recs_stats_cuped(m, 2);
    sample[0] = recs_stats_adjusted(&m[0], &cuped);
    sample[1] = recs_stats_adjusted(&m[1], &cuped);
    recs_stats_test(&sample[0], &sample[1], &one_look, adjusted);
}


/*
 * The estimates' variance falls to 51 %, +- 1.6 as it comes from 2000 runs,
 * and the tests know of it; the lift stays.
 */
static void
test_cuped(void **state)
{
    double               bias;
    unsigned             i, n_covered;
    recs_rng_t           rng;
    recs_moments_t       plain = { 0 }, adjusted = { 0 }, told = { 0 };
    recs_stats_result_t  p, a;

    (void) state;

    recs_rng_seed(&rng, 3);
    n_covered = 0;

    for (i = 0; i < CUPED_RUNS; i++) {
        cuped_run(&rng, &p, &a);
        recs_moments_add(&plain, p.estimate);
        recs_moments_add(&adjusted, a.estimate);
        recs_moments_add(&told, a.se * a.se / (p.se * p.se));
        n_covered += a.lo <= CUPED_LIFT && a.hi >= CUPED_LIFT;
    }

    in_range("CUPED, variance taken out",
             1 - recs_moments_variance(&adjusted)
                 / recs_moments_variance(&plain), 0.46, 0.52);
    in_range("CUPED, variance said to be out", 1 - told.mean, 0.48, 0.50);

    bias = (adjusted.mean - CUPED_LIFT)
           / sqrt(recs_moments_variance(&adjusted) / CUPED_RUNS);
    in_range("CUPED, bias in standard errors", bias, -2, 2);
    in_range("CUPED, intervals that cover",
             (double) n_covered / CUPED_RUNS, 0.93, 0.97);
}


#define RATIO_UNITS  300

/*
 * Units with 1 to 16 exposures, a quarter of whom click on half of what they
 * see, the others hardly: m by units, clicks and exposures as if independent.
 */
static void
ratio_run(recs_rng_t *rng, recs_pair_moments_t *m, recs_stats_sample_t *naive)
{
    double    rate;
    unsigned  i;
    uint64_t  bits, clicks, exposures, n_clicks, n_exposures;

    n_clicks = n_exposures = 0;
    *m = (recs_pair_moments_t) { 0 };

    for (i = 0; i < RATIO_UNITS; i++) {
        bits = recs_rng_next(rng);
        exposures = 1 + bits % 16;
        rate = (bits >> 62) ? 0.02 : 0.5;
        clicks = draw(rng, exposures, rate);

        recs_pair_moments_add(m, (double) exposures, (double) clicks);
        n_clicks += clicks;
        n_exposures += exposures;
    }

    *naive = recs_stats_rate(n_clicks, n_exposures);
}


static void
test_ratio(void **state)
{
    unsigned             i, n_delta, n_naive;
    recs_rng_t           rng;
    recs_pair_moments_t  a, b;
    recs_stats_sample_t  naive_a, naive_b, ratio_a, ratio_b;

    (void) state;

    recs_rng_seed(&rng, 4);
    n_delta = n_naive = 0;

    for (i = 0; i < RUNS; i++) {
        ratio_run(&rng, &a, &naive_a);
        ratio_run(&rng, &b, &naive_b);
        ratio_a = recs_stats_ratio(&a);
        ratio_b = recs_stats_ratio(&b);

        n_delta += significant(&ratio_a, &ratio_b, &one_look);
        n_naive += significant(&naive_a, &naive_b, &one_look);
    }

    in_range("A/A, ratio by units", (double) n_delta / RUNS, 0.04, 0.06);
    in_range("A/A, ratio by exposures", (double) n_naive / RUNS, 0.10, 1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_no_difference),
        cmocka_unit_test(test_power),
        cmocka_unit_test(test_cuped),
        cmocka_unit_test(test_ratio),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
