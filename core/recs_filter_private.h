/*
 * recs_filter_private: the forms of an index of attribute values, for its
 * writer and its readers.
 */

#ifndef _RECS_FILTER_PRIVATE_H_INCLUDED_
#define _RECS_FILTER_PRIVATE_H_INCLUDED_


#include "recs_filter.h"


/* The order of an attribute's values: of bytes, the shorter first. */
int recs_filter_compare(recs_str_t a, recs_str_t b);

/* How many items are set. */
uint32_t recs_filter_count(const recs_bitmap_word_t *bits, uint32_t n_items);

/* Sets the items of a value. */
void recs_filter_add(const recs_bundle_t *bundle, uint32_t value,
    recs_bitmap_word_t *bits);


static inline uint64_t
recs_filter_bitmap_size(uint32_t n_items)
{
    return recs_bitmap_words(n_items) * sizeof(recs_bitmap_word_t);
}


/* Of n_items, these few are a list. */
static inline int
recs_filter_rare(uint32_t few, uint32_t n_items)
{
    return (uint64_t) few * sizeof(uint32_t)
           < recs_filter_bitmap_size(n_items);
}


#endif /* _RECS_FILTER_PRIVATE_H_INCLUDED_ */
