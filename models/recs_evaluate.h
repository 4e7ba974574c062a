/*
 * recs_evaluate: how well a bundle ranks what was held out, over the full
 * catalogue, by the server's own scorer (core/recs_recommend.h).
 *
 * Each test user asks twice: for what the bundle ranks for him, and on its
 * popular rung (NAN where the bundle does not know what is popular).  Nothing
 * is worth serving that does not beat the second.  The figures of a list are
 * those of recs_quality.h, each the mean over the users of a part; never
 * compare across definitions.  What a user has met in training is no answer.
 * Test items outside the catalogue count as misses.
 *
 * Parts.  History is the number of training items:
 *
 *     all        the test users that the model knows
 *     new        of all test users those without a history, known or not; the
 *                unknown get what a server would show them
 *     light      the third of `all` with the shortest histories: at most
 *                light_to items
 *     heavy      the third with the longest: at least heavy_from
 *     middle     between them
 *     new_items  `all`, where only those test items count that at most
 *                RECS_EVALUATE_NEW_ITEM users have met in training
 *
 * AUC is the chance that a test item is ranked above an item that the user
 * has not met, ties one half (Hanley and McNeil 1982): over all such items
 * where they and his test items are at most RECS_COUNT_MAX, else over
 * RECS_EVALUATE_NEGATIVES that are drawn evenly, always the same ones.  The
 * scorer ranks just these: all others are blocked.  Of more than
 * RECS_EVALUATE_POSITIVES test items so many count, evenly spaced in the
 * catalogue's order.  Of new_items it is not told.
 */

#ifndef _RECS_EVALUATE_H_INCLUDED_
#define _RECS_EVALUATE_H_INCLUDED_


#include "recs_bundle.h"
#include "recs_dataset.h"
#include "recs_quality.h"
#include "recs_probability.h"
#include "recs_rank.h"


#define RECS_EVALUATE_AT_MAX     8
#define RECS_EVALUATE_NEW_ITEM   5
#define RECS_EVALUATE_NEGATIVES  100
#define RECS_EVALUATE_POSITIVES  500


#define RECS_PART_MAP(XX)                                                     \
    XX(ALL,       "all")                                                      \
    XX(NEW,       "new")                                                      \
    XX(LIGHT,     "light")                                                    \
    XX(MIDDLE,    "middle")                                                   \
    XX(HEAVY,     "heavy")                                                    \
    XX(NEW_ITEMS, "new_items")

typedef enum {
#define RECS_PART_ENUM(name, text)  RECS_PART_##name,
    RECS_PART_MAP(RECS_PART_ENUM)
#undef RECS_PART_ENUM
    RECS_PART_COUNT
} recs_part_t;

const char *recs_part_name(recs_part_t part);


typedef struct {
    uint32_t        k;
    double          values[RECS_QUALITY_COUNT];
    double          coverage;             /* of `all` only, else NAN */
    double          gini;                 /* the same */
} recs_metrics_t;

typedef struct {
    double          auc;
    recs_metrics_t  at[RECS_EVALUATE_AT_MAX];
} recs_figures_t;

/* Nobody in it, n_users 0: its figures are NAN. */
typedef struct {
    uint32_t        n_users;              /* averaged over */
    uint64_t        n_test;               /* their test interactions */
    recs_figures_t  model;
    recs_figures_t  popular;              /* the same users, popular rung */
} recs_evaluation_part_t;

typedef struct {
    uint32_t                n_at;
    uint32_t                n_unknown_users;      /* to the model */
    uint32_t                light_to;
    uint32_t                heavy_from;
    double                  history_popularity;   /* as RECS_QUALITY_POPULARITY
                                                     of the histories; NAN */
    recs_evaluation_part_t  parts[RECS_PART_COUNT];

    /* Of the candidates of `all` that a ranking model decided about, each of
       whom was held out or was not; n is 0 without one. */
    recs_probability_t      probability;
} recs_evaluation_t;


/*
 * Each user of `all`, for tests of differences: row i is of the user
 * users[i], rising, of the test set, and holds [n_at][RECS_QUALITY_COUNT]
 * values and the AUC.
 */
typedef struct {
    uint32_t   n_users;
    uint32_t   width;
    uint32_t  *users;                     /* [n_users] */
    double    *model;                     /* [n_users][width] */
    double    *popular;                   /* the same */
} recs_evaluation_rows_t;

void recs_evaluation_rows_free(recs_evaluation_rows_t *rows);


/*
 * Visitors, by id, and what is known of them.  They ask as a session of their
 * n_known last items, or all of them where that is 0; where the data has no
 * times, of so many that are drawn evenly, always the same ones.  None of
 * what is known is an answer, part of the session or not.
 */
typedef struct {
    const recs_dataset_t  *known;
    uint32_t               n_known;
    int                    trained;       /* ask as the users they are, for
                                             comparison: n_known is nothing */
} recs_evaluate_hidden_t;

typedef struct {
    const uint32_t                *at;           /* [n_at] cut-offs */
    uint32_t                       n_at;
    uint32_t                       n_threads;    /* 0: one per processor */
    recs_rank_t                    rank;         /* of the candidates */
    uint32_t                       candidates;   /* 0: as recs_query_t */
    const recs_evaluate_hidden_t  *hidden;       /* only those users of whom
                                                    something is known; NULL:
                                                    all */
    uint32_t                       max_users;    /* of more so many, evenly
                                                    spread; 0: all */
} recs_evaluate_params_t;


/*
 * Evaluates bundle against the interactions of test (ids are matched as
 * strings).  rows may be NULL.  The result is the same for any number of
 * threads.  RECS_NOT_FOUND: the bundle cannot rank so.
 */
recs_status_t recs_evaluate(const recs_bundle_t *bundle,
    const recs_dataset_t *test, const recs_evaluate_params_t *params,
    recs_evaluation_t *evaluation, recs_evaluation_rows_t *rows,
    recs_error_t *err);

/*
 * Of n folds, at least 2, each figure's mean and the standard error of that
 * mean, s / sqrt(n); NAN where a fold has none.  Counts are sums over the
 * folds, thirds those of the first.
 */
void recs_evaluate_folds(recs_evaluation_t *folds, uint32_t n,
    recs_evaluation_t *mean, recs_evaluation_t *error);

/* All figures one by one, below recs_figures_n(): the AUC, then by cut-off
   the qualities, coverage and Gini. */
uint32_t recs_figures_n(uint32_t n_at);
double *recs_figures_at(recs_figures_t *figures, uint32_t i);


#endif /* _RECS_EVALUATE_H_INCLUDED_ */
