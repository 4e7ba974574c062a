/*
 * recs_evaluate: ranking metrics over the full catalogue, scored by the
 * server's own scorer (core/recs_recommend.h).
 *
 *     recall_at_k    = hits / |test_u|
 *     ndcg_at_k      = sum over hits of 1 / log2(rank + 1)
 *                      / the same sum over min(k, |test_u|) ideal hits
 *     precision_at_k = hits / k,  f1_at_k their harmonic mean
 *     recall_min_at_k = hits / min(k, |test_u|)   (Rendle et al. 2021)
 *
 * each the mean over the test users that the model knows (the definition of
 * LightGCN-PyTorch's utils.py; never compare across definitions).  A user's
 * training items are excluded.  Test items outside the catalogue count as
 * misses.  Test users unknown to the model are counted, not averaged.
 */

#ifndef _RECS_EVALUATE_H_INCLUDED_
#define _RECS_EVALUATE_H_INCLUDED_


#include "recs_bundle.h"
#include "recs_dataset.h"
#include "recs_rank.h"


#define RECS_EVALUATE_AT_MAX  8


typedef struct {
    uint32_t  k;
    double    recall;
    double    ndcg;
    double    precision;
    double    f1;
    double    recall_min;
    double    hit_rate;                   /* users with at least one hit */
    double    coverage;                   /* share of the catalogue shown */
} recs_metrics_t;

typedef struct {
    uint32_t        n_users;              /* averaged over */
    uint32_t        n_unknown_users;
    uint64_t        n_test;               /* test interactions of n_users */
    uint32_t        n_at;
    recs_metrics_t  at[RECS_EVALUATE_AT_MAX];
} recs_evaluation_t;


/*
 * Evaluates bundle against the interactions of test (ids are matched as
 * strings) at the n_at cut-offs, with n_threads threads.
 */
recs_status_t recs_evaluate(const recs_bundle_t *bundle,
    const recs_dataset_t *test, const uint32_t *at, uint32_t n_at,
    uint32_t n_threads, recs_evaluation_t *evaluation, recs_error_t *err);


/*
 * How users ask, if not as those of recs_evaluate().  With known they are
 * visitors, by id, and what is known of them.  They ask as a session of their
 * n_known last items, or all of them where that is 0; where the data has no
 * times, of so many that are drawn evenly, always the same ones.  None of
 * what is known is an answer, part of the session or not.
 */
typedef struct {
    const recs_dataset_t  *known;
    uint32_t               n_known;
    int                    trained;       /* ask as the users they are, for
                                             comparison: n_known is nothing */
    recs_rank_t            rank;          /* of the candidates */
    uint32_t               candidates;    /* 0: as recs_query_t */
} recs_evaluate_hidden_t;

/*
 * The same, with known over those users of test alone of whom something is
 * known.  RECS_NOT_FOUND: the bundle cannot rank so.
 */
recs_status_t recs_evaluate_hidden(const recs_bundle_t *bundle,
    const recs_dataset_t *test, const recs_evaluate_hidden_t *hidden,
    const uint32_t *at, uint32_t n_at, uint32_t n_threads,
    recs_evaluation_t *evaluation, recs_error_t *err);


#endif /* _RECS_EVALUATE_H_INCLUDED_ */
