/*
 * recs_model: what a trainer (or `recs pack`) has made, in plain arrays, and
 * its one way into a bundle.  This header is the only contact between
 * training and serving.
 *
 * Everything here is in *index* order: the order in which the dataset (or the
 * .npy file) numbers items and users.  The writer sorts items by norm,
 * renumbers, pads and seals; an item's index survives as the order that
 * breaks ties of equal scores.
 */

#ifndef _RECS_MODEL_H_INCLUDED_
#define _RECS_MODEL_H_INCLUDED_


#include <stdint.h>

#include "recs_language.h"
#include "recs_mlp_layers.h"
#include "recs_rank_logistic.h"
#include "recs_rank_trees.h"
#include "recs_record.h"
#include "recs_status.h"


#define RECS_FACTORS_MAX  1024
#define RECS_NORM_MAX     1e18

/* 256 weights of a byte add up within 16 bits. */
#define RECS_HISTORY_MAX  256

#define RECS_TERMS_MAX          1048576
#define RECS_TERM_WEIGHT_MAX    1e3f
#define RECS_TERM_NORM_MAX      1e9

#define RECS_NEIGHBOR_STEP_MIN  1e-30
#define RECS_NEIGHBOR_STEP_MAX  1e30


/* How many of a session's last items count, and what a trained vector is
   worth beside them, in items (recs_session_vector.h). */
#define RECS_SESSION_WINDOW_MAX  RECS_HISTORY_MAX
#define RECS_SESSION_PRIOR       20
#define RECS_SESSION_PRIOR_MIN   1e-3
#define RECS_SESSION_PRIOR_MAX   1e6


/* A name and a value of the manifest. */
typedef struct {
    const char  *name;
    const char  *value;
} recs_pair_t;


/*
 * Items or users: their records by index, and the attributes' names.  Records
 * stay where they are until recs_model_write() returns: it keeps their ids.
 */
typedef struct {
    uint32_t            n;
    uint32_t            n_columns;
    const char *const  *columns;                        /* [n_columns] */
    recs_str_t        (*record)(void *data, uint32_t index);
    void               *data;
} recs_entities_t;


/*
 * How a user unknown to training is folded in: one normal equation over the
 * items of the session (Rendle et al. 2021, eq. 5).  Item factors must be
 * given in the eigenbasis of their Gram matrix, so that it is diagonal:
 *
 *     A = unobserved_weight * diag(gram) + reg(n) * I + sum of v v'
 *     reg(n) = regularization * (n + unobserved_weight * n_items)
 *                                                  ^ regularization_exponent
 *     x = A^-1 * sum of v
 *
 * regularization is the raw value that training used for a user row.
 */
typedef struct {
    const float  *gram;                                 /* [n_factors] */
    double        unobserved_weight;
    double        regularization;
    double        regularization_exponent;
} recs_fold_in_params_t;


/* Rows of weights.  offsets NULL: none. */
typedef struct {
    const uint64_t  *offsets;                           /* [n_rows + 1] */
    const uint32_t  *items;       /* indexes: distinct in a row */
    const float     *weights;                           /* 0 or more */
} recs_weight_lists_t;


/*
 * The sparse part of the score: each item's neighbours.  A weight w is
 * written as the byte q nearest to w / unit, at most 255, and left out where
 * that is 0; the served score is
 *
 *     dot + step * sum of q over the visitor's last `history` items
 *
 * with step = weight * unit rounded to f32: the lists that matter are those
 * of the items that the visitor has touched.  What stands in the opposed lists
 * of these items is subtracted in the same way; what stands in the list that
 * users have of their own is added once.
 */
typedef struct {
    const uint64_t  *offsets;                           /* [n_items + 1] */
    const uint32_t  *items;       /* indexes: distinct, never the item's own */
    const float     *weights;                           /* 0 or more */
    double           weight;      /* of the lists beside the vectors, > 0 */
    double           unit;        /* 0: the largest of the weights / 255 */
    uint32_t         history;     /* 1 to RECS_HISTORY_MAX, less than that
                                     where users have lists */

    recs_weight_lists_t  opposed;           /* [n_items], never the own */
    recs_weight_lists_t  users;             /* [n_users] */
} recs_neighbor_lists_t;


/*
 * What is more popular in a context (recs_segment.h).  A model of segments
 * has popularity too.
 */
typedef struct {
    uint32_t            n;              /* at most RECS_SEGMENTS_MAX */
    const char *const  *names;          /* [n] "country=de", rising */
    const uint32_t     *n_users;        /* [n] */
    const uint32_t     *n_interactions; /* [n] */
    const uint64_t     *offsets;        /* [n + 1], at most
                                           RECS_SEGMENT_ITEMS_MAX apart */
    const uint32_t     *items;          /* indexes: distinct in a segment */
    const float        *boosts;         /* 1 to RECS_BOOST_MAX */
} recs_segments_t;


/*
 * What the words of a question mean (recs_question.h).  A model of terms has
 * vectors too.
 */
typedef struct {
    uint32_t          n;                /* 1 to RECS_TERMS_MAX */
    const uint64_t   *hashes;           /* [n] rising (recs_text.h) */
    const float      *weights;          /* [n] to RECS_TERM_WEIGHT_MAX, > 0 */
    const float      *factors;          /* [n][n_factors], rows no longer than
                                           RECS_TERM_NORM_MAX */
    recs_languages_t  languages;        /* by which questions are stemmed */
} recs_terms_t;


typedef struct {
    const char                   *algorithm;      /* "ials", "packed", ... */
    const recs_pair_t            *params;         /* training parameters */
    uint32_t                      n_params;
    const recs_pair_t            *notes;          /* further manifest pairs */
    uint32_t                      n_notes;

    recs_entities_t               items;
    recs_entities_t               users;

    uint32_t                      n_factors;      /* 0: no vectors */
    const float                  *item_factors;   /* [n_items][n_factors] */
    const float                  *user_factors;   /* [n_users][n_factors] */

    const float                  *popularity;     /* [n_items], may be NULL */
    const recs_segments_t        *segments;       /* NULL: none */

    const uint64_t               *seen_offsets;   /* [n_users + 1], or NULL */
    const uint32_t               *seen_items;     /* item indexes by user */
    const int64_t                *seen_times;     /* of each; NULL: unknown */

    const recs_neighbor_lists_t  *neighbors;      /* NULL: none */

    const recs_trees_t           *trees;          /* NULL: none */
    const recs_mlp_t             *mlp;            /* NULL: none */
    const recs_logistic_t        *logistic;       /* NULL: none */
    const recs_terms_t           *terms;          /* NULL: no questions */

    const recs_fold_in_params_t  *fold_in;        /* NULL: mean of vectors */

    uint32_t                      session_window;   /* 0: the largest */
    double                        session_prior;    /* 0: as RECS_SESSION_ */

    int64_t                       trained_from_ms;  /* 0: unknown */
    int64_t                       trained_to_ms;
} recs_model_t;


/*
 * Writes model as a sealed bundle to path: into a temporary file beside it,
 * synced, then renamed, so that path is either absent, the former file or
 * whole.  Golden answers are computed by the reader over the written tables.
 * Users without a seen item and with an all-zero vector are left out: to the
 * server they are unknown.
 *
 * RECS_INVALID  a non-finite value, a vector longer than RECS_NORM_MAX, ids
 *               that are invalid or repeat, an index out of range, n_factors
 *               over RECS_FACTORS_MAX; named in err
 * RECS_IO       cannot write (full disk, permission); nothing is left behind
 */
recs_status_t recs_model_write(const recs_model_t *model, const char *path,
    recs_error_t *err);


#endif /* _RECS_MODEL_H_INCLUDED_ */
