/*
 * recs_rules_apply: rules at work on an answer.  Private to recs_recommend;
 * recs_rules_slot.h says what they do.
 */

#ifndef _RECS_RULES_APPLY_H_INCLUDED_
#define _RECS_RULES_APPLY_H_INCLUDED_


#include "recs_scratch.h"


/* Are there boosts?  Then search for candidates. */
static inline int
recs_boosts(const recs_query_t *query)
{
    return query->rules != NULL && query->rules->n_boosts > 0;
}


/*
 * Orders candidates, sorted, anew; sorting: [found->n].  Returns how much a
 * delta of 1 adds to a score.
 */
float recs_rules_boost(const recs_rules_force_t *rules, recs_topk_t *found,
    recs_topk_entry_t *sorting);

/* The sum of the item's deltas. */
float recs_rules_delta(const recs_rules_force_t *rules, uint32_t item);

/*
 * The pins that the answer is going to have, into taken[query->count], by
 * place; they are excluded from then on.  Returns how many.
 */
uint32_t recs_rules_pins(recs_scratch_t *scratch, const recs_query_t *query,
    const recs_allowed_t *allowed, uint32_t similar_to,
    recs_rules_pin_t *taken);

/* Puts them into the answer, which has room. */
void recs_rules_place(const recs_rules_pin_t *pins, uint32_t n,
    recs_answer_t *answer);


#endif /* _RECS_RULES_APPLY_H_INCLUDED_ */
