/*
 * Neighbour lists and users' last items on their way into a bundle.
 */

#include "recs_model_writing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_radix.h"


/* The kinds of lists that a model may have, one behind the other. */
typedef struct {
    recs_weight_lists_t  lists;
    uint32_t             n_rows;
    const char          *name;          /* of a row */
    int                  is_own;        /* a row is an item, not in its list */
} recs_model_lists_t;

#define RECS_MODEL_LISTS  3


static void
recs_model_lists(const recs_model_t *m, recs_model_lists_t *all)
{
    const recs_neighbor_lists_t  *l;

    l = m->neighbors;

    all[0].lists.offsets = l->offsets;
    all[0].lists.items = l->items;
    all[0].lists.weights = l->weights;
    all[0].n_rows = m->items.n;
    all[0].name = "item";
    all[0].is_own = 1;

    all[1] = all[0];
    all[1].lists = l->opposed;

    all[2].lists = l->users;
    all[2].n_rows = m->users.n;
    all[2].name = "user";
    all[2].is_own = 0;
}


static double
recs_model_neighbor_unit(const recs_model_t *m)
{
    float               largest;
    unsigned            k;
    uint64_t            i;
    recs_model_lists_t  all[RECS_MODEL_LISTS];

    if (m->neighbors->unit > 0) {
        return m->neighbors->unit;
    }

    recs_model_lists(m, all);
    largest = 0;

    for (k = 0; k < RECS_MODEL_LISTS; k++) {
        if (all[k].lists.offsets == NULL) {
            continue;
        }

        for (i = 0; i < all[k].lists.offsets[all[k].n_rows]; i++) {
            if (all[k].lists.weights[i] > largest) {
                largest = all[k].lists.weights[i];
            }
        }
    }

    return largest > 0 ? (double) largest / UINT8_MAX : 1.0;
}


static recs_str_t
recs_model_row_id(const recs_model_t *m, const recs_model_lists_t *all,
    uint32_t row)
{
    const recs_entities_t  *entities;

    entities = all->is_own ? &m->items : &m->users;

    return recs_record_id(entities->record(entities->data, row));
}


static recs_status_t
recs_model_check_list(const recs_model_t *m, const recs_model_lists_t *all,
    uint32_t row, uint32_t *last, recs_error_t *err)
{
    uint64_t                    i;
    recs_str_t                  id;
    const recs_weight_lists_t  *lists;

    lists = &all->lists;
    id = recs_model_row_id(m, all, row);

    for (i = lists->offsets[row]; i < lists->offsets[row + 1]; i++) {
        if (lists->items[i] >= m->items.n
            || (all->is_own && lists->items[i] == row)
            || last[lists->items[i]] == row + 1)
        {
            return recs_error(err, RECS_INVALID, "%s row %u (\"%.*s\") has "
                              "the neighbour %u twice, or it is itself or "
                              "none of the %u items", all->name, row,
                              (int) id.len, id.data, lists->items[i],
                              m->items.n);
        }

        if (!isfinite(lists->weights[i]) || lists->weights[i] < 0) {
            return recs_error(err, RECS_INVALID, "a neighbour of %s row %u "
                              "(\"%.*s\") weighs %g, it must be 0 or more",
                              all->name, row, (int) id.len, id.data,
                              (double) lists->weights[i]);
        }

        last[lists->items[i]] = row + 1;
    }

    return RECS_OK;
}


static recs_status_t
recs_model_check_lists(const recs_model_t *m, const recs_model_lists_t *all,
    recs_error_t *err)
{
    uint32_t       row, *last;
    recs_status_t  rc;

    for (row = 0; row < all->n_rows; row++) {
        if (all->lists.offsets[row + 1] < all->lists.offsets[row]) {
            return recs_error(err, RECS_INVALID, "the neighbours of %s row "
                              "%u end before they begin", all->name, row);
        }
    }

    /* A list's owner + 1; 0 is nobody. */
    last = calloc((size_t) m->items.n + 1, sizeof(uint32_t));
    if (last == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to write the bundle");
    }

    rc = RECS_OK;

    for (row = 0; row < all->n_rows && rc == RECS_OK; row++) {
        rc = recs_model_check_list(m, all, row, last, err);
    }

    free(last);

    return rc;
}


recs_status_t
recs_model_check_neighbors(const recs_model_t *m, recs_error_t *err)
{
    double                        step;
    unsigned                      k;
    uint32_t                      most;
    recs_status_t                 rc;
    recs_model_lists_t            all[RECS_MODEL_LISTS];
    const recs_neighbor_lists_t  *lists;

    lists = m->neighbors;

    if (lists == NULL) {
        return RECS_OK;
    }

    most = lists->users.offsets != NULL ? RECS_HISTORY_MAX - 1
                                        : RECS_HISTORY_MAX;

    if (lists->history == 0 || lists->history > most) {
        return recs_error(err, RECS_INVALID, "neighbours of the last %u "
                          "items, 1 to %u are possible", lists->history,
                          most);
    }

    recs_model_lists(m, all);

    for (k = 0; k < RECS_MODEL_LISTS; k++) {
        if (all[k].lists.offsets != NULL
            && (rc = recs_model_check_lists(m, &all[k], err)) != RECS_OK)
        {
            return rc;
        }
    }

    step = lists->weight * recs_model_neighbor_unit(m);

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


uint64_t
recs_model_lists_size(const recs_model_t *m)
{
    unsigned            k;
    uint64_t            size;
    recs_model_lists_t  all[RECS_MODEL_LISTS];

    if (m->neighbors == NULL) {
        return 0;
    }

    recs_model_lists(m, all);
    size = 0;

    for (k = 0; k < RECS_MODEL_LISTS; k++) {
        if (all[k].lists.offsets != NULL) {
            size += all[k].lists.offsets[all[k].n_rows]
                    * (sizeof(uint32_t) + 1)
                    + (uint64_t) all[k].n_rows * (sizeof(recs_span_t) + 3);
        }
    }

    return size;
}


recs_status_t
recs_model_arrange_neighbors(recs_writing_t *w, recs_error_t *err)
{
    unsigned            k;
    uint32_t            row;
    uint64_t            n, longest;
    recs_model_lists_t  all[RECS_MODEL_LISTS];

    if (w->model->neighbors == NULL) {
        return RECS_OK;
    }

    recs_model_lists(w->model, all);
    longest = 0;

    for (k = 0; k < RECS_MODEL_LISTS; k++) {
        for (row = 0;
             all[k].lists.offsets != NULL && row < all[k].n_rows;
             row++)
        {
            n = all[k].lists.offsets[row + 1] - all[k].lists.offsets[row];
            longest = n > longest ? n : longest;
        }
    }

    w->unit = recs_model_neighbor_unit(w->model);
    w->step = (float) (w->model->neighbors->weight * w->unit);
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


static recs_str_t
recs_model_list(recs_writing_t *w, const recs_weight_lists_t *lists,
    uint32_t row)
{
    uint32_t    n, q;
    uint64_t    at;
    recs_str_t  run;

    n = 0;

    for (at = lists->offsets[row]; at < lists->offsets[row + 1]; at++) {
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


recs_str_t
recs_model_neighbors(void *data, uint64_t item)
{
    recs_writing_t      *w;
    recs_model_lists_t   all[RECS_MODEL_LISTS];

    w = data;
    recs_model_lists(w->model, all);

    return recs_model_list(w, &all[0].lists, w->items[item].index);
}


recs_str_t
recs_model_opposed(void *data, uint64_t item)
{
    recs_writing_t  *w;

    w = data;

    return recs_model_list(w, &w->model->neighbors->opposed,
                           w->items[item].index);
}


recs_str_t
recs_model_user_list(void *data, uint64_t user)
{
    recs_writing_t  *w;

    w = data;

    return recs_model_list(w, &w->model->neighbors->users, w->users[user]);
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
