#include "recs_policy_clicks.h"

#include <stdlib.h>

#include "recs_id_map.h"
#include "recs_policy_key.h"


#define RECS_POLICY_CLICKS_MIN  256


typedef struct {
    uint32_t                key;
    int64_t                 time_ms;
} recs_policy_click_t;

struct recs_policy_clicks_s {
    recs_id_map_t          *slots;
    recs_id_map_t          *keys;      /* user, slot, item */
    recs_policy_click_t    *clicks;
    uint64_t                n_clicks;
    uint64_t                clicks_size;
    recs_policy_waiting_t  *waiting;
    uint64_t                n_waiting;
    uint64_t                waiting_size;
};


static int recs_policy_clicks_room(void **rows, uint64_t n, uint64_t *size,
    size_t width);
static int recs_policy_click_order(const void *a, const void *b);
static int recs_policy_waiting_order(const void *a, const void *b);
static int recs_policy_order(uint32_t key_a, int64_t time_a, uint32_t key_b,
    int64_t time_b);


recs_policy_clicks_t *
recs_policy_clicks_create(void)
{
    recs_policy_clicks_t  *clicks;

    clicks = calloc(1, sizeof(recs_policy_clicks_t));
    if (clicks == NULL) {
        return NULL;
    }

    clicks->slots = recs_id_map_create();
    clicks->keys = recs_id_map_create();

    if (clicks->slots == NULL || clicks->keys == NULL) {
        recs_policy_clicks_destroy(clicks);
        return NULL;
    }

    return clicks;
}


void
recs_policy_clicks_destroy(recs_policy_clicks_t *clicks)
{
    if (clicks != NULL) {
        recs_id_map_destroy(clicks->slots);
        recs_id_map_destroy(clicks->keys);
        free(clicks->clicks);
        free(clicks->waiting);
        free(clicks);
    }
}


recs_status_t
recs_policy_clicks_add(recs_policy_clicks_t *clicks,
    const recs_policy_event_t *click, int *first)
{
    void                 *rows;
    uint32_t              numbers[2], n;
    recs_status_t         status;
    recs_policy_key_t     key;
    recs_policy_click_t  *c;

    numbers[0] = click->user;

    status = recs_id_map_add(clicks->slots, click->slot, &numbers[1]);
    if (status != RECS_OK) {
        return status;
    }

    rows = clicks->clicks;

    if (!recs_policy_clicks_room(&rows, clicks->n_clicks,
                                 &clicks->clicks_size,
                                 sizeof(recs_policy_click_t)))
    {
        return RECS_NOMEM;
    }

    clicks->clicks = rows;
    c = &clicks->clicks[clicks->n_clicks];
    n = recs_id_map_count(clicks->keys);

    status = recs_id_map_add(clicks->keys,
                             recs_policy_key(&key, numbers, 2, click->item),
                             &c->key);
    if (status != RECS_OK) {
        return status;
    }

    c->time_ms = click->time_ms;
    clicks->n_clicks++;
    *first = c->key == n;

    return RECS_OK;
}


recs_status_t
recs_policy_clicks_shown(recs_policy_clicks_t *clicks,
    const recs_policy_event_t *shown, const recs_policy_row_t *row,
    int *waits)
{
    void                   *rows;
    uint32_t                numbers[2], number;
    recs_policy_key_t       key;
    recs_policy_waiting_t  *w;

    *waits = 0;

    numbers[0] = shown->user;
    numbers[1] = recs_id_map_find(clicks->slots, shown->slot);

    if (numbers[1] == RECS_ID_MAP_NONE) {
        return RECS_OK;
    }

    number = recs_id_map_find(clicks->keys,
                              recs_policy_key(&key, numbers, 2, shown->item));

    if (number == RECS_ID_MAP_NONE) {
        return RECS_OK;
    }

    rows = clicks->waiting;

    if (!recs_policy_clicks_room(&rows, clicks->n_waiting,
                                 &clicks->waiting_size,
                                 sizeof(recs_policy_waiting_t)))
    {
        return RECS_NOMEM;
    }

    clicks->waiting = rows;
    w = &clicks->waiting[clicks->n_waiting++];
    w->row = *row;
    w->row.reward = 0;
    w->user = shown->user;
    w->key = number;
    w->time_ms = shown->time_ms;
    *waits = 1;

    return RECS_OK;
}


uint64_t
recs_policy_clicks_settle(recs_policy_clicks_t *clicks, int64_t window_ms,
    const recs_policy_waiting_t **waiting, uint64_t *n)
{
    uint64_t                    i, next, unexplained;
    recs_policy_waiting_t      *w;
    const recs_policy_click_t  *c;

    if (clicks->n_clicks > 0) {
        qsort(clicks->clicks, clicks->n_clicks, sizeof(recs_policy_click_t),
              recs_policy_click_order);
    }

    if (clicks->n_waiting > 0) {
        qsort(clicks->waiting, clicks->n_waiting,
              sizeof(recs_policy_waiting_t), recs_policy_waiting_order);
    }

    unexplained = 0;
    next = 0;

    for (i = 0; i < clicks->n_clicks; i++) {
        c = &clicks->clicks[i];

        /* next: behind the last row up to the click. */

        while (next < clicks->n_waiting
               && recs_policy_order(clicks->waiting[next].key,
                                    clicks->waiting[next].time_ms,
                                    c->key, c->time_ms) <= 0)
        {
            next++;
        }

        w = next > 0 ? &clicks->waiting[next - 1] : NULL;

        if (w == NULL || w->key != c->key
            || c->time_ms - w->time_ms > window_ms)
        {
            unexplained++;
            continue;
        }

        w->row.reward = 1;
    }

    *waiting = clicks->waiting;
    *n = clicks->n_waiting;

    return unexplained;
}


/* Room for rows[n]; returns 0 where there is no memory. */

static int
recs_policy_clicks_room(void **rows, uint64_t n, uint64_t *size, size_t width)
{
    void      *grown;
    uint64_t   larger;

    if (n < *size) {
        return 1;
    }

    larger = *size == 0 ? RECS_POLICY_CLICKS_MIN : 2 * *size;

    grown = reallocarray(*rows, larger, width);
    if (grown == NULL) {
        return 0;
    }

    *rows = grown;
    *size = larger;

    return 1;
}


static int
recs_policy_click_order(const void *a, const void *b)
{
    const recs_policy_click_t  *one = a;
    const recs_policy_click_t  *two = b;

    return recs_policy_order(one->key, one->time_ms, two->key, two->time_ms);
}


static int
recs_policy_waiting_order(const void *a, const void *b)
{
    const recs_policy_waiting_t  *one = a;
    const recs_policy_waiting_t  *two = b;

    return recs_policy_order(one->key, one->time_ms, two->key, two->time_ms);
}


static int
recs_policy_order(uint32_t key_a, int64_t time_a, uint32_t key_b,
    int64_t time_b)
{
    if (key_a != key_b) {
        return key_a < key_b ? -1 : 1;
    }

    return time_a < time_b ? -1 : time_a > time_b;
}
