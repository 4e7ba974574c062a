/*
 * The lists of users against the formula, worked out user by user.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_tiny_dataset.h"
#include "recs_userknn_lists.h"


#define N_USERS  70
#define N_ITEMS  50


static recs_error_t  err;
static int           met[N_USERS][N_ITEMS];
static double        n_items_of[N_USERS], n_users_of[N_ITEMS];


static void
look(const recs_dataset_view_t *v)
{
    uint32_t  u;
    uint64_t  k;

    memset(met, 0, sizeof(met));
    memset(n_items_of, 0, sizeof(n_items_of));
    memset(n_users_of, 0, sizeof(n_users_of));

    for (u = 0; u < N_USERS; u++) {
        for (k = v->user_offsets[u]; k < v->user_offsets[u + 1]; k++) {
            met[u][v->items[k]] = 1;
            n_items_of[u]++;
            n_users_of[v->items[k]]++;
        }
    }
}


/* The interest of the neighbours of u; 0 where two are equally close. */
static int
expect(uint32_t u, const recs_userknn_params_t *p, double *interest)
{
    int       taken[N_USERS];
    double    near[N_USERS], best, former;
    uint32_t  j, i, k, closest;

    for (j = 0; j < N_USERS; j++) {
        near[j] = 0;
        taken[j] = j == u;

        for (i = 0; i < N_ITEMS; i++) {
            if (met[u][i] && met[j][i]) {
                near[j] += pow(n_users_of[i], -p->item_exponent);
            }
        }

        near[j] /= sqrt(fmax(1, n_items_of[u]) * fmax(1, n_items_of[j]));
    }

    memset(interest, 0, N_ITEMS * sizeof(double));
    former = INFINITY;

    for (k = 0; k <= p->n_neighbors; k++) {
        best = 0;
        closest = N_USERS;

        for (j = 0; j < N_USERS; j++) {
            if (!taken[j] && near[j] > best) {
                best = near[j];
                closest = j;
            }
        }

        if (closest == N_USERS) {
            return 1;
        }

        if (k == p->n_neighbors) {
            return former > best * (1 + 1e-5);
        }

        former = best;
        taken[closest] = 1;

        for (i = 0; i < N_ITEMS; i++) {
            interest[i] += met[closest][i] / sqrt(n_items_of[closest]);
        }
    }

    return 1;
}


static void
check(const recs_userknn_params_t *params, unsigned n_threads)
{
    double             interest[N_ITEMS], weight;
    uint32_t           u, i, n, n_checked;
    uint64_t           at;
    recs_dataset_t    *dataset;
    recs_threads_t    *threads;
    recs_knn_lists_t   lists;

    dataset = recs_tiny_random_dataset(N_USERS, N_ITEMS, 600, 4);
    look(recs_dataset_view(dataset));
    memset(&lists, 0, sizeof(lists));

    assert_int_equal(recs_threads_create(&threads, n_threads, &err), RECS_OK);
    assert_int_equal(recs_userknn_lists_build(&lists,
                                              recs_dataset_view(dataset),
                                              params, threads, &err),
                     RECS_OK);
    recs_threads_destroy(threads);
    n_checked = 0;

    for (u = 0; u < N_USERS; u++) {
        if (!expect(u, params, interest)) {
            continue;
        }

        n_checked++;

        for (i = 0, n = 0; i < N_ITEMS; i++) {
            n += interest[i] > 0;
        }

        n = n < params->n_items ? n : params->n_items;
        assert_int_equal(lists.offsets[u + 1] - lists.offsets[u], n);

        for (at = lists.offsets[u]; at < lists.offsets[u + 1]; at++) {
            weight = (double) lists.weights[at];
            assert_true(fabs(weight - interest[lists.items[at]]) < 1e-5);
            assert_true(at == lists.offsets[u]
                        || lists.weights[at] <= lists.weights[at - 1]);
            interest[lists.items[at]] = 0;
        }

        for (i = 0; i < N_ITEMS && n > 0; i++) {
            assert_true(interest[i]
                        <= (double) lists.weights[lists.offsets[u + 1] - 1]
                           + 1e-5);
        }
    }

    assert_true(n_checked > N_USERS / 3);

    recs_knn_lists_free(&lists);
    recs_dataset_close(dataset);
}


static void
test_interest(void **state)
{
    static const recs_userknn_params_t  params[] = {
        { 5, 1000, 0.5 }, { 1, 1000, 0 }, { 20, 7, 1 }, { 1000, 1000, 0.5 }
    };

    (void) state;

    check(&params[0], 1);
    check(&params[1], 2);
    check(&params[2], 2);
    check(&params[3], 3);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_interest)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
