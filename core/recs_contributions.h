/*
 * recs_contributions: what a score is the sum of, the largest by name.
 * recs_explain.h says what each is.
 */

#ifndef _RECS_CONTRIBUTIONS_H_INCLUDED_
#define _RECS_CONTRIBUTIONS_H_INCLUDED_


#include <stdint.h>

#include "recs_id.h"


#define RECS_CONTRIBUTION_MAP(XX)                                             \
    XX(HISTORY,    "history")                                                 \
    XX(SESSION,    "session")                                                 \
    XX(PROFILE,    "profile")                                                 \
    XX(NEIGHBORS,  "neighbors")                                               \
    XX(QUERY,      "query")                                                   \
    XX(SIMILAR,    "similar")                                                 \
    XX(POPULARITY, "popularity")                                              \
    XX(SEGMENT,    "segment")                                                 \
    XX(RANKING,    "ranking")                                                 \
    XX(BASE,       "base")                                                    \
    XX(FEATURE,    "feature")                                                 \
    XX(BOOST,      "boost")                                                   \
    XX(OTHERS,     "others")

typedef enum {
#define RECS_CONTRIBUTION_ENUM(symbol, name)  RECS_CONTRIBUTION_##symbol,
    RECS_CONTRIBUTION_MAP(RECS_CONTRIBUTION_ENUM)
#undef RECS_CONTRIBUTION_ENUM
    RECS_CONTRIBUTION_COUNT
} recs_contribution_kind_t;

/* Named at most; then the profile and the others. */
#define RECS_CONTRIBUTIONS_NAMED  10
#define RECS_CONTRIBUTIONS_MAX    (RECS_CONTRIBUTIONS_NAMED + 2)

typedef struct {
    recs_contribution_kind_t  kind;
    uint32_t                  item;     /* whose; RECS_ITEM_NO: of none */
    recs_str_t                name;     /* of a segment, a ranking, a feature,
                                           borrowed; len 0: it has none */
    double                    value;    /* of a feature; NAN: it has none */
    double                    weight;   /* ... in the model; NAN: as value */
    uint32_t                  count;    /* of others: how many */
    double                    score;
} recs_contribution_t;

typedef struct {
    float                     score;    /* what they sum to */
    uint32_t                  n_others;
    uint32_t                  n;
    recs_contribution_t       parts[RECS_CONTRIBUTIONS_MAX];    /* by falling
                                           size; profile and others last */
} recs_contributions_t;


const char *recs_contribution_name(recs_contribution_kind_t kind);

/* Starts those of a score. */
void recs_contributions_begin(recs_contributions_t *c, float score);

/* Adds one of an item, or RECS_ITEM_NO; or of a name.  Nothing is none. */
void recs_contributions_item(recs_contributions_t *c,
    recs_contribution_kind_t kind, uint32_t item, double score);
void recs_contributions_name(recs_contributions_t *c,
    recs_contribution_kind_t kind, recs_str_t name, double score);

/* The same of a feature with its value and its weight, NAN where none is. */
void recs_contributions_feature(recs_contributions_t *c, const char *name,
    double value, double weight, double score);

/*
 * Ends them: with what is the profile's, and what is missing to the score as
 * others.  What rounding leaves is left out.
 */
void recs_contributions_end(recs_contributions_t *c, double profile);


#endif /* _RECS_CONTRIBUTIONS_H_INCLUDED_ */
