/*
 * The walk through trees against what a tree says, told node by node; and
 * what is refused.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "recs_rank_trees.h"
#include "recs_rng.h"


#define N_TREES     7
#define N_FEATURES  5
#define N           37
#define NODES_MAX   ((1 << RECS_TREES_DEPTH_MAX) - 1)


static recs_tree_node_t  nodes[N_TREES * NODES_MAX];
static float             leaves[N_TREES * (NODES_MAX + 1)];
static float             means[N_TREES * NODES_MAX];
static float             thresholds[N_TREES * NODES_MAX];

static const float  values[] = {
    -INFINITY, -3e38f, -2.0f, -1e-40f, -0.0f, 0.0f, 1e-45f, 1e-40f, 0.5f,
    0.50000006f, 7.0f, 3e38f, INFINITY, NAN
};

#define N_VALUES  (sizeof(values) / sizeof(values[0]))


static recs_trees_t
make(uint32_t depth, recs_rng_t *rng)
{
    uint32_t      i, n;
    recs_trees_t  trees = { N_TREES, depth, N_FEATURES, nodes, leaves,
                            means, 0 };

    n = N_TREES * ((1u << depth) - 1);

    for (i = 0; i < n; i++) {
        means[i] = (float) recs_rng_normal(rng);
        thresholds[i] = values[recs_rng_next(rng) % (N_VALUES - 1)];
        nodes[i].feature = recs_rng_next(rng) % N_FEATURES;
        nodes[i].missing_right = recs_rng_next(rng) % 2;
        nodes[i].threshold = recs_tree_key(thresholds[i])
                             - nodes[i].missing_right;
    }

    for (i = 0; i < n + N_TREES; i++) {
        leaves[i] = (float) recs_rng_normal(rng);
    }

    return trees;
}


/* By the definition, in floats. */
static float
told(const recs_trees_t *t, const float *features)
{
    int       right;
    float     value, sum;
    uint32_t  tree, level, at, n_nodes;

    n_nodes = (1u << t->depth) - 1;
    sum = 0;

    for (tree = 0; tree < t->n_trees; tree++) {
        for (level = 0, at = 0; level < t->depth; level++) {
            value = features[nodes[tree * n_nodes + at].feature];
            right = isnan(value)
                    ? nodes[tree * n_nodes + at].missing_right
                    : !(value < thresholds[tree * n_nodes + at]);
            at = 2 * at + 1 + (uint32_t) right;
        }

        sum += leaves[tree * (n_nodes + 1) + at - n_nodes];
    }

    return sum;
}


static void
test_keys(void **state)
{
    size_t  i, j;

    (void) state;

    assert_int_equal(recs_tree_key(NAN), 0);
    assert_int_equal(recs_tree_key(-NAN), 0);

    for (i = 0; i < N_VALUES - 1; i++) {
        assert_true(recs_tree_key(values[i]) > 1);
        assert_true(recs_tree_key(values[i]) < UINT32_MAX);

        for (j = 0; j < N_VALUES - 1; j++) {
            assert_int_equal(values[i] < values[j],
                             recs_tree_key(values[i])
                             < recs_tree_key(values[j]));
        }
    }
}


static void
test_walk(void **state)
{
    float         features[N][N_FEATURES], scores[N + 1], expected;
    uint32_t      i, f, n, depth, *keys;
    recs_rng_t    rng;
    recs_trees_t  trees;

    (void) state;

    recs_rng_seed(&rng, 11);

    for (depth = 1; depth <= RECS_TREES_DEPTH_MAX; depth++) {
        trees = make(depth, &rng);
        assert_null(recs_trees_check(&trees));

        for (n = 0; n <= N; n += n < 9 ? 1 : 7) {
            keys = calloc(recs_trees_keys_size(&trees, n) + 1,
                          sizeof(uint32_t));

            for (i = 0; i < n; i++) {
                for (f = 0; f < N_FEATURES; f++) {
                    features[i][f] = values[recs_rng_next(&rng) % N_VALUES];
                }

                recs_trees_set_keys(&trees, keys, i, features[i]);
            }

            scores[n] = 77.0f;
            recs_trees_score(&trees, keys, n, scores);
            free(keys);

            for (i = 0; i < n; i++) {
                expected = told(&trees, features[i]);
                assert_memory_equal(&scores[i], &expected, sizeof(float));
            }

            assert_true(scores[n] == 77.0f);
        }
    }
}


/* The sum of what is told is the score; a feature nobody asks adds nothing. */
static void
test_explain(void **state)
{
    float         features[N_FEATURES], score;
    double        sum, contributions[N_FEATURES + 1];
    uint32_t      i, f, depth, keys[N_FEATURES * RECS_TREES_LANES];
    recs_rng_t    rng;
    recs_trees_t  trees;

    (void) state;

    recs_rng_seed(&rng, 13);
    memset(keys, 0, sizeof(keys));

    for (depth = 1; depth <= RECS_TREES_DEPTH_MAX; depth++) {
        trees = make(depth, &rng);

        for (i = 0; i < N_TREES * ((1u << depth) - 1); i++) {
            nodes[i].feature += nodes[i].feature == 2;
        }

        for (i = 0; i < RECS_TREES_LANES; i++) {
            for (f = 0; f < N_FEATURES; f++) {
                features[f] = values[recs_rng_next(&rng) % N_VALUES];
            }

            recs_trees_set_keys(&trees, keys, i, features);
            contributions[N_FEATURES] = 77;
            sum = recs_trees_explain(&trees, keys, i, contributions);

            for (f = 0; f < N_FEATURES; f++) {
                sum += contributions[f];
            }

            score = told(&trees, features);
            assert_true(fabs(sum - (double) score) < 1e-5);
            assert_true(contributions[2] == 0);
            assert_true(contributions[N_FEATURES] == 77);
        }
    }
}


static void
test_refused(void **state)
{
    recs_rng_t    rng;
    recs_trees_t  good, bad;

    (void) state;

    recs_rng_seed(&rng, 12);
    good = make(3, &rng);

#define REFUSED(change)                                                       \
    bad = good;                                                               \
    change;                                                                   \
    assert_non_null(recs_trees_check(&bad))

    REFUSED(bad.n_trees = RECS_TREES_MAX + 1);
    REFUSED(bad.depth = 0);
    REFUSED(bad.depth = RECS_TREES_DEPTH_MAX + 1);
    REFUSED(bad.depth = UINT32_MAX);
    REFUSED(bad.retrieved_weight = NAN);
    REFUSED(bad.retrieved_weight = -1);
    REFUSED(bad.retrieved_weight = 2e6f);
    REFUSED(bad.n_features = 0);
    REFUSED(bad.n_features = RECS_TREES_FEATURES_MAX + 1);

    nodes[N_TREES * 7 - 1].feature = N_FEATURES;
    REFUSED();
    nodes[N_TREES * 7 - 1].feature = N_FEATURES - 1;
    assert_null(recs_trees_check(&good));

    nodes[0].missing_right = 2;
    REFUSED();
    nodes[0].missing_right = 0;

    means[N_TREES * 7 - 1] = NAN;
    REFUSED();
    means[N_TREES * 7 - 1] = 1;

    leaves[N_TREES * 8 - 1] = NAN;
    REFUSED();
    leaves[N_TREES * 8 - 1] = INFINITY;
    REFUSED();
    leaves[N_TREES * 8 - 1] = -3e38f;
    REFUSED();
    leaves[N_TREES * 8 - 1] = 0;
    assert_null(recs_trees_check(&good));

#undef REFUSED
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_explain),
        cmocka_unit_test(test_refused)
    };

    return cmocka_run_group_tests_name("rank_trees", tests, NULL, NULL);
}
