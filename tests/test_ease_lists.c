/*
 * EASE's weights against a dense solve in double precision, by the form of
 * the items and by that of the users; and what they must be at their best:
 * no change of them makes the loss smaller.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_ease_lists.h"
#include "recs_tiny_dataset.h"


#define SIZE  96                          /* users or items at most */


static recs_error_t  err;
static double        x[SIZE][SIZE];       /* users' items */
static double        p[SIZE][SIZE];
static double        b[SIZE][SIZE];       /* source, target */


static void
dense(const recs_dataset_view_t *v)
{
    uint32_t  u;
    uint64_t  k;

    memset(x, 0, sizeof(x));

    for (u = 0; u < v->n_users; u++) {
        for (k = v->user_offsets[u]; k < v->user_offsets[u + 1]; k++) {
            x[u][v->items[k]] = 1;
        }
    }
}


/* Gauss and Jordan, without pivots: it is positive definite. */
static void
invert(uint32_t n)
{
    double    pivot, factor;
    uint32_t  i, j, k;

    for (k = 0; k < n; k++) {
        pivot = 1 / p[k][k];
        p[k][k] = 1;

        for (j = 0; j < n; j++) {
            p[k][j] *= pivot;
        }

        for (i = 0; i < n; i++) {
            if (i == k) {
                continue;
            }

            factor = p[i][k];
            p[i][k] = 0;

            for (j = 0; j < n; j++) {
                p[i][j] -= factor * p[k][j];
            }
        }
    }
}


static void
solve(const recs_dataset_view_t *v, double regularization)
{
    uint32_t  i, j, u;

    dense(v);

    for (i = 0; i < v->n_items; i++) {
        for (j = 0; j < v->n_items; j++) {
            p[i][j] = i == j ? regularization : 0;

            for (u = 0; u < v->n_users; u++) {
                p[i][j] += x[u][i] * x[u][j];
            }
        }
    }

    invert(v->n_items);

    for (i = 0; i < v->n_items; i++) {
        for (j = 0; j < v->n_items; j++) {
            b[i][j] = i == j ? 0 : -p[i][j] / p[j][j];
        }
    }
}


static double
loss(const recs_dataset_view_t *v, double regularization, uint32_t target)
{
    double    sum, miss;
    uint32_t  u, i;

    sum = 0;

    for (u = 0; u < v->n_users; u++) {
        miss = x[u][target];

        for (i = 0; i < v->n_items; i++) {
            miss -= x[u][i] * b[i][target];
        }

        sum += miss * miss;
    }

    for (i = 0; i < v->n_items; i++) {
        sum += regularization * b[i][target] * b[i][target];
    }

    return sum;
}


static void
compare(const recs_knn_lists_t *lists, const recs_dataset_view_t *v,
    double sign, uint32_t n_kept)
{
    double    least, weight;
    uint32_t  source, i, n, above;
    uint64_t  at;

    for (source = 0; source < v->n_items; source++) {
        n = (uint32_t) (lists->offsets[source + 1] - lists->offsets[source]);
        assert_true(n <= n_kept);
        least = 0;

        for (at = lists->offsets[source]; at < lists->offsets[source + 1];
             at++)
        {
            weight = sign * b[source][lists->items[at]];
            assert_int_not_equal(lists->items[at], source);
            assert_true(lists->weights[at] > 0);
            assert_true(fabs(lists->weights[at] - weight) < 1e-5);
            assert_true(at == lists->offsets[source]
                        || lists->weights[at] <= lists->weights[at - 1]);
            least = lists->weights[at];
        }

        for (i = 0, above = 0; i < v->n_items; i++) {
            above += sign * b[source][i] > (n == n_kept ? least : 0) + 1e-5;
        }

        assert_true(above <= n);
    }
}


static void
check(uint32_t n_users, uint32_t n_items, uint32_t n_kept)
{
    unsigned             t;
    recs_dataset_t      *dataset;
    recs_threads_t      *threads;
    recs_knn_lists_t     lists, opposed, alone;
    recs_ease_params_t   params;

    dataset = recs_tiny_random_dataset(n_users, n_items, 700, 5);
    params = (recs_ease_params_t) { .regularization = 4,
                                    .n_neighbors = n_kept, .memory = 1 };
    solve(recs_dataset_view(dataset), 4);

    for (t = 1; t <= 3; t++) {
        assert_int_equal(recs_threads_create(&threads, t, &err), RECS_OK);
        assert_int_equal(recs_ease_lists_build(&lists, &opposed,
                                               recs_dataset_view(dataset),
                                               &params, threads, &err),
                         RECS_OK);
        assert_int_equal(recs_ease_lists_build(&alone, NULL,
                                               recs_dataset_view(dataset),
                                               &params, threads, &err),
                         RECS_OK);
        recs_threads_destroy(threads);

        compare(&lists, recs_dataset_view(dataset), 1, n_kept);
        compare(&opposed, recs_dataset_view(dataset), -1, n_kept);
        compare(&alone, recs_dataset_view(dataset), 1, n_kept);

        assert_true(opposed.offsets[n_items] > n_items);

        recs_knn_lists_free(&lists);
        recs_knn_lists_free(&opposed);
        recs_knn_lists_free(&alone);
    }

    recs_dataset_close(dataset);
}


static void
test_direct(void **state)
{
    (void) state;

    check(95, 40, 1000);
    check(95, 40, 5);
}


static void
test_dual(void **state)
{
    (void) state;

    check(40, 95, 1000);
    check(40, 95, 7);
}


/* The closed form is the minimum: no partial difference goes down. */
static void
test_gradient(void **state)
{
    double                      at, up, down, was;
    uint32_t                    i, j;
    recs_dataset_t             *dataset;
    const recs_dataset_view_t  *v;

    (void) state;

    dataset = recs_tiny_random_dataset(60, 30, 500, 2);
    v = recs_dataset_view(dataset);
    solve(v, 3);

    for (j = 0; j < v->n_items; j += 7) {
        for (i = 0; i < v->n_items; i++) {
            if (i == j) {
                continue;
            }

            was = b[i][j];
            at = loss(v, 3, j);
            b[i][j] = was + 1e-4;
            up = loss(v, 3, j);
            b[i][j] = was - 1e-4;
            down = loss(v, 3, j);
            b[i][j] = was;

            assert_true(up > at && down > at);
            assert_true(fabs(up - down) / 2e-4 < 1e-6);
        }
    }

    recs_dataset_close(dataset);
}


static void
test_memory(void **state)
{
    recs_dataset_t      *dataset;
    recs_threads_t      *threads;
    recs_knn_lists_t     lists;
    recs_ease_params_t   params;

    (void) state;

    dataset = recs_tiny_random_dataset(40, 95, 700, 5);
    params = (recs_ease_params_t) { .regularization = 4, .n_neighbors = 10,
                                    .memory = 1e-5 };

    assert_int_equal(recs_threads_create(&threads, 1, &err), RECS_OK);
    assert_int_equal(recs_ease_lists_build(&lists, NULL,
                                           recs_dataset_view(dataset),
                                           &params, threads, &err),
                     RECS_LIMIT);
    assert_non_null(strstr(err.message, "40 users"));

    recs_threads_destroy(threads);
    recs_dataset_close(dataset);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_direct),
        cmocka_unit_test(test_dual),
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_memory)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
