/*
 * recs_recommend: the one scorer.  Evaluation, `recs recommend`, the golden
 * answers and nginx all call recs_recommend().
 *
 * A slot asks for a rung of the ladder and gets it or a lower one:
 *
 *     personal -> session -> similar -> popular -> fallback
 *
 * `fallback` means: nothing to show, leave the markup that was there.  Short
 * lists are topped up from lower rungs without duplicates; the answer's
 * source is the first item's, and each item carries its own.
 *
 * Before it stands the answer to a question in words (recs_question.h): asked
 * one, a slot answers `query`, and where it knows none of the words, or none
 * were asked, it goes on with the rung of its strategy.
 *
 * A visitor's vector is the trained one, the session's, or both
 * (recs_session_vector.h).  Of a session the bundle's session_window last
 * items count; their lists come before those of the user's history.
 */

#ifndef _RECS_RECOMMEND_H_INCLUDED_
#define _RECS_RECOMMEND_H_INCLUDED_


#include "recs_bundle.h"
#include "recs_filter.h"
#include "recs_rank.h"
#include "recs_rules_slot.h"
#include "recs_search.h"


#define RECS_COUNT_MAX   RECS_CANDIDATES_MAX
#define RECS_LIMITS_MAX  4


#define RECS_SOURCE_MAP(XX)                                                   \
    XX(PERSONAL, "personal")                                                  \
    XX(SESSION,  "session")                                                   \
    XX(SIMILAR,  "similar")                                                   \
    XX(POPULAR,  "popular")                                                   \
    XX(FALLBACK, "fallback")                                                  \
    XX(QUERY,    "query")

typedef enum {
#define RECS_SOURCE_ENUM(name, text)  RECS_SOURCE_##name,
    RECS_SOURCE_MAP(RECS_SOURCE_ENUM)
#undef RECS_SOURCE_ENUM
    RECS_SOURCE_COUNT,

    /* Of an item alone, never of an answer: shown to be tried out, ... */
    RECS_SOURCE_EXPLORE = RECS_SOURCE_COUNT,
    /* ... or because a rule says so. */
    RECS_SOURCE_PINNED
} recs_source_t;


/*
 * Why an answer is not from the rung that was asked for; OVER_BUDGET: it is,
 * but degraded, or it is not because of that.
 */
#define RECS_REASON_MAP(XX)                                                   \
    XX(NONE,         "")                                                      \
    XX(NO_CONSENT,   "no_consent")    /* personal rungs not allowed */        \
    XX(NO_USER,      "no_user")       /* no visitor id came */                \
    XX(UNKNOWN_USER, "unknown_user")  /* ... or the model does not know it */ \
    XX(NO_ITEM,      "no_item")       /* similar to what? none came */        \
    XX(UNKNOWN_ITEM, "unknown_item")                                          \
    XX(NO_VECTORS,   "no_vectors")    /* the model has none (popularity) */   \
    XX(NO_QUERY,     "no_query")      /* no question was asked */             \
    XX(UNKNOWN_QUERY, "unknown_query")    /* ... or no word of it is known */ \
    XX(EXHAUSTED,    "exhausted")     /* everything excluded or blocked */    \
    XX(OVER_BUDGET,  "over_budget")                                           \
    XX(NO_MODEL,     "no_model")      /* not attached in this worker */       \
    XX(SWITCHED_OFF, "switched_off")                                          \
    XX(BYPASSED,     "bypassed")                                              \
    XX(ERROR,        "error")

typedef enum {
#define RECS_REASON_ENUM(name, text)  RECS_REASON_##name,
    RECS_REASON_MAP(RECS_REASON_ENUM)
#undef RECS_REASON_ENUM
    RECS_REASON_COUNT
} recs_reason_t;

const char *recs_source_name(recs_source_t source);
const char *recs_reason_name(recs_reason_t reason);


/* No value of the attribute more than n times in an answer. */
typedef struct {
    uint32_t                   column;        /* recs_bundle_item_column() */
    uint32_t                   n;             /* at least 1 */
} recs_limit_t;

typedef struct {
    recs_source_t              strategy;      /* the rung asked for: PERSONAL,
                                                 SESSION, SIMILAR, POPULAR */
    recs_str_t                 user;          /* len 0: none */
    recs_str_t                 item;          /* what SIMILAR starts from */
    recs_str_t                 question;      /* in UTF-8; len 0: none */
    float                      question_weight;   /* 0 to 1, beside what is
                                                     known of the visitor */
    const uint32_t            *recent;        /* the session's items, the last
                                                 first */
    uint32_t                   n_recent;
    const uint32_t            *exclude;       /* item numbers, any order */
    uint32_t                   n_exclude;
    const recs_bitmap_word_t  *blocked;       /* NULL: none */
    const recs_filter_t       *filter;        /* of bundle; NULL: none */
    const recs_rules_force_t  *rules;         /* of bundle; NULL: none; those
                                                 that block replace blocked */
    uint32_t                   recency;       /* half-life of the session's
                                                 items, in items; 0: none */
    const uint32_t            *segments;      /* that the visitor is in
                                                 (recs_segment_find()); others
                                                 than the bundle's and all but
                                                 the first RECS_CONTEXTS_MAX
                                                 are passed over */
    uint32_t                   n_segments;
    recs_rank_t                rank;          /* of the PERSONAL and SESSION
                                                 rungs' candidates; a kind that
                                                 the bundle has not is none */
    uint32_t                   candidates;    /* to choose from, at most
                                                 RECS_CANDIDATES_MAX; 0:
                                                 RECS_CANDIDATES */
    const recs_rank_context_t *contexts;      /* for ranking */
    uint32_t                   n_contexts;
    float                      diversity;     /* 0 to 1 (recs_slate.h) */
    const recs_limit_t        *limits;
    uint32_t                   n_limits;      /* at most RECS_LIMITS_MAX */
    uint32_t                   budget_us;     /* for searching; 0: no limit */
    float                      explore;       /* share of answers with an item
                                                 to be tried out; 0: none */
    uint64_t                   random;        /* decides: a new one each time,
                                                 all values alike */
    unsigned                   exclude_seen:1;
    unsigned                   no_consent:1;
    unsigned                   asks:1;        /* the rung asked for is QUERY,
                                                 then the strategy's */
    uint32_t                   count;         /* at most RECS_COUNT_MAX */
} recs_query_t;

typedef struct {
    uint32_t       item;
    float          score;
    float          boost;                     /* of the score, by rules */
    float          propensity;                /* with what probability this
                                                 item had this place */
    recs_source_t  source;
} recs_answer_item_t;

typedef struct {
    recs_source_t        source;
    recs_reason_t        reason;
    unsigned             degraded:1;          /* out of time: not the whole
                                                 catalogue was looked at */
    uint32_t             n;
    recs_answer_item_t  *items;               /* caller's, [query.count] */
} recs_answer_t;


/* What a scorer needs between calls; one per thread or nginx worker. */
typedef struct recs_scratch_s  recs_scratch_t;

recs_status_t recs_scratch_create(recs_scratch_t **scratch,
    const recs_bundle_t *bundle, recs_error_t *err);
void recs_scratch_destroy(recs_scratch_t *scratch);


/*
 * Answers query from bundle.  Cannot fail: what is missing costs a rung, and
 * the reason says so.  Allocates nothing.  Excluded are query->exclude, the
 * blocked, with exclude_seen the user's training items and the session's, and
 * from the SIMILAR rung on the item itself, like others or not.  On every rung
 * only what the filter leaves is an answer.  Out of time, the best so far is
 * the answer and only the POPULAR rung, which searches nothing, tops it up.
 *
 * With explore, such a share of the answers of two items and more has, in one
 * of the places after the first, all alike, an item that nobody has met in
 * training (popularity 0), drawn from all of them that may be shown.  An
 * item drawn has propensity explore / places * its chance to be drawn, any
 * other after the first 1 - explore / places (at least: where nothing is left
 * to be drawn the list stays).
 *
 * Rules come in as recs_rules_slot.h says.  Pinned items have score 0; the
 * answer's source is that of the first item that is none, or POPULAR.
 */
void recs_recommend(const recs_bundle_t *bundle, recs_scratch_t *scratch,
    const recs_query_t *query, recs_answer_t *answer);

/*
 * Whom a ranking of the PERSONAL rung's candidates looks at, until the next
 * call with scratch; returns 0 where there is no such rung for him.
 */
int recs_recommend_visitor(const recs_bundle_t *bundle,
    recs_scratch_t *scratch, const recs_query_t *query,
    recs_rank_visitor_t *visitor);


#endif /* _RECS_RECOMMEND_H_INCLUDED_ */
