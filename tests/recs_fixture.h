/*
 * recs_fixture: small random models and bundles, the same at every run.
 *
 * Items are "i0", "i1", ... and users "u0", "u1", ... by index.  Every third
 * item and user has attributes; those of an item i are a title, a url and an
 * image of its own, and "every|half<i % 2>|t<i % 24>|r<i % 97>" as tags.
 * Among the vectors are equal rows, rows of equal norm and all-zero rows, so
 * that ties happen.  Lists of neighbours have equal and zero weights, and some
 * are empty; history is 5.  Segments are "area=a000", "area=a001", ..., of up
 * to 40 items whose boosts are 1 to 4 in quarters; of 20, 21, ... users.
 */

#ifndef _RECS_FIXTURE_H_INCLUDED_
#define _RECS_FIXTURE_H_INCLUDED_


#include "recs_bundle.h"
#include "recs_model.h"


typedef struct {
    uint32_t  n_items;
    uint32_t  n_users;
    uint32_t  n_factors;               /* 0: no vectors at all */
    uint64_t  seed;
    uint32_t  n_neighbors;             /* lists of up to so many; 0: none */
    uint32_t  n_segments;
    uint32_t  n_trees;                 /* of depth 3 */
    uint32_t  n_logistic;              /* numeric features of one */
    uint32_t  n_hidden;                /* of a network; 0: none */
    uint32_t  n_terms;                 /* of hashes 1000, 2000, ... */
    unsigned  further:1;               /* opposed lists, and users' own */
    unsigned  times:1;                 /* of the seen items */
    unsigned  no_user_factors:1;
    unsigned  no_popularity:1;
    unsigned  no_seen:1;
    unsigned  no_fold_in:1;
    unsigned  no_attributes:1;
} recs_fixture_params_t;

typedef struct {
    recs_model_t            model;     /* may be changed before writing */
    recs_fold_in_params_t   fold_in;
    recs_str_t             *item_records;               /* [n_items] */
    recs_str_t             *user_records;               /* [n_users] */
    float                  *item_factors;               /* as in the model, */
    float                  *user_factors;               /* but writable */
    float                  *popularity;
    float                  *gram;
    uint64_t               *seen_offsets;
    uint32_t               *seen_items;
    int64_t                *seen_times;
    recs_neighbor_lists_t   lists;
    uint64_t               *list_offsets;
    uint32_t               *list_items;
    float                  *list_weights;
    uint64_t               *opposed_offsets;
    uint32_t               *opposed_items;
    float                  *opposed_weights;
    uint64_t               *user_list_offsets;
    uint32_t               *user_list_items;
    float                  *user_list_weights;
    recs_segments_t         segments;
    char                  (*segment_names)[16];
    const char            **segment_pointers;
    uint32_t               *segment_counts;
    uint64_t               *segment_offsets;
    uint32_t               *segment_items;
    float                  *segment_boosts;
    recs_trees_t            trees;
    recs_tree_node_t       *tree_nodes;
    float                  *tree_leaves;
    float                  *tree_means;
    recs_logistic_t         logistic;
    recs_logistic_numeric_t *logistic_numeric;
    float                  *logistic_weights;   /* of hashes, of items */
    recs_mlp_t              mlp;
    int16_t                *mlp_rows;  /* candidates, pasts, users */
    float                  *mlp_weights;
    recs_terms_t            terms;
    uint64_t               *term_hashes;
    float                  *term_weights;
    float                  *term_factors;
} recs_fixture_t;


/* Makes a model in memory. */
recs_fixture_t *recs_fixture_create(const recs_fixture_params_t *params);
void recs_fixture_destroy(recs_fixture_t *fixture);

/* Replaces the record of an item or a user by one without attributes. */
void recs_fixture_set_id(recs_str_t *record, const char *id, size_t len);

/* Writes it to path; fails the test where that fails. */
void recs_fixture_write(const recs_fixture_t *fixture, const char *path);

/* Makes, writes to path, and destroys the model. */
void recs_fixture_bundle(const recs_fixture_params_t *params,
    const char *path);

/* The same into a file that is gone again, opened with every check. */
recs_bundle_t *recs_fixture_open(const recs_fixture_params_t *params);

/* Gives it a logistic regression (recs_fixture_logistic.c). */
void recs_fixture_logistic(recs_fixture_t *fixture, uint32_t n_features,
    uint64_t *state);

/* Gives it n trees (recs_fixture_trees.c). */
void recs_fixture_trees(recs_fixture_t *fixture, uint32_t n, uint64_t *state);

/* ... and a network of n_hidden units (recs_fixture_mlp.c). */
void recs_fixture_mlp(recs_fixture_t *fixture, uint32_t n_hidden,
    uint64_t *state);

/* Gives it n terms (recs_fixture_terms.c). */
void recs_fixture_terms(recs_fixture_t *fixture, uint32_t n, uint64_t *state);

/* xorshift64*; *state is not 0. */
uint64_t recs_fixture_random(uint64_t *state);


#endif /* _RECS_FIXTURE_H_INCLUDED_ */
