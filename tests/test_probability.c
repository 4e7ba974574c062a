/*
 * Figures of probabilities against the definitions, told again the slow way.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recs_probability.h"
#include "recs_rng.h"


#define N  300


static void
near(double got, double want)
{
    if (!(fabs(got - want) < 1e-9)) {
        fail_msg("%.17g is not %.17g", got, want);
    }
}


static void
test_brute_force(void **state)
{
    float               p[N];
    double              loss, brier, right, won, pairs, error, mean, share;
    double              all;
    uint8_t             y[N];
    uint32_t            i, j;
    recs_rng_t          rng;
    recs_error_t        err;
    recs_probability_t  r;

    (void) state;

    recs_rng_seed(&rng, 4);
    loss = brier = right = won = pairs = error = all = 0;

    for (i = 0; i < N; i++) {
        /* many ties, both ends among them */
        p[i] = (float) floor(recs_rng_uniform(&rng) * 33) / 32;
        y[i] = recs_rng_uniform(&rng) < (double) p[i] * 0.7 + 0.2;
        all += (double) y[i] / N;
        loss -= log(fmin(fmax(y[i] ? (double) p[i] : 1 - (double) p[i], 1e-7),
                         1 - 1e-7)) / N;
        brier += pow((double) p[i] - y[i], 2) / N;
        right += ((double) p[i] >= 0.5) == (y[i] == 1);
    }

    for (i = 0; i < N; i++) {
        for (j = 0; j < N; j++) {
            if (y[i] && !y[j]) {
                pairs++;
                won += p[i] > p[j] ? 1 : p[i] < p[j] ? 0 : 0.5;
            }
        }
    }

    for (j = 0; j < 10; j++) {
        mean = share = 0;

        for (i = 0; i < N; i++) {
            if ((double) p[i] >= j / 10.0
                && ((double) p[i] < (j + 1) / 10.0 || j == 9))
            {
                mean += (double) p[i];
                share += y[i];
            }
        }

        error += fabs(mean - share) / N;
    }

    assert_int_equal(recs_probability(p, y, N, &r, &err), RECS_OK);
    assert_int_equal(r.n, N);
    near(r.log_loss, loss);
    near(r.brier, brier);
    near(r.accuracy, right / N);
    near(r.auc, won / pairs);
    near(r.calibration, error);
    near(r.base, -all * log(all) - (1 - all) * log(1 - all));
}


static void
test_edges(void **state)
{
    float               p[3] = { 0.2f, 0.6f, 1.5f };
    uint8_t             y[3] = { 1, 1, 1 };
    recs_error_t        err;
    recs_probability_t  r;

    (void) state;

    assert_int_equal(recs_probability(p, y, 2, &r, &err), RECS_OK);
    assert_true(isnan(r.auc));
    near(r.accuracy, 0.5);

    assert_int_equal(recs_probability(p, y, 3, &r, &err), RECS_INVALID);
    assert_int_equal(recs_probability(p, y, 0, &r, &err), RECS_INVALID);
    p[0] = (float) NAN;
    assert_int_equal(recs_probability(p, y, 2, &r, &err), RECS_INVALID);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_brute_force),
        cmocka_unit_test(test_edges)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
