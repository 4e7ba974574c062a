/*
 * FTRL-Proximal: a step is the paper's, what it comes to is where a dense
 * solver finds the optimum, seldom and useless features stay at 0.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "recs_ftrl.h"
#include "recs_rng.h"


#define N            4000
#define N_FEATURES   40
#define N_TERMS      5
#define TRUE         6                    /* features that matter: 1 to TRUE */


typedef struct {
    recs_ftrl_term_t  terms[N_TERMS];
    int               label;
} example_t;


static example_t  examples[N];


static double
sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}


/* Distinct features; the first TRUE tell the label, one way or the other. */
static void
make_examples(uint64_t seed)
{
    double      odds;
    uint32_t    i, k, f;
    recs_rng_t  rng;

    recs_rng_seed(&rng, seed);

    for (i = 0; i < N; i++) {
        odds = -1;

        for (k = 0; k < N_TERMS; k++) {
            f = 1 + k + N_TERMS * (uint32_t) (recs_rng_next(&rng)
                                              % ((N_FEATURES - 1) / N_TERMS));
            examples[i].terms[k].feature = f;
            examples[i].terms[k].value = k == 0
                                         ? (float) recs_rng_normal(&rng) : 1;
            odds += f > TRUE ? 0 : (f % 2 ? 1.5 : -1)
                                   * examples[i].terms[k].value;
        }

        examples[i].label = recs_rng_uniform(&rng) < sigmoid(odds);
    }
}


/* The paper's line by line, in the open. */
static void
test_one_step(void **state)
{
    float               weights[3];
    double              g, z, n, w, first;
    recs_ftrl_t        *f;
    recs_ftrl_params_t  p = { 0.5, 1, 0.01, 0.1 };
    recs_ftrl_term_t    terms[] = { { 2, 3 } };

    (void) state;

    f = recs_ftrl_create(3, &p);
    assert_non_null(f);

    first = recs_ftrl_learn(f, terms, 1, 1);
    assert_true(first == 0);

    g = (0.5 - 1) * 3;
    z = g;
    n = g * g;
    w = -(z + 0.01) / ((1 + sqrt(n)) / 0.5 + 0.1);

    recs_ftrl_weights(f, weights);
    assert_true(fabs(weights[2] - w) < 1e-6);
    assert_true(fabs(weights[0] - 0.5 / ((1 + 0.5) / 0.5)) < 1e-6);
    assert_true(weights[1] == 0);

    assert_true(fabs(recs_ftrl_score(f, terms, 1)
                     - (weights[0] + 3 * w)) < 1e-6);

    /* Once more, with sigma. */
    g = (sigmoid(weights[0] + 3 * w) - 0) * 3;
    z += g - (sqrt(n + g * g) - sqrt(n)) / 0.5 * w;
    n += g * g;

    recs_ftrl_learn(f, terms, 1, 0);
    recs_ftrl_weights(f, weights);

    w = fabs(z) <= 0.01 ? 0 : (copysign(0.01, z) - z)
                              / ((1 + sqrt(n)) / 0.5 + 0.1);
    assert_true(fabs(weights[2] - w) < 1e-6);

    recs_ftrl_destroy(f);
}


static double
loss(const double *w)
{
    double    x, sum;
    uint32_t  i, k;

    for (sum = 0, i = 0; i < N; i++) {
        x = w[0];

        for (k = 0; k < N_TERMS; k++) {
            x += w[examples[i].terms[k].feature] * examples[i].terms[k].value;
        }

        sum += log1p(exp(x)) - examples[i].label * x;
    }

    return sum / N;
}


/* The steepness of the loss: its differences along every axis, added up. */
static double
steepness(double *w)
{
    double    at, slope, sum;
    uint32_t  i;

    for (sum = 0, i = 0; i < N_FEATURES; i++) {
        at = w[i];
        w[i] = at + 1e-4;
        slope = loss(w);
        w[i] = at - 1e-4;
        slope -= loss(w);
        w[i] = at;

        sum += fabs(slope) / 2e-4;
    }

    return sum;
}


/* Where it ends, hardly any direction makes the loss less. */
static void
test_optimum(void **state)
{
    int                 epoch;
    float               weights[N_FEATURES];
    double              w[N_FEATURES] = { 0 }, first, last;
    uint32_t            i;
    recs_ftrl_t        *f;
    recs_ftrl_params_t  p = { 0.5, 1, 0, 0 };

    (void) state;

    make_examples(1);
    f = recs_ftrl_create(N_FEATURES, &p);
    assert_non_null(f);

    first = steepness(w);

    for (epoch = 0; epoch < 60; epoch++) {
        for (i = 0; i < N; i++) {
            recs_ftrl_learn(f, examples[i].terms, N_TERMS, examples[i].label);
        }
    }

    recs_ftrl_weights(f, weights);

    for (i = 0; i < N_FEATURES; i++) {
        w[i] = weights[i];
    }

    last = steepness(w);
    assert_true(last < first / 20);

    recs_ftrl_destroy(f);
}


static void
test_sparse(void **state)
{
    float               weights[N_FEATURES];
    uint32_t            i, n;
    recs_ftrl_t        *f;
    recs_ftrl_params_t  p = { 0.5, 1, 60, 0 };

    (void) state;

    make_examples(2);
    f = recs_ftrl_create(N_FEATURES, &p);
    assert_non_null(f);

    for (i = 0; i < N; i++) {
        recs_ftrl_learn(f, examples[i].terms, N_TERMS, examples[i].label);
    }

    recs_ftrl_weights(f, weights);

    for (n = 0, i = TRUE + 1; i < N_FEATURES; i++) {
        n += weights[i] != 0;
    }

    assert_true(weights[0] != 0);
    assert_true(weights[1] > 0.1f);
    assert_true(n == 0);

    recs_ftrl_destroy(f);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_one_step),
        cmocka_unit_test(test_optimum),
        cmocka_unit_test(test_sparse)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
