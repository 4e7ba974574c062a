#include "recs_dataset.h"

#include <stdlib.h>
#include <string.h>


static void recs_transpose_fill(const recs_dataset_view_t *view,
    uint64_t *offsets, uint32_t *users, uint64_t *positions);


recs_status_t
recs_dataset_transpose(const recs_dataset_view_t *view,
    uint64_t **item_offsets, uint32_t **users, uint64_t **positions,
    recs_error_t *err)
{
    size_t     n;
    uint32_t  *u;
    uint64_t  *offsets, *p;

    n = view->n_interactions ? view->n_interactions : 1;

    p = NULL;
    u = malloc(n * sizeof(uint32_t));
    offsets = calloc(view->n_items + (size_t) 1, sizeof(uint64_t));

    if (positions != NULL) {
        p = malloc(n * sizeof(uint64_t));
    }

    if (u == NULL || offsets == NULL || (positions != NULL && p == NULL)) {
        goto failed;
    }

    recs_transpose_fill(view, offsets, u, p);

    *item_offsets = offsets;
    *users = u;

    if (positions != NULL) {
        *positions = p;
    }

    return RECS_OK;

failed:

    free(p);
    free(u);
    free(offsets);

    return recs_error(err, RECS_NOMEM, "no memory to order %llu interactions"
                      " by item", (unsigned long long) view->n_interactions);
}


/* A counting sort: users are walked in rising order, so stay in it. */

static void
recs_transpose_fill(const recs_dataset_view_t *view, uint64_t *offsets,
    uint32_t *users, uint64_t *positions)
{
    uint32_t  u, i;
    uint64_t  k, at, sum, count;

    for (k = 0; k < view->n_interactions; k++) {
        offsets[view->items[k]]++;
    }

    sum = 0;

    for (i = 0; i < view->n_items; i++) {
        count = offsets[i];
        offsets[i] = sum;
        sum += count;
    }

    for (u = 0; u < view->n_users; u++) {
        for (k = view->user_offsets[u]; k < view->user_offsets[u + 1]; k++) {
            at = offsets[view->items[k]]++;
            users[at] = u;

            if (positions != NULL) {
                positions[at] = k;
            }
        }
    }

    /* Each offset has moved to the start of the next item. */
    memmove(offsets + 1, offsets, view->n_items * sizeof(uint64_t));
    offsets[0] = 0;
}
