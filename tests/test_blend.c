/*
 * Models with lists of neighbours, from the trainer to the bundle: what is
 * set stays, what is open is chosen, and lists that do not help are left out.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "recs_bundle.h"
#include "recs_rng.h"
#include "recs_temp.h"
#include "recs_tiny_dataset.h"
#include "recs_trainer.h"


static recs_error_t  err;


static recs_status_t
try_train(const recs_dataset_t *dataset, const char *model,
    const char *const *settings, recs_trained_t **trained)
{
    double                 values[RECS_PARAMS_MAX];
    recs_train_options_t   options;
    const recs_trainer_t  *trainer;

    trainer = recs_trainer_find(model);
    assert_non_null(trainer);
    assert_true(trainer->n_params <= RECS_PARAMS_MAX);
    recs_trainer_defaults(trainer, values);

    for ( /* void */ ; *settings != NULL; settings++) {
        if (recs_trainer_set(trainer, values, *settings, &err) != RECS_OK) {
            fail_msg("%s", err.message);
        }
    }

    memset(&options, 0, sizeof(recs_train_options_t));
    options.values = values;
    options.seed = 7;
    options.n_threads = 2;

    return trainer->train(dataset, &options, trained, &err);
}


static recs_trained_t *
train(const recs_dataset_t *dataset, const char *model,
    const char *const *settings)
{
    recs_trained_t  *trained;

    if (try_train(dataset, model, settings, &trained) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    return trained;
}


static double
pair(const recs_pair_t *pairs, uint32_t n, const char *name)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        if (strcmp(pairs[i].name, name) == 0) {
            return strtod(pairs[i].value, NULL);
        }
    }

    return NAN;
}


static double
param(const recs_trained_t *t, const char *name)
{
    return pair(t->model.params, t->model.n_params, name);
}


static double
note(const recs_trained_t *t, const char *name)
{
    return pair(t->model.notes, t->model.n_notes, name);
}


/* The model can be written, and what is read is what was trained. */
static void
check_bundle(const recs_trained_t *t)
{
    const char                *path;
    recs_bundle_t             *b;
    const recs_bundle_view_t  *v;

    b = NULL;
    path = recs_temp_path("blend.mdb");

    if (recs_model_write(&t->model, path, &err) != RECS_OK
        || recs_bundle_open(&b, path, 0, &err) != RECS_OK)
    {
        fail_msg("%s", err.message);
    }

    unlink(path);

    v = recs_bundle_view(b);
    assert_int_equal(v->n_factors, t->model.n_factors);
    assert_int_equal(v->neighbor_id_size, t->model.neighbors != NULL ? 2 : 0);

    if (t->model.neighbors != NULL) {
        assert_int_equal(v->neighbor_history, t->model.neighbors->history);
        assert_true(v->neighbor_step == (float) (t->model.neighbors->weight
                                                * t->model.neighbors->unit));
    }

    recs_bundle_close(b);
}


static void
test_knn(void **state)
{
    recs_trained_t  *t;
    recs_dataset_t  *dataset;

    static const char *const  settings[] = { "neighbors=7", "history=9",
                                             NULL };

    (void) state;

    dataset = recs_tiny_random_dataset(60, 80, 700, 1);
    t = train(dataset, "knn", settings);

    assert_string_equal(t->model.algorithm, "knn");
    assert_int_equal(t->model.n_factors, 0);
    assert_non_null(t->model.popularity);
    assert_int_equal(t->model.neighbors->history, 9);
    assert_true(t->model.neighbors->offsets[80] <= 7 * 80);
    assert_true(t->model.neighbors->weight == 1);
    check_bundle(t);

    t->destroy(t);
    recs_dataset_close(dataset);
}


/* Nothing is held out where everything is said. */
static void
test_said(void **state)
{
    recs_trained_t  *t, *dense;
    recs_dataset_t  *dataset;

    static const char *const  settings[] = {
        "factors=8", "beta=3", "alpha=2", "neighbors=5",
        "source_exponent=0.4", "user_exponent=0.9", "history=11",
        "regularization=0.01", "unobserved_weight=0.3", "epochs=3", NULL
    };

    static const char *const  of_ials[] = {
        "factors=8", "regularization=0.01", "unobserved_weight=0.3",
        "regularization_exponent=0.35", "epochs=3", NULL
    };

    (void) state;

    dataset = recs_tiny_random_dataset(60, 80, 700, 2);
    t = train(dataset, "blend", settings);
    dense = train(dataset, "ials", of_ials);

    assert_true(t->model.neighbors->weight == 1.5);
    assert_int_equal(t->model.neighbors->history, 11);
    assert_true(param(t, "beta") == 3);
    assert_true(param(t, "source_exponent") == 0.4);
    assert_true(isnan(note(t, "validation_ndcg_at_20")));
    assert_memory_equal(t->model.item_factors, dense->model.item_factors,
                        80 * 8 * sizeof(float));
    assert_memory_equal(t->model.user_factors, dense->model.user_factors,
                        60 * 8 * sizeof(float));
    assert_true(t->model.fold_in->regularization
                == dense->model.fold_in->regularization);
    check_bundle(t);

    t->destroy(t);
    dense->destroy(dense);
    recs_dataset_close(dataset);
}


/* Chains of items that vectors this short cannot tell apart. */
#define N_CHAINED  400

static recs_dataset_t *
chained(void)
{
    uint32_t            u, i, n;
    recs_dataset_t     *dataset;
    recs_tiny_event_t  *events;

    events = malloc(N_CHAINED * 6 * sizeof(recs_tiny_event_t));
    assert_non_null(events);
    n = 0;

    for (u = 0; u < N_CHAINED; u++) {
        for (i = 0; i < 6; i++) {
            events[n].user = u;
            events[n].item = u / 8 * 8 + i + (i >= u % 4);
            events[n].time_ms = 1000 + (int64_t) ((u + 5 * i) % 6) * 1000;
            events[n++].weight = 1;
        }
    }

    dataset = recs_tiny_dataset(N_CHAINED, N_CHAINED, events, n);
    free(events);

    return dataset;
}


static void
test_chosen(void **state)
{
    recs_trained_t  *t, *again;
    recs_dataset_t  *dataset;

    static const char *const  settings[] = { "factors=2", NULL };
    static const char *const  one_said[] = { "factors=2", "neighbors=3",
                                             "user_exponent=1.5", NULL };

    (void) state;

    dataset = chained();
    t = train(dataset, "blend", settings);

    assert_non_null(t->model.neighbors);
    assert_true(param(t, "beta") > 0);
    assert_true(fabs(param(t, "beta") / t->model.neighbors->weight - 1)
                < 1e-8);
    assert_true(param(t, "neighbors") == 100 || param(t, "neighbors") == 200);
    assert_true(param(t, "source_exponent") >= 0);
    assert_true(param(t, "user_exponent") >= 0);
    assert_true(param(t, "history") >= 1);
    assert_true(note(t, "validation_ndcg_at_20")
                > 2 * note(t, "validation_ndcg_at_20_of_vectors"));
    check_bundle(t);

    again = train(dataset, "blend", settings);
    assert_memory_equal(t->model.neighbors->weights,
                        again->model.neighbors->weights,
                        t->model.neighbors->offsets[N_CHAINED]
                        * sizeof(float));
    assert_true(t->model.neighbors->weight == again->model.neighbors->weight);
    again->destroy(again);
    t->destroy(t);

    t = train(dataset, "blend", one_said);
    assert_true(param(t, "neighbors") == 3);
    assert_true(param(t, "user_exponent") == 1.5);
    assert_true(param(t, "beta") > 0);
    t->destroy(t);

    recs_dataset_close(dataset);
}


static void
test_left_out(void **state)
{
    recs_trained_t  *t;
    recs_dataset_t  *dataset;

    static const char *const  settings[] = { "factors=8", "beta=0", NULL };

    (void) state;

    dataset = chained();
    t = train(dataset, "blend", settings);
    assert_null(t->model.neighbors);
    assert_true(param(t, "beta") == 0);
    check_bundle(t);
    t->destroy(t);
    recs_dataset_close(dataset);
}


static void
test_nothing_to_hold_out(void **state)
{
    recs_trained_t  *t;
    recs_dataset_t  *dataset;

    static const recs_tiny_event_t  events[] = {
        { 0, 0, 1000, 1 }, { 1, 1, 2000, 1 }
    };

    static const char *const  open[] = { "factors=2", NULL };
    static const char *const  said[] = { "factors=2", "beta=0", NULL };

    (void) state;

    dataset = recs_tiny_dataset(2, 2, events, 2);
    assert_int_equal(try_train(dataset, "blend", open, &t), RECS_INVALID);
    assert_non_null(strstr(err.message, "beta"));

    t = train(dataset, "blend", said);
    t->destroy(t);
    recs_dataset_close(dataset);
}


/* In a chain of items the third follows from the second alone, which EASE can
   tell and counting together cannot. */

static void
test_ease(void **state)
{
    double           weight;
    uint32_t         i, u, n;
    recs_rng_t       rng;
    recs_dataset_t  *dataset;
    recs_trained_t  *t, *same;

    enum { USERS = 300, ITEMS = 40, EACH = 10 };

    static recs_tiny_event_t  events[USERS * EACH];
    static const char *const  open[] = { "factors=4", "epochs=2", NULL };
    static const char *const  set[] = {
        "factors=4", "epochs=2", "ease=5", "neighbors=7", "beta=2",
        "history=20", NULL
    };
    static const char *const  knn[] = {
        "factors=4", "epochs=2", "user_exponent=0.5", NULL
    };

    (void) state;

    recs_rng_seed(&rng, 3);
    memset(events, 0, sizeof(events));

    for (u = 0, n = 0; u < USERS; u++) {
        i = (uint32_t) (recs_rng_next(&rng) % (ITEMS - EACH));

        for ( /* void */ ; n < (u + 1) * EACH; n++, i++) {
            events[n].user = u;
            events[n].item = i;
            events[n].time_ms = 1000 + n;
            events[n].weight = 1;
        }
    }

    dataset = recs_tiny_dataset(USERS, ITEMS, events, n);

    /* lists as they were said, without anything to choose */
    t = train(dataset, "blend", set);
    assert_true(isnan(note(t, "validation_ndcg_at_20")));
    assert_true(param(t, "ease") == 5);
    assert_non_null(t->model.neighbors);

    same = train(dataset, "blend", set);

    for (i = 0; i < ITEMS; i++) {
        assert_true(t->model.neighbors->offsets[i + 1]
                    - t->model.neighbors->offsets[i] <= 7);
    }

    /* the two beside an item say all that there is to say of it */
    for (i = (uint32_t) t->model.neighbors->offsets[20], weight = 0;
         i < t->model.neighbors->offsets[21]; i++)
    {
        assert_true(t->model.neighbors->weights[i]
                    == same->model.neighbors->weights[i]);

        if (t->model.neighbors->items[i] == 19
            || t->model.neighbors->items[i] == 21)
        {
            weight += t->model.neighbors->weights[i];

        } else {
            assert_true(t->model.neighbors->weights[i] < 0.2);
        }
    }

    assert_true(weight > 0.5);
    same->destroy(same);
    t->destroy(t);

    /* chosen where it may be, not where knn is asked for */
    t = train(dataset, "blend", open);
    assert_true(param(t, "ease") >= 100 || param(t, "ease") == 0);
    t->destroy(t);

    t = train(dataset, "blend", knn);
    assert_true(param(t, "ease") == 0);
    t->destroy(t);

    recs_dataset_close(dataset);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_knn),
        cmocka_unit_test(test_said),
        cmocka_unit_test(test_chosen),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_nothing_to_hold_out),
        cmocka_unit_test(test_ease)
    };

    return cmocka_run_group_tests_name("blend", tests, NULL, NULL);
}
