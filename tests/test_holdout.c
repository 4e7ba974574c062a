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
    recs_split_t     split;
    recs_holdout_t  *holdout;
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
    split.train = train;
    split.test = test;
    users = make_factors(4, 0);
    items = make_factors(N_ITEMS, 1);
    assert_int_equal(recs_threads_create(&threads, 2, &err), RECS_OK);

    assert_int_equal(recs_holdout_create(&holdout, &split, users, items,
                                         STRIDE, threads, &err), RECS_OK);
    ndcg = recs_holdout_ndcg(holdout);

    /* user 0 sees 1, 3, 4, 5, ...: hits at the ranks 1, 2 and 4 of 3 */
    want = (1 + 1 / log2(3) + 1 / log2(5)) / (1 + 1 / log2(3) + 1 / log2(4));
    assert_true(fabs(ndcg - want / 2) < 1e-12);

    recs_holdout_destroy(holdout);

    recs_threads_destroy(threads);
    recs_dataset_close(train);
    recs_dataset_close(test);
    free(users);
    free(items);
}


/*
 * Lists lift 20 and 30 to the front: with a time, those of the last item
 * count alone.
 */
static void
test_lists(void **state)
{
    float             *users, *items;
    double             ndcg[3], ratio;
    uint32_t           i;
    recs_error_t       err;
    recs_dataset_t    *train, *test;
    recs_split_t       split;
    recs_holdout_t    *holdout;
    recs_threads_t    *threads;
    uint64_t           offsets[N_ITEMS + 1];

    static const double        weights[] = { 0, 1, 100 };
    static const recs_tiny_event_t  train_events[] = {
        { 0, 0, 5, 1 }, { 0, 1, 9, 1 }, { 0, 2, 7, 1 }
    };
    static const recs_tiny_event_t  test_events[] = { { 0, 30, 0, 1 } };

    uint32_t           list_items[] = { 20, 30, 3, 29 };
    float              list_weights[] = { 1, 0.9f, 0.5f, 8 };
    recs_knn_lists_t   lists = { offsets, list_items, list_weights };

    recs_holdout_lists_t  part = { &lists, 2, 3 };

    (void) state;

    /* 0: 20; 1: 30 and 3; 2: 29 */
    for (i = 0; i <= N_ITEMS; i++) {
        offsets[i] = i < 3 ? (i == 0 ? 0 : 2 * i - 1) : 4;
    }

    train = recs_tiny_dataset(1, N_ITEMS, train_events, 3);
    test = recs_tiny_dataset(1, N_ITEMS, test_events, 1);
    split.train = train;
    split.test = test;
    users = make_factors(1, 0);
    items = make_factors(N_ITEMS, 1);
    assert_int_equal(recs_threads_create(&threads, 1, &err), RECS_OK);

    assert_int_equal(recs_holdout_create(&holdout, &split, users, items,
                                         STRIDE, threads, &err), RECS_OK);

    /* 30 stands at 28; with 100 the order is 29, 20, 30. */
    recs_holdout_lists(holdout, &part, weights, 3, ndcg);
    assert_true(ndcg[0] == 0 && ndcg[1] == 0);
    assert_true(fabs(ndcg[2] - 1 / log2(4)) < 1e-12);

    /* 40 dots 40, 39, ... 1; sums 1, 0.9, 0.5, 8 and 36 times 0 */
    ratio = recs_holdout_ratio(holdout, &part);
    assert_true(fabs(ratio - sqrt((40.0 * 40 - 1) / 12)
                             / sqrt(66.06 / 40 - 10.4 / 40 * (10.4 / 40)))
                < 1e-5);

    /* Item 1 was touched last. */
    part.history = 1;
    recs_holdout_lists(holdout, &part, weights, 3, ndcg);
    assert_true(fabs(ndcg[2] - 1) < 1e-12);

    /* Without its second neighbour nothing changes; without both it does. */
    part.n_neighbors = 1;
    recs_holdout_lists(holdout, &part, weights, 3, ndcg);
    assert_true(fabs(ndcg[2] - 1) < 1e-12);
    part.n_neighbors = 0;
    recs_holdout_lists(holdout, &part, weights, 3, ndcg);
    assert_true(ndcg[2] == 0);

    recs_holdout_destroy(holdout);
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
    recs_error_t     err;
    recs_dataset_t  *train, *test;
    recs_split_t     split;
    recs_holdout_t  *holdout;
    recs_threads_t  *threads;

    static const recs_tiny_event_t  train_events[] = { { 0, 0, 0, 1 } };
    static const recs_tiny_event_t  test_events[] = { { 1, 0, 0, 1 } };

    (void) state;

    train = recs_tiny_dataset(2, N_ITEMS, train_events, 1);
    test = recs_tiny_dataset(2, N_ITEMS, test_events, 1);
    split.train = train;
    split.test = test;
    users = make_factors(2, 0);
    items = make_factors(N_ITEMS, 1);
    assert_int_equal(recs_threads_create(&threads, 1, &err), RECS_OK);

    assert_int_equal(recs_holdout_create(&holdout, &split, users, items,
                                         STRIDE, threads, &err),
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
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_nobody)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
