/*
 * The pairwise network in a bundle: it comes out as it went in, and a wrong
 * one is refused under a valid seal.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "recs_sealed_case.h"
#include "recs_tiny_bundle.h"


#define HIDDEN   32
#define N_ITEMS  300


static recs_error_t  err;


static void
assert_row(const recs_table_t *table, uint32_t number, const int16_t *rows,
    uint32_t index)
{
    assert_memory_equal(recs_table_row(table, number), rows + index * HIDDEN,
                        HIDDEN * sizeof(int16_t));
}


static void
test_round_trip(void **state)
{
    char                        id[16];
    size_t                      n;
    uint32_t                    i, number;
    recs_bundle_t              *bundle;
    recs_fixture_t             *fixture;
    const recs_bundle_view_t   *view;
    recs_fixture_params_t       params = { .n_items = 50, .n_users = 20,
                                           .n_factors = 8,
                                           .n_hidden = HIDDEN };

    (void) state;

    fixture = recs_fixture_create(&params);
    bundle = recs_tiny_bundle(&fixture->model);
    view = recs_bundle_view(bundle);

    assert_int_equal(view->mlp.n_hidden, HIDDEN);
    assert_memory_equal(view->mlp.weights, fixture->mlp_weights,
                        HIDDEN * sizeof(float));
    assert_true(view->mlp.retrieved_weight
                == fixture->mlp.output.retrieved_weight);
    assert_true(view->mlp.bias == fixture->mlp.output.bias);

    for (i = 0; i < 50; i++) {
        n = (size_t) snprintf(id, sizeof(id), "i%u", i);
        number = recs_bundle_item(bundle, (recs_str_t) { id, n });
        assert_row(&view->mlp_candidates, number, fixture->mlp.candidates, i);
        assert_row(&view->mlp_pasts, number, fixture->mlp.pasts, i);
    }

    for (i = 0; i < 20; i++) {
        n = (size_t) snprintf(id, sizeof(id), "u%u", i);
        number = recs_bundle_user(bundle, (recs_str_t) { id, n });

        /* one of whom nothing is known is not in the bundle */
        if (number != RECS_USER_NO) {
            assert_row(&view->mlp_users, number, fixture->mlp.users, i);
        }
    }

    recs_bundle_close(bundle);

    /* what a reader would refuse is not written */
    fixture->mlp_weights[7] = NAN;
    assert_int_equal(recs_model_write(&fixture->model, "never", &err),
                     RECS_INVALID);
    assert_string_equal(err.message, "the network: a weight is not finite");

    fixture->mlp_weights[7] = 0;
    fixture->mlp.output.n_hidden = HIDDEN - 1;
    assert_int_equal(recs_model_write(&fixture->model, "never", &err),
                     RECS_INVALID);
    recs_fixture_destroy(fixture);
}


static void
test_weights(void **state)
{
    const float  *weights;

    (void) state;

    weights = recs_bundle_view(recs_sealed.bundle)->mlp.weights;

    recs_refuses_float(&weights[0], NAN, "a weight is not finite");
    recs_refuses_float(&weights[HIDDEN - 1], INFINITY,
                       "a weight is not finite");
    recs_refuses_float(&weights[3], 2e20f, "a weight is not finite");
    recs_refuses_float(&weights[HIDDEN], -INFINITY, "a weight is not finite");
    recs_refuses_float(&weights[HIDDEN + 1], NAN, "a weight is not finite");
}


static void
test_shape(void **state)
{
    const recs_bundle_view_t  *v;

    (void) state;

    v = recs_bundle_view(recs_sealed.bundle);

    recs_refuses_shape(v->mlp.weights, 1, (HIDDEN + 1) * 4, "bad dimensions");
    recs_refuses_shape(v->mlp.weights, 2, (HIDDEN + 2) * 2, "bad dimensions");
    recs_refuses_shape(v->mlp.weights, 1, 8, "bad dimensions");
    recs_refuses_shape(v->mlp_candidates.shards[0], N_ITEMS - 1, HIDDEN * 2,
                 "bad dimensions");
    recs_refuses_shape(v->mlp_candidates.shards[0], N_ITEMS * 2, HIDDEN,
                 "bad dimensions");
    recs_refuses_shape(v->mlp_pasts.shards[0], N_ITEMS / 2, HIDDEN * 4,
                 "bad dimensions");
    recs_refuses_shape(v->mlp_users.shards[0], v->n_users - 1, HIDDEN * 2,
                 "bad dimensions");
}


static void
test_missing(void **state)
{
    unsigned  i;

    static const char *const  names[][2] = {
        { "mlp_output/0", "mlp_outpus/0" },
        { "mlp_candidates/0", "mlp_candidatet/0" },
        { "mlp_pasts/0", "mlp_pastt/0" },
        { "mlp_users/0", "mlp_usert/0" }
    };

    (void) state;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        recs_sealed_file_rename(&recs_sealed, names[i][0], names[i][1]);
        assert_int_equal(recs_sealed_file_try(&recs_sealed, 0,
                                              recs_sealed.bytes, 1, 1, &err),
                         RECS_CORRUPT);
        assert_non_null(strstr(err.message, "a table is missing"));
        recs_sealed_file_rename(&recs_sealed, names[i][1], names[i][0]);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_round_trip),
        RECS_SEALED_TEST(test_weights),
        RECS_SEALED_TEST(test_shape),
        RECS_SEALED_TEST(test_missing),
        RECS_SEALED_TEST_SHARDS(test_weights)
    };

    return cmocka_run_group_tests_name("bundle_check_mlp", tests, NULL, NULL);
}
