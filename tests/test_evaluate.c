/*
 * Metrics against values worked out by hand, through a real bundle and the
 * server's scorer.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_evaluate.h"
#include "recs_tiny_bundle.h"
#include "recs_tiny_dataset.h"


#define N_ITEMS  6
#define N_USERS  2


/*
 * Everybody likes item 0 best, then 1, ...  User 0 has seen item 0, user 1
 * item 5.
 */

static recs_bundle_t *
make_bundle(void)
{
    int           i;
    recs_model_t  model;

    static float           items[N_ITEMS * 2];
    static const float     users[N_USERS * 2] = { 1, 0, 2, 0 };
    static const uint64_t  seen_offsets[] = { 0, 1, 2 };
    static const uint32_t  seen_items[] = { 0, 5 };

    for (i = 0; i < N_ITEMS; i++) {
        items[i * 2] = (float) (N_ITEMS - i);
        items[i * 2 + 1] = 0.5f;
    }

    memset(&model, 0, sizeof(recs_model_t));
    model.algorithm = "test";
    model.items.n = N_ITEMS;
    model.items.record = recs_tiny_record;
    model.items.data = "i";
    model.users.n = N_USERS;
    model.users.record = recs_tiny_record;
    model.users.data = "u";
    model.n_factors = 2;
    model.item_factors = items;
    model.user_factors = users;
    model.seen_offsets = seen_offsets;
    model.seen_items = seen_items;

    return recs_tiny_bundle(&model);
}


/*
 * User 0 wants 1 and 3; user 1 wants 9, which the catalogue does not have;
 * user 2 is unknown to the model; user 3 wants nothing.
 */

static recs_dataset_t *
make_test(void)
{
    static const recs_tiny_event_t  events[] = {
        { 0, 1, 0, 1 }, { 0, 3, 0, 1 }, { 1, 9, 0, 1 }, { 2, 0, 0, 1 }
    };

    return recs_tiny_dataset(4, 10, events, 4);
}


static void
near(double got, double want)
{
    if (!(fabs(got - want) < 1e-12)) {
        fail_msg("%.17g is not %.17g", got, want);
    }
}


static recs_status_t
evaluate(const recs_bundle_t *bundle, const recs_dataset_t *test,
    const uint32_t *at, uint32_t n_at, uint32_t n_threads,
    recs_evaluation_t *e, recs_error_t *err)
{
    const recs_evaluate_params_t  params = { at, n_at, n_threads, 0, 0, NULL,
                                              0 };

    return recs_evaluate(bundle, test, &params, e, NULL, err);
}


static double
value(const recs_evaluation_t *e, uint32_t a, recs_quality_t quality)
{
    return e->parts[RECS_PART_ALL].model.at[a].values[quality];
}


static void
test_by_hand(void **state)
{
    recs_error_t           err;
    recs_bundle_t         *bundle;
    recs_dataset_t        *test;
    recs_evaluation_t      e;
    const recs_metrics_t  *m;

    const uint32_t  at[] = { 2, 3, 5 };

    (void) state;

    bundle = make_bundle();
    test = make_test();

    if (evaluate(bundle, test, at, 3, 1, &e, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    assert_int_equal(e.parts[RECS_PART_ALL].n_users, 2);
    assert_int_equal(e.n_unknown_users, 1);
    assert_int_equal(e.parts[RECS_PART_ALL].n_test, 3);
    assert_int_equal(e.n_at, 3);

    /* user 0 is shown 1, 2, 3, ...: one hit in two, both in three */

    m = &e.parts[RECS_PART_ALL].model.at[0];
    assert_int_equal(m->k, 2);
    near(m->values[RECS_QUALITY_RECALL], 0.5 / 2);
    near(m->values[RECS_QUALITY_NDCG], 1 / (1 + 1 / log2(3)) / 2);
    near(m->values[RECS_QUALITY_PRECISION], 0.5 / 2);
    near(m->values[RECS_QUALITY_F1], 0.5 / 2);
    near(m->values[RECS_QUALITY_RECALL_MIN], 0.5 / 2);
    near(m->values[RECS_QUALITY_HIT_RATE], 0.5);
    near(m->coverage, 3.0 / N_ITEMS);

    m = &e.parts[RECS_PART_ALL].model.at[1];
    assert_int_equal(m->k, 3);
    near(m->values[RECS_QUALITY_RECALL], 1.0 / 2);
    near(m->values[RECS_QUALITY_NDCG], 1.5 / (1 + 1 / log2(3)) / 2);
    near(m->values[RECS_QUALITY_PRECISION], 2.0 / 3 / 2);
    near(m->values[RECS_QUALITY_F1], 0.8 / 2);
    near(m->values[RECS_QUALITY_RECALL_MIN], 1.0 / 2);
    near(m->values[RECS_QUALITY_HIT_RATE], 0.5);
    near(m->coverage, 4.0 / N_ITEMS);

    m = &e.parts[RECS_PART_ALL].model.at[2];
    near(m->values[RECS_QUALITY_PRECISION], 2.0 / 5 / 2);
    near(m->coverage, 6.0 / N_ITEMS);

    recs_dataset_close(test);
    recs_bundle_close(bundle);
}


static void
test_recall_min(void **state)
{
    recs_error_t        err;
    recs_bundle_t      *bundle;
    recs_dataset_t     *test;
    recs_evaluation_t   e;

    const uint32_t  at[] = { 1 };

    (void) state;

    bundle = make_bundle();
    test = make_test();

    assert_int_equal(evaluate(bundle, test, at, 1, 1, &e, &err),
                     RECS_OK);

    /* one hit of two wanted, at most one possible */
    near(value(&e, 0, RECS_QUALITY_RECALL), 0.5 / 2);
    near(value(&e, 0, RECS_QUALITY_RECALL_MIN), 1.0 / 2);
    near(value(&e, 0, RECS_QUALITY_NDCG), 1.0 / 2);

    recs_dataset_close(test);
    recs_bundle_close(bundle);
}


static void
test_threads_change_nothing(void **state)
{
    recs_error_t        err;
    recs_bundle_t      *bundle;
    recs_dataset_t     *test;
    recs_evaluation_t   one, three;

    const uint32_t  at[] = { 3 };

    (void) state;

    bundle = make_bundle();
    test = make_test();

    assert_int_equal(evaluate(bundle, test, at, 1, 1, &one, &err),
                     RECS_OK);
    assert_int_equal(evaluate(bundle, test, at, 1, 3, &three, &err),
                     RECS_OK);
    assert_memory_equal(&one, &three, sizeof(recs_evaluation_t));

    recs_dataset_close(test);
    recs_bundle_close(bundle);
}


static void
test_refused(void **state)
{
    uint32_t            i;
    recs_error_t        err;
    recs_bundle_t      *bundle;
    recs_dataset_t     *test, *strangers;
    recs_evaluation_t   e;

    static const recs_tiny_event_t  events[] = { { 7, 1, 0, 1 } };

    const uint32_t  zero[] = { 0 }, huge[] = { 1001 };
    const uint32_t  many[RECS_EVALUATE_AT_MAX + 1] = { 1, 1, 1, 1, 1, 1 };

    (void) state;

    bundle = make_bundle();
    test = make_test();
    strangers = recs_tiny_dataset(8, 10, events, 1);
    i = 10;

    assert_int_equal(evaluate(bundle, test, zero, 1, 1, &e, &err),
                     RECS_INVALID);
    assert_int_equal(evaluate(bundle, test, huge, 1, 1, &e, &err),
                     RECS_INVALID);
    assert_int_equal(evaluate(bundle, test, many, 0, 1, &e, &err),
                     RECS_INVALID);
    assert_int_equal(evaluate(bundle, test, many, RECS_EVALUATE_AT_MAX + 1, 1,
                              &e, &err),
                     RECS_INVALID);
    assert_int_equal(evaluate(bundle, strangers, &i, 1, 1, &e, &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "known to the model"));

    recs_dataset_close(test);
    recs_dataset_close(strangers);
    recs_bundle_close(bundle);
}


/* Two thirds by history, strangers, and items that few have met. */

static void
test_parts(void **state)
{
    recs_error_t                   err;
    recs_bundle_t                 *bundle;
    recs_dataset_t                *test;
    recs_evaluation_t              e;
    const recs_evaluation_part_t  *part;

    const uint32_t  at[] = { 5 };

    (void) state;

    bundle = make_bundle();
    test = make_test();

    assert_int_equal(evaluate(bundle, test, at, 1, 1, &e, &err), RECS_OK);

    assert_int_equal(e.light_to, 1);
    assert_int_equal(e.heavy_from, 1);
    near(e.history_popularity, 0.5);

    /* the bundle does not know what is popular */
    part = &e.parts[RECS_PART_NEW_ITEMS];
    assert_true(isnan(part->popular.auc));
    assert_true(isnan(part->popular.at[0].values[RECS_QUALITY_NDCG]));

    part = &e.parts[RECS_PART_LIGHT];
    assert_int_equal(part->n_users, 2);
    near(part->model.at[0].values[RECS_QUALITY_RECALL], 0.5);
    assert_int_equal(e.parts[RECS_PART_HEAVY].n_users, 0);

    /* user 2 is shown nothing: there is no popularity here */
    part = &e.parts[RECS_PART_NEW];
    assert_int_equal(part->n_users, 1);
    assert_int_equal(part->n_test, 1);
    near(part->model.at[0].values[RECS_QUALITY_RECALL], 0);

    /* nobody has met 1 and 3, item 9 is not even there */
    part = &e.parts[RECS_PART_NEW_ITEMS];
    assert_int_equal(part->n_users, 2);
    assert_int_equal(part->n_test, 3);
    near(part->model.at[0].values[RECS_QUALITY_RECALL], 0.5);

    recs_dataset_close(test);
    recs_bundle_close(bundle);
}


/*
 * Items 0 to 2 along one axis, 3 to 5 along another.  Users 0 and 1 are
 * trained; 2 and 3 are not, 2 has met item 0 and then 3.
 */

static recs_bundle_t *
make_axes(void)
{
    recs_model_t  model;

    static const float     items[N_ITEMS * 2] = {
        3, 0, 2, 0, 1, 0, 0, 3, 0, 2, 0, 1
    };
    static const float     users[N_USERS * 2] = { 1, 0, 0, 1 };
    static const uint64_t  seen_offsets[] = { 0, 1, 2 };
    static const uint32_t  seen_items[] = { 0, 5 };

    memset(&model, 0, sizeof(recs_model_t));
    model.algorithm = "test";
    model.items.n = N_ITEMS;
    model.items.record = recs_tiny_record;
    model.items.data = "i";
    model.users.n = N_USERS;
    model.users.record = recs_tiny_record;
    model.users.data = "u";
    model.n_factors = 2;
    model.item_factors = items;
    model.user_factors = users;
    model.seen_offsets = seen_offsets;
    model.seen_items = seen_items;

    return recs_tiny_bundle(&model);
}


/* Every second of four users with test items, where three or two may be. */

static void
test_max_users(void **state)
{
    unsigned                 i;
    recs_error_t             err;
    recs_bundle_t           *bundle;
    recs_dataset_t          *test;
    recs_evaluation_t        e;
    recs_evaluate_params_t   params;

    static const recs_tiny_event_t  wanted[] = {
        { 0, 2, 3, 1 }, { 1, 3, 3, 1 }, { 2, 4, 3, 1 }, { 3, 4, 3, 1 }
    };
    static const uint32_t  max_users[] = { 0, 1, 2, 3, 4, 5, UINT32_MAX };
    static const uint32_t  asked[] = { 4, 1, 2, 2, 4, 4, 4 };

    const uint32_t  at[] = { 1 };

    (void) state;

    bundle = make_axes();
    test = recs_tiny_dataset(5, N_ITEMS, wanted, 4);

    memset(&params, 0, sizeof(recs_evaluate_params_t));
    params.at = at;
    params.n_at = 1;
    params.n_threads = 1;

    for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        params.max_users = max_users[i];
        assert_int_equal(recs_evaluate(bundle, test, &params, &e, NULL,
                                       &err), RECS_OK);
        assert_int_equal(e.parts[RECS_PART_ALL].n_users + e.n_unknown_users,
                         asked[i]);
    }

    recs_dataset_close(test);
    recs_bundle_close(bundle);
}


static void
test_hidden(void **state)
{
    recs_error_t             err;
    recs_bundle_t           *bundle;
    recs_dataset_t          *test, *known;
    recs_evaluation_t        e;
    recs_evaluate_hidden_t   hidden;
    recs_evaluate_params_t   params;

    static const recs_tiny_event_t  met[] = {
        { 0, 1, 1, 1 }, { 2, 0, 1, 1 }, { 2, 3, 2, 1 }
    };
    static const recs_tiny_event_t  wanted[] = {
        { 0, 2, 3, 1 }, { 1, 3, 3, 1 }, { 2, 4, 3, 1 }, { 3, 4, 3, 1 }
    };

    const uint32_t  at[] = { 1 };

    (void) state;

    bundle = make_axes();
    known = recs_tiny_dataset(4, N_ITEMS, met, 3);
    test = recs_tiny_dataset(4, N_ITEMS, wanted, 4);

    /* user 0 gets item 0, which as a stranger he may; user 2 item 4 */
    memset(&params, 0, sizeof(recs_evaluate_params_t));
    params.at = at;
    params.n_at = 1;
    params.n_threads = 1;
    params.hidden = &hidden;
    hidden.known = known;
    hidden.n_known = 1;
    hidden.trained = 0;
    assert_int_equal(recs_evaluate(bundle, test, &params, &e, NULL,
                                   &err), RECS_OK);
    assert_int_equal(e.parts[RECS_PART_ALL].n_users, 2);
    assert_int_equal(e.n_unknown_users, 0);
    near(value(&e, 0, RECS_QUALITY_RECALL), 0.5);

    /* of both items the mean likes 1 and 4 alike: the first of them */
    hidden.n_known = 0;
    assert_int_equal(recs_evaluate(bundle, test, &params, &e, NULL,
                                   &err), RECS_OK);
    near(value(&e, 0, RECS_QUALITY_RECALL), 0);

    /* user 0 as himself gets item 1; user 1 is not asked for */
    hidden.trained = 1;
    assert_int_equal(recs_evaluate(bundle, test, &params, &e, NULL,
                                   &err), RECS_OK);
    assert_int_equal(e.parts[RECS_PART_ALL].n_users, 1);
    assert_int_equal(e.n_unknown_users, 1);
    near(value(&e, 0, RECS_QUALITY_RECALL), 0);

    recs_dataset_close(test);
    recs_dataset_close(known);
    recs_bundle_close(bundle);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_max_users),
        cmocka_unit_test(test_hidden),
        cmocka_unit_test(test_recall_min),
        cmocka_unit_test(test_threads_change_nothing),
        cmocka_unit_test(test_refused)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
