/*
 * recs_lists: whether lists of item numbers are what a bundle says they are.
 *
 * A bundle has millions of entries and its opening may not take longer than
 * reading it, so lists that are long and right are looked at by vectors.
 */

#ifndef _RECS_LISTS_H_INCLUDED_
#define _RECS_LISTS_H_INCLUDED_


#include "recs_bundle.h"


/* 1 if the items rise, none twice, and all are less than n_items. */
int recs_lists_rising(const uint32_t *items, uint32_t n, uint32_t n_items);

/*
 * What keeps a list from being one of item's neighbours (recs_neighbors_t),
 * or NULL.  id_size is 2 or 4; with RECS_ITEM_NO the list is no item's.
 */
const char *recs_lists_neighbors(const recs_neighbors_t *list,
    unsigned id_size, uint32_t item, uint32_t n_items);


#endif /* _RECS_LISTS_H_INCLUDED_ */
