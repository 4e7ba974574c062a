/*
 * A step against differences of the loss; epochs that are the same from any
 * number of threads, and put what was met first.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_bpr_fit.h"
#include "recs_rng.h"
#include "recs_tiny_dataset.h"


#define N_USERS    120
#define N_ITEMS    90
#define N_FACTORS  9


static recs_error_t  err;


static double
loss(const double *rows, uint32_t n, double regularization)
{
    double    x, squares;
    uint32_t  f;

    x = 0;
    squares = 0;

    for (f = 0; f < n; f++) {
        x += rows[f] * (rows[n + f] - rows[2 * n + f]);
        squares += rows[f] * rows[f] + rows[n + f] * rows[n + f]
                   + rows[2 * n + f] * rows[2 * n + f];
    }

    return log1p(exp(-x)) + regularization / 2 * squares;
}


/* The last of the user's is a constant; all else goes down the gradient. */
static void
check_gradient(uint32_t n, double regularization, uint64_t seed)
{
    float       before[3 * 64], after[3 * 64], rate, told;
    double      rows[3 * 64], up, down, gradient;
    uint32_t    i;
    recs_rng_t  rng;

    recs_rng_seed(&rng, seed);

    for (i = 0; i < 3 * n; i++) {
        before[i] = (float) recs_rng_normal(&rng);
        rows[i] = (double) before[i];
    }

    before[n - 1] = 1;
    rows[n - 1] = 1;
    memcpy(after, before, sizeof(after));
    rate = 0.125f;

    told = recs_bpr_step(after, after + n, after + 2 * n, n, rate,
                         (float) regularization);
    assert_true(fabs((double) told - loss(rows, n, 0)) < 1e-4);
    assert_true(after[n - 1] == 1);

    for (i = 0; i < 3 * n; i++) {
        if (i == n - 1) {
            continue;
        }

        rows[i] += 1e-5;
        up = loss(rows, n, regularization);
        rows[i] -= 2e-5;
        down = loss(rows, n, regularization);
        rows[i] += 1e-5;
        gradient = (up - down) / 2e-5;

        assert_true(fabs((double) (before[i] - after[i]) / (double) rate
                         - gradient) < 1e-4);
    }
}


static void
test_gradient(void **state)
{
    uint64_t  seed;

    (void) state;

    for (seed = 1; seed <= 20; seed++) {
        check_gradient(2, 0, seed);
        check_gradient(15, 0.25, seed);
        check_gradient(37, 0.01, seed);
        check_gradient(64, 1, seed);
    }
}


static void
train(const recs_dataset_view_t *v, uint32_t n_threads, uint64_t seed,
    float *users, float *items, double *first, double *last)
{
    uint32_t            epoch;
    recs_threads_t     *threads;
    recs_bpr_fit_t     *fit;
    recs_bpr_params_t   params = { .n_factors = N_FACTORS, .n_epochs = 60,
                                   .learning_rate = 0.1,
                                   .regularization = 0.01, .seed = seed };

    assert_int_equal(recs_threads_create(&threads, n_threads, &err), RECS_OK);
    assert_int_equal(recs_bpr_fit_create(&fit, v, &params, &err), RECS_OK);
    recs_bpr_fit_start(fit, users, items);

    for (epoch = 0; epoch < params.n_epochs; epoch++) {
        *last = recs_bpr_fit_epoch(fit, epoch, users, items, threads);

        if (epoch == 0) {
            *first = *last;
        }
    }

    recs_bpr_fit_destroy(fit);
    recs_threads_destroy(threads);
}


static void
test_epochs(void **state)
{
    double                      first, last, a, b;
    uint32_t                    u;
    recs_dataset_t             *dataset;
    const recs_dataset_view_t  *v;

    static float  users[3][N_USERS * N_FACTORS];
    static float  items[3][N_ITEMS * N_FACTORS];

    (void) state;

    dataset = recs_tiny_random_dataset(N_USERS, N_ITEMS, 1500, 9);
    v = recs_dataset_view(dataset);

    train(v, 1, 1, users[0], items[0], &first, &last);
    assert_true(fabs(first - log(2)) < 0.1);
    assert_true(last < 0.8 * first);

    for (u = 0; u < N_USERS; u++) {
        assert_true(users[0][u * N_FACTORS + N_FACTORS - 1] == 1);
    }

    train(v, 3, 1, users[1], items[1], &a, &b);
    assert_memory_equal(users[0], users[1], sizeof(users[0]));
    assert_memory_equal(items[0], items[1], sizeof(items[0]));
    assert_true(a == first && b == last);

    train(v, 2, 2, users[2], items[2], &a, &b);
    assert_memory_not_equal(users[0], users[2], sizeof(users[0]));

    recs_dataset_close(dataset);
}


/* Who has met everything, and catalogues smaller than the blocks. */
static void
test_small(void **state)
{
    double             first, last;
    float              users[3 * N_FACTORS], items[2 * N_FACTORS];
    uint32_t           f;
    recs_dataset_t    *dataset;
    recs_tiny_event_t  events[] = { { 0, 0, 1, 1 }, { 0, 1, 2, 1 },
                                    { 1, 0, 3, 1 }, { 2, 1, 4, 1 } };

    (void) state;

    dataset = recs_tiny_dataset(3, 2, events, 4);
    train(recs_dataset_view(dataset), 2, 1, users, items, &first, &last);

    for (f = 0; f < 2 * N_FACTORS; f++) {
        assert_true(isfinite(items[f]));
    }

    recs_dataset_close(dataset);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_epochs),
        cmocka_unit_test(test_small)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
