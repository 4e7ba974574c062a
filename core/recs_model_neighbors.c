/*
 * Neighbour lists and users' last items on their way into a bundle.
 */

#include "recs_model_writing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_radix.h"


static double
recs_model_neighbor_unit(const recs_neighbor_lists_t *lists, uint32_t n_items)
{
    float     largest;
    uint64_t  i;

    if (lists->unit > 0) {
        return lists->unit;
    }

    largest = 0;

    for (i = 0; i < lists->offsets[n_items]; i++) {
        if (lists->weights[i] > largest) {
            largest = lists->weights[i];
        }
    }

    return largest > 0 ? (double) largest / UINT8_MAX : 1.0;
}


static recs_status_t
recs_model_check_list(const recs_model_t *m, uint32_t item, uint32_t *last,
    recs_error_t *err)
{
    uint64_t                      i;
    recs_str_t                    id;
    const recs_neighbor_lists_t  *lists;

    lists = m->neighbors;
    id = recs_record_id(m->items.record(m->items.data, item));

    for (i = lists->offsets[item]; i < lists->offsets[item + 1]; i++) {
        if (lists->items[i] >= m->items.n || lists->items[i] == item
            || last[lists->items[i]] == item + 1)
        {
            return recs_error(err, RECS_INVALID, "item row %u (\"%.*s\") has "
                              "the neighbour %u twice, or it is itself or "
                              "none of the %u items", item, (int) id.len,
                              id.data, lists->items[i], m->items.n);
        }

        if (!isfinite(lists->weights[i]) || lists->weights[i] < 0) {
            return recs_error(err, RECS_INVALID, "a neighbour of item row %u "
                              "(\"%.*s\") weighs %g, it must be 0 or more",
                              item, (int) id.len, id.data,
                              (double) lists->weights[i]);
        }

        last[lists->items[i]] = item + 1;
    }

    return RECS_OK;
}


recs_status_t
recs_model_check_neighbors(const recs_model_t *m, recs_error_t *err)
{
    double                        step;
    uint32_t                      item, *last;
    recs_status_t                 rc;
    const recs_neighbor_lists_t  *lists;

    lists = m->neighbors;

    if (lists == NULL) {
        return RECS_OK;
    }

    if (lists->history == 0 || lists->history > RECS_HISTORY_MAX) {
        return recs_error(err, RECS_INVALID, "neighbours of the last %u "
                          "items, 1 to %d are possible", lists->history,
                          RECS_HISTORY_MAX);
    }

    for (item = 0; item < m->items.n; item++) {
        if (lists->offsets[item + 1] < lists->offsets[item]) {
            return recs_error(err, RECS_INVALID, "the neighbours of item row "
                              "%u end before they begin", item);
        }
    }

    /* A list's owner + 1; 0 is nobody. */
    last = calloc(m->items.n, sizeof(uint32_t));
    if (last == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to write the bundle");
    }

    rc = RECS_OK;

    for (item = 0; item < m->items.n && rc == RECS_OK; item++) {
        rc = recs_model_check_list(m, item, last, err);
    }

    free(last);

    if (rc != RECS_OK) {
        return rc;
    }

    step = lists->weight * recs_model_neighbor_unit(lists, m->items.n);

    if (!(lists->unit >= 0) || !(step >= RECS_NEIGHBOR_STEP_MIN)
        || !(step <= RECS_NEIGHBOR_STEP_MAX))
    {
        return recs_error(err, RECS_INVALID, "neighbours of weight %g and "
                          "unit %g: one step of the score must be %g to %g",
                          lists->weight, lists->unit, RECS_NEIGHBOR_STEP_MIN,
                          RECS_NEIGHBOR_STEP_MAX);
    }

    return RECS_OK;
}


recs_status_t
recs_model_arrange_neighbors(recs_writing_t *w, recs_error_t *err)
{
    uint32_t                      item;
    uint64_t                      n, longest;
    const recs_neighbor_lists_t  *lists;

    lists = w->model->neighbors;

    if (lists == NULL) {
        return RECS_OK;
    }

    longest = 0;

    for (item = 0; item < w->model->items.n; item++) {
        n = lists->offsets[item + 1] - lists->offsets[item];
        longest = n > longest ? n : longest;
    }

    w->unit = recs_model_neighbor_unit(lists, w->model->items.n);
    w->step = (float) (lists->weight * w->unit);
    w->id_size = w->model->items.n <= RECS_NEIGHBOR_SHORT_MAX
                 ? sizeof(uint16_t) : sizeof(uint32_t);

    w->list = malloc((longest + 1) * sizeof(recs_neighbor_t));
    w->sorted = malloc((longest + 1) * sizeof(recs_neighbor_t));
    w->run = malloc((longest + 1) * (w->id_size + 1));

    if (w->list == NULL || w->sorted == NULL || w->run == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to write the bundle");
    }

    return RECS_OK;
}


static uint32_t
recs_model_quantize(double weight, double unit)
{
    double  q;

    q = floor(weight / unit + 0.5);

    return q < UINT8_MAX ? (uint32_t) q : UINT8_MAX;
}


/* What stands behind the heads, by number. */
static void
recs_model_sort_rest(recs_writing_t *w, uint32_t n)
{
    recs_neighbor_t  heads[RECS_NEIGHBOR_HEADS];

    if (n <= RECS_NEIGHBOR_HEADS) {
        return;
    }

    n -= RECS_NEIGHBOR_HEADS;

    memcpy(heads, w->list, sizeof(heads));
    memmove(w->list, w->list + RECS_NEIGHBOR_HEADS,
            n * sizeof(recs_neighbor_t));

    recs_radix_sort(&w->list, &w->sorted, n, 0, w->id_size - 1);

    memmove(w->list + RECS_NEIGHBOR_HEADS, w->list,
            n * sizeof(recs_neighbor_t));
    memcpy(w->list, heads, sizeof(heads));
}


/* The numbers, then the weights; returns the bytes. */
static size_t
recs_model_encode(recs_writing_t *w, uint32_t n)
{
    char      *weights;
    uint16_t   narrow;
    uint32_t   i, number;

    weights = w->run + (size_t) n * w->id_size;

    for (i = 0; i < n; i++) {
        number = (uint32_t) w->list[i];
        narrow = (uint16_t) number;

        memcpy(w->run + (size_t) i * w->id_size,
               w->id_size == sizeof(narrow) ? (const void *) &narrow
                                            : (const void *) &number,
               w->id_size);
        weights[i] = (char) (UINT8_MAX - (w->list[i] >> 32));
    }

    return (size_t) n * (w->id_size + 1);
}


recs_str_t
recs_model_neighbors(void *data, uint64_t item)
{
    uint32_t                      n, q, index;
    uint64_t                      at;
    recs_str_t                    run;
    recs_writing_t               *w;
    const recs_neighbor_lists_t  *lists;

    w = data;
    lists = w->model->neighbors;
    index = w->items[item].index;
    n = 0;

    for (at = lists->offsets[index]; at < lists->offsets[index + 1]; at++) {
        q = recs_model_quantize(lists->weights[at], w->unit);

        if (q > 0) {
            w->list[n++] = (uint64_t) (UINT8_MAX - q) << 32
                           | w->item_numbers[lists->items[at]];
        }
    }

    recs_radix_sort(&w->list, &w->sorted, n, 0, w->id_size - 1);
    recs_radix_sort(&w->list, &w->sorted, n, 4, 4);
    recs_model_sort_rest(w, n);

    run.data = w->run;
    run.len = recs_model_encode(w, n);

    return run;
}


int
recs_model_has_recent(const recs_model_t *m)
{
    uint64_t  i;

    if (m->neighbors == NULL || m->seen_offsets == NULL
        || m->seen_times == NULL)
    {
        return 0;
    }

    for (i = 0; i < m->seen_offsets[m->users.n]; i++) {
        if (m->seen_times[i] != 0) {
            return 1;
        }
    }

    return 0;
}


static int
recs_touched_compare(const void *one, const void *two)
{
    const recs_touched_t  *a, *b;

    a = one;
    b = two;

    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? 1 : -1;
    }

    return (a->index > b->index) - (a->index < b->index);
}


/* Of an item met several times the last time counts. */
recs_str_t
recs_model_recent(void *data, uint64_t user)
{
    uint32_t             i, j, n, unique, number;
    uint64_t             at, end;
    recs_str_t           run;
    recs_writing_t      *w;
    const recs_model_t  *m;

    w = data;
    m = w->model;
    n = 0;
    end = m->seen_offsets[w->users[user] + 1];

    for (at = m->seen_offsets[w->users[user]]; at < end; at++) {
        w->touched[n].time_ms = m->seen_times[at];
        w->touched[n++].index = m->seen_items[at];
    }

    if (n > 0) {
        qsort(w->touched, n, sizeof(recs_touched_t), recs_touched_compare);
    }

    for (i = 0, unique = 0; i < n && unique < m->neighbors->history; i++) {
        number = w->item_numbers[w->touched[i].index];

        for (j = 0; j < unique && w->seen[j] != number; j++) { /* void */ }

        if (j == unique) {
            w->seen[unique++] = number;
        }
    }

    run.data = (const char *) w->seen;
    run.len = unique * sizeof(uint32_t);

    return run;
}
