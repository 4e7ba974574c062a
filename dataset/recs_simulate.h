/*
 * recs_simulate: behaviour data where there is none: a shop's catalogue and
 * visitors whose tastes are known, the same for a seed on every machine.
 *
 *     DIR/items.csv     item,title,category,brand,colour,price,price_level,
 *                       image,url
 *     DIR/users.csv     user,name,favourite,second,price_level
 *     DIR/events.csv    user,item,timestamp,event      in the order of time
 *     DIR/images/       <category>-<colour>.svg, what `image` names
 *
 * What is planted, and what a model should find again:
 *
 *   - Items belong to one of RECS_SIMULATE_CATEGORIES categories and one of
 *     three price levels (each a third of its category).
 *   - A visitor has a favourite category, a second one and a price level.  A
 *     session stays in one category: the favourite in 65 of 100 sessions,
 *     the second in 20, any in 15.
 *   - Within the category an item is taken with a probability proportional
 *     to 1 / (r + 4), r its place in the category's own order of popularity,
 *     times 1 for the visitor's price level, 0.3 for the next one, 0.05 for
 *     two apart.
 *   - A visitor comes for 1 to 24 sessions, over 180 days up to a fixed end;
 *     one view in five is followed by a purchase.
 *
 * Popularity alone cannot know any of the visitor's part: a model that has
 * learned it ranks far above (tests/test_simulate.c).
 */

#ifndef _RECS_SIMULATE_H_INCLUDED_
#define _RECS_SIMULATE_H_INCLUDED_


#include <stdint.h>

#include "recs_status.h"


#define RECS_SIMULATE_CATEGORIES    10

#define RECS_SIMULATE_ITEMS         600
#define RECS_SIMULATE_ITEMS_MIN     60
#define RECS_SIMULATE_ITEMS_MAX     200000
#define RECS_SIMULATE_USERS         1000
#define RECS_SIMULATE_USERS_MIN     1
#define RECS_SIMULATE_USERS_MAX     1000000


typedef struct {
    uint32_t  n_items;
    uint32_t  n_users;
    uint64_t  seed;
} recs_simulate_params_t;

typedef struct {
    uint64_t  n_events;
    uint64_t  n_purchases;
} recs_simulate_report_t;


/*
 * Writes the files into dir, which appears with all of them or not at all.
 *
 * RECS_INVALID  a number out of its bounds
 * RECS_IO       cannot write
 * RECS_REFUSED  dir is there and not an empty folder
 */
recs_status_t recs_simulate(const recs_simulate_params_t *params,
    const char *dir, recs_simulate_report_t *report, recs_error_t *err);


#endif /* _RECS_SIMULATE_H_INCLUDED_ */
