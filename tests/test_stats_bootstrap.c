/*
 * The paired bootstrap: against the normal interval where that holds, its
 * coverage on skewed data, and what it refuses.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recs_rng.h"
#include "recs_stats_bootstrap.h"


#define N  400


static recs_stats_bootstrap_params_t  params = { 10000, 1, 0.05 };


/* Normal differences: the interval is mean +- 1.96 s / sqrt(n). */

static void
test_normal(void **state)
{
    double                   x[2 * N], mean, squares, half;
    uint32_t                 i;
    recs_rng_t               rng;
    recs_error_t             err;
    recs_stats_bootstrap_t   r[2], again[2];

    (void) state;

    recs_rng_seed(&rng, 11);
    mean = 0;
    squares = 0;

    for (i = 0; i < N; i++) {
        x[2 * i] = 0.3 + recs_rng_normal(&rng);
        x[2 * i + 1] = -2 * x[2 * i];
        mean += x[2 * i] / N;
    }

    for (i = 0; i < N; i++) {
        squares += (x[2 * i] - mean) * (x[2 * i] - mean);
    }

    half = 1.96 * sqrt(squares / N / N);

    assert_int_equal(recs_stats_bootstrap(x, N, 2, &params, r, &err),
                     RECS_OK);
    assert_true(fabs(r[0].estimate - mean) < 1e-12);
    assert_true(fabs(r[0].lo - (mean - half)) < 0.05 * half);
    assert_true(fabs(r[0].hi - (mean + half)) < 0.05 * half);

    /* all metrics of a user are drawn together */
    assert_true(fabs(r[1].lo + 2 * r[0].hi) < 0.02 * half);
    assert_true(fabs(r[1].hi + 2 * r[0].lo) < 0.02 * half);

    assert_int_equal(recs_stats_bootstrap(x, N, 2, &params, again, &err),
                     RECS_OK);
    assert_memory_equal(r, again, sizeof(r));
}


/* Log-normal differences of known mean: about 95 of 100 intervals hold it. */

static void
test_coverage(void **state)
{
    double                          x[200];
    uint32_t                        i, run, held;
    recs_rng_t                      rng;
    recs_error_t                    err;
    recs_stats_bootstrap_t          r;
    recs_stats_bootstrap_params_t   few;

    (void) state;

    recs_rng_seed(&rng, 12);
    few = params;
    few.n_resamples = 400;
    held = 0;

    for (run = 0; run < 200; run++) {
        for (i = 0; i < 200; i++) {
            x[i] = exp(0.8 * recs_rng_normal(&rng));
        }

        few.seed = run;
        assert_int_equal(recs_stats_bootstrap(x, 200, 1, &few, &r, &err),
                         RECS_OK);
        held += r.lo <= exp(0.32) && exp(0.32) <= r.hi;
    }

    if (held < 178 || held == 200) {
        fail_msg("%u of 200 intervals hold the mean", held);
    }
}


static void
test_edges(void **state)
{
    double                   x[4] = { 0.5, 0.5, 0.5, 0.5 };
    recs_error_t             err;
    recs_stats_bootstrap_t   r;

    (void) state;

    assert_int_equal(recs_stats_bootstrap(x, 4, 1, &params, &r, &err),
                     RECS_OK);
    assert_true(r.lo == 0.5 && r.hi == 0.5 && r.estimate == 0.5);

    x[2] = (double) NAN;
    assert_int_equal(recs_stats_bootstrap(x, 4, 1, &params, &r, &err),
                     RECS_OK);
    assert_true(isnan(r.lo) && isnan(r.hi) && isnan(r.estimate));

    assert_int_equal(recs_stats_bootstrap(x, 1, 1, &params, &r, &err),
                     RECS_INVALID);
    assert_int_equal(recs_stats_bootstrap(x, 2, 0, &params, &r, &err),
                     RECS_INVALID);
    assert_int_equal(recs_stats_bootstrap(x, 2, 17, &params, &r, &err),
                     RECS_INVALID);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_edges)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
