/*
 * Items by the hashes of their ids: the table `item_hashes`.
 */

#include "recs_model_writing.h"

#include <stdlib.h>

#include "recs_item_hash.h"


typedef struct {
    uint64_t  hash;
    uint32_t  rank;                     /* 0: the most popular */
    uint32_t  item;
} recs_hash_claim_t;


static int
recs_hash_claim_compare(const void *one, const void *two)
{
    const recs_hash_claim_t  *a, *b;

    a = one;
    b = two;

    if (a->hash != b->hash) {
        return a->hash > b->hash ? 1 : -1;
    }

    return (a->rank > b->rank) - (a->rank < b->rank);
}


/* The first claim of each hash is the one that is met. */
static void
recs_model_keep_hashes(recs_writing_t *w, const recs_hash_claim_t *claims)
{
    uint32_t             i;
    recs_hashed_item_t  *row;

    w->n_hashes = 0;

    for (i = 0; i < w->model->items.n; i++) {

        if (i > 0 && claims[i].hash == claims[i - 1].hash) {
            continue;
        }

        row = &w->hashes[w->n_hashes++];
        row->high = (uint32_t) (claims[i].hash >> 16);
        row->low = claims[i].hash & UINT16_MAX;
        row->item = claims[i].item;
    }
}


recs_status_t
recs_model_arrange_hashes(recs_writing_t *w, recs_error_t *err)
{
    size_t                  n;
    uint32_t                i, item;
    recs_str_t              record;
    recs_hash_claim_t      *claims;
    const recs_entities_t  *items;

    items = &w->model->items;
    n = items->n;

    claims = malloc(n * sizeof(recs_hash_claim_t));
    w->hashes = malloc(n * sizeof(recs_hashed_item_t));

    if (claims == NULL || w->hashes == NULL) {
        free(claims);
        return recs_error(err, RECS_NOMEM, "no memory to write the bundle");
    }

    for (i = 0; i < n; i++) {
        item = w->popular_items != NULL ? w->popular_items[i] : i;
        record = items->record(items->data, w->items[item].index);

        claims[i].hash = recs_item_hash(recs_record_id(record));
        claims[i].rank = i;
        claims[i].item = item;
    }

    qsort(claims, n, sizeof(recs_hash_claim_t), recs_hash_claim_compare);
    recs_model_keep_hashes(w, claims);
    free(claims);

    return RECS_OK;
}
