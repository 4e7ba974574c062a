/*
 * Logistic regression over the features of candidates: where it is crosses
 * that decide, it must tell what retrieval cannot, with probabilities that are
 * right; and what it has learned is what is served.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "recs_logistic.h"
#include "recs_fixture.h"
#include "recs_probability.h"
#include "recs_rng.h"
#include "recs_tiny_bundle.h"


#define N_USERS    400
#define N_ITEMS    50
#define N_KINDS    4
#define N          (N_USERS * N_ITEMS)
#define N_HASHES   3


static uint32_t                users[N_USERS];
static uint64_t                offsets[N_USERS + 1];
static uint32_t                items[N];
static float                   labels[N];
static uint8_t                 found[N];
static uint8_t                 happened[N];
static float                   retrieved[N];
static float                   numeric[N][RECS_FEATURE_COUNT];
static uint64_t                hash_offsets[N + 1];
static uint64_t                hashes[N * N_HASHES];
static float                   p[N];
static recs_rank_examples_t    examples;
static recs_logistic_params_t  params = { { 0.1, 1, 0.1, 1 }, 3, 1 };
static recs_error_t            err;


static uint64_t
hash(uint64_t kind, uint64_t number)
{
    return recs_features_cross(kind * 0x9e3779b97f4a7c15, number + 1);
}


/*
 * Users and items are of N_KINDS kinds; a user takes those of his own with the
 * log-odds 1, others with -2, and popularity, missing for one in five, adds
 * itself.  What retrieval says is noise.
 */
static void
make_examples(void)
{
    double      odds;
    uint32_t    user, item, i, f;
    recs_rng_t  rng;

    recs_rng_seed(&rng, 5);

    for (user = 0, i = 0; user < N_USERS; user++) {
        users[user] = user;

        for (item = 0; item < N_ITEMS; item++, i++) {
            items[i] = item;
            retrieved[i] = (float) recs_rng_normal(&rng);
            found[i] = 1;

            for (f = 0; f < RECS_FEATURE_COUNT; f++) {
                numeric[i][f] = 1.0f;
            }

            numeric[i][RECS_FEATURE_RETRIEVED] = retrieved[i];
            numeric[i][RECS_FEATURE_POPULARITY] =
                recs_rng_next(&rng) % 5 ? (float) recs_rng_normal(&rng) * 2 + 7
                                        : NAN;

            odds = user % N_KINDS == item % N_KINDS ? 1 : -2;

            if (!isnan(numeric[i][RECS_FEATURE_POPULARITY])) {
                odds += (double) numeric[i][RECS_FEATURE_POPULARITY] - 7;
            }

            labels[i] = recs_rng_uniform(&rng) < 1 / (1 + exp(-odds));
            happened[i] = labels[i] > 0.5f;

            hashes[i * N_HASHES] = hash(1, user % N_KINDS);
            hashes[i * N_HASHES + 1] = hash(2, item % N_KINDS);
            hashes[i * N_HASHES + 2] =
                recs_features_cross(hashes[i * N_HASHES],
                                    hashes[i * N_HASHES + 1]);
            hash_offsets[i + 1] = (uint64_t) (i + 1) * N_HASHES;
        }

        offsets[user + 1] = i;
    }

    examples.n = N;
    examples.n_users = N_USERS;
    examples.users = users;
    examples.offsets = offsets;
    examples.items = items;
    examples.labels = labels;
    examples.found = found;
    examples.retrieved = retrieved;
    examples.numeric = numeric[0];
    examples.hash_offsets = hash_offsets;
    examples.hashes = hashes;
}


static float
score(const recs_logistic_fit_t *fit, uint32_t i)
{
    return fit->intercept + recs_logistic_numeric(&fit->logistic, numeric[i])
           + recs_logistic_hashed(&fit->logistic, hashes + i * N_HASHES,
                                  N_HASHES);
}


static recs_probability_t
told(const recs_logistic_fit_t *fit)
{
    uint32_t            i;
    recs_probability_t  result;

    for (i = 0; i < N; i++) {
        p[i] = 1 / (1 + expf(-score(fit, i)));
    }

    assert_int_equal(recs_probability(p, happened, N, &result, &err), RECS_OK);

    return result;
}


static void
test_crosses_win(void **state)
{
    uint32_t             i;
    recs_probability_t   plain, result;
    recs_logistic_fit_t  fit, again;

    (void) state;

    make_examples();
    assert_int_equal(recs_logistic_train(&fit, &examples, &params, &err),
                     RECS_OK);
    result = told(&fit);

    for (i = 0; i < N; i++) {
        p[i] = 1 / (1 + expf(-retrieved[i]));
    }

    assert_int_equal(recs_probability(p, happened, N, &plain, &err), RECS_OK);

    assert_true(plain.auc > 0.45 && plain.auc < 0.55);

    if (!(result.auc > 0.85) || !(result.log_loss < 0.8 * result.base)) {
        fail_msg("AUC %g, log loss %g of %g", result.auc, result.log_loss,
                 result.base);
    }

    /* what is said to happen happens as often as is said */
    if (!(result.calibration < 0.02)) {
        fail_msg("calibration error %g", result.calibration);
    }

    /* the weight is that which made the labels, per deviation */
    i = RECS_FEATURE_POPULARITY;
    assert_true(fabsf(fit.numeric[i].mean - 7) < 0.1f);
    assert_true(fabsf(fit.numeric[i].weight * fit.numeric[i].scale - 1)
                < 0.15f);
    assert_true(fabsf(fit.numeric[RECS_FEATURE_RETRIEVED].weight) < 0.1f);

    /* what never differs says nothing */
    assert_true(fit.numeric[RECS_FEATURE_NORM].scale == 0);
    assert_true(fit.numeric[RECS_FEATURE_NORM].weight == 0);

    assert_int_equal(recs_logistic_train(&again, &examples, &params, &err),
                     RECS_OK);
    assert_memory_equal(again.weights, fit.weights,
                        sizeof(float) << RECS_LOGISTIC_BITS);

    recs_logistic_free(&again);
    recs_logistic_free(&fit);
}


/* Labels of one kind teach nothing; nor do they where they are held out. */
static void
test_labels(void **state)
{
    uint32_t             i;
    recs_logistic_fit_t  fit;

    (void) state;

    make_examples();

    for (i = 0; i < N; i++) {
        if (i / N_ITEMS % RECS_LOGISTIC_HELD == RECS_LOGISTIC_HELD - 1) {
            labels[i] = 0;
        }
    }

    assert_int_equal(recs_logistic_train(&fit, &examples, &params, &err),
                     RECS_OK);
    assert_true(fit.platt.scale == 1 && fit.platt.shift == 0);
    recs_logistic_free(&fit);

    memset(labels, 0, sizeof(labels));
    assert_int_equal(recs_logistic_train(&fit, &examples, &params, &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "taken and not taken"));
}


/* Side by side as one by one, to the bit, what is missing or far out too. */
static void
test_lanes(void **state)
{
    float                    one, row[RECS_FEATURE_COUNT];
    float                    sums[RECS_LOGISTIC_LANES];
    uint32_t                 i, f;
    recs_rng_t               rng;
    recs_logistic_t          l = { RECS_FEATURE_COUNT, 1, NULL, NULL, NULL };
    recs_logistic_numeric_t  model[RECS_FEATURE_COUNT];
    static float             lanes[RECS_FEATURE_COUNT][RECS_LOGISTIC_LANES];

    static const float  odd[] = { NAN, INFINITY, -INFINITY, 1e30f, -0.0f };

    (void) state;

    recs_rng_seed(&rng, 9);
    l.numeric = model;

    for (f = 0; f < RECS_FEATURE_COUNT; f++) {
        model[f].mean = (float) recs_rng_normal(&rng);
        model[f].scale = (float) recs_rng_uniform(&rng) * (float) (f % 5);
        model[f].weight = (float) recs_rng_normal(&rng);
        model[f].missing = (float) recs_rng_normal(&rng);

        for (i = 0; i < RECS_LOGISTIC_LANES; i++) {
            lanes[f][i] = recs_rng_next(&rng) % 2
                          ? odd[recs_rng_next(&rng) % 5]
                          : 4 * (float) recs_rng_normal(&rng);
        }
    }

    recs_logistic_lanes(&l, lanes[0], sums);

    for (i = 0; i < RECS_LOGISTIC_LANES; i++) {
        for (f = 0; f < RECS_FEATURE_COUNT; f++) {
            row[f] = lanes[f][i];
        }

        one = recs_logistic_numeric(&l, row);
        assert_true(isfinite(one));
        assert_memory_equal(&one, &sums[i], sizeof(float));
    }
}


/* What recs_rank() says is intercept, numbers and all hashes together. */
static void
test_served(void **state)
{
    float                  values[RECS_FEATURE_COUNT], got, want, found_by;
    uint32_t               user, item, i, n;
    uint64_t               all[RECS_FEATURES_HASHED_MAX];
    recs_fixture_t        *fixture;
    recs_bundle_t         *plain, *bundle;
    recs_features_t       *features;
    recs_logistic_fit_t    fit;
    recs_rank_scratch_t   *scratch;
    recs_rank_visitor_t    visitor;
    recs_rank_context_t    context = { { "country", 7 }, { "de", 2 } };
    recs_fixture_params_t  shape = { .n_items = 90, .n_users = 20,
                                     .n_factors = 8, .n_segments = 9,
                                     .times = 1 };

    (void) state;

    make_examples();
    assert_int_equal(recs_logistic_train(&fit, &examples, &params, &err),
                     RECS_OK);

    /* weights everywhere, so that no hash is passed over */
    for (i = 0; i < 1u << RECS_LOGISTIC_BITS; i++) {
        fit.weights[i] = (float) (i % 101) / 64 - 0.75f;
    }

    plain = recs_fixture_open(&shape);
    assert_int_equal(recs_logistic_set_items(&fit, plain, &err), RECS_OK);

    fixture = recs_fixture_create(&shape);
    fixture->model.logistic = &fit.logistic;
    bundle = recs_tiny_bundle(&fixture->model);
    assert_int_equal(recs_rank_scratch_create(&scratch, bundle, &err),
                     RECS_OK);
    assert_int_equal(recs_features_create(&features, bundle, &err), RECS_OK);
    assert_true(recs_rank_available(bundle, RECS_RANK_LOGISTIC));
    assert_false(recs_rank_available(plain, RECS_RANK_LOGISTIC));

    for (user = 0; user < 20; user++) {
        memset(&visitor, 0, sizeof(visitor));
        visitor.user = user;
        visitor.vector =
            recs_table_row(&recs_bundle_view(bundle)->user_factors, user);
        visitor.contexts = &context;
        visitor.n_contexts = user % 2;
        recs_features_visitor(features, &visitor);

        for (item = 0; item < 90; item++) {
            found_by = (float) item / 8;
            recs_rank(bundle, scratch, RECS_RANK_LOGISTIC, &visitor, &item,
                      &found_by, 1, &got);

            recs_features_numeric(features, item, found_by, values);
            n = recs_features_hashed(features, item, all);
            want = fit.intercept
                   + recs_logistic_numeric(&fit.logistic, values)
                   + recs_logistic_hashed(&fit.logistic, all, n);

            if (!(fabsf(got - want) < 1e-4f)) {
                fail_msg("user %u, item %u: %g is not %g", user, item,
                         (double) got, (double) want);
            }
        }
    }

    recs_features_destroy(features);
    recs_rank_scratch_destroy(scratch);
    recs_bundle_close(bundle);
    recs_bundle_close(plain);
    recs_fixture_destroy(fixture);
    recs_logistic_free(&fit);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_crosses_win),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_lanes),
        cmocka_unit_test(test_served)
    };

    return cmocka_run_group_tests_name("logistic", tests, NULL, NULL);
}
