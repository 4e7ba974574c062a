/*
 * recs_vocabulary: which hashes of the items' bags count, and how much.
 * Private to models/.
 *
 * A hash is left out where fewer than n_items_min items have it and, of more
 * than n_max, the rarest are.  A stop word of a language is one that more than
 * stop_share of the items in it have, where there are RECS_STOP_ITEMS of them
 * or more: it counts as missing from those items, not from others'.  What is
 * left has, with N the number of items that have any and df of the hash,
 *
 *     idf = ln(1 + (N - df + 0.5) / (df + 0.5))
 *
 * and in an item, tf of its L counts, the mean of L being L0 (BM25, Robertson
 * and Zaragoza 2009, k1 = 1.2, b = 0.75),
 *
 *     weight = idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * L / L0))
 *
 * The weights of an item are then scaled to length 1.
 */

#ifndef _RECS_VOCABULARY_H_INCLUDED_
#define _RECS_VOCABULARY_H_INCLUDED_


#include "recs_item_terms.h"


#define RECS_STOP_ITEMS  8


typedef struct {
    uint32_t        n_items_min;
    uint32_t        n_max;
    double          stop_share;           /* 1: there are none */
    const uint8_t  *languages;            /* [n_items], NULL: all the same */
} recs_vocabulary_params_t;

/* Zeroed before its first use; freed by recs_vocabulary_free(). */
typedef struct {
    uint32_t   n;
    uint64_t  *hashes;                    /* [n] rising */
    float     *idf;                       /* [n] */
    uint32_t   n_stop_words;              /* each in its language */
} recs_vocabulary_t;


/*
 * Chooses from bags, whose counts become weights: 0 where the hash does not
 * count.  RECS_NOMEM.
 */
recs_status_t recs_vocabulary_create(recs_vocabulary_t *v, recs_bags_t *bags,
    uint32_t n_items, const recs_vocabulary_params_t *params,
    recs_error_t *err);
void recs_vocabulary_free(recs_vocabulary_t *v);

/* The place of a hash, or n. */
uint32_t recs_vocabulary_find(const recs_vocabulary_t *v, uint64_t hash);


#endif /* _RECS_VOCABULARY_H_INCLUDED_ */
