/*
 * recs_rank: a second opinion on what the search has found.
 *
 * The search compares a visitor's vector and lists with the whole catalogue;
 * a ranking model looks at the best of it, the candidates, with more to go by
 * (recs_features.h).  recs_recommend() calls it on the PERSONAL and SESSION
 * rungs, whose scores the models were trained on; so nginx, `recs recommend`
 * and `recs evaluate` rank alike.
 *
 * Every kind has its file core/recs_rank_<kind>.c, a case in recs_rank.c and
 * tables of its own in the bundle.
 */

#ifndef _RECS_RANK_H_INCLUDED_
#define _RECS_RANK_H_INCLUDED_


#include "recs_bundle.h"


#define RECS_RANK_MAP(XX)                                                     \
    XX(NONE,     "none")                                                      \
    XX(LOGISTIC, "logistic")                                                  \
    XX(MLP,      "mlp")                                                       \
    XX(TREES,    "trees")

typedef enum {
#define RECS_RANK_ENUM(symbol, name)  RECS_RANK_##symbol,
    RECS_RANK_MAP(RECS_RANK_ENUM)
#undef RECS_RANK_ENUM
    RECS_RANK_COUNT
} recs_rank_t;


/* Candidates of a query that does not say; and the most there may be. */
#define RECS_CANDIDATES      200
#define RECS_CANDIDATES_MAX  1000

/* What scores are kept within: one that is not finite would be no answer. */
#define RECS_RANK_SCORE_MAX  1e30f


/* In what circumstances a visitor asks: country and "de" (recs_segment.h). */
typedef struct {
    recs_str_t  name;
    recs_str_t  value;
} recs_rank_context_t;

typedef struct {
    uint32_t                    user;         /* RECS_USER_NO: unknown */
    const float                *vector;       /* that was searched with,
                                                 [stride]; NULL: none */
    const uint32_t             *recent;       /* the session's items, the last
                                                 first */
    uint32_t                    n_recent;
    const recs_rank_context_t  *contexts;
    uint32_t                    n_contexts;   /* those after the first
                                                 RECS_CONTEXTS_MAX are passed
                                                 over */
} recs_rank_visitor_t;

/* What ranking needs between calls; one per thread or nginx worker. */
typedef struct recs_rank_scratch_s  recs_rank_scratch_t;


const char *recs_rank_name(recs_rank_t kind);

/* By name; RECS_RANK_COUNT: there is none. */
recs_rank_t recs_rank_find(recs_str_t name);

/* 1 where the bundle has a model of that kind; NONE needs none. */
int recs_rank_available(const recs_bundle_t *bundle, recs_rank_t kind);

/*
 * RECS_NOT_FOUND where it has not: err says so.  For `nginx -t` and the
 * commands, which are not to answer by another ranking than was asked for.
 */
recs_status_t recs_rank_check(const recs_bundle_t *bundle, recs_rank_t kind,
    recs_error_t *err);


/* *scratch is NULL for a bundle without ranking models. */
recs_status_t recs_rank_scratch_create(recs_rank_scratch_t **scratch,
    const recs_bundle_t *bundle, recs_error_t *err);
void recs_rank_scratch_destroy(recs_rank_scratch_t *scratch);

/*
 * scores[n] of items[n], best first by their retrieval scores retrieved[n]; n
 * is at most RECS_CANDIDATES_MAX.  A score is the logarithm of the odds that
 * the visitor takes the item, p = 1 / (1 + exp(-score)).  For a bundle that has
 * this kind (other than NONE); allocates nothing.
 */
void recs_rank(const recs_bundle_t *bundle, recs_rank_scratch_t *scratch,
    recs_rank_t kind, const recs_rank_visitor_t *visitor,
    const uint32_t *items, const float *retrieved, uint32_t n, float *scores);


#endif /* _RECS_RANK_H_INCLUDED_ */
