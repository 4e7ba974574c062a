/*
 * A logistic regression in a bundle: it comes out as it went in, and a wrong
 * one is refused under a valid seal.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recs_sealed_case.h"
#include "recs_tiny_bundle.h"


#define N_FEATURES  9
#define N_WEIGHTS   64


static recs_error_t  err;


static void
test_round_trip(void **state)
{
    uint32_t                   item;
    recs_bundle_t             *bundle;
    recs_fixture_t            *fixture;
    const recs_logistic_t     *read;
    const recs_bundle_view_t  *view;
    recs_fixture_params_t      params = { .n_items = 9,
                                          .n_logistic = N_FEATURES };

    (void) state;

    fixture = recs_fixture_create(&params);
    bundle = recs_tiny_bundle(&fixture->model);
    view = recs_bundle_view(bundle);
    read = &view->logistic;

    assert_int_equal(read->n_features, N_FEATURES);
    assert_int_equal((1u << read->bits), N_WEIGHTS);
    assert_memory_equal(read->numeric, fixture->logistic_numeric,
                        N_FEATURES * sizeof(recs_logistic_numeric_t));
    assert_memory_equal(read->weights, fixture->logistic_weights,
                        N_WEIGHTS * sizeof(float));

    for (item = 0; item < view->n_items; item++) {
        assert_memory_equal(&read->items[item],
                            &fixture->logistic.items[view->item_order[item]],
                            sizeof(float));
    }

    recs_bundle_close(bundle);

    /* what a reader would refuse is not written */
    fixture->logistic_weights[7] = NAN;
    assert_int_equal(recs_model_write(&fixture->model, "never", &err),
                     RECS_INVALID);
    assert_string_equal(err.message, "the logistic regression: a weight is "
                        "not finite");
    recs_fixture_destroy(fixture);
}


static void
test_contents(void **state)
{
    uint32_t                n_items;
    const recs_logistic_t  *read;

    (void) state;

    n_items = recs_bundle_view(recs_sealed.bundle)->n_items;
    read = &recs_bundle_view(recs_sealed.bundle)->logistic;

    recs_refuses_float(&read->weights[0], NAN, "a weight is not finite");
    recs_refuses_float(&read->weights[N_WEIGHTS - 1], -INFINITY,
                       "a weight is not finite");
    recs_refuses_float(&read->weights[1], 2e6f, "a weight is not finite");
    recs_refuses_float(&read->items[n_items - 1], NAN,
                       "an item's weight is not finite");
    recs_refuses_float(&read->numeric[0].mean, NAN, "a numeric feature");
    recs_refuses_float(&read->numeric[1].scale, -1, "a numeric feature");
    recs_refuses_float(&read->numeric[1].scale, INFINITY,
                       "a numeric feature");
    recs_refuses_float(&read->numeric[N_FEATURES - 1].weight, NAN,
                       "a numeric feature");
    recs_refuses_float(&read->numeric[N_FEATURES - 1].missing, INFINITY,
                       "a numeric feature");
}


static void
test_shape(void **state)
{
    uint32_t                n_items;
    const recs_logistic_t  *read;

    (void) state;

    n_items = recs_bundle_view(recs_sealed.bundle)->n_items;
    read = &recs_bundle_view(recs_sealed.bundle)->logistic;

    recs_refuses_shape(read->weights, N_WEIGHTS - 1, 4, "bad dimensions");
    recs_refuses_shape(read->weights, N_WEIGHTS / 2, 8, "bad dimensions");
    recs_refuses_shape(read->items, n_items - 1, 4, "bad dimensions");
    recs_refuses_shape(read->items, n_items / 2, 8, "bad dimensions");
    recs_refuses_shape(read->numeric, N_FEATURES * 2, 8, "bad dimensions");
}


static void
test_missing(void **state)
{
    unsigned       i;
    recs_status_t  rc;

    static const struct {
        const char  *from;
        const char  *to;
    } names[] = {
        { "logistic_numeric/0", "logistic_numerid/0" },
        { "logistic_weights/0", "logistic_weightt/0" },
        { "logistic_items/0", "logistic_itemt/0" }
    };

    (void) state;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        recs_sealed_file_rename(&recs_sealed, names[i].from, names[i].to);
        rc = recs_sealed_file_try(&recs_sealed, 0, recs_sealed.bytes, 1, 1,
                                  &err);

        /* without any of the three there is none, which is fine */
        assert_int_equal(rc, i < 2 ? RECS_CORRUPT : RECS_OK);
        assert_true(i == 2
                    || strstr(err.message, "a table is missing") != NULL);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_round_trip),
        RECS_SEALED_TEST(test_contents),
        RECS_SEALED_TEST(test_shape),
        RECS_SEALED_TEST(test_missing),
        RECS_SEALED_TEST_SHARDS(test_contents)
    };

    return cmocka_run_group_tests_name("bundle_check_logistic", tests, NULL,
                                       NULL);
}
