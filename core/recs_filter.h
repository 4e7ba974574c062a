/*
 * recs_filter: only items with certain values of an attribute.
 *
 * A bundle holds an index of those item attributes whose values repeat: from
 * each value to the items that have it.  A value is what stands between two
 * '|' of an attribute, as genres and tags are joined; empty ones and those
 * over RECS_FILTER_VALUE_MAX bytes are left out.  An attribute is indexed
 *
 *     with at most RECS_FILTER_FEW values, or
 *     where a value stands at RECS_FILTER_REPEATED items on average,
 *
 * and never with more than RECS_FILTER_VALUES_MAX: ids, titles and addresses,
 * which differ for nearly every item, are not.
 *
 * The items of a value are ascending numbers where they are few, in less
 * room than a bitmap takes (one in 32 items), else a bitmap: the two forms
 * that a search can use.
 */

#ifndef _RECS_FILTER_H_INCLUDED_
#define _RECS_FILTER_H_INCLUDED_


#include "recs_bitmap.h"
#include "recs_bundle.h"


#define RECS_FILTER_VALUE_MAX   255                     /* bytes */
#define RECS_FILTER_VALUES_MAX  65536                   /* of an attribute */
#define RECS_FILTER_FEW         64
#define RECS_FILTER_REPEATED    2
#define RECS_FILTER_VALUE_NO    UINT32_MAX


/* An attribute that can be filtered by. */
typedef struct {
    uint32_t  column;
    uint32_t  first;                    /* its values are numbered from here */
    uint32_t  n_values;
} recs_filter_attribute_t;

/* Any of these values; n_values at least 1. */
typedef struct {
    recs_str_t         attribute;
    const recs_str_t  *values;
    uint32_t           n_values;
} recs_filter_term_t;

/* What all terms together leave, in terms of one bundle. */
typedef struct {
    uint32_t             value;         /* that of one value, in the bundle;
                                           RECS_FILTER_VALUE_NO: below */
    recs_bitmap_word_t  *bits;          /* owned, as items is; both NULL:
                                           everything */
    uint32_t            *items;         /* ascending */
    uint32_t             n_items;       /* 0: nothing */
} recs_filter_t;

/* Where it lies: items, else bits, else everything.  Borrowed. */
typedef struct {
    const recs_bitmap_word_t  *bits;
    const uint32_t            *items;   /* ascending */
    uint32_t                   n_items; /* of items */
} recs_allowed_t;


/* The next value between '|', *pos from 0; returns 0 after the last. */
int recs_filter_part_next(recs_str_t text, size_t *pos, recs_str_t *part);

/* Walks the attributes that can be filtered by, *pos from 0. */
int recs_filter_attribute_next(const recs_bundle_t *bundle, uint32_t *pos,
    recs_filter_attribute_t *attribute);

/* Returns 0 where there is no such attribute, or it is not indexed. */
int recs_filter_attribute(const recs_bundle_t *bundle, recs_str_t name,
    recs_filter_attribute_t *attribute);

/* The number of a value, or RECS_FILTER_VALUE_NO: no item has it. */
uint32_t recs_filter_value(const recs_bundle_t *bundle,
    const recs_filter_attribute_t *attribute, recs_str_t value);

/*
 * Combines terms: an item is left that has any value of each.  A value that
 * no item has is not an error.  The filter holds for every process that maps
 * the same file and needs at most a bit per item, nothing for a single value.
 *
 * RECS_NOT_FOUND  an attribute that is unknown or not indexed, named in err
 */
recs_status_t recs_filter_resolve(recs_filter_t *filter,
    const recs_bundle_t *bundle, const recs_filter_term_t *terms,
    uint32_t n_terms, recs_error_t *err);

void recs_filter_free(recs_filter_t *filter);

/* In constant time; a filter of NULL leaves everything. */
void recs_filter_allowed(const recs_bundle_t *bundle,
    const recs_filter_t *filter, recs_allowed_t *allowed);


#endif /* _RECS_FILTER_H_INCLUDED_ */
