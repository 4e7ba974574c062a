/*
 * The weights of the network and of the retrieval: where the loss has its
 * least, and none below 0.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recs_mlp_weigh.h"
#include "recs_rng.h"


#define N  3000


static float    retrieved[N], logits[N], labels[N];
static uint8_t  found[N];


/* Labels of true odds bias + a * retrieved + b * logits. */
static void
make_examples(double bias, double a, double b)
{
    double      odds;
    uint32_t    i;
    recs_rng_t  rng;

    recs_rng_seed(&rng, 5);

    for (i = 0; i < N; i++) {
        retrieved[i] = (float) (3e-3 * recs_rng_normal(&rng) + 1);
        logits[i] = (float) (4 * recs_rng_normal(&rng) - 9);
        found[i] = i % 6 != 0;

        odds = bias + a * (double) retrieved[i] + b * (double) logits[i];
        labels[i] = recs_rng_uniform(&rng) < 1 / (1 + exp(-odds));

        /* those that were not found say the opposite */
        if (!found[i]) {
            labels[i] = 1 - labels[i];
        }
    }
}


static double
loss(double bias, double a, double b)
{
    double    odds, sum;
    uint32_t  i, n;

    for (i = 0, n = 0, sum = 0; i < N; i++) {
        if (found[i]) {
            odds = bias + a * (double) retrieved[i] + b * (double) logits[i];
            sum += log1p(exp(-fabs(odds))) + fmax(odds, 0)
                   - (double) labels[i] * odds;
            n++;
        }
    }

    return sum / n;
}


static void
test_least(void **state)
{
    double              best;
    recs_mlp_weights_t  w;

    (void) state;

    make_examples(-200, 200, 0.5);
    recs_mlp_weigh(&w, retrieved, logits, labels, found, N);

    assert_true(fabs(w.retrieved - 200) < 60);
    assert_true(fabs(w.network - 0.5) < 0.1);

    best = loss(w.bias, w.retrieved, w.network);
    assert_true(fabs(best - w.loss) < 1e-9);
    assert_true(loss(w.bias + 0.05, w.retrieved, w.network) > best);
    assert_true(loss(w.bias - 0.05, w.retrieved, w.network) > best);
    assert_true(loss(w.bias - 5, w.retrieved + 5, w.network) > best);
    assert_true(loss(w.bias + 5, w.retrieved - 5, w.network) > best);
    assert_true(loss(w.bias + 0.18, w.retrieved, w.network + 0.02) > best);
    assert_true(loss(w.bias - 0.18, w.retrieved, w.network - 0.02) > best);
}


static void
test_not_negative(void **state)
{
    recs_mlp_weights_t  w;

    (void) state;

    make_examples(100, -100, 0.5);
    recs_mlp_weigh(&w, retrieved, logits, labels, found, N);
    assert_true(w.retrieved == 0.0);
    assert_true(w.network > 0.4);

    make_examples(-205, 200, -0.5);
    recs_mlp_weigh(&w, retrieved, logits, labels, found, N);
    assert_true(w.network == 0.0);
    assert_true(w.retrieved > 100);
}


/* A network that says the same of everything. */
static void
test_constant(void **state)
{
    double              share;
    uint32_t            i, n;
    recs_mlp_weights_t  w;

    (void) state;

    make_examples(-1, 0, 0);

    for (i = 0, n = 0, share = 0; i < N; i++) {
        logits[i] = 7;
        retrieved[i] = -3;
        share += found[i] ? (double) labels[i] : 0;
        n += found[i];
    }

    share /= n;
    recs_mlp_weigh(&w, retrieved, logits, labels, found, N);
    assert_true(w.network == 0.0 && w.retrieved == 0.0);
    assert_true(fabs(w.bias - log(share / (1 - share))) < 1e-3);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_least),
        cmocka_unit_test(test_not_negative),
        cmocka_unit_test(test_constant)
    };

    return cmocka_run_group_tests_name("mlp_weigh", tests, NULL, NULL);
}
