/*
 * recs_rank_trees: decision trees over the features of a candidate, alone, as
 * a random forest or as gradient boosting: what they are differs in how they
 * are trained (models/recs_trees.h), not in how they are asked.
 *
 *     score = the sum over the trees of the leaf that is come to
 *             + retrieved_weight * what retrieval gave
 *
 * in f32 and in the trees' order: trees tell retrieval's scores apart only as
 * far as they have thresholds, and are there to correct it; what is added for
 * everybody is in the first tree's leaves.  A node sends a candidate to the
 * left where its feature is less than the node's threshold, and a NAN, which
 * is a value that is missing, to its own side of it.
 *
 * A tree is complete: node i has the children 2i + 1 and 2i + 2, and all
 * leaves lie `depth` below the root; what ends earlier is filled up with
 * copies of its leaf.  So a walk has no branch that could be mispredicted,
 * several candidates go side by side, and there is no index to a child that
 * could lead astray.
 *
 * Floats are compared as keys, integers in the same order, 0 for a NAN.  For a
 * node that sends what is missing to the right both sides are less by one:
 * there 0 wraps around to the greatest.
 */

#ifndef _RECS_RANK_TREES_H_INCLUDED_
#define _RECS_RANK_TREES_H_INCLUDED_


#include <stdint.h>
#include <string.h>


#define RECS_TREES_MAX           1000
#define RECS_TREES_DEPTH_MAX     10
#define RECS_TREES_FEATURES_MAX  1024
#define RECS_TREES_LEAF_MAX      1e30f
#define RECS_TREES_WEIGHT_MAX    1e6f

/* Candidates that walk side by side. */
#define RECS_TREES_LANES         8


/* To the right where key - missing_right >= threshold. */
typedef struct {
    uint32_t  threshold;                /* a key, less missing_right */
    uint16_t  feature;
    uint16_t  missing_right;            /* 0 or 1 */
} recs_tree_node_t;

typedef struct {
    uint32_t                 n_trees;   /* 0: there are none */
    uint32_t                 depth;     /* 1 to RECS_TREES_DEPTH_MAX */
    uint32_t                 n_features;
    const recs_tree_node_t  *nodes;     /* [n_trees][2^depth - 1] */
    const float             *leaves;    /* [n_trees][2^depth] */
    const float             *means;     /* [n_trees][2^depth - 1], of the
                                           leaves below, by the examples
                                           that came to them */
    float                    retrieved_weight;    /* 0 to
                                           RECS_TREES_WEIGHT_MAX */
} recs_trees_t;


static inline uint32_t
recs_tree_key(float value)
{
    uint32_t  bits;

    if (value != value) {
        return 0;
    }

    value += 0.0f;                      /* -0 equals 0 */
    memcpy(&bits, &value, sizeof(uint32_t));

    return bits & 0x80000000 ? ~bits : bits | 0x80000000;
}


/* What is wrong with the trees, or NULL; reads all of their arrays. */
const char *recs_trees_check(const recs_trees_t *trees);

/* How many keys n candidates have: [n / LANES, up][n_features][LANES]. */
size_t recs_trees_keys_size(const recs_trees_t *trees, uint32_t n);

/* Sets candidate i's from its features[n_features]. */
void recs_trees_set_keys(const recs_trees_t *trees, uint32_t *keys,
    uint32_t i, const float *features);

/*
 * The sums scores[n] of the leaves, by their keys.  Those of lanes that are
 * not used may be anything.
 */
void recs_trees_score(const recs_trees_t *trees, const uint32_t *keys,
    uint32_t n, float *scores);

/*
 * What the features add to candidate i's score, contributions[n_features]:
 * the sum, over the nodes that it comes by, of what each step changes in the
 * mean of the leaves below, without retrieved_weight (Saabas 2014; XGBoost's
 * "approximate" contributions).  Returns what the score is without: the mean
 * of all.
 */
double recs_trees_explain(const recs_trees_t *trees, const uint32_t *keys,
    uint32_t i, double *contributions);


#endif /* _RECS_RANK_TREES_H_INCLUDED_ */
