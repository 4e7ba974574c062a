/*
 * The stopping rule's NDCG@20 against values worked out by hand.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_holdout.h"
#include "recs_tiny_dataset.h"


#define N_ITEMS  40
#define STRIDE   16


/* Everybody likes item 0 best, then 1, ... */

static float *
make_factors(uint32_t n, int falling)
{
    float     *factors;
    uint32_t   i;

    factors = calloc(n * STRIDE, sizeof(float));

    for (i = 0; i < n; i++) {
        factors[i * STRIDE + 3] = falling ? (float) (n - i) : 1;
    }

    return factors;
}


static void
test_by_hand(void **state)
{
    float           *users, *items;
    double           ndcg, want;
    recs_error_t     err;
    recs_dataset_t  *train, *test;
    recs_threads_t  *threads;

    static const recs_tiny_event_t  train_events[] = {
        { 0, 0, 0, 1 }, { 0, 2, 0, 1 }, { 1, 5, 0, 1 }, { 3, 0, 0, 1 }
    };

    /* user 1: outside the first 20; user 2: nothing trained, left out */
    static const recs_tiny_event_t  test_events[] = {
        { 0, 1, 0, 1 }, { 0, 3, 0, 1 }, { 0, 5, 0, 1 }, { 1, 30, 0, 1 },
        { 2, 0, 0, 1 }
    };

    (void) state;

    train = recs_tiny_dataset(4, N_ITEMS, train_events, 4);
    test = recs_tiny_dataset(4, N_ITEMS, test_events, 5);
    users = make_factors(4, 0);
    items = make_factors(N_ITEMS, 1);
    assert_int_equal(recs_threads_create(&threads, 2, &err), RECS_OK);

    assert_int_equal(recs_holdout_ndcg(recs_dataset_view(train),
                                       recs_dataset_view(test), users, items,
                                       STRIDE, threads, &ndcg, &err),
                     RECS_OK);

    /* user 0 sees 1, 3, 4, 5, ...: hits at the ranks 1, 2 and 4 of 3 */
    want = (1 + 1 / log2(3) + 1 / log2(5)) / (1 + 1 / log2(3) + 1 / log2(4));
    assert_true(fabs(ndcg - want / 2) < 1e-12);

    recs_threads_destroy(threads);
    recs_dataset_close(train);
    recs_dataset_close(test);
    free(users);
    free(items);
}


static void
test_nobody(void **state)
{
    float           *users, *items;
    double           ndcg;
    recs_error_t     err;
    recs_dataset_t  *train, *test;
    recs_threads_t  *threads;

    static const recs_tiny_event_t  train_events[] = { { 0, 0, 0, 1 } };
    static const recs_tiny_event_t  test_events[] = { { 1, 0, 0, 1 } };

    (void) state;

    train = recs_tiny_dataset(2, N_ITEMS, train_events, 1);
    test = recs_tiny_dataset(2, N_ITEMS, test_events, 1);
    users = make_factors(2, 0);
    items = make_factors(N_ITEMS, 1);
    assert_int_equal(recs_threads_create(&threads, 1, &err), RECS_OK);

    assert_int_equal(recs_holdout_ndcg(recs_dataset_view(train),
                                       recs_dataset_view(test), users, items,
                                       STRIDE, threads, &ndcg, &err),
                     RECS_INVALID);

    recs_threads_destroy(threads);
    recs_dataset_close(train);
    recs_dataset_close(test);
    free(users);
    free(items);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_nobody)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
