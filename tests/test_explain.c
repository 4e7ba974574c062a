/*
 * The personal rungs explained: each contribution against what it is by
 * definition.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "recs_attribution.h"
#include "recs_explain_case.h"
#include "recs_ladder.h"
#include "recs_session_vector.h"


#define N_USERS  30


static double
product(const recs_explain_case_t *c, const float *vector, uint32_t item)
{
    return recs_dot(vector, recs_table_row(&c->view->item_factors, item),
                    c->view->stride);
}


/* All of them, in a row; returns how many are not 0. */
static uint32_t
contributions(const recs_explain_case_t *c, const uint32_t *own, uint32_t n,
    const float *weights, float factor, uint32_t item, double *to)
{
    double               terms[RECS_ATTRIBUTION_ITEMS_MAX];
    uint32_t             i;
    recs_attribution_t  *a;

    a = recs_attribution_create(c->view);

    if (n == 0 || !recs_attribution_begin(a, own, weights, n)) {
        recs_attribution_destroy(a);
        return 0;
    }

    recs_attribution_terms(a, item, terms);

    for (i = 0; i < n; i++) {
        to[i] = factor * terms[i];
    }

    recs_attribution_destroy(a);

    return n;
}


static int
larger_first(const void *a, const void *b)
{
    double  x, y;

    x = fabs(*(const double *) a);
    y = fabs(*(const double *) b);

    return x < y ? 1 : -(x > y);
}


/* The item's parts are the largest of n that were worked out apart. */
static void
expect_parts(const recs_explain_case_t *c, uint32_t i, double *expected,
    uint32_t n, double profile)
{
    double                       rest;
    uint32_t                     k, n_named;
    const recs_contributions_t  *of;

    of = &c->explanations[i].score;
    rest = 0;

    qsort(expected, n, sizeof(double), larger_first);

    while (n > 0 && expected[n - 1] == 0) {
        n--;
    }

    n_named = n < RECS_CONTRIBUTIONS_NAMED ? n : RECS_CONTRIBUTIONS_NAMED;

    for (k = 0; k < n_named; k++) {
        assert_true(fabs(fabs(of->parts[k].score) - fabs(expected[k]))
                    < 1e-5);
    }

    for ( /* void */ ; k < n; k++) {
        rest += expected[k];
    }

    k = n_named;

    if (fabs(profile) > 3e-5) {
        assert_int_equal(of->parts[k].kind, RECS_CONTRIBUTION_PROFILE);
        assert_true(fabs(of->parts[k].score - profile) < 1e-5);
    }

    k += k < of->n && of->parts[k].kind == RECS_CONTRIBUTION_PROFILE;

    if (n > n_named) {
        assert_int_equal(of->parts[k].kind, RECS_CONTRIBUTION_OTHERS);
        assert_int_equal(of->parts[k].count, n - n_named);
        assert_true(fabs(of->parts[k].score - rest) < 5e-5);
        k++;
    }

    assert_int_equal(of->n, k);
}


/*
 * What the visitor's rung is by its definition: his trained vector, his last
 * items and the lists of both, the session's first.
 */
static void
expect_personal(const recs_explain_case_t *c, uint32_t i)
{
    float                   weights[RECS_FOLD_IN_ITEMS_MAX], sum, *vector;
    double                  expected[8192], profile;
    uint32_t                n, k, j, item, n_own, user, n_session, n_lists;
    const float            *trained;
    const uint32_t         *own;
    recs_fold_in_t         *fold_in;
    recs_session_parts_t    parts;
    recs_session_vector_t   session;

    item = c->items[i].item;
    n_session = c->query.n_recent;
    trained = NULL;
    n = 0;
    profile = 0;
    n_own = 0;
    own = NULL;
    user = RECS_USER_NO;
    parts = (recs_session_parts_t) { .of_trained = 1 };

    if (c->items[i].source == RECS_SOURCE_PERSONAL) {
        user = recs_bundle_user(c->bundle, c->query.user);
        own = recs_bundle_seen(c->bundle, user, &n_own);

        if (c->view->n_factors > 0) {
            trained = recs_table_row(&c->view->user_factors, user);
            trained = recs_dot(trained, trained, c->view->stride) > 0
                      ? trained : NULL;
        }
    }

    if (n_session > 0 && c->view->n_factors > 0) {
        fold_in = recs_fold_in_create(c->view);
        vector = calloc(c->view->stride, sizeof(float));
        session = (recs_session_vector_t) { c->query.recent, n_session,
                                            c->query.recency, trained };
        recs_session_vector(fold_in, &session, vector, &parts);
        free(vector);
        recs_fold_in_destroy(fold_in);

        sum = recs_session_weights(c->query.recency, n_session, weights);

        if (parts.folded_in) {
            n = contributions(c, c->query.recent, n_session, weights,
                              parts.of_session, item, expected);
        }

        for (k = 0; k < n_session && !parts.folded_in; k++) {
            expected[n++] = parts.of_session * weights[k] / sum
                            * product(c, recs_table_row(
                                             &c->view->item_factors,
                                             c->query.recent[k]), item);
        }
    }

    if (trained != NULL) {
        profile = parts.of_trained * product(c, trained, item);
        k = n;
        n += contributions(c, own, n_own, NULL, parts.of_trained,
                           item, expected + n);

        for ( /* void */ ; k < n; k++) {
            profile -= expected[k];
        }
    }

    n_lists = 0;

    for (k = 0; k < n_session && c->view->neighbor_id_size != 0
                && n_lists < c->view->neighbor_history; k++, n_lists++)
    {
        expected[n++] = (double) c->view->neighbor_step
                        * recs_explain_case_weight(c->view,
                              c->query.recent[k], item);
    }

    if (user != RECS_USER_NO && c->view->neighbor_id_size != 0) {
        own = recs_bundle_recent(c->bundle, user, &n_own);
    }

    for (k = 0; k < n_own && c->view->neighbor_id_size != 0
                && n_lists < c->view->neighbor_history; k++)
    {
        for (j = 0; j < n_session && c->query.recent[j] != own[k]; j++) {
            /* void */
        }

        if (j == n_session) {
            expected[n++] = (double) c->view->neighbor_step
                            * recs_explain_case_weight(c->view, own[k],
                                                          item);
            n_lists++;
        }
    }

    expect_parts(c, i, expected, n, profile);
}


static void
check_visitors(recs_explain_case_t *c)
{
    uint32_t         u, i, n_session;
    static uint32_t  recent[] = { 3, 40, 8, 21, 77 };

    for (u = 0; u < N_USERS; u++) {
        snprintf(c->user, sizeof(c->user), "u%u", u);
        c->query.user = recs_ladder_text(c->user);
        c->query.recent = recent;

        for (n_session = 0; n_session <= 5; n_session++) {
            c->query.strategy = u % 3 > 0 ? RECS_SOURCE_PERSONAL
                                          : RECS_SOURCE_SESSION;
            c->query.n_recent = n_session;
            c->query.recency = n_session % 2 ? 2 : 0;
            c->query.exclude_seen = u % 2;
            recs_explain_case_ask(c);

            for (i = 0; i < c->answer.n; i++) {
                if (c->items[i].source <= RECS_SOURCE_SESSION) {
                    expect_personal(c, i);
                }
            }
        }
    }
}


static void
test_personal(void **state)
{
    uint32_t               i;
    recs_explain_case_t    c;
    recs_fixture_params_t  params;

    (void) state;

    for (i = 0; i < 8; i++) {
        params = (recs_fixture_params_t) {
            .n_items = 200, .n_users = N_USERS, .n_factors = i & 1 ? 12 : 40,
            .seed = 5 + i, .n_neighbors = i & 2 ? 30 : 0, .times = 1,
            .no_fold_in = i >= 6
        };
        recs_explain_case_open(&c, &params);
        check_visitors(&c);
        recs_explain_case_close(&c);
    }

    params.n_factors = 0;
    params.n_neighbors = 30;
    recs_explain_case_open(&c, &params);
    check_visitors(&c);
    recs_explain_case_close(&c);
}


/* Users whose vector is the fold-in of their items: nothing else is in it. */
static void
test_folded_users(void **state)
{
    char                   id[16];
    float                 *vector;
    uint32_t               u, i, k, n_seen, n_told;
    recs_explain_case_t    c;
    const uint32_t        *seen;
    recs_fold_in_t        *fold_in;
    recs_fixture_params_t  params;

    (void) state;

    params = (recs_fixture_params_t) { .n_items = 200, .n_users = N_USERS,
                                       .n_factors = 24, .seed = 3 };
    recs_explain_case_open(&c, &params);
    c.query.strategy = RECS_SOURCE_PERSONAL;
    fold_in = recs_fold_in_create(c.view);
    vector = calloc(c.view->stride, sizeof(float));
    n_told = 0;

    for (u = 0; u < N_USERS; u++) {
        snprintf(id, sizeof(id), "u%u", u);
        c.query.user = recs_ladder_text(id);
        k = recs_bundle_user(c.bundle, c.query.user);

        if (k == RECS_USER_NO) {
            continue;
        }

        seen = recs_bundle_seen(c.bundle, k, &n_seen);

        if (n_seen == 0 || n_seen > RECS_FOLD_IN_ITEMS_MAX) {
            continue;
        }

        recs_fold_in(fold_in, seen, NULL, n_seen, vector);

        /* The map cannot be written to: the row goes where it can be. */
        ((recs_bundle_view_t *) c.view)->user_factors =
            (recs_table_t) { .shards = (const char *const [])
                                       { (const char *) vector
                                         - (size_t) k * c.view->stride
                                           * sizeof(float) },
                             .n_rows = N_USERS, .rows_per_shard = N_USERS,
                             .row_size = c.view->stride * sizeof(float) };
        recs_explain_case_ask(&c);

        for (i = 0; i < c.answer.n; i++) {
            for (k = 0; k < c.explanations[i].score.n; k++) {
                assert_int_not_equal(c.explanations[i].score.parts[k].kind,
                                     RECS_CONTRIBUTION_PROFILE);
            }

            n_told += c.explanations[i].score.n;
        }
    }

    assert_true(n_told > N_USERS);

    free(vector);
    recs_fold_in_destroy(fold_in);
    recs_explain_case_close(&c);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_personal),
        cmocka_unit_test(test_folded_users)
    };

    return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
