/*
 * recs_rules_slot: rules in terms of a bundle, and what they do to the answers
 * of one slot.
 *
 *     block   The item is no answer, on no rung, pinned or not.
 *     boost   Each rung's candidates, the best of its items (recs_query_t's
 *             candidates), are ordered by score + delta * range, the range
 *             being that between their best and their last score: so +0.3 is
 *             the same on every rung, whatever its scores are, negative ones
 *             too; 1 where all are equal.  The deltas of several boosts are
 *             added up.  Diversity and limits come after.  What is no
 *             candidate is not made one.
 *     pin     The item stands at its rank, or at the end of a shorter list;
 *             the others move down.  So placed after everything else: limits
 *             do not count it, and that the visitor has seen it does not
 *             matter.  It is left out where it is blocked, where the slot's
 *             filter or the question excludes it, or what the page shows
 *             already, and where its rank is beyond the count asked for.  Of
 *             two at a rank the later line's stands behind the other; the
 *             places of pins are certain, which is their propensity.
 */

#ifndef _RECS_RULES_SLOT_H_INCLUDED_
#define _RECS_RULES_SLOT_H_INCLUDED_


#include "recs_bitmap.h"
#include "recs_bundle.h"
#include "recs_rules.h"


typedef struct {
    uint32_t                   item;
    uint32_t                   rank;          /* from 1 */
} recs_rules_pin_t;

typedef struct {
    uint32_t                   item;          /* RECS_ITEM_NO: those of bits */
    float                      delta;
    const recs_bitmap_word_t  *bits;
} recs_rules_boost_t;

/* What is in force. */
typedef struct {
    recs_rules_pin_t          *pins;          /* by rank, then line */
    uint32_t                   n_pins;
    recs_rules_boost_t        *boosts;        /* of one item each, by item,
                                                 every item once; then others */
    uint32_t                   n_items;       /* of them, of one item */
    uint32_t                   n_boosts;
    recs_bitmap_word_t        *blocked;       /* NULL: no rule blocks */
} recs_rules_force_t;

typedef struct recs_rules_bound_s  recs_rules_bound_t;
typedef struct recs_rules_slot_s   recs_rules_slot_t;


/* Rules and bundle are borrowed.  RECS_NOMEM */
recs_status_t recs_rules_bound_create(recs_rules_bound_t **bound,
    const recs_rules_t *rules, const recs_bundle_t *bundle,
    recs_error_t *err);
void recs_rules_bound_destroy(recs_rules_bound_t *bound);

/*
 * Looks up what rule i names; takes the longer the more items there are.
 * Until then, and where it fails, the rule does nothing.
 *
 * RECS_NOT_FOUND, RECS_INVALID  its predicate is none of this bundle, as
 *                               recs_where_bind() says
 */
recs_status_t recs_rules_bind(recs_rules_bound_t *bound, uint32_t i,
    recs_error_t *err);

/* Has the bundle the item of rule i, or does that name none? */
int recs_rules_known(const recs_rules_bound_t *bound, uint32_t i);

/* May anything be otherwise a second later? */
int recs_rules_timed(const recs_rules_bound_t *bound);


/*
 * The rules of one slot, after recs_rules_bind() of all.  *slot is NULL where
 * there are none.  RECS_NOMEM
 */
recs_status_t recs_rules_slot_create(recs_rules_slot_t **slot,
    const recs_rules_bound_t *bound, recs_str_t name, recs_error_t *err);
void recs_rules_slot_destroy(recs_rules_slot_t *slot);

/*
 * Brings first the predicates, then what is in force, to this second since
 * 1970.  What rules block comes to `blocked` (NULL: nothing), which is copied.
 * Allocate nothing, but are not for the path of a request.
 */
void recs_rules_bound_settle(recs_rules_bound_t *bound, int64_t now);
void recs_rules_slot_settle(recs_rules_slot_t *slot,
    const recs_bitmap_word_t *blocked, int64_t now);

/* For recs_query_t's rules; stays there until the next settling. */
const recs_rules_force_t *recs_rules_force(const recs_rules_slot_t *slot);


#endif /* _RECS_RULES_SLOT_H_INCLUDED_ */
