/*
 * recs_scratch: what a scorer keeps between queries, and the items that the
 * query under way excludes.  Private to recs_recommend.
 */

#ifndef _RECS_SCRATCH_H_INCLUDED_
#define _RECS_SCRATCH_H_INCLUDED_


#include "recs_fold_in.h"
#include "recs_model.h"
#include "recs_question.h"
#include "recs_recommend.h"
#include "recs_reorder.h"
#include "recs_similar.h"
#include "recs_slate.h"


struct recs_scratch_s {
    recs_bitmap_word_t     *excluded;   /* all clear between calls */
    uint32_t               *marked;     /* items whose bit was set */
    uint32_t                n_marked;
    uint32_t                n_items;
    recs_topk_entry_t      *entries;    /* [RECS_COUNT_MAX] */
    recs_topk_entry_t      *sorting;    /* [RECS_COUNT_MAX] */
    recs_rules_pin_t       *pins;       /* [RECS_COUNT_MAX], of the query */
    float                  *vector;     /* [stride] */
    recs_fold_in_t         *fold_in;
    uint32_t               *history;    /* [neighbor_history] */
    uint32_t                session[RECS_SESSION_WINDOW_MAX];
    recs_search_scratch_t  *search;
    recs_similar_t         *similar;
    recs_reorder_t         *reorder;
    recs_slate_t           *slate;
    recs_question_t        *question;   /* NULL: the bundle has no terms */
    float                  *question_vector;    /* [stride] */
};


void recs_exclude(recs_scratch_t *s, uint32_t item);

/* Numbers that are no item's are passed over. */
void recs_exclude_all(recs_scratch_t *s, const uint32_t *items, uint32_t n,
    uint32_t n_items);

/* Nothing keeps the item out of the answer. */
int recs_wanted(const recs_scratch_t *s, const recs_query_t *query,
    const recs_allowed_t *allowed, uint32_t item);

/* Undoes it all, in time proportional to what was excluded. */
void recs_exclude_none(recs_scratch_t *s);


#endif /* _RECS_SCRATCH_H_INCLUDED_ */
