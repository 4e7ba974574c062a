/*
 * Lists against weights worked out pair by pair, in double precision.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_knn_lists.h"
#include "recs_tiny_dataset.h"


#define N_USERS  90
#define N_ITEMS  150


static recs_error_t  err;


static int
has(const recs_dataset_view_t *v, uint32_t user, uint32_t item)
{
    uint64_t  k;

    for (k = v->user_offsets[user]; k < v->user_offsets[user + 1]; k++) {
        if (v->items[k] == item) {
            return 1;
        }
    }

    return 0;
}


/* By the formula of the header. */
static void
expect(const recs_dataset_view_t *v, const recs_knn_params_t *p,
    double weights[N_ITEMS][N_ITEMS])
{
    double    c, n[N_ITEMS];
    uint32_t  i, j, u;

    for (i = 0; i < N_ITEMS; i++) {
        n[i] = 0;

        for (u = 0; u < N_USERS; u++) {
            n[i] += has(v, u, i);
        }
    }

    for (j = 0; j < N_ITEMS; j++) {
        for (i = 0; i < N_ITEMS; i++) {
            c = 0;

            for (u = 0; u < N_USERS; u++) {
                if (i != j && has(v, u, i) && has(v, u, j)) {
                    c += pow((double) (v->user_offsets[u + 1]
                                       - v->user_offsets[u]),
                             -p->user_exponent);
                }
            }

            weights[j][i] = c > 0
                            ? c / (pow(n[j], p->source_exponent)
                                   * pow(n[i], 1 - p->source_exponent))
                              * (c / (c + p->shrinkage))
                            : 0;
        }
    }
}


static void
compare(const recs_knn_lists_t *lists, const recs_knn_params_t *p,
    double weights[N_ITEMS][N_ITEMS], uint32_t source)
{
    double    least;
    uint32_t  i, met, better;
    uint64_t  at, n;

    n = lists->offsets[source + 1] - lists->offsets[source];
    assert_true(n <= p->n_neighbors);
    least = INFINITY;

    for (at = lists->offsets[source]; at < lists->offsets[source + 1]; at++) {
        assert_int_not_equal(lists->items[at], source);
        assert_true(fabs(lists->weights[at]
                         - weights[source][lists->items[at]]) < 1e-5);

        if (at > lists->offsets[source]) {
            assert_true(lists->weights[at] < lists->weights[at - 1]
                        || (lists->weights[at] == lists->weights[at - 1]
                            && lists->items[at] > lists->items[at - 1]));
        }

        least = lists->weights[at];
    }

    for (i = 0, met = 0, better = 0; i < N_ITEMS; i++) {
        met += weights[source][i] > 0;
        better += weights[source][i] > least + 1e-5;
    }

    assert_int_equal(n, met < p->n_neighbors ? met : p->n_neighbors);
    assert_true(better < n || n == 0);
}


static void
test_weights(void **state)
{
    uint32_t          i, source;
    recs_dataset_t   *dataset;
    recs_threads_t   *threads;
    recs_knn_lists_t  lists;

    static double             weights[N_ITEMS][N_ITEMS];
    static const recs_knn_params_t  params[] = {
        { 200, 0.5, 0, 0, NULL },
        { 20, 0.5, 0.5, 0, NULL },
        { 1, 0.3, 1, 0, NULL },
        { 50, 0, 0.5, 2.5, NULL },
        { 50, 1, 2, 0.1, NULL }
    };

    (void) state;

    dataset = recs_tiny_random_dataset(N_USERS, N_ITEMS, 900, 3);
    assert_int_equal(recs_threads_create(&threads, 2, &err), RECS_OK);

    for (i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
        memset(&lists, 0, sizeof(lists));
        assert_int_equal(recs_knn_lists_build(&lists,
                                              recs_dataset_view(dataset),
                                              &params[i], threads, &err),
                         RECS_OK);
        expect(recs_dataset_view(dataset), &params[i], weights);

        for (source = 0; source < N_ITEMS; source++) {
            compare(&lists, &params[i], weights, source);
        }

        recs_knn_lists_free(&lists);
    }

    recs_threads_destroy(threads);
    recs_dataset_close(dataset);
}


/* Any number of threads; and only the sources asked for. */
static void
test_same(void **state)
{
    uint32_t           i, n_threads;
    uint64_t           n;
    uint8_t            sources[N_ITEMS];
    recs_dataset_t    *dataset;
    recs_threads_t    *threads;
    recs_knn_lists_t   one, other;

    recs_knn_params_t  p = { 30, 0.5, 0.5, 0, NULL };

    (void) state;

    dataset = recs_tiny_random_dataset(N_USERS, N_ITEMS, 900, 4);
    memset(&one, 0, sizeof(one));
    memset(&other, 0, sizeof(other));

    for (n_threads = 1; n_threads <= 4; n_threads += 3) {
        assert_int_equal(recs_threads_create(&threads, n_threads, &err),
                         RECS_OK);
        assert_int_equal(recs_knn_lists_build(n_threads == 1 ? &one : &other,
                                              recs_dataset_view(dataset), &p,
                                              threads, &err), RECS_OK);
        recs_threads_destroy(threads);
    }

    n = one.offsets[N_ITEMS];
    assert_memory_equal(one.offsets, other.offsets, sizeof(uint64_t)
                                                    * (N_ITEMS + 1));
    assert_memory_equal(one.items, other.items, n * sizeof(uint32_t));
    assert_memory_equal(one.weights, other.weights, n * sizeof(float));
    recs_knn_lists_free(&other);

    for (i = 0; i < N_ITEMS; i++) {
        sources[i] = i % 3 == 0;
    }

    p.sources = sources;
    assert_int_equal(recs_threads_create(&threads, 2, &err), RECS_OK);
    assert_int_equal(recs_knn_lists_build(&other, recs_dataset_view(dataset),
                                          &p, threads, &err), RECS_OK);
    recs_threads_destroy(threads);

    for (i = 0; i < N_ITEMS; i++) {
        n = other.offsets[i + 1] - other.offsets[i];
        assert_int_equal(n, i % 3 == 0 ? one.offsets[i + 1] - one.offsets[i]
                                       : 0);
        assert_memory_equal(other.items + other.offsets[i],
                            one.items + one.offsets[i],
                            n * sizeof(uint32_t));
    }

    recs_knn_lists_free(&one);
    recs_knn_lists_free(&other);
    recs_dataset_close(dataset);
}


/* The unit leaves the heaviest of few weights at 255. */
static void
test_unit(void **state)
{
    uint64_t          offsets[] = { 0, 2, 3 };
    uint32_t          items[] = { 1, 0, 0 };
    float             weights[] = { 0.5f, 0.25f, 51 };
    recs_knn_lists_t  lists = { offsets, items, weights };

    (void) state;

    assert_true(recs_knn_lists_unit(&lists, 2) == 51.0 / 255);
    offsets[2] = offsets[1] = 0;
    assert_true(recs_knn_lists_unit(&lists, 2) == 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_unit)
    };

    return cmocka_run_group_tests_name("knn_lists", tests, NULL, NULL);
}
