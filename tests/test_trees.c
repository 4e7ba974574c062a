/*
 * Trees as XGBoost fits them: core/ must come to its very predictions, they
 * must find what no line separates, and the same seed must give the same
 * trees.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <xgboost/c_api.h>

#include "recs_fewer.h"
#include "recs_probability.h"
#include "recs_rng.h"
#include "recs_trees.h"


#define N           (4000 / RECS_FEWER)
#define N_FEATURES  6


static float  features[N * N_FEATURES];
static float  labels[N];
static float  scores[N];


/* Numbers of all kinds, some missing; what is taken depends on them. */
static void
make_examples(uint64_t seed)
{
    double      odds;
    uint32_t    i, f;
    recs_rng_t  rng;

    recs_rng_seed(&rng, seed);

    for (i = 0; i < N; i++) {
        for (f = 0; f < N_FEATURES; f++) {
            features[i * N_FEATURES + f] =
                recs_rng_uniform(&rng) < 0.2 ? NAN
                : f == 0 ? (float) (recs_rng_next(&rng) % 4)
                : f == 1 ? (float) (1e-38 * recs_rng_normal(&rng))
                : (float) recs_rng_normal(&rng);
        }

        odds = isnan(features[i * N_FEATURES]) ? 0.7 : 0.2;
        odds *= features[i * N_FEATURES + 1] > 0 ? 1 : 0.4;
        odds += features[i * N_FEATURES + 2] > 0 ? 0.2 : 0;
        labels[i] = recs_rng_uniform(&rng) < odds;
    }
}


/* What each feature adds, as XGBoost tells it (4: it is asked; 8: so). */
static void
compare_contributions(const recs_trees_t *trees, BoosterHandle booster,
    DMatrixHandle matrix)
{
    double        base, contributions[N_FEATURES];
    uint32_t      i, f, *keys;
    bst_ulong     n;
    const float  *told;

    assert_int_equal(XGBoosterPredict(booster, matrix, 4 | 8, 0, 0, &n,
                                      &told), 0);
    assert_int_equal(n, N * (N_FEATURES + 1));

    keys = calloc(recs_trees_keys_size(trees, N), sizeof(uint32_t));

    for (i = 0; i < N; i++, told += N_FEATURES + 1) {
        recs_trees_set_keys(trees, keys, i, features + i * N_FEATURES);
        base = recs_trees_explain(trees, keys, i, contributions);
        assert_true(fabs(base - (double) told[N_FEATURES]) < 1e-4);

        for (f = 0; f < N_FEATURES; f++) {
            assert_true(fabs(contributions[f] - (double) told[f]) < 1e-4);
        }
    }

    free(keys);
}


static void
score(const recs_trees_t *trees)
{
    uint32_t  i, *keys;

    keys = malloc(recs_trees_keys_size(trees, N) * sizeof(uint32_t));

    for (i = 0; i < N; i++) {
        recs_trees_set_keys(trees, keys, i, features + i * N_FEATURES);
    }

    recs_trees_score(trees, keys, N, scores);
    free(keys);
}


#define XGB(call)  assert_int_equal((call), 0)

/* XGBoost's own margins of the examples against ours, bit for bit. */
static void
compare(const char *depth, const char *parallel, const char *base,
    uint32_t rounds)
{
    uint32_t         i;
    bst_ulong        n;
    const char      *json;
    const float     *margins;
    recs_error_t     err;
    recs_trees_t     trees;
    BoosterHandle    booster;
    DMatrixHandle    matrix;

    XGB(XGDMatrixCreateFromMat(features, N, N_FEATURES, NAN, &matrix));
    XGB(XGDMatrixSetFloatInfo(matrix, "label", labels, N));
    XGB(XGBoosterCreate(&matrix, 1, &booster));
    XGB(XGBoosterSetParam(booster, "objective", "binary:logistic"));
    XGB(XGBoosterSetParam(booster, "verbosity", "0"));
    XGB(XGBoosterSetParam(booster, "nthread", "1"));
    XGB(XGBoosterSetParam(booster, "max_depth", depth));
    XGB(XGBoosterSetParam(booster, "num_parallel_tree", parallel));
    XGB(XGBoosterSetParam(booster, "subsample", "0.7"));
    XGB(XGBoosterSetParam(booster, "base_score", base));

    for (i = 0; i < rounds; i++) {
        XGB(XGBoosterUpdateOneIter(booster, (int) i, matrix));
    }

    XGB(XGBoosterSaveModelToBuffer(booster, "{\"format\": \"json\"}", &n,
                                   &json));
    assert_int_equal(recs_trees_parse(&trees, json, n, &err), RECS_OK);
    assert_int_equal(trees.n_trees, rounds * (uint32_t) atoi(parallel));
    assert_int_equal(trees.n_features, N_FEATURES);
    score(&trees);

    /* 1: margins; a fresh matrix, as XGBoost remembers those of the former */
    XGDMatrixFree(matrix);
    XGB(XGDMatrixCreateFromMat(features, N, N_FEATURES, NAN, &matrix));
    XGB(XGBoosterPredict(booster, matrix, 1, 0, 0, &n, &margins));
    assert_int_equal(n, N);
    assert_memory_equal(scores, margins, sizeof(scores));

    compare_contributions(&trees, booster, matrix);

    recs_trees_free(&trees);
    XGBoosterFree(booster);
    XGDMatrixFree(matrix);
}


static void
test_as_xgboost(void **state)
{
    (void) state;

    make_examples(1);
    compare("6", "1", "0.5", 100);
    compare("10", "1", "0.3", 1);
    compare("3", "20", "0.01", 1);
    compare("2", "3", "0.9", 9);

    make_examples(2);
    compare("1", "1", "0.2", 30);
    compare("8", "2", "0.5", 7);
}


/* A second opinion of n_threads on the same examples. */
static recs_trees_t
train(recs_trees_kind_t kind, uint64_t seed, uint32_t n_threads)
{
    recs_error_t         err;
    recs_trees_t         trees;
    recs_trees_params_t  params = { kind, 30, 4, 0.2, seed, n_threads };

    if (recs_trees_train(&trees, features, labels, N, N_FEATURES, NULL,
                         &params, &err) != RECS_OK)
    {
        fail_msg("%s", err.message);
    }

    return trees;
}


static int
same(const recs_trees_t *a, const recs_trees_t *b)
{
    size_t  n;

    n = ((size_t) 1 << a->depth) * a->n_trees;

    return a->n_trees == b->n_trees && a->depth == b->depth
           && memcmp(a->nodes, b->nodes,
                     (n - a->n_trees) * sizeof(recs_tree_node_t)) == 0
           && memcmp(a->leaves, b->leaves, n * sizeof(float)) == 0;
}


static void
test_deterministic(void **state)
{
    uint32_t           threads;
    recs_trees_t       one, two, other;
    recs_trees_kind_t  kind;

    (void) state;

    make_examples(3);

    for (threads = 1; threads <= 2; threads++) {
        for (kind = 0; kind < RECS_TREES_KINDS; kind++) {
            one = train(kind, 5, threads);
            two = train(kind, 5, threads);
            other = train(kind, (uint64_t) -6, threads);

            assert_int_equal(one.n_trees, kind == RECS_TREES_TREE ? 1 : 30);
            assert_true(same(&one, &two));
            assert_int_equal(same(&one, &other), kind != RECS_TREES_FOREST);

            recs_trees_free(&one);
            recs_trees_free(&two);
            recs_trees_free(&other);
        }
    }
}


/*
 * What no weighted sum of the features can tell, 9 in 10 of it certain: that
 * just one of two is positive (which a single tree cannot either: no first
 * split gains anything), and that one is in the middle.
 */
static void
test_no_line(void **state)
{
    float                x, y, p[N];
    uint8_t              taken[N];
    uint32_t             i;
    recs_rng_t           rng;
    recs_error_t         err;
    recs_trees_t         trees;
    recs_trees_kind_t    kind;
    recs_probability_t   got;

    (void) state;

    recs_rng_seed(&rng, 4);

    for (i = 0; i < N * N_FEATURES; i++) {
        features[i] = (float) recs_rng_normal(&rng);
    }

    for (kind = 0; kind < RECS_TREES_KINDS; kind++) {
        for (i = 0; i < N; i++) {
            x = features[i * N_FEATURES];
            y = features[i * N_FEATURES + 1];
            taken[i] = kind == RECS_TREES_TREE ? fabsf(x) < 0.67f
                                               : (x > 0) != (y > 0);
            taken[i] ^= recs_rng_uniform(&rng) < 0.1;
            labels[i] = taken[i];
        }

        trees = train(kind, 1, 1);
        score(&trees);
        recs_trees_free(&trees);

        for (i = 0; i < N; i++) {
            p[i] = 1.0f / (1.0f + expf(-scores[i]));
        }

        assert_int_equal(recs_probability(p, taken, N, &got, &err), RECS_OK);

        if (!(got.accuracy > 0.85)) {
            fail_msg("kind %d: accuracy %g", (int) kind, got.accuracy);
        }
    }
}


static void
test_refused(void **state)
{
    size_t                i;
    recs_error_t          err;
    recs_trees_t          trees;
    recs_trees_params_t   params = { RECS_TREES_BOOSTING, 2, 2, 0.1, 1, 1 };

    static const char *const  bad[] = {
        "", "{", "[]", "{}", "{\"learner\":{}}",
        "{\"learner\":{\"learner_model_param\":{\"base_score\":\"5E-1\","
        "\"num_feature\":\"2\"},\"gradient_booster\":{\"model\":{\"trees\":"
        "[]}}}}",
        /* children that lead back to the root, for ever */
        "{\"learner\":{\"learner_model_param\":{\"base_score\":\"5E-1\","
        "\"num_feature\":\"2\"},\"gradient_booster\":{\"model\":{\"trees\":"
        "[{\"left_children\":[1,1],\"right_children\":[1,1],"
        "\"split_indices\":[0,0],\"split_conditions\":[1,1],"
        "\"default_left\":[0,0],\"sum_hessian\":[1,1]}]}}}}",
        /* a feature too many */
        "{\"learner\":{\"learner_model_param\":{\"base_score\":\"5E-1\","
        "\"num_feature\":\"2\"},\"gradient_booster\":{\"model\":{\"trees\":"
        "[{\"left_children\":[1,-1,-1],\"right_children\":[2,-1,-1],"
        "\"split_indices\":[2,0,0],\"split_conditions\":[1,1,1],"
        "\"default_left\":[0,0,0],\"sum_hessian\":[1,1,1]}]}}}}"
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(recs_trees_parse(&trees, bad[i], strlen(bad[i]),
                                          &err), RECS_CORRUPT);
    }

    make_examples(5);
    features[7] = -INFINITY;
    assert_int_equal(recs_trees_train(&trees, features, labels, N,
                                      N_FEATURES, NULL, &params, &err),
                     RECS_INVALID);
    assert_string_equal(err.message, "feature 1 of example 1 is infinite");

    memset(labels, 0, sizeof(labels));
    assert_int_equal(recs_trees_train(&trees, features, labels, N,
                                      N_FEATURES, NULL, &params, &err),
                     RECS_INVALID);
    assert_int_equal(recs_trees_train(&trees, features, labels, 0,
                                      N_FEATURES, NULL, &params, &err),
                     RECS_INVALID);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_as_xgboost),
        cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_no_line),
        cmocka_unit_test(test_refused)
    };

    return cmocka_run_group_tests_name("trees", tests, NULL, NULL);
}
