/*
 * Popularity against sums worked out by hand.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_popularity.h"
#include "recs_tiny_dataset.h"
#include "recs_trainer.h"


#define DAY  INT64_C(86400000)
#define T0   (INT64_C(20000) * DAY)


/* The data ends at T0 + 20 days. */
static const recs_tiny_event_t  events[] = {
    { 0, 0, T0,            1 },
    { 0, 1, T0 + 10 * DAY, 2 },
    { 1, 0, T0 + 20 * DAY, 1 },
    { 1, 2, T0 + 20 * DAY, 3 },
    { 2, 1, T0,            1 },
    { 2, 2, 0,             1 }        /* time unknown: never decays */
};

#define N_EVENTS  (sizeof(events) / sizeof(events[0]))


static recs_trained_t *
train(const recs_dataset_t *dataset, const char *setting)
{
    double                 values[RECS_PARAMS_MAX];
    recs_error_t           err;
    recs_trained_t        *trained;
    recs_train_options_t   options;
    const recs_trainer_t  *trainer;

    trainer = recs_trainer_find("popularity");
    assert_non_null(trainer);

    recs_trainer_defaults(trainer, values);

    if (setting != NULL) {
        assert_int_equal(recs_trainer_set(trainer, values, setting, &err),
                         RECS_OK);
    }

    memset(&options, 0, sizeof(recs_train_options_t));
    options.values = values;

    if (trainer->train(dataset, &options, &trained, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    return trained;
}


static void
test_counts(void **state)
{
    recs_dataset_t  *dataset;
    recs_trained_t  *trained;

    (void) state;

    dataset = recs_tiny_dataset(3, 4, events, N_EVENTS);
    trained = train(dataset, NULL);

    assert_true(trained->model.popularity[0] == 2);
    assert_true(trained->model.popularity[1] == 3);
    assert_true(trained->model.popularity[2] == 4);
    assert_true(trained->model.popularity[3] == 0);

    trained->destroy(trained);
    recs_dataset_close(dataset);
}


static void
test_decay(void **state)
{
    recs_dataset_t  *dataset;
    recs_trained_t  *trained;

    (void) state;

    dataset = recs_tiny_dataset(3, 4, events, N_EVENTS);
    trained = train(dataset, "half_life_days=10");

    /* 20 days: 1/4; 10 days: 1/2; the last day: 1 */
    assert_true(fabsf(trained->model.popularity[0] - 1.25f) < 1e-6f);
    assert_true(fabsf(trained->model.popularity[1] - 1.25f) < 1e-6f);
    assert_true(fabsf(trained->model.popularity[2] - 4) < 1e-6f);
    assert_true(trained->model.popularity[3] == 0);

    trained->destroy(trained);
    recs_dataset_close(dataset);
}


/* What the bundle needs so that seen items can be excluded. */

static void
test_model(void **state)
{
    recs_dataset_t      *dataset;
    recs_trained_t      *trained;
    const recs_model_t  *model;

    (void) state;

    dataset = recs_tiny_dataset(3, 4, events, N_EVENTS);
    trained = train(dataset, "half_life_days=7.5");
    model = &trained->model;

    assert_string_equal(model->algorithm, "popularity");
    assert_int_equal(model->n_factors, 0);
    assert_null(model->item_factors);
    assert_null(model->fold_in);
    assert_int_equal(model->users.n, 3);
    assert_int_equal(model->items.n, 4);
    assert_int_equal(model->seen_offsets[3], N_EVENTS);
    assert_int_equal(model->seen_items[1], 1);
    assert_int_equal(model->trained_to_ms, T0 + 20 * DAY);
    assert_string_equal(model->params[0].name, "half_life_days");
    assert_string_equal(model->params[0].value, "7.5");

    trained->destroy(trained);
    recs_dataset_close(dataset);
}


static void
test_empty(void **state)
{
    double                 values[1] = { 0 };
    recs_error_t           err;
    recs_dataset_t        *dataset;
    recs_trained_t        *trained;
    recs_train_options_t   options;
    const recs_trainer_t  *trainer;

    (void) state;

    dataset = recs_tiny_dataset(2, 2, events, 0);
    trainer = recs_trainer_find("popularity");
    memset(&options, 0, sizeof(recs_train_options_t));
    options.values = values;

    assert_int_equal(trainer->train(dataset, &options, &trained, &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "no interactions"));

    recs_dataset_close(dataset);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_decay),
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_empty)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
