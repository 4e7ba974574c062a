/*
 * recs_simulate_shop: the simulated shop: its words and pictures, who visits
 * it, and its files.
 */

#ifndef _RECS_SIMULATE_SHOP_H_INCLUDED_
#define _RECS_SIMULATE_SHOP_H_INCLUDED_


#include <stdint.h>
#include <stdio.h>

#include "recs_folder.h"
#include "recs_simulate.h"


#define RECS_SHOP_LEVELS       3
#define RECS_SIMULATE_NOUNS    12
#define RECS_SIMULATE_BRANDS   16
#define RECS_SIMULATE_STYLES   12
#define RECS_SIMULATE_COLOURS  10
#define RECS_SIMULATE_NAMES    60


typedef struct {
    const char  *name;                            /* "Coffee & tea" */
    const char  *key;                             /* "coffee", in file names */
    const char  *nouns[RECS_SIMULATE_NOUNS];
    uint32_t     cents;                           /* price of the middle */
    const char  *glyph;                           /* SVG, within 0..100 */
} recs_simulate_category_t;

typedef struct {
    const char  *name;                            /* "moss" */
    const char  *light;                           /* "#rrggbb" */
    const char  *dark;
} recs_simulate_colour_t;


typedef struct {
    uint32_t  favourite;
    uint32_t  second;
    uint32_t  level;
} recs_visitor_t;

typedef struct {
    int64_t   ms;
    uint32_t  user;
    uint32_t  item;
    uint32_t  purchase;
} recs_shop_event_t;

typedef struct {
    const recs_simulate_params_t  *params;
    recs_folder_t                  folder;
    uint64_t                       random;

    /* [category][level]: running sums over the category's items, in order */
    double  *sums[RECS_SIMULATE_CATEGORIES][RECS_SHOP_LEVELS];

    recs_visitor_t                *visitors;     /* [n_users] */
    recs_shop_event_t             *events;
    uint64_t                       n_events;
    uint64_t                       size;
} recs_shop_t;


extern const recs_simulate_category_t
    recs_simulate_categories[RECS_SIMULATE_CATEGORIES];
extern const recs_simulate_colour_t
    recs_simulate_colours[RECS_SIMULATE_COLOURS];
extern const char *const  recs_simulate_brands[RECS_SIMULATE_BRANDS];
extern const char *const  recs_simulate_styles[RECS_SIMULATE_STYLES];
extern const char *const  recs_simulate_names[RECS_SIMULATE_NAMES];


/* The picture of a category in a colour, an SVG document. */
void recs_simulate_image(FILE *f, const recs_simulate_category_t *category,
    const recs_simulate_colour_t *colour);


/* The next number of the seed's sequence; and one evenly in 0..n-1. */
uint64_t recs_shop_random(recs_shop_t *shop);
uint32_t recs_shop_below(recs_shop_t *shop, uint32_t n);

/* Item i is the k-th of its category: i = k * categories + category. */
#define recs_shop_category(item)  ((item) % RECS_SIMULATE_CATEGORIES)
#define recs_shop_level(item)                                                 \
    ((item) / RECS_SIMULATE_CATEGORIES % RECS_SHOP_LEVELS)

/* Writes all files into dir; the events are sorted by time on the way. */
recs_status_t recs_shop_write(recs_shop_t *shop, const char *dir,
    recs_error_t *err);


#endif /* _RECS_SIMULATE_SHOP_H_INCLUDED_ */
