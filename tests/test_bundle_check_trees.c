/*
 * Trees in a bundle: they come out as they went in, and wrong ones are refused
 * under a valid seal.
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


#define N_TREES    5
#define DEPTH      3
#define N_NODES    (N_TREES * ((1 << DEPTH) - 1))
#define N_LEAVES   (N_TREES << DEPTH)


static recs_error_t  err;


static void
test_round_trip(void **state)
{
    recs_bundle_t           *bundle;
    recs_fixture_t          *fixture;
    const recs_trees_t      *read;
    recs_fixture_params_t    params = { .n_items = 9, .n_trees = N_TREES };

    (void) state;

    fixture = recs_fixture_create(&params);
    bundle = recs_tiny_bundle(&fixture->model);
    read = &recs_bundle_view(bundle)->trees;

    assert_int_equal(read->n_trees, N_TREES);
    assert_int_equal(read->depth, DEPTH);
    assert_int_equal(read->n_features, fixture->trees.n_features);
    assert_true(read->retrieved_weight == fixture->trees.retrieved_weight);
    assert_memory_equal(read->nodes, fixture->tree_nodes,
                        N_NODES * sizeof(recs_tree_node_t));
    assert_memory_equal(read->leaves, fixture->tree_leaves,
                        N_LEAVES * sizeof(float));
    assert_memory_equal(read->means, fixture->tree_means,
                        N_NODES * sizeof(float));

    recs_bundle_close(bundle);

    /* what a reader would refuse is not written */
    fixture->tree_leaves[7] = NAN;
    assert_int_equal(recs_model_write(&fixture->model, "never", &err),
                     RECS_INVALID);
    assert_string_equal(err.message, "the trees: a leaf is not finite");
    recs_fixture_destroy(fixture);
}


static void
test_contents(void **state)
{
    recs_tree_node_t     node;
    const recs_trees_t  *read;

    (void) state;

    read = &recs_bundle_view(recs_sealed.bundle)->trees;

    node = read->nodes[N_NODES - 1];
    node.feature = (uint16_t) read->n_features;
    recs_refuses(&read->nodes[N_NODES - 1], &node, sizeof(node),
                 "a node asks for a feature that there is not");
    node.feature = UINT16_MAX;
    recs_refuses(&read->nodes[0], &node, sizeof(node),
                 "a node asks for a feature that there is not");
    node = read->nodes[0];
    node.missing_right = 2;
    recs_refuses(&read->nodes[0], &node, sizeof(node), "a node asks");

    recs_refuses_float(&read->leaves[0], NAN, "a leaf is not finite");
    recs_refuses_float(&read->leaves[N_LEAVES - 1], -INFINITY,
                       "a leaf is not finite");
    recs_refuses_float(&read->leaves[N_LEAVES - 1], 2e30f,
                       "a leaf is not finite");

    recs_refuses_float(&read->means[N_NODES - 1], INFINITY,
                       "a node's mean is not finite");

    recs_refuses_entry("trees.features", "1", "a node asks");
    recs_refuses_entry("trees.features", "0", "trees.features");
    recs_refuses_entry("trees.features", "x", "trees.features");
    recs_refuses_entry("trees.retrieved_weight", "-.75",
                       "trees.retrieved_weight");
    recs_refuses_entry("trees.retrieved_weight", "9e99",
                       "the weight of retrieval is out of range");
}


static void
test_shape(void **state)
{
    const recs_trees_t  *read;

    (void) state;

    read = &recs_bundle_view(recs_sealed.bundle)->trees;

    recs_refuses_shape(read->leaves, N_TREES * 2, 4 << 2, "bad dimensions");
    recs_refuses_shape(read->leaves, N_TREES - 1, 4 << DEPTH, "bad dimensions");
    recs_refuses_shape(read->leaves, N_LEAVES, 4, "bad dimensions");
    recs_refuses_shape(read->leaves, N_TREES, 4 * 7, "bad dimensions");
    recs_refuses_shape(read->means, N_TREES, 4 * 7, "bad dimensions");
    recs_refuses_shape(read->nodes, N_NODES - 1, 8, "bad dimensions");
    recs_refuses_shape(read->nodes, N_NODES * 2, 4, "bad dimensions");
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
        { "tree_nodes/0", "tree_nodet/0" },
        { "tree_leaves/0", "tree_leavet/0" },
        { "tree_means/0", "tree_meant/0" },
        { "trees.features", "trees.featuret" }
    };

    (void) state;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        recs_sealed_file_rename(&recs_sealed, names[i].from, names[i].to);
        rc = recs_sealed_file_try(&recs_sealed, 0, recs_sealed.bytes, 1, 1,
                                  &err);

        /* without any of the four there are no trees, which is fine */
        assert_int_equal(rc, i < 3 ? RECS_CORRUPT : RECS_OK);
        assert_true(i == 3
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

    return cmocka_run_group_tests_name("bundle_check_trees", tests, NULL,
                                       NULL);
}
