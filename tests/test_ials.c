/*
 * The ials trainer: what it hands to the bundle, and what it promises.
 * The solutions themselves are checked in test_ials_solve.c.
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
#include "recs_trainer.h"


#define N_USERS   80
#define N_ITEMS   60
#define N_EVENTS  900


static recs_status_t
try_train(const recs_dataset_t *dataset, const char *const *settings,
    uint64_t seed, uint32_t n_threads, void (*progress)(void *data,
    const recs_progress_t *p), void *data, recs_trained_t **trained,
    recs_error_t *err)
{
    double                 values[RECS_PARAMS_MAX];
    recs_train_options_t   options;
    const recs_trainer_t  *trainer;

    trainer = recs_trainer_find("ials");
    recs_trainer_defaults(trainer, values);

    for ( /* void */ ; *settings != NULL; settings++) {
        assert_int_equal(recs_trainer_set(trainer, values, *settings, err),
                         RECS_OK);
    }

    memset(&options, 0, sizeof(recs_train_options_t));
    options.values = values;
    options.seed = seed;
    options.n_threads = n_threads;
    options.progress = progress;
    options.progress_data = data;

    return trainer->train(dataset, &options, trained, err);
}


static recs_trained_t *
train(const recs_dataset_t *dataset, const char *const *settings,
    uint64_t seed, uint32_t n_threads)
{
    recs_error_t     err;
    recs_trained_t  *trained;

    if (try_train(dataset, settings, seed, n_threads, NULL, NULL, &trained,
                  &err) != RECS_OK)
    {
        fail_msg("%s", err.message);
    }

    return trained;
}


static const char *
note(const recs_model_t *model, const char *name)
{
    uint32_t  i;

    for (i = 0; i < model->n_notes; i++) {
        if (strcmp(model->notes[i].name, name) == 0) {
            return model->notes[i].value;
        }
    }

    return NULL;
}


static double
dot(const float *a, const float *b, uint32_t n)
{
    double    sum;
    uint32_t  f;

    sum = 0;

    for (f = 0; f < n; f++) {
        sum += (double) a[f] * b[f];
    }

    return sum;
}


static void
test_same_seed_same_bytes(void **state)
{
    size_t               size;
    recs_dataset_t      *dataset;
    recs_trained_t      *a, *b, *c, *other;

    static const char *const  settings[] = { "factors=24", "epochs=3", NULL };

    (void) state;

    dataset = recs_tiny_random_dataset(N_USERS, N_ITEMS, N_EVENTS, 1);
    a = train(dataset, settings, 7, 2);
    b = train(dataset, settings, 7, 2);
    c = train(dataset, settings, 7, 1);
    other = train(dataset, settings, 8, 2);
    size = N_ITEMS * 24 * sizeof(float);

    assert_memory_equal(a->model.item_factors, b->model.item_factors, size);
    assert_memory_equal(a->model.item_factors, c->model.item_factors, size);
    assert_memory_not_equal(a->model.item_factors, other->model.item_factors,
                            size);

    size = N_USERS * 24 * sizeof(float);
    assert_memory_equal(a->model.user_factors, b->model.user_factors, size);
    assert_memory_equal(a->model.user_factors, c->model.user_factors, size);

    a->destroy(a);
    b->destroy(b);
    c->destroy(c);
    other->destroy(other);
    recs_dataset_close(dataset);
}


/* A x = sum of v, with A as recs_model.h defines fold-in, for every user. */

static void
check_fold_in(const recs_model_t *model)
{
    double                        s, n, reg, left, right, scale, diagonal;
    uint32_t                      u, f, d;
    uint64_t                      k;
    const float                  *x, *v;
    const recs_fold_in_params_t  *p;

    d = model->n_factors;
    p = model->fold_in;

    for (u = 0; u < model->users.n; u++) {
        x = model->user_factors + u * d;
        n = (double) (model->seen_offsets[u + 1] - model->seen_offsets[u]);
        reg = p->regularization * pow(n + p->unobserved_weight
                                          * model->items.n,
                                      p->regularization_exponent);

        for (f = 0; f < d; f++) {
            diagonal = p->unobserved_weight * p->gram[f] + reg;
            left = diagonal * x[f];
            right = 0;
            scale = fabs(left);

            for (k = model->seen_offsets[u];
                 k < model->seen_offsets[u + 1];
                 k++)
            {
                v = model->item_factors + model->seen_items[k] * d;
                s = dot(x, v, d);
                left += s * v[f];
                right += v[f];
                scale += fabs(v[f]);
            }

            assert_true(fabs(left - right) <= 2e-5 * scale);
        }
    }
}


static void
test_fold_in_meets_training(void **state)
{
    uint32_t             i, f, g, d;
    double               sum, trace;
    recs_dataset_t      *dataset;
    recs_trained_t      *trained;
    const recs_model_t  *model;

    static const char *const  settings[] = {
        "factors=20", "epochs=4", "unobserved_weight=0.1", NULL
    };

    (void) state;

    dataset = recs_tiny_random_dataset(N_USERS, N_ITEMS, N_EVENTS, 2);
    trained = train(dataset, settings, 1, 2);
    model = &trained->model;
    d = model->n_factors;

    check_fold_in(model);

    trace = 0;

    for (f = 0; f < d; f++) {
        trace += model->fold_in->gram[f];
    }

    for (f = 0; f < d; f++) {
        for (g = 0; g < d; g++) {
            sum = 0;

            for (i = 0; i < N_ITEMS; i++) {
                sum += (double) model->item_factors[i * d + f]
                       * model->item_factors[i * d + g];
            }

            if (f == g) {
                sum -= model->fold_in->gram[f];
            }

            assert_true(fabs(sum) < 1e-5 * trace);
        }
    }

    trained->destroy(trained);
    recs_dataset_close(dataset);
}


/* Rows of no interaction, and factors that are not a multiple of 16. */

static void
test_unseen_rows_are_zero(void **state)
{
    uint32_t             f;
    recs_dataset_t      *dataset;
    recs_trained_t      *trained;
    const recs_model_t  *model;

    static const char *const        settings[] = { "factors=5", NULL };
    static const recs_tiny_event_t  events[] = {
        { 0, 0, 1000, 1 }, { 0, 2, 1000, 1 }, { 2, 0, 1000, 1 },
        { 2, 3, 1000, 1 }, { 3, 3, 1000, 1 }
    };

    (void) state;

    dataset = recs_tiny_dataset(4, 4, events, 5);
    trained = train(dataset, settings, 1, 1);
    model = &trained->model;

    for (f = 0; f < 5; f++) {
        assert_true(model->item_factors[1 * 5 + f] == 0);
        assert_true(model->user_factors[1 * 5 + f] == 0);
    }

    assert_true(dot(model->item_factors, model->item_factors, 5) > 0);
    assert_true(dot(model->user_factors + 15, model->item_factors + 15, 5)
                > dot(model->user_factors + 15, model->item_factors + 10, 5));
    assert_true(model->popularity[0] == 2);
    assert_true(model->popularity[1] == 0);
    check_fold_in(model);

    trained->destroy(trained);
    recs_dataset_close(dataset);
}


/* The tastes that the data was made of come out. */

static void
test_learns(void **state)
{
    double               same, other;
    uint32_t             u, i;
    recs_dataset_t      *dataset;
    recs_trained_t      *trained;
    const recs_model_t  *model;

    static const char *const  settings[] = { "factors=8", NULL };

    (void) state;

    dataset = recs_tiny_random_dataset(N_USERS, N_ITEMS, N_EVENTS, 3);
    trained = train(dataset, settings, 1, 2);
    model = &trained->model;
    same = 0;
    other = 0;

    for (u = 0; u < N_USERS; u++) {
        for (i = 0; i < N_ITEMS; i++) {
            *((u ^ i) & 1 ? &other : &same) +=
                dot(model->user_factors + u * 8, model->item_factors + i * 8,
                    8);
        }
    }

    assert_true(same > 3 * other);

    trained->destroy(trained);
    recs_dataset_close(dataset);
}


typedef struct {
    uint32_t  n_calls;
    uint32_t  n_runs;
    double    loss;
    double    metric;
} reports_t;


static void
report(void *data, const recs_progress_t *p)
{
    reports_t  *reports;

    reports = data;
    reports->n_calls++;

    if (p->epoch == 0) {
        reports->n_runs++;
        reports->loss = INFINITY;
        assert_true(isnan(p->loss));
        return;
    }

    assert_true(p->epoch <= p->n_epochs);
    assert_true(p->seconds >= 0);
    assert_true(p->eta_seconds >= 0);
    assert_true(p->loss <= reports->loss * 1.0001);
    reports->loss = p->loss;

    if (!isnan(p->metric)) {
        reports->metric = p->metric;
    }
}


static void
test_progress(void **state)
{
    reports_t        reports;
    recs_error_t     err;
    recs_dataset_t  *dataset;
    recs_trained_t  *trained;

    static const char *const  settings[] = { "factors=8", "epochs=6", NULL };

    (void) state;

    memset(&reports, 0, sizeof(reports_t));
    reports.metric = NAN;
    dataset = recs_tiny_random_dataset(N_USERS, N_ITEMS, N_EVENTS, 3);

    assert_int_equal(try_train(dataset, settings, 1, 1, report, &reports,
                               &trained, &err), RECS_OK);
    assert_int_equal(reports.n_runs, 1);
    assert_int_equal(reports.n_calls, 7);
    assert_true(isnan(reports.metric));
    assert_string_equal(note(&trained->model, "epochs_trained"), "6");
    assert_null(note(&trained->model, "validation_ndcg_at_20"));

    trained->destroy(trained);
    recs_dataset_close(dataset);
}


static void
test_validation_stops(void **state)
{
    int              epochs;
    reports_t        reports;
    recs_error_t     err;
    recs_dataset_t  *dataset;
    recs_trained_t  *trained;

    static const char *const  settings[] = {
        "factors=8", "epochs=500", "validation=0.2", "patience=3", NULL
    };

    (void) state;

    memset(&reports, 0, sizeof(reports_t));
    dataset = recs_tiny_random_dataset(N_USERS, N_ITEMS, N_EVENTS, 4);

    assert_int_equal(try_train(dataset, settings, 1, 1, report, &reports,
                               &trained, &err), RECS_OK);

    epochs = atoi(note(&trained->model, "epochs_trained"));

    /* runs, each with a report before: best + patience, best for the
       sessions, best for all data */
    assert_int_equal(reports.n_runs, 3);
    assert_int_equal(reports.n_calls, 3 + epochs + 3 + epochs + epochs);
    assert_true(epochs >= 1 && epochs < 200);
    assert_true(reports.metric > 0);
    assert_non_null(note(&trained->model, "validation_ndcg_at_20"));

    /* all data went into the last run */
    assert_int_equal(trained->model.seen_offsets[N_USERS],
                     recs_dataset_view(dataset)->n_interactions);
    check_fold_in(&trained->model);

    trained->destroy(trained);
    recs_dataset_close(dataset);
}


static void
test_empty(void **state)
{
    recs_error_t     err;
    recs_dataset_t  *dataset;
    recs_trained_t  *trained;

    static const char *const        settings[] = { NULL };
    static const recs_tiny_event_t  events[] = { { 0, 0, 0, 1 } };

    (void) state;

    dataset = recs_tiny_dataset(3, 3, events, 0);
    assert_int_equal(try_train(dataset, settings, 1, 1, NULL, NULL, &trained,
                               &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "no interactions"));
    recs_dataset_close(dataset);
}


/* The regularization that training used, for a case worked out by hand. */

static void
test_raw_regularization(void **state)
{
    double           linear, scaled;
    recs_dataset_t  *dataset;
    recs_trained_t  *trained;

    static const char *const        settings[] = {
        "factors=2", "unobserved_weight=0.5", "regularization=0.01",
        "regularization_exponent=0.5", NULL
    };
    static const recs_tiny_event_t  events[] = {
        { 0, 0, 0, 1 }, { 0, 1, 0, 1 }, { 0, 2, 0, 1 }, { 1, 0, 0, 1 }
    };

    (void) state;

    dataset = recs_tiny_dataset(2, 3, events, 4);
    trained = train(dataset, settings, 1, 1);

    /* users: n + .5 * 3 = 4.5, 2.5; items: n + .5 * 2 = 3, 2, 2 */
    linear = 4.5 + 2.5 + 3 + 2 + 2;
    scaled = sqrt(4.5) + sqrt(2.5) + sqrt(3) + sqrt(2) + sqrt(2);

    assert_true(fabs(trained->model.fold_in->regularization
                     - 0.01 * linear / scaled) < 1e-12);
    assert_true(trained->model.fold_in->unobserved_weight == 0.5);

    trained->destroy(trained);
    recs_dataset_close(dataset);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_same_seed_same_bytes),
        cmocka_unit_test(test_fold_in_meets_training),
        cmocka_unit_test(test_unseen_rows_are_zero),
        cmocka_unit_test(test_learns),
        cmocka_unit_test(test_progress),
        cmocka_unit_test(test_validation_stops),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_raw_regularization)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
