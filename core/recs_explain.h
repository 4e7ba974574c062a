/*
 * recs_explain: why the items of an answer have the scores that they have.
 *
 * An explanation is made after the answer, from the same question, so that
 * nothing of it is on the way of a question that does not ask for one.  The
 * terms of an item sum to its score:
 *
 *     history     an item of the visitor's training, by its share in his
 *                 trained vector (recs_attribution.h)
 *     session     the same of an item of his session, by the formula of
 *                 recs_session_vector.h
 *     profile     what of his trained vector the kept items do not account
 *                 for: learned in training
 *     neighbors   an item of his: its list names the item with this weight,
 *                 less that of its opposed list; of no item: his own list does
 *     query       the question in words (recs_question.h)
 *     similar     the item that similar ones were asked for: the cosine
 *     popularity  of the item everywhere
 *     segment     what more it has in this context
 *     ranking     a ranking model as a whole, which is in no parts
 *     base        of any other what it gives all candidates, ...
 *     feature     ... and what this feature adds (recs_features.h)
 *     boost       what editors' rules added (recs_rules_slot.h)
 *     others      the terms that are smaller than those named, together
 *
 * Where a ranking model decided, the score is its log-odds; what the item was
 * found by is told beside it, in terms that sum to that.
 *
 * Other rules do not add to a score.  They are told as they moved the item:
 *
 *     diversity   what it lost for being like one before it (recs_slate.h)
 *     max_per     it is the count-th with this value, of so many
 *     explore     it is here to be tried out
 *     pin         it is here because editors want it (recs_rules_slot.h)
 *
 * and of the answer, how many items each kept out: seen, exclude, block,
 * filter.
 *
 * Terms of a visitor's own items are personal: no consent, no explanation.
 */

#ifndef _RECS_EXPLAIN_H_INCLUDED_
#define _RECS_EXPLAIN_H_INCLUDED_


#include "recs_contributions.h"
#include "recs_recommend.h"


/* How a rule moved an item, or what it kept out. */
#define RECS_MOVE_MAP(XX)                                                     \
    XX(DIVERSITY, "diversity")                                                \
    XX(MAX_PER,   "max_per")                                                  \
    XX(EXPLORE,   "explore")                                                  \
    XX(PIN,       "pin")                                                      \
    XX(SEEN,      "seen")                                                     \
    XX(EXCLUDE,   "exclude")                                                  \
    XX(BLOCK,     "block")                                                    \
    XX(FILTER,    "filter")

typedef enum {
#define RECS_MOVE_ENUM(symbol, name)  RECS_MOVE_##symbol,
    RECS_MOVE_MAP(RECS_MOVE_ENUM)
#undef RECS_MOVE_ENUM
    RECS_MOVE_COUNT
} recs_move_kind_t;


#define RECS_MOVES_MAX  (RECS_LIMITS_MAX + 1)

typedef struct {
    recs_move_kind_t  kind;
    uint32_t          item;             /* diversity: like which */
    double            penalty;          /* diversity: 0 or less, in units of
                                           the candidates' range */
    uint32_t          column;           /* max_per: whose limit, */
    recs_str_t        value;            /* ... on which value */
    uint32_t          count;            /* max_per: the how many-th it is; of
                                           an answer: items kept out */
    uint32_t          most;             /* max_per: may be */
    float             propensity;       /* explore */
} recs_move_t;

typedef struct {
    recs_contributions_t  score;
    recs_contributions_t  retrieval;    /* n is 0 where nothing was ranked */
    uint32_t              n_rules;
    recs_move_t           rules[RECS_MOVES_MAX];
} recs_explanation_t;

/* What was kept out of an answer. */
typedef struct {
    uint32_t          n_rules;
    recs_move_t       rules[RECS_MOVE_COUNT];
} recs_kept_out_t;


/* What explaining needs; one per thread or nginx worker. */
typedef struct recs_explain_s  recs_explain_t;

/* Of a bundle, which must outlive it. */
recs_status_t recs_explain_create(recs_explain_t **explain,
    const recs_bundle_t *bundle, recs_error_t *err);
void recs_explain_destroy(recs_explain_t *explain);

/*
 * Explains answer, which recs_recommend() has given to query with scratch;
 * both may be another by now, as long as they are of that bundle.  Into
 * explanations [answer->n].  Allocates nothing.  Takes as long as a
 * factoring (recs_attribution.h), and then a product of vectors for each item
 * that the visitor ever took, for each item of the answer.
 *
 * Returns 0 where the visitor does not consent: there is nothing to tell.
 */
int recs_explain(recs_explain_t *explain, recs_scratch_t *scratch,
    const recs_query_t *query, const recs_answer_t *answer,
    recs_explanation_t *explanations, recs_kept_out_t *kept_out);

const char *recs_move_name(recs_move_kind_t kind);


#endif /* _RECS_EXPLAIN_H_INCLUDED_ */
