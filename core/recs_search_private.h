/*
 * recs_search_private: a search under way, for the files of recs_search.
 */

#ifndef _RECS_SEARCH_PRIVATE_H_INCLUDED_
#define _RECS_SEARCH_PRIVATE_H_INCLUDED_


#include "recs_kernel.h"
#include "recs_model.h"
#include "recs_search.h"
#include "recs_search_threshold.h"


#define RECS_FOUND_MAX        4096
#define RECS_WAITING_MAX      64
#define RECS_HEADS_MAX        1024
#define RECS_HEADS            2                 /* per item of the answer */
#define RECS_SEEDS            6                 /* ... by cosine */
#define RECS_COSINE_WAITING   2                 /* from block to block */

#define RECS_SEARCH_RUN_SIZE  (128 * 1024)      /* bytes between two looks at
                                                   the clock */
#define RECS_SEARCH_LOOK      8                 /* lists, rows between two */
#define RECS_WEIGHT_MAX       255               /* of a neighbour */


/* An item whose row has been asked for; its score is not above upper. */
typedef struct {
    float     upper;
    float     bonus;            /* step * accumulated weight */
    uint32_t  item;
} recs_waiting_t;

struct recs_search_scratch_s {
    uint16_t                 *bonus;    /* [n_items up to whole blocks], all 0
                                           between calls */
    uint16_t                 *opposed;  /* the same of the opposed lists, NULL
                                           where the view has none */
    recs_bitmap_word_t       *scored;   /* the heads; none between calls */
    size_t                    bonus_size;
    size_t                    scored_size;
    uint32_t                  heads[RECS_HEADS_MAX];
    recs_neighbors_t          lists[RECS_HISTORY_MAX];  /* the history's, then
                                                           the user's own */
    int8_t                   *codes;    /* of the query */
    recs_search_threshold_t   threshold;
    recs_waiting_t            waiting[RECS_WAITING_MAX];    /* a ring */
    recs_topk_entry_t         found[RECS_FOUND_MAX];
    recs_topk_entry_t         sorting[RECS_FOUND_MAX];
};


typedef struct {
    const recs_bundle_view_t   *view;
    const recs_search_query_t  *query;
    const recs_kernel_t        *kernel;
    recs_search_scratch_t      *scratch;
    recs_search_threshold_t    *threshold;      /* of exact scores */

    recs_code_query_t           coded;          /* error infinite: is not */
    uint16_t                   *bonus;          /* NULL: no lists */
    float                       step;
    uint16_t                   *opposed;        /* NULL: none */
    uint32_t                    n_lists;
    uint32_t                    n_opposed;      /* lists of the history */
    uint32_t                    n_heads;

    double                      norm;           /* ||u||, upwards */
    float                       cosine_norm;    /* ||u|| of the score */
    double                      rounding;       /* relative to ||u|| ||v|| */
    float                       margin;         /* ... and beside it */

    uint32_t                    first_waiting;  /* counts, modulo 2^32 */
    uint32_t                    end_waiting;
    uint32_t                    n_found;
    uint32_t                    scanned;        /* items before were looked
                                                   at */
    unsigned                    late:1;         /* out of time */
} recs_search_t;


/* Looks at the clock. */
int recs_search_late(recs_search_t *s);

/* Nothing keeps the item out of the answer, or of the block's, as bits. */
int recs_search_wanted(const recs_search_t *s, uint32_t item);
uint32_t recs_search_wanted_block(const recs_search_t *s, uint32_t block);

/* No item from this one on has a higher dense part. */
float recs_search_reach(const recs_search_t *s, uint32_t item);

/* The score's own divisions: no rounding turns the order around. */
float recs_search_cosine(const recs_search_t *s, uint32_t item, float dot);


/*
 * The catalogue from the longest rows on, until the norm stops it: blocks in
 * codes, or rows in f32 where the bundle or the query has no codes.
 */
void recs_search_scan(recs_search_t *s);

/* The few items of a filter (query->allowed_items). */
void recs_search_scan_allowed(recs_search_t *s);


/*
 * The accumulator: full; some of its items scored at once, so that the
 * threshold is high from the start; empty again.
 */
void recs_search_add_lists(recs_search_t *s);
void recs_search_clear_opposed(recs_search_t *s);
void recs_search_heads(recs_search_t *s);
void recs_search_harvest(recs_search_t *s);

/* By cosine: the heaviest of one list are scored at once, as heads are. */
void recs_search_seeds(recs_search_t *s);

/* Heads and seeds are marked as scored no more. */
void recs_search_forget_heads(recs_search_t *s);


/* Asks for the item's row, to score it while others arrive. */
void recs_search_wait(recs_search_t *s, uint32_t item, float upper,
    float bonus);

/* Scores those that have waited longest, until only `keep` still wait. */
void recs_search_settle(recs_search_t *s, uint32_t keep);

/* Scores an item; bonus is its own, step multiplied in. */
void recs_search_score(recs_search_t *s, uint32_t item, float bonus);

/* The best of what was found, best first. */
void recs_search_finish(recs_search_t *s, recs_topk_t *topk);


#endif /* _RECS_SEARCH_PRIVATE_H_INCLUDED_ */
