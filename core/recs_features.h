/*
 * recs_features: what the ranking models by features (logistic, trees) know of
 * a visitor, his context and a candidate.  docs/features.md is the table.
 *
 * Numeric features stand in a row of RECS_FEATURE_COUNT, raw; NAN means that
 * there is none (a visitor without a vector, an item without attributes).
 * Rows of older models are a prefix: features are appended, never moved.
 *
 * Categorical ones are hashes, which mean the same in every bundle: the item's
 * own (of its id and of each value of those attributes whose values repeat,
 * recs_filter.h), the visitor's (of his attributes and contexts), and the cross
 * of each of these with each of those.  They are distinct but for collisions.
 *
 * A visitor's last items are those of the session and then those of training,
 * the last first, at most RECS_FEATURES_LAST of them.
 *
 * Training, `recs` and nginx compute them by this code alone.
 */

#ifndef _RECS_FEATURES_H_INCLUDED_
#define _RECS_FEATURES_H_INCLUDED_


#include "recs_rank.h"
#include "recs_segment_name.h"


#define RECS_FEATURE_MAP(XX)                                                  \
    /* what it was found by */                                                \
    XX(RETRIEVED,      "retrieved")                                           \
    XX(DOT,            "dot")                                                 \
    XX(LISTS,          "lists")                                               \
    XX(COSINE,         "cosine")                                              \
    /* basic: of the item, of the visitor */                                  \
    XX(POPULARITY,     "popularity")                                          \
    XX(NORM,           "norm")                                                \
    XX(HISTORY,        "history")                                             \
    XX(SESSION,        "session")                                             \
    /* behaviour: the item beside what he took last */                        \
    XX(LAST_POPULARITY, "last_popularity")                                    \
    XX(POPULARITY_GAP, "popularity_gap")                                      \
    XX(COSINE_LAST,    "cosine_last")                                         \
    XX(COSINE_MAX,     "cosine_max")                                          \
    XX(COSINE_MEAN,    "cosine_mean")                                         \
    /* interest: its attributes' values among his last items */               \
    XX(AFFINITY,       "affinity")                                            \
    XX(AFFINITY_MAX,   "affinity_max")                                        \
    XX(AFFINITY_1,     "affinity_1")                                          \
    XX(AFFINITY_2,     "affinity_2")                                          \
    XX(AFFINITY_3,     "affinity_3")                                          \
    XX(AFFINITY_4,     "affinity_4")                                          \
    /* its boost in the visitor's segments */                                 \
    XX(CONTEXT,        "context")

typedef enum {
#define RECS_FEATURE_ENUM(symbol, name)  RECS_FEATURE_##symbol,
    RECS_FEATURE_MAP(RECS_FEATURE_ENUM)
#undef RECS_FEATURE_ENUM
    RECS_FEATURE_COUNT
} recs_feature_t;


#define RECS_FEATURES_LAST         16
#define RECS_FEATURES_ATTRIBUTES   4    /* with an affinity of their own */
#define RECS_FEATURES_VALUES       12   /* of an item's attributes, ... */
#define RECS_FEATURES_USER_VALUES  8    /* ... of a visitor's: the first */

#define RECS_FEATURES_ITEM_HASHES     (1 + RECS_FEATURES_VALUES)
#define RECS_FEATURES_VISITOR_HASHES                                          \
    (RECS_FEATURES_USER_VALUES + RECS_CONTEXTS_MAX)
#define RECS_FEATURES_HASHED_MAX                                              \
    ((RECS_FEATURES_ITEM_HASHES + 1) * (RECS_FEATURES_VISITOR_HASHES + 1) - 1)


/* Of one thread or nginx worker. */
typedef struct recs_features_s  recs_features_t;

const char *recs_feature_name(recs_feature_t feature);

/* For a bundle, which must outlive them. */
recs_status_t recs_features_create(recs_features_t **features,
    const recs_bundle_t *bundle, recs_error_t *err);
void recs_features_destroy(recs_features_t *features);

/*
 * Starts with a visitor, whose vector stays where it is while candidates are
 * looked at.  Allocates nothing, nor do the others.
 */
void recs_features_visitor(recs_features_t *features,
    const recs_rank_visitor_t *visitor);

/* values[RECS_FEATURE_COUNT] of an item, which retrieval gave that score. */
void recs_features_numeric(recs_features_t *features, uint32_t item,
    float retrieved, float *values);

/*
 * The item's own hashes[RECS_FEATURES_ITEM_HASHES], whoever the visitor is,
 * and the visitor's hashes[RECS_FEATURES_VISITOR_HASHES]; both return how many.
 */
uint32_t recs_features_item_hashes(recs_features_t *features, uint32_t item,
    uint64_t *hashes);
uint32_t recs_features_visitor_hashes(const recs_features_t *features,
    uint64_t *hashes);

static inline uint64_t
recs_features_cross(uint64_t visitor, uint64_t item)
{
    uint64_t  h;

    h = visitor * 0x9e3779b97f4a7c15 + item;
    h = (h ^ h >> 32) * 0xd6e8feb86659fd93;

    return h ^ h >> 32;
}

/*
 * All hashes[RECS_FEATURES_HASHED_MAX]: the item's, the visitor's, then their
 * crosses, by item; returns how many.
 */
uint32_t recs_features_hashed(recs_features_t *features, uint32_t item,
    uint64_t *hashes);


#endif /* _RECS_FEATURES_H_INCLUDED_ */
