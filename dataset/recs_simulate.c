#include <stdlib.h>
#include <string.h>

#include "recs_simulate.h"
#include "recs_simulate_shop.h"


#define SESSIONS_MAX    24
#define VIEWS_MAX       6

#define DAY_MS          (24 * 3600 * 1000LL)
#define DAYS            180
#define FROM_MS         1767225600000LL         /* 2026-01-01T00:00:00Z */


/* How much a visitor of one price level takes to items of another. */
static const double  recs_level_match[RECS_SHOP_LEVELS] = { 1.0, 0.3, 0.05 };


/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t
recs_shop_random(recs_shop_t *shop)
{
    uint64_t  z;

    z = (shop->random += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;

    return z ^ (z >> 31);
}


/* Evenly in 0..n-1. */
uint32_t
recs_shop_below(recs_shop_t *shop, uint32_t n)
{
    return (uint32_t) (((recs_shop_random(shop) >> 32) * n) >> 32);
}


static uint32_t
recs_shop_n_of_category(const recs_shop_t *shop, uint32_t category)
{
    return (shop->params->n_items - category + RECS_SIMULATE_CATEGORIES - 1)
           / RECS_SIMULATE_CATEGORIES;
}


/* The running sums of taste, from a shuffled order of popularity. */
static recs_status_t
recs_shop_stock(recs_shop_t *shop, recs_error_t *err)
{
    double     sum;
    uint32_t   c, i, j, n, level, own, apart, *place, swap;

    place = malloc((shop->params->n_items + 1) * sizeof(uint32_t));
    if (place == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    for (c = 0; c < RECS_SIMULATE_CATEGORIES; c++) {
        n = recs_shop_n_of_category(shop, c);

        for (i = 0; i < n; i++) {
            j = recs_shop_below(shop, i + 1);
            swap = i == j ? i : place[j];
            place[j] = i;
            place[i] = swap;
        }

        for (level = 0; level < RECS_SHOP_LEVELS; level++) {
            shop->sums[c][level] = malloc(n * sizeof(double));

            if (shop->sums[c][level] == NULL) {
                free(place);
                return recs_error(err, RECS_NOMEM, "out of memory");
            }

            sum = 0;

            for (i = 0; i < n; i++) {
                own = i % RECS_SHOP_LEVELS;
                apart = own > level ? own - level : level - own;
                sum += recs_level_match[apart] / (place[i] + 4.0);
                shop->sums[c][level][i] = sum;
            }
        }
    }

    free(place);

    return RECS_OK;
}


/* An item of the category, to the visitor's taste. */
static uint32_t
recs_shop_pick(recs_shop_t *shop, uint32_t category, uint32_t level)
{
    double         x;
    uint32_t       low, high, middle, n;
    const double  *sums;

    n = recs_shop_n_of_category(shop, category);
    sums = shop->sums[category][level];
    x = (double) (recs_shop_random(shop) >> 11) * 0x1p-53 * sums[n - 1];

    low = 0;
    high = n - 1;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (sums[middle] > x) {
            high = middle;

        } else {
            low = middle + 1;
        }
    }

    return low * RECS_SIMULATE_CATEGORIES + category;
}


static recs_status_t
recs_shop_add_event(recs_shop_t *shop, int64_t ms, uint32_t user,
    uint32_t item, uint32_t purchase, recs_error_t *err)
{
    uint64_t            size;
    recs_shop_event_t  *events;

    if (shop->n_events == shop->size) {
        size = shop->size ? shop->size * 2 : 4096;
        events = realloc(shop->events, size * sizeof(recs_shop_event_t));

        if (events == NULL) {
            return recs_error(err, RECS_NOMEM, "out of memory for %llu events",
                              (unsigned long long) size);
        }

        shop->events = events;
        shop->size = size;
    }

    shop->events[shop->n_events++] =
        (recs_shop_event_t) { ms, user, item, purchase };

    return RECS_OK;
}


/* One session: a few views in one category, some of them bought. */
static recs_status_t
recs_shop_visit(recs_shop_t *shop, uint32_t user, recs_error_t *err)
{
    int64_t                ms;
    uint32_t               draw, category, item, n;
    recs_status_t          status;
    const recs_visitor_t  *v;

    v = &shop->visitors[user];
    draw = recs_shop_below(shop, 100);

    if (draw < 65) {
        category = v->favourite;

    } else if (draw < 85) {
        category = v->second;

    } else {
        category = recs_shop_below(shop, RECS_SIMULATE_CATEGORIES);
    }

    ms = FROM_MS + recs_shop_below(shop, DAYS) * DAY_MS
         + 6 * DAY_MS / 24 + recs_shop_below(shop, 16 * 3600 * 1000);

    for (n = 1 + recs_shop_below(shop, VIEWS_MAX); n > 0; n--) {
        item = recs_shop_pick(shop, category, v->level);

        status = recs_shop_add_event(shop, ms, user, item, 0, err);

        if (status == RECS_OK && recs_shop_below(shop, 5) == 0) {
            ms += 20000 + recs_shop_below(shop, 100000);
            status = recs_shop_add_event(shop, ms, user, item, 1, err);
        }

        if (status != RECS_OK) {
            return status;
        }

        ms += 5000 + recs_shop_below(shop, 180000);
    }

    return RECS_OK;
}


static recs_status_t
recs_shop_open_doors(recs_shop_t *shop, recs_error_t *err)
{
    uint32_t         u, n;
    recs_status_t    status;
    recs_visitor_t  *v;

    shop->visitors = calloc(shop->params->n_users, sizeof(recs_visitor_t));
    if (shop->visitors == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    for (u = 0; u < shop->params->n_users; u++) {
        v = &shop->visitors[u];

        v->favourite = recs_shop_below(shop, RECS_SIMULATE_CATEGORIES);
        v->second = (v->favourite + 1
                     + recs_shop_below(shop, RECS_SIMULATE_CATEGORIES - 1))
                    % RECS_SIMULATE_CATEGORIES;
        v->level = recs_shop_below(shop, RECS_SHOP_LEVELS);

        n = 1 + recs_shop_below(shop, 1 + recs_shop_below(shop, SESSIONS_MAX));

        for ( /* void */ ; n > 0; n--) {
            status = recs_shop_visit(shop, u, err);
            if (status != RECS_OK) {
                return status;
            }
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_simulate_check(const recs_simulate_params_t *params, recs_error_t *err)
{
    if (params->n_items < RECS_SIMULATE_ITEMS_MIN
        || params->n_items > RECS_SIMULATE_ITEMS_MAX)
    {
        return recs_error(err, RECS_INVALID,
                          "cannot simulate %u items: give %u to %u",
                          params->n_items, RECS_SIMULATE_ITEMS_MIN,
                          RECS_SIMULATE_ITEMS_MAX);
    }

    if (params->n_users < RECS_SIMULATE_USERS_MIN
        || params->n_users > RECS_SIMULATE_USERS_MAX)
    {
        return recs_error(err, RECS_INVALID,
                          "cannot simulate %u users: give %u to %u",
                          params->n_users, RECS_SIMULATE_USERS_MIN,
                          RECS_SIMULATE_USERS_MAX);
    }

    return RECS_OK;
}


recs_status_t
recs_simulate(const recs_simulate_params_t *params, const char *dir,
    recs_simulate_report_t *report, recs_error_t *err)
{
    uint32_t       c, level;
    uint64_t       i, n_purchases;
    recs_shop_t    shop;
    recs_status_t  status;

    status = recs_simulate_check(params, err);
    if (status != RECS_OK) {
        return status;
    }

    memset(&shop, 0, sizeof(shop));
    shop.params = params;
    shop.random = params->seed;

    status = recs_shop_stock(&shop, err);

    if (status == RECS_OK) {
        status = recs_shop_open_doors(&shop, err);
    }

    if (status == RECS_OK) {
        status = recs_shop_write(&shop, dir, err);
    }

    if (status == RECS_OK) {
        n_purchases = 0;

        for (i = 0; i < shop.n_events; i++) {
            n_purchases += shop.events[i].purchase;
        }

        report->n_events = shop.n_events;
        report->n_purchases = n_purchases;
    }

    for (c = 0; c < RECS_SIMULATE_CATEGORIES; c++) {
        for (level = 0; level < RECS_SHOP_LEVELS; level++) {
            free(shop.sums[c][level]);
        }
    }

    free(shop.visitors);
    free(shop.events);

    return status;
}
