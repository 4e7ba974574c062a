/*
 * recs_search_case: small catalogues of every awkward kind and queries for
 * them, made from a seed.
 */

#ifndef _RECS_SEARCH_CASE_H_INCLUDED_
#define _RECS_SEARCH_CASE_H_INCLUDED_


#include "recs_rng.h"
#include "recs_search.h"


typedef struct {
    recs_bundle_view_t  *view;          /* with codes and lists, or without */
    uint32_t             style;
    uint32_t            *history;       /* [RECS_HISTORY_MAX] */
    recs_neighbors_t     own;           /* a list, of the user */
    float               *vector;        /* [stride] */
    recs_bitmap_word_t  *excluded;
    recs_bitmap_word_t  *blocked;
    recs_bitmap_word_t  *allowed;
    uint32_t            *allowed_items;
    float               *rows;          /* [n_items][n_factors] */
} recs_search_case_t;


recs_search_case_t *recs_search_case(recs_rng_t *rng);
void recs_search_case_free(recs_search_case_t *c);

/* Fills query (its pointers are the case's) and *k. */
void recs_search_case_query(recs_search_case_t *c, recs_rng_t *rng,
    recs_search_query_t *query, uint32_t *k);

/* From 0 to n - 1. */
uint32_t recs_search_case_below(recs_rng_t *rng, uint32_t n);


#endif /* _RECS_SEARCH_CASE_H_INCLUDED_ */
