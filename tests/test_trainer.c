/*
 * The registry and the parsing of --set name=value.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recs_trainer.h"


static void
test_registry(void **state)
{
    uint32_t               i;
    const recs_trainer_t  *trainer;

    (void) state;

    for (i = 0; (trainer = recs_trainer_at(i)) != NULL; i++) {
        assert_ptr_equal(recs_trainer_find(trainer->name), trainer);
        assert_true(trainer->n_params <= RECS_PARAMS_MAX);
    }

    assert_true(i >= 2);
    assert_null(recs_trainer_find("no_such_model"));
    assert_null(recs_trainer_find(""));
}


/* Every default is one that a person could have given. */

static void
test_defaults(void **state)
{
    double                 values[RECS_PARAMS_MAX];
    uint32_t               i, p;
    const recs_param_t    *param;
    const recs_trainer_t  *trainer;

    (void) state;

    for (i = 0; (trainer = recs_trainer_at(i)) != NULL; i++) {
        recs_trainer_defaults(trainer, values);

        for (p = 0; p < trainer->n_params; p++) {
            param = &trainer->params[p];
            assert_true(values[p] == param->value);
            assert_true(param->value >= param->min);
            assert_true(param->value <= param->max);
            assert_true(!param->integer || param->value == floor(param->value));
            assert_true(strlen(param->help) > 0);
        }
    }
}


static void
test_set(void **state)
{
    double                 values[RECS_PARAMS_MAX];
    recs_error_t           err;
    const recs_trainer_t  *trainer;

    (void) state;

    trainer = recs_trainer_find("ials");
    recs_trainer_defaults(trainer, values);

    assert_string_equal(trainer->params[0].name, "factors");
    assert_string_equal(trainer->params[1].name, "regularization");

    assert_int_equal(recs_trainer_set(trainer, values, "factors=128", &err),
                     RECS_OK);
    assert_true(values[0] == 128);

    assert_int_equal(recs_trainer_set(trainer, values, "regularization=1e-3",
                                      &err), RECS_OK);
    assert_true(values[1] == 1e-3);
}


static void
test_set_refused(void **state)
{
    double                 values[RECS_PARAMS_MAX], before[RECS_PARAMS_MAX];
    size_t                 i;
    recs_error_t           err;
    const recs_trainer_t  *trainer;

    static const struct {
        const char  *setting;
        const char  *reason;
    } wrong[] = {
        { "factors",              "name=value" },
        { "",                     "name=value" },
        { "=3",                   "no parameter" },
        { "factor=3",             "it has factors, regularization" },
        { "factorss=3",           "no parameter" },
        { "factors=",             "not a number" },
        { "factors=x",            "not a number" },
        { "factors=3x",           "not a number" },
        { "factors=nan",          "not a number" },
        { "factors=inf",          "not a number" },
        { "factors=0",            "out of bounds" },
        { "factors=1025",         "out of bounds" },
        { "factors=-1",           "out of bounds" },
        { "factors=1e300",        "out of bounds" },
        { "factors=2.5",          "whole number" },
        { "regularization=-1",    "out of bounds" },
        { "unobserved_weight=-1", "out of bounds" }
    };

    (void) state;

    trainer = recs_trainer_find("ials");
    recs_trainer_defaults(trainer, values);
    recs_trainer_defaults(trainer, before);

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(recs_trainer_set(trainer, values, wrong[i].setting,
                                          &err), RECS_INVALID);

        if (strstr(err.message, wrong[i].reason) == NULL) {
            fail_msg("\"%s\": %s", wrong[i].setting, err.message);
        }

        assert_memory_equal(values, before,
                            trainer->n_params * sizeof(double));
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_registry),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_set_refused)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
