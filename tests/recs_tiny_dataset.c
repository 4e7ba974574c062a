#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "recs_rng.h"
#include "recs_temp.h"
#include "recs_tiny_dataset.h"


#define RECS_TINY_MAX  65536


/* A record stays where it is: the bundle's writer keeps it. */

recs_str_t
recs_tiny_record(void *data, uint32_t index)
{
    char         letter, *bytes;
    recs_str_t   record;
    static char  records[2][RECS_TINY_MAX][12];

    assert_true(index < RECS_TINY_MAX);

    letter = *(const char *) data;
    bytes = records[letter == 'u'][index];

    bytes[0] = (char) snprintf(bytes + 1, 11, "%c%05u", letter, index);
    bytes[bytes[0] + 1] = 0;
    bytes[bytes[0] + 2] = 0;

    record.data = bytes;
    record.len = (size_t) bytes[0] + 3;

    return record;
}


recs_dataset_t *
recs_tiny_dataset(uint32_t n_users, uint32_t n_items,
    const recs_tiny_event_t *events, uint32_t n_events)
{
    float                *weights;
    int64_t              *times;
    uint32_t              k, *items;
    uint64_t             *offsets;
    const char           *path;
    recs_error_t          err;
    recs_dataset_t       *dataset;
    recs_dataset_view_t   view;

    offsets = calloc(n_users + 1, sizeof(uint64_t));
    items = calloc(n_events + 1, sizeof(uint32_t));
    weights = calloc(n_events + 1, sizeof(float));
    times = calloc(n_events + 1, sizeof(int64_t));

    dataset = NULL;
    memset(&view, 0, sizeof(recs_dataset_view_t));

    for (k = 0; k < n_events; k++) {
        offsets[events[k].user + 1]++;
        items[k] = events[k].item;
        weights[k] = events[k].weight;
        times[k] = events[k].time_ms;

        if (view.from_ms == 0 || times[k] < view.from_ms) {
            view.from_ms = times[k];
        }

        if (times[k] > view.to_ms) {
            view.to_ms = times[k];
        }
    }

    for (k = 0; k < n_users; k++) {
        offsets[k + 1] += offsets[k];
    }

    view.n_users = n_users;
    view.n_items = n_items;
    view.n_interactions = n_events;
    view.user_offsets = offsets;
    view.items = items;
    view.weights = weights;
    view.times_ms = times;
    view.item_entities.n = n_items;
    view.item_entities.record = recs_tiny_record;
    view.item_entities.data = "i";
    view.user_entities.n = n_users;
    view.user_entities.record = recs_tiny_record;
    view.user_entities.data = "u";

    path = recs_temp_path("dataset");

    if (recs_dataset_write(&view, path, &err) != RECS_OK
        || recs_dataset_open(&dataset, path, &err) != RECS_OK)
    {
        fail_msg("%s", err.message);
    }

    unlink(path);
    free(offsets);
    free(items);
    free(weights);
    free(times);

    return dataset;
}


static int
recs_tiny_compare(const void *a, const void *b)
{
    const recs_tiny_event_t  *x, *y;

    x = a;
    y = b;

    if (x->user != y->user) {
        return x->user < y->user ? -1 : 1;
    }

    return x->item < y->item ? -1 : x->item > y->item;
}


recs_dataset_t *
recs_tiny_random_dataset(uint32_t n_users, uint32_t n_items,
    uint32_t n_events, uint64_t seed)
{
    uint32_t            k, n;
    recs_rng_t          rng;
    recs_dataset_t     *dataset;
    recs_tiny_event_t  *events, *e;

    recs_rng_seed(&rng, seed);
    events = calloc(n_events, sizeof(recs_tiny_event_t));

    for (k = 0; k < n_events; k++) {
        e = &events[k];
        e->user = (uint32_t) (recs_rng_uniform(&rng) * n_users);
        e->item = (uint32_t) (recs_rng_uniform(&rng) * n_items);
        e->time_ms = 1000 + k * 60000;
        e->weight = 1;

        if ((e->user ^ e->item) & 1 && recs_rng_uniform(&rng) < 0.75) {
            e->item = e->item ^ 1;
        }
    }

    qsort(events, n_events, sizeof(recs_tiny_event_t), recs_tiny_compare);

    n = 0;

    for (k = 0; k < n_events; k++) {
        if (n > 0 && recs_tiny_compare(&events[n - 1], &events[k]) == 0) {
            continue;
        }

        if (events[k].item < n_items) {
            events[n++] = events[k];
        }
    }

    dataset = recs_tiny_dataset(n_users, n_items, events, n);
    free(events);

    return dataset;
}
