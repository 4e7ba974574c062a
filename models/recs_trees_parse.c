/*
 * XGBoost's model as JSON (its doc/model.schema), made complete.
 */

#include "recs_trees.h"

#include <math.h>
#include <stdlib.h>

#include <jansson.h>


typedef struct {
    const json_t      *left;
    const json_t      *right;
    const json_t      *features;
    const json_t      *values;          /* thresholds, or leaves */
    const json_t      *default_left;
    const json_t      *weights;         /* of the examples that came to it */
    uint32_t           depth;           /* of all trees */
    recs_tree_node_t  *nodes;           /* of this one */
    float             *leaves;
    float             *means;
} recs_trees_source_t;


static recs_status_t
recs_trees_parse_error(recs_error_t *err)
{
    return recs_error(err, RECS_CORRUPT, "not a model of trees as XGBoost "
                      "writes it");
}


static int
recs_trees_source(const json_t *tree, recs_trees_source_t *s)
{
    s->left = json_object_get(tree, "left_children");
    s->right = json_object_get(tree, "right_children");
    s->features = json_object_get(tree, "split_indices");
    s->values = json_object_get(tree, "split_conditions");
    s->default_left = json_object_get(tree, "default_left");
    s->weights = json_object_get(tree, "sum_hessian");

    return json_array_size(s->left) > 0
           && json_array_size(s->left) == json_array_size(s->right)
           && json_array_size(s->left) == json_array_size(s->features)
           && json_array_size(s->left) == json_array_size(s->values)
           && json_array_size(s->left) == json_array_size(s->default_left)
           && json_array_size(s->left) == json_array_size(s->weights);
}


/* A child's number; -1: there is none. */
static json_int_t
recs_trees_child(const json_t *children, json_int_t node)
{
    json_int_t  child;

    child = json_integer_value(json_array_get(children, (size_t) node));

    return child > 0 && (size_t) child < json_array_size(children) ? child
                                                                   : -1;
}


/* The levels below node; more than is allowed where it never ends. */
static uint32_t
recs_trees_depth(const recs_trees_source_t *s, json_int_t node,
    uint32_t level)
{
    uint32_t    left, right;
    json_int_t  child;

    child = recs_trees_child(s->left, node);

    if (child == -1 || level > RECS_TREES_DEPTH_MAX) {
        return level;
    }

    left = recs_trees_depth(s, child, level + 1);
    right = recs_trees_depth(s, recs_trees_child(s->right, node), level + 1);

    return left > right ? left : right;
}


static void
recs_trees_set_node(const recs_trees_source_t *s, json_int_t node,
    recs_tree_node_t *to)
{
    float          value;
    json_int_t     feature;
    const json_t  *is_left;

    value = (float) json_number_value(json_array_get(s->values,
                                                     (size_t) node));
    feature = json_integer_value(json_array_get(s->features, (size_t) node));
    is_left = json_array_get(s->default_left, (size_t) node);

    to->feature = feature >= 0 && feature < RECS_TREES_FEATURES_MAX
                  ? (uint16_t) feature : UINT16_MAX;
    to->missing_right = !json_is_true(is_left)
                        && json_integer_value(is_left) == 0;
    to->threshold = recs_tree_key(value) - to->missing_right;
}


/* 0: nothing came to it, or there is no such node. */
static double
recs_trees_weight(const recs_trees_source_t *s, json_int_t node)
{
    double  weight;

    weight = json_number_value(json_array_get(s->weights, (size_t) node));

    return weight > 0 ? weight : 0;
}


/*
 * Lays node and what is below it at position `at` of the complete tree;
 * returns the mean of its leaves.
 */
static double
recs_trees_lay(const recs_trees_source_t *s, json_int_t node, uint32_t at,
    uint32_t level)
{
    double      mean, to_left, to_right;
    json_int_t  left, right;

    left = recs_trees_child(s->left, node);
    right = recs_trees_child(s->right, node);

    if (left == -1 || level == s->depth) {
        mean = json_number_value(json_array_get(s->values, (size_t) node));

        if (level == s->depth) {
            s->leaves[at - (((uint32_t) 1 << s->depth) - 1)] = (float) mean;
            return mean;
        }

        /* whichever way: the same leaf */
        left = right = node;
        memset(&s->nodes[at], 0, sizeof(recs_tree_node_t));

    } else {
        recs_trees_set_node(s, node, &s->nodes[at]);
    }

    to_left = recs_trees_weight(s, left);
    to_right = recs_trees_weight(s, right);

    if (to_left + to_right == 0) {
        to_left = to_right = 1;
    }

    mean = (to_left * recs_trees_lay(s, left, 2 * at + 1, level + 1)
            + to_right * recs_trees_lay(s, right, 2 * at + 2, level + 1))
           / (to_left + to_right);
    s->means[at] = (float) mean;

    return mean;
}


/* The depth of the deepest; 0: something is wrong. */
static uint32_t
recs_trees_deepest(const json_t *trees)
{
    size_t               i;
    uint32_t             depth, deepest;
    recs_trees_source_t  s;

    for (i = 0, deepest = 1; i < json_array_size(trees); i++) {
        if (!recs_trees_source(json_array_get(trees, i), &s)) {
            return 0;
        }

        depth = recs_trees_depth(&s, 0, 0);

        if (depth > RECS_TREES_DEPTH_MAX) {
            return 0;
        }

        deepest = depth > deepest ? depth : deepest;
    }

    return deepest;
}


static recs_status_t
recs_trees_fill(recs_trees_t *trees, const json_t *from, float base,
    recs_error_t *err)
{
    size_t               n_nodes;
    uint32_t             i;
    recs_tree_node_t    *nodes;
    float               *leaves, *means;
    recs_trees_source_t  s;

    n_nodes = ((size_t) 1 << trees->depth) - 1;
    nodes = calloc(trees->n_trees * n_nodes, sizeof(recs_tree_node_t));
    leaves = calloc(trees->n_trees * (n_nodes + 1), sizeof(float));
    means = calloc(trees->n_trees * n_nodes, sizeof(float));

    trees->nodes = nodes;
    trees->leaves = leaves;
    trees->means = means;

    if (nodes == NULL || leaves == NULL || means == NULL) {
        recs_trees_free(trees);
        return recs_error(err, RECS_NOMEM, "no memory for %u trees",
                          trees->n_trees);
    }

    s.depth = trees->depth;

    for (i = 0; i < trees->n_trees; i++) {
        (void) recs_trees_source(json_array_get(from, i), &s);

        s.nodes = nodes + i * n_nodes;
        s.leaves = leaves + i * (n_nodes + 1);
        s.means = means + i * n_nodes;

        (void) recs_trees_lay(&s, 0, 0, 0);
    }

    /* rounded once, as if the sum began with it */
    for (i = 0; i <= n_nodes; i++) {
        leaves[i] = base + leaves[i];
    }

    for (i = 0; i < n_nodes; i++) {
        means[i] = base + means[i];
    }

    if (recs_trees_check(trees) != NULL) {
        recs_trees_free(trees);
        return recs_trees_parse_error(err);
    }

    return RECS_OK;
}


/* XGBoost keeps numbers of the model itself as text. */
static double
recs_trees_number(const json_t *object, const char *name)
{
    const char  *text;

    text = json_string_value(json_object_get(object, name));

    return text != NULL ? strtod(text, NULL) : NAN;
}


static recs_status_t
recs_trees_convert(recs_trees_t *trees, const json_t *learner,
    recs_error_t *err)
{
    float          mean;
    double         n_features;
    recs_trees_t   t;
    recs_status_t  rc;
    const json_t  *params, *from;

    params = json_object_get(learner, "learner_model_param");
    from = json_object_get(json_object_get(json_object_get(learner,
                               "gradient_booster"), "model"), "trees");

    mean = (float) recs_trees_number(params, "base_score");
    n_features = recs_trees_number(params, "num_feature");

    if (!(mean > 0.0f) || !(mean < 1.0f) || !(n_features >= 1)
        || n_features > RECS_TREES_FEATURES_MAX || json_array_size(from) == 0
        || json_array_size(from) > RECS_TREES_MAX)
    {
        return recs_trees_parse_error(err);
    }

    t.retrieved_weight = 0.0f;
    t.n_trees = (uint32_t) json_array_size(from);
    t.n_features = (uint32_t) n_features;
    t.depth = recs_trees_deepest(from);

    if (t.depth == 0) {
        return recs_trees_parse_error(err);
    }

    rc = recs_trees_fill(&t, from, -logf(1.0f / mean - 1.0f), err);

    if (rc == RECS_OK) {
        *trees = t;
    }

    return rc;
}


recs_status_t
recs_trees_parse(recs_trees_t *trees, const char *json, size_t len,
    recs_error_t *err)
{
    json_t         *root;
    recs_status_t   rc;

    root = json_loadb(json, len, 0, NULL);
    rc = recs_trees_convert(trees, json_object_get(root, "learner"), err);
    json_decref(root);

    return rc;
}


void
recs_trees_free(recs_trees_t *trees)
{
    free((void *) trees->nodes);
    free((void *) trees->leaves);
    free((void *) trees->means);
    memset(trees, 0, sizeof(recs_trees_t));
}
