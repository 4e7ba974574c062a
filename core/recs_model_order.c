#include "recs_model_writing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


static recs_status_t
recs_model_no_memory(recs_error_t *err)
{
    return recs_error(err, RECS_NOMEM, "no memory to write the bundle");
}


static int
recs_ranked_compare(const void *one, const void *two)
{
    const recs_ranked_t  *a, *b;

    a = one;
    b = two;

    if (a->sort != b->sort) {
        return a->sort < b->sort ? 1 : -1;
    }

    return (a->index > b->index) - (a->index < b->index);
}


/* The smallest float that is not below x. */
static float
recs_model_float_up(double x)
{
    float  f;

    f = (float) x;

    return (double) f < x ? nextafterf(f, INFINITY) : f;
}


static recs_status_t
recs_model_rank_items(recs_writing_t *w, recs_error_t *err)
{
    size_t               n;
    uint32_t             i;
    const recs_model_t  *m;

    m = w->model;
    n = m->items.n;

    w->items = malloc(n * sizeof(recs_ranked_t));
    w->item_numbers = malloc(n * sizeof(uint32_t));
    w->norms = malloc(n * sizeof(float));

    if (w->items == NULL || w->item_numbers == NULL || w->norms == NULL) {
        return recs_model_no_memory(err);
    }

    for (i = 0; i < n; i++) {
        w->items[i].index = i;

        if (m->n_factors > 0) {
            w->items[i].sort = recs_row_norm(m->item_factors
                                             + (size_t) i * m->n_factors,
                                             m->n_factors);

        } else {
            w->items[i].sort = m->popularity != NULL ? m->popularity[i] : 0.0;
        }
    }

    qsort(w->items, n, sizeof(recs_ranked_t), recs_ranked_compare);

    for (i = 0; i < n; i++) {
        w->item_numbers[w->items[i].index] = i;
        w->norms[i] = recs_model_float_up(w->items[i].sort);
    }

    return RECS_OK;
}


static recs_status_t
recs_model_rank_popular(recs_writing_t *w, recs_error_t *err)
{
    uint32_t        i, n;
    recs_ranked_t  *ranked;

    if (w->model->popularity == NULL) {
        return RECS_OK;
    }

    n = w->model->items.n;

    ranked = malloc((size_t) n * sizeof(recs_ranked_t));
    w->popular_items = malloc((size_t) n * sizeof(uint32_t));

    if (ranked == NULL || w->popular_items == NULL) {
        free(ranked);
        return recs_model_no_memory(err);
    }

    for (i = 0; i < n; i++) {
        ranked[i].index = i;
        ranked[i].sort = w->model->popularity[i];
    }

    qsort(ranked, n, sizeof(recs_ranked_t), recs_ranked_compare);

    for (i = 0; i < n; i++) {
        w->popular_items[i] = w->item_numbers[ranked[i].index];
    }

    free(ranked);

    return RECS_OK;
}


static int
recs_model_user_known(const recs_model_t *m, uint32_t index)
{
    uint32_t      f;
    const float  *row;

    if (m->seen_offsets != NULL
        && m->seen_offsets[index + 1] > m->seen_offsets[index])
    {
        return 1;
    }

    if (m->user_factors == NULL) {
        return 0;
    }

    row = m->user_factors + (size_t) index * m->n_factors;

    for (f = 0; f < m->n_factors; f++) {
        if (row[f] != 0.0f) {
            return 1;
        }
    }

    return 0;
}


static recs_status_t
recs_model_choose_users(recs_writing_t *w, recs_error_t *err)
{
    uint32_t  index;
    uint64_t  n, longest;

    w->users = malloc(((size_t) w->model->users.n + 1) * sizeof(uint32_t));
    if (w->users == NULL) {
        return recs_model_no_memory(err);
    }

    longest = 0;

    for (index = 0; index < w->model->users.n; index++) {
        if (!recs_model_user_known(w->model, index)) {
            continue;
        }

        w->users[w->n_users++] = index;

        if (w->model->seen_offsets != NULL) {
            n = w->model->seen_offsets[index + 1]
                - w->model->seen_offsets[index];

            if (n > longest) {
                longest = n;
            }
        }
    }

    w->seen = malloc(((size_t) longest + 1) * sizeof(uint32_t));
    w->touched = malloc(((size_t) longest + 1) * sizeof(recs_touched_t));

    return w->seen != NULL && w->touched != NULL ? RECS_OK
                                                 : recs_model_no_memory(err);
}


static int
recs_number_compare(const void *one, const void *two)
{
    uint32_t  a, b;

    a = *(const uint32_t *) one;
    b = *(const uint32_t *) two;

    return (a > b) - (a < b);
}


recs_str_t
recs_model_seen(recs_writing_t *w, uint32_t user)
{
    uint64_t             at, end;
    uint32_t             j, n, unique;
    recs_str_t           run;
    const recs_model_t  *m;

    m = w->model;
    n = 0;
    end = m->seen_offsets[w->users[user] + 1];

    for (at = m->seen_offsets[w->users[user]]; at < end; at++) {
        w->seen[n++] = w->item_numbers[m->seen_items[at]];
    }

    qsort(w->seen, n, sizeof(uint32_t), recs_number_compare);

    for (j = 0, unique = 0; j < n; j++) {
        if (j == 0 || w->seen[j] != w->seen[j - 1]) {
            w->seen[unique++] = w->seen[j];
        }
    }

    run.data = (const char *) w->seen;
    run.len = unique * sizeof(uint32_t);

    return run;
}


recs_status_t
recs_model_arrange(recs_writing_t *w, recs_error_t *err)
{
    recs_status_t  rc;

    w->stride = (w->model->n_factors + 15) / 16 * 16;

    if ((rc = recs_model_rank_items(w, err)) != RECS_OK
        || (rc = recs_model_rank_popular(w, err)) != RECS_OK
        || (rc = recs_model_arrange_hashes(w, err)) != RECS_OK
        || (rc = recs_model_arrange_neighbors(w, err)) != RECS_OK
        || (rc = recs_model_choose_users(w, err)) != RECS_OK)
    {
        return rc;
    }

    return recs_model_arrange_codes(w, err);
}


void
recs_model_arrange_free(recs_writing_t *w)
{
    free(w->items);
    free(w->item_numbers);
    free(w->norms);
    free(w->popular_items);
    free(w->hashes);
    free(w->users);
    free(w->seen);
    free(w->touched);
    free(w->list);
    free(w->sorted);
    free(w->run);
    free(w->code_rows);
    free(w->code_scratch);
    free(w->code_blocks);
}
