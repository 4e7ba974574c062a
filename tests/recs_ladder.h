/*
 * recs_ladder: a bundle of a few items that stand on every rung of
 * recs_recommend() where one can see it, and a query to change.
 *
 * Items 0 to 3 point along the first axis, 4 to 6 along the second, both in
 * falling length; item 7 has no vector.  Popularity rises with the index, but
 * for a tie of 2 and 3.  User 0 likes the first axis and has seen item 0;
 * user 1 likes the second; user 2 has seen item 7 and has no vector.
 */

#ifndef _RECS_LADDER_H_INCLUDED_
#define _RECS_LADDER_H_INCLUDED_


#include "recs_model.h"
#include "recs_recommend.h"


#define RECS_LADDER_ITEMS  8
#define RECS_LADDER_USERS  3


typedef struct {
    recs_bundle_t       *bundle;
    recs_scratch_t      *scratch;
    recs_query_t         query;
    recs_answer_t        answer;
    recs_answer_item_t   items[RECS_LADDER_ITEMS * 2];
} recs_ladder_t;


/* With those vectors [RECS_LADDER_ITEMS][2], NULL: none; for 3 items. */
void recs_ladder_open_of(recs_ladder_t *l, const float *vectors);

/* With the vectors above, or none. */
void recs_ladder_open(recs_ladder_t *l, int with_vectors);
void recs_ladder_close(recs_ladder_t *l);

recs_str_t recs_ladder_text(const char *text);

/* The number of the item whose index in the model was `index`. */
uint32_t recs_ladder_number(const recs_ladder_t *l, uint32_t index);

/* Asks, and compares with source, reason and indexes up to a -1. */
void recs_ladder_expect(recs_ladder_t *l, recs_source_t source,
    recs_reason_t reason, ...);


#endif /* _RECS_LADDER_H_INCLUDED_ */
