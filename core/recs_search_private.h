/*
 * recs_search_private: a search under way, for the files of recs_search.
 */

#ifndef _RECS_SEARCH_PRIVATE_H_INCLUDED_
#define _RECS_SEARCH_PRIVATE_H_INCLUDED_


#include "recs_kernel.h"
#include "recs_search.h"
#include "recs_search_threshold.h"


#define RECS_CANDIDATES       4096
#define RECS_SEARCH_RUN_SIZE  (128 * 1024)      /* bytes between two looks at
                                                   the clock */
#define RECS_SEARCH_AHEAD     8                 /* rows fetched before use */
#define RECS_SEARCH_LOOK      8                 /* lists, rows between two
                                                   looks at the clock */
#define RECS_WEIGHT_MAX       255
#define RECS_BONUS_MAX        65535
#define RECS_HEADS            2                 /* per answer */


/* Its score is not above upper. */
typedef struct {
    float     upper;
    uint32_t  item;
    float     bonus;            /* step * accumulated weight */
} recs_candidate_t;

struct recs_search_scratch_s {
    uint16_t                 *bonus;    /* [n_items up to whole blocks], all 0
                                           between calls; NULL: no lists */
    int8_t                   *codes;    /* of the query */
    float                    *rotated;
    recs_search_threshold_t   threshold;
    recs_candidate_t          candidates[RECS_CANDIDATES];
};


typedef struct {
    const recs_bundle_view_t   *view;
    const recs_search_query_t  *query;
    const recs_kernel_t        *kernel;
    recs_search_scratch_t      *scratch;
    recs_topk_t                *topk;           /* exact scores */

    recs_code_query_t           coded;          /* error infinite: is not */
    const uint16_t             *bonus;          /* NULL: no lists */
    float                       step;
    uint32_t                    n_lists;        /* added to the bonus */
    uint32_t                    highest_bonus;  /* none is above */

    double                      norm;           /* ||u||, upwards */
    float                       cosine_norm;    /* ||u|| of the score */
    double                      rounding;       /* relative to ||u|| ||v|| */
    float                       margin;         /* ... and beside it */

    uint32_t                    n_candidates;
    uint32_t                    scanned;        /* items before were looked
                                                   at */
    unsigned                    late:1;         /* out of time */
} recs_search_t;


/* Looks at the clock. */
int recs_search_late(recs_search_t *s);

/* Nothing keeps the item out of the answer. */
int recs_search_wanted(const recs_search_t *s, uint32_t item);

/* Of the items of a block, as bits, those that nothing keeps out. */
uint32_t recs_search_wanted_block(const recs_search_t *s, uint32_t block);

/* No item from this one on has a higher dense part. */
float recs_search_reach(const recs_search_t *s, uint32_t item);

/* Below this nothing can enter the answer. */
float recs_search_floor(const recs_search_t *s);

/* The score; bonus is the item's, step multiplied in. */
float recs_search_exact(const recs_search_t *s, uint32_t item, float bonus);

/* ... offered to topk. */
void recs_search_score(recs_search_t *s, uint32_t item, float bonus);


/*
 * The catalogue from the longest rows on, until the norm stops it: blocks in
 * codes, or rows in f32 where the bundle or the query has no codes.
 */
void recs_search_scan(recs_search_t *s);

/* The few items of a filter (query->allowed_items). */
void recs_search_scan_allowed(recs_search_t *s);

void recs_search_rescore(recs_search_t *s);
void recs_search_make_room(recs_search_t *s);

/* The accumulator: full, a first threshold by it, and empty again. */
void recs_search_add_lists(recs_search_t *s);
void recs_search_heads(recs_search_t *s);
void recs_search_harvest(recs_search_t *s);


static inline void
recs_search_candidate(recs_search_t *s, uint32_t item, float upper,
    float bonus)
{
    recs_candidate_t  *c;

    if (s->n_candidates == RECS_CANDIDATES) {
        recs_search_make_room(s);
    }

    c = &s->scratch->candidates[s->n_candidates++];

    c->upper = upper;
    c->item = item;
    c->bonus = bonus;
}


/* Asks for the item's row, which is to be scored soon. */
static inline void
recs_search_fetch(const recs_search_t *s, uint32_t item)
{
    size_t       i;
    const char  *row;

    row = recs_table_row(&s->view->item_factors, item);

    for (i = 0; i < s->view->item_factors.row_size; i += 64) {
        __builtin_prefetch(row + i);
    }

    __builtin_prefetch(&s->view->item_order[item]);
}


#endif /* _RECS_SEARCH_PRIVATE_H_INCLUDED_ */
