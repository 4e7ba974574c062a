/*
 * recs_tiny_dataset: a dataset from a few lines of a test.
 */

#ifndef _RECS_TINY_DATASET_H_INCLUDED_
#define _RECS_TINY_DATASET_H_INCLUDED_


#include "recs_dataset.h"


typedef struct {
    uint32_t  user;
    uint32_t  item;
    int64_t   time_ms;
    float     weight;
} recs_tiny_event_t;


/*
 * Users "u00000", "u00001", ... and items "i00000", ... with the given events,
 * which stand in the order of user and item.  Asserts that all goes well.
 */
recs_dataset_t *recs_tiny_dataset(uint32_t n_users, uint32_t n_items,
    const recs_tiny_event_t *events, uint32_t n_events);

/* For recs_entities_t: ids of the letter that data points to, as above. */
recs_str_t recs_tiny_record(void *data, uint32_t index);

/*
 * A random dataset of two tastes: users and items are even or odd, and three
 * of four interactions stay within; times rise from 1 s on.
 */
recs_dataset_t *recs_tiny_random_dataset(uint32_t n_users, uint32_t n_items,
    uint32_t n_events, uint64_t seed);


#endif /* _RECS_TINY_DATASET_H_INCLUDED_ */
