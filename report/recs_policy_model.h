/*
 * recs_policy_model: what a log shows of rewards by slot, position and item,
 * for doubly robust estimates; and the target policy's probabilities there.
 *
 * The expected reward of an item at a place is its mean in the log, drawn
 * towards the place's mean as by RECS_POLICY_PRIOR rows more.  Units are in
 * one of two halves, and what a half's rows are held against comes from the
 * other half (cross-fitting: a model that has seen a row's own reward would
 * bias the estimate).
 *
 * The log is read twice: _shown and _earned in the first pass, _settle, then
 * _row in the second.
 */

#ifndef _RECS_POLICY_MODEL_H_INCLUDED_
#define _RECS_POLICY_MODEL_H_INCLUDED_


#include "recs_policy.h"
#include "recs_policy_target.h"


#define RECS_POLICY_PRIOR   100.0
#define RECS_POLICY_HALVES  2

typedef struct recs_policy_model_s  recs_policy_model_t;

typedef struct {
    recs_str_t   slot;                 /* may be "": there is but one */
    uint32_t     position;             /* from 1; 0: not known */
    recs_str_t   item;
    unsigned     half;                 /* of its unit, 0 or 1 */
} recs_policy_shown_t;


/* NULL: no memory. */
recs_policy_model_t *recs_policy_model_create(void);
void recs_policy_model_destroy(recs_policy_model_t *model);

/* A row, and (perhaps before it) the reward of one, at most 1. */
recs_status_t recs_policy_model_shown(recs_policy_model_t *model,
    const recs_policy_shown_t *shown);
recs_status_t recs_policy_model_earned(recs_policy_model_t *model,
    const recs_policy_shown_t *shown, double reward);

/*
 * The first pass is over.  target NULL: the uniform policy, over all items
 * that the log shows in the slot.
 */
void recs_policy_model_settle(recs_policy_model_t *model,
    const recs_policy_target_t *target);

/*
 * What the estimate wants of a row, from its propensity and its reward.
 * RECS_NOT_FOUND: no such row was there in the first pass.
 */
recs_status_t recs_policy_model_row(const recs_policy_model_t *model,
    const recs_policy_shown_t *shown, double propensity, double reward,
    recs_policy_row_t *row);

/* Distinct slots and positions; items, of all slots. */
uint32_t recs_policy_model_n_places(const recs_policy_model_t *model);
uint64_t recs_policy_model_n_items(const recs_policy_model_t *model);

/*
 * The share of the target policy that the log cannot speak of: the
 * probability of items that it never shows at the place, over its rows.
 */
double recs_policy_model_unseen(const recs_policy_model_t *model);


#endif /* _RECS_POLICY_MODEL_H_INCLUDED_ */
