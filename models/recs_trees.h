/*
 * recs_trees: fits decision trees to examples, by XGBoost's library (Chen and
 * Guestrin 2016), as core/ walks them.
 *
 *     tree      one tree (Breiman et al. 1984, here by the logistic loss)
 *     forest    trees on random parts of the examples and of the features,
 *               their mean (Breiman 2001)
 *     boosting  each tree on what those before it leave (Friedman 2001)
 *
 * The score is the logarithm of the odds that the label is 1.
 */

#ifndef _RECS_TREES_H_INCLUDED_
#define _RECS_TREES_H_INCLUDED_


#include "recs_rank_trees.h"
#include "recs_status.h"


#define RECS_TREES_KIND_MAP(XX)                                               \
    XX(TREE,     "tree")                                                      \
    XX(FOREST,   "forest")                                                    \
    XX(BOOSTING, "boosting")

typedef enum {
#define RECS_TREES_KIND_ENUM(symbol, name)  RECS_TREES_##symbol,
    RECS_TREES_KIND_MAP(RECS_TREES_KIND_ENUM)
#undef RECS_TREES_KIND_ENUM
    RECS_TREES_KINDS
} recs_trees_kind_t;


typedef struct {
    recs_trees_kind_t   kind;
    uint32_t            n_trees;        /* 1 to RECS_TREES_MAX; a tree is 1 */
    uint32_t            depth;          /* 1 to RECS_TREES_DEPTH_MAX */
    double              learning_rate;  /* of boosting: a tree's share */
    uint64_t            seed;
    uint32_t            n_threads;
} recs_trees_params_t;


/* Examples that are only compared within their group. */
typedef struct {
    uint32_t         n;
    const uint64_t  *offsets;           /* [n + 1], from 0 to all examples */
    const float     *margins;           /* [examples] scores that the trees
                                           are to correct */
} recs_trees_groups_t;


/*
 * Fits trees to features[n][n_features], where NAN means that a value is
 * missing, and labels[n], 0 or 1: by the logistic loss or, with groups, that
 * of a pair of a group (Burges 2010, "From RankNet to LambdaRank to
 * LambdaMART"); then a score means nothing but an order.  retrieved_weight is
 * 0.  Deterministic for a seed and a number of threads.
 *
 * RECS_INVALID  no examples, or all of one label; an infinite feature
 * RECS_NOMEM    no memory, or XGBoost says why it cannot
 */
recs_status_t recs_trees_train(recs_trees_t *trees, const float *features,
    const float *labels, uint64_t n, uint32_t n_features,
    const recs_trees_groups_t *groups, const recs_trees_params_t *params,
    recs_error_t *err);

/*
 * The same from XGBoost's model as JSON (its XGBoosterSaveModelToBuffer());
 * RECS_CORRUPT: it is none, or not one of binary trees that recs_trees_check()
 * takes.
 */
recs_status_t recs_trees_parse(recs_trees_t *trees, const char *json,
    size_t len, recs_error_t *err);

void recs_trees_free(recs_trees_t *trees);


#endif /* _RECS_TREES_H_INCLUDED_ */
