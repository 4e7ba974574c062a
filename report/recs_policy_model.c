#include "recs_policy_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_id_map.h"
#include "recs_policy_key.h"


/* Rows and rewards of the halves; then what the other half expects. */
typedef struct {
    double    n[RECS_POLICY_HALVES];
    double    reward[RECS_POLICY_HALVES];
    double    expected[RECS_POLICY_HALVES];
} recs_policy_mean_t;

typedef struct {
    recs_policy_mean_t  mean;
    uint32_t            slot;
    uint32_t            position;
    double              baseline[RECS_POLICY_HALVES];
    double              seen;          /* target's probability of cells */
} recs_policy_place_t;

typedef struct {
    recs_policy_mean_t  mean;
    uint32_t            place;
    double              target;
} recs_policy_cell_t;

struct recs_policy_model_s {
    recs_id_map_t        *slots;
    recs_id_map_t        *places;      /* slot, position */
    recs_id_map_t        *cells;       /* place, item */
    recs_id_map_t        *items;       /* slot, item; that were shown */
    recs_policy_place_t  *place;       /* [n_places] */
    recs_policy_cell_t   *cell;        /* [n_cells] */
    uint32_t             *n_items;     /* [n_slots] shown there */
    uint32_t              place_size;
    uint32_t              cell_size;
    uint32_t              slot_size;
    recs_policy_mean_t    all;
};


static recs_status_t recs_policy_model_find(recs_policy_model_t *model,
    const recs_policy_shown_t *shown, recs_policy_place_t **place,
    recs_policy_cell_t **cell);
static recs_status_t recs_policy_model_count(recs_policy_model_t *model,
    uint32_t slot, recs_str_t item);
static void recs_policy_mean_add(recs_policy_mean_t *mean, unsigned half,
    double n, double reward);
static void recs_policy_mean_settle(recs_policy_mean_t *mean,
    const recs_policy_mean_t *prior);
static recs_str_t recs_policy_cell_item(const recs_policy_model_t *model,
    uint32_t cell);


recs_policy_model_t *
recs_policy_model_create(void)
{
    recs_policy_model_t  *model;

    model = calloc(1, sizeof(recs_policy_model_t));
    if (model == NULL) {
        return NULL;
    }

    model->slots = recs_id_map_create();
    model->places = recs_id_map_create();
    model->cells = recs_id_map_create();
    model->items = recs_id_map_create();

    if (model->slots == NULL || model->places == NULL || model->cells == NULL
        || model->items == NULL)
    {
        recs_policy_model_destroy(model);
        return NULL;
    }

    return model;
}


void
recs_policy_model_destroy(recs_policy_model_t *model)
{
    if (model != NULL) {
        recs_id_map_destroy(model->slots);
        recs_id_map_destroy(model->places);
        recs_id_map_destroy(model->cells);
        recs_id_map_destroy(model->items);
        free(model->place);
        free(model->cell);
        free(model->n_items);
        free(model);
    }
}


recs_status_t
recs_policy_model_shown(recs_policy_model_t *model,
    const recs_policy_shown_t *shown)
{
    recs_status_t         status;
    recs_policy_cell_t   *cell;
    recs_policy_place_t  *place;

    status = recs_policy_model_find(model, shown, &place, &cell);
    if (status != RECS_OK) {
        return status;
    }

    if (cell->mean.n[0] + cell->mean.n[1] == 0) {
        status = recs_policy_model_count(model, place->slot, shown->item);
        if (status != RECS_OK) {
            return status;
        }
    }

    recs_policy_mean_add(&cell->mean, shown->half, 1, 0);
    recs_policy_mean_add(&place->mean, shown->half, 1, 0);
    recs_policy_mean_add(&model->all, shown->half, 1, 0);

    return RECS_OK;
}


recs_status_t
recs_policy_model_earned(recs_policy_model_t *model,
    const recs_policy_shown_t *shown, double reward)
{
    recs_status_t         status;
    recs_policy_cell_t   *cell;
    recs_policy_place_t  *place;

    status = recs_policy_model_find(model, shown, &place, &cell);
    if (status != RECS_OK) {
        return status;
    }

    recs_policy_mean_add(&cell->mean, shown->half, 0, reward);
    recs_policy_mean_add(&place->mean, shown->half, 0, reward);
    recs_policy_mean_add(&model->all, shown->half, 0, reward);

    return RECS_OK;
}


void
recs_policy_model_settle(recs_policy_model_t *model,
    const recs_policy_target_t *target)
{
    uint32_t              i, n_places, n_cells;
    unsigned              half;
    recs_policy_cell_t   *cell;
    recs_policy_place_t  *place;

    n_places = recs_id_map_count(model->places);
    n_cells = recs_id_map_count(model->cells);

    recs_policy_mean_settle(&model->all, NULL);

    for (i = 0; i < n_places; i++) {
        recs_policy_mean_settle(&model->place[i].mean, &model->all);
    }

    for (i = 0; i < n_cells; i++) {
        cell = &model->cell[i];
        place = &model->place[cell->place];

        recs_policy_mean_settle(&cell->mean, &place->mean);

        if (cell->mean.n[0] + cell->mean.n[1] == 0) {
            continue;                  /* but a reward, of who knows what */
        }

        cell->target = target == NULL
                       ? 1.0 / model->n_items[place->slot]
                       : recs_policy_target_probability(target,
                             recs_id_map_id(model->slots, place->slot),
                             place->position,
                             recs_policy_cell_item(model, i));

        place->seen += cell->target;

        for (half = 0; half < RECS_POLICY_HALVES; half++) {
            place->baseline[half] += cell->target
                                     * cell->mean.expected[half];
        }
    }

    /* Of items that were never shown, the place's mean is expected. */

    for (i = 0; i < n_places; i++) {
        place = &model->place[i];

        for (half = 0; half < RECS_POLICY_HALVES; half++) {
            place->baseline[half] += (1 - place->seen)
                                     * place->mean.expected[half];
        }
    }
}


recs_status_t
recs_policy_model_row(const recs_policy_model_t *model,
    const recs_policy_shown_t *shown, double propensity, double reward,
    recs_policy_row_t *row)
{
    uint32_t                   numbers[2], place, cell;
    const recs_str_t           nothing = { NULL, 0 };
    recs_policy_key_t          key;
    const recs_policy_cell_t  *c;

    numbers[0] = recs_id_map_find(model->slots, shown->slot);
    numbers[1] = shown->position;

    if (numbers[0] == RECS_ID_MAP_NONE) {
        return RECS_NOT_FOUND;
    }

    place = recs_id_map_find(model->places,
                             recs_policy_key(&key, numbers, 2, nothing));

    if (place == RECS_ID_MAP_NONE) {
        return RECS_NOT_FOUND;
    }

    cell = recs_id_map_find(model->cells,
                            recs_policy_key(&key, &place, 1, shown->item));

    if (cell == RECS_ID_MAP_NONE) {
        return RECS_NOT_FOUND;
    }

    c = &model->cell[cell];

    row->weight = c->target / propensity;
    row->reward = reward;
    row->expected = c->mean.expected[shown->half];
    row->baseline = model->place[place].baseline[shown->half];

    return RECS_OK;
}


uint32_t
recs_policy_model_n_places(const recs_policy_model_t *model)
{
    uint32_t  i, n;

    n = 0;

    for (i = 0; i < recs_id_map_count(model->places); i++) {
        n += model->place[i].mean.n[0] + model->place[i].mean.n[1] > 0;
    }

    return n;
}


uint64_t
recs_policy_model_n_items(const recs_policy_model_t *model)
{
    return recs_id_map_count(model->items);
}


double
recs_policy_model_unseen(const recs_policy_model_t *model)
{
    double                      n, unseen;
    uint32_t                    i;
    const recs_policy_place_t  *place;

    unseen = 0;

    for (i = 0; i < recs_id_map_count(model->places); i++) {
        place = &model->place[i];
        unseen += (1 - place->seen) * (place->mean.n[0] + place->mean.n[1]);
    }

    n = model->all.n[0] + model->all.n[1];

    /* Sums of probabilities are off by roundings. */
    return n > 0 && unseen > n * 1e-12 ? unseen / n : 0;
}


static recs_status_t
recs_policy_model_find(recs_policy_model_t *model,
    const recs_policy_shown_t *shown, recs_policy_place_t **place,
    recs_policy_cell_t **cell)
{
    uint32_t           numbers[2], p, c;
    recs_status_t      status;
    const recs_str_t   nothing = { NULL, 0 };
    recs_policy_key_t  key;

    status = recs_id_map_add(model->slots, shown->slot, &numbers[0]);
    if (status != RECS_OK) {
        return status;
    }

    numbers[1] = shown->position;

    status = recs_id_map_add(model->places,
                             recs_policy_key(&key, numbers, 2, nothing), &p);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_id_map_add(model->cells,
                             recs_policy_key(&key, &p, 1, shown->item), &c);
    if (status != RECS_OK) {
        return status;
    }

    if (!recs_policy_grow(&model->place, &model->place_size,
                          sizeof(recs_policy_place_t), p)
        || !recs_policy_grow(&model->cell, &model->cell_size,
                             sizeof(recs_policy_cell_t), c))
    {
        return RECS_NOMEM;
    }

    *place = &model->place[p];
    *cell = &model->cell[c];
    (*place)->slot = numbers[0];
    (*place)->position = numbers[1];
    (*cell)->place = p;

    return RECS_OK;
}


/* Counts an item of a slot once, whatever its position. */

static recs_status_t
recs_policy_model_count(recs_policy_model_t *model, uint32_t slot,
    recs_str_t item)
{
    uint32_t           n, number;
    recs_status_t      status;
    recs_policy_key_t  key;

    n = recs_id_map_count(model->items);

    status = recs_id_map_add(model->items,
                             recs_policy_key(&key, &slot, 1, item),
                             &number);
    if (status != RECS_OK) {
        return status;
    }

    if (!recs_policy_grow(&model->n_items, &model->slot_size,
                          sizeof(uint32_t), slot))
    {
        return RECS_NOMEM;
    }

    model->n_items[slot] += number == n;

    return RECS_OK;
}


static void
recs_policy_mean_add(recs_policy_mean_t *mean, unsigned half, double n,
    double reward)
{
    mean->n[half] += n;
    mean->reward[half] += reward;
}


/*
 * What a half's rows are held against: the mean of the other half, drawn
 * towards prior's, which is settled.  prior NULL: towards nothing.
 */

static void
recs_policy_mean_settle(recs_policy_mean_t *mean,
    const recs_policy_mean_t *prior)
{
    double    n, reward;
    unsigned  half, other;

    for (half = 0; half < RECS_POLICY_HALVES; half++) {
        other = 1 - half;
        n = mean->n[other];
        /* Clicks may be of rows that are not in the log. */
        reward = fmin(mean->reward[other], n);

        if (prior != NULL) {
            n += RECS_POLICY_PRIOR;
            reward += RECS_POLICY_PRIOR * prior->expected[half];
        }

        mean->expected[half] = n > 0 ? reward / n : 0;
    }
}


static recs_str_t
recs_policy_cell_item(const recs_policy_model_t *model, uint32_t cell)
{
    recs_str_t  key;

    key = recs_id_map_id(model->cells, cell);
    key.data += sizeof(uint32_t);
    key.len -= sizeof(uint32_t);

    return key;
}
