#include "recs_userknn_lists.h"
#include "recs_knn_lists.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


/* A thread's: one user's sums. */
typedef struct {
    float     *sums;                                    /* [n_items], 0 */
    uint32_t  *met;                                     /* [n_items] */
} recs_userknn_scratch_t;

typedef struct {
    const recs_dataset_view_t  *view;
    recs_knn_lists_t            neighbors;              /* of users */
    recs_userknn_scratch_t     *scratch;                /* [n_threads] */
    recs_heaviest_t             heaviest;
} recs_userknn_t;


static void
recs_userknn_user(recs_userknn_t *knn, uint32_t user, uint32_t thread)
{
    float                       interest, *sums;
    uint32_t                    i, n_met, item, neighbor;
    uint64_t                    at, k;
    recs_userknn_scratch_t     *scratch;
    const recs_dataset_view_t  *view;

    view = knn->view;
    scratch = &knn->scratch[thread];
    sums = scratch->sums;
    n_met = 0;

    for (at = knn->neighbors.offsets[user];
         at < knn->neighbors.offsets[user + 1];
         at++)
    {
        neighbor = knn->neighbors.items[at];
        interest = (float) (1 / sqrt((double) (view->user_offsets[neighbor + 1]
                                       - view->user_offsets[neighbor])));

        for (k = view->user_offsets[neighbor];
             k < view->user_offsets[neighbor + 1];
             k++)
        {
            item = view->items[k];
            scratch->met[n_met] = item;
            n_met += sums[item] == 0.0f;
            sums[item] += interest;
        }
    }

    for (i = 0; i < n_met; i++) {
        item = scratch->met[i];
        recs_heaviest_add(&knn->heaviest, thread, item, sums[item]);
        sums[item] = 0.0f;
    }

    recs_heaviest_end(&knn->heaviest, thread, user);
}


static void
recs_userknn_chunk(void *data, uint32_t chunk, uint32_t thread)
{
    uint32_t         user, end;
    recs_userknn_t  *knn;

    knn = data;
    end = (chunk + 1) * RECS_HEAVIEST_CHUNK;
    end = end < knn->view->n_users ? end : knn->view->n_users;

    for (user = chunk * RECS_HEAVIEST_CHUNK; user < end; user++) {
        recs_userknn_user(knn, user, thread);
    }
}


static recs_status_t
recs_userknn_allocate(recs_userknn_t *knn)
{
    size_t                   n;
    uint32_t                 t;
    recs_userknn_scratch_t  *scratch;

    n = (size_t) knn->view->n_items + 1;
    knn->scratch = calloc(knn->heaviest.n_threads,
                          sizeof(recs_userknn_scratch_t));

    if (knn->scratch == NULL
        || recs_heaviest_create(&knn->heaviest) != RECS_OK)
    {
        return RECS_NOMEM;
    }

    for (t = 0; t < knn->heaviest.n_threads; t++) {
        scratch = &knn->scratch[t];
        scratch->sums = calloc(n, sizeof(float));
        scratch->met = malloc(n * sizeof(uint32_t));

        if (scratch->sums == NULL || scratch->met == NULL) {
            return RECS_NOMEM;
        }
    }

    return RECS_OK;
}


static void
recs_userknn_free(recs_userknn_t *knn)
{
    uint32_t  t;

    for (t = 0; knn->scratch != NULL && t < knn->heaviest.n_threads; t++) {
        free(knn->scratch[t].sums);
        free(knn->scratch[t].met);
    }

    free(knn->scratch);
    recs_heaviest_free(&knn->heaviest);
    recs_knn_lists_free(&knn->neighbors);
}


/* The lists of items that are met together, of users instead. */
static recs_status_t
recs_userknn_neighbors(recs_userknn_t *knn,
    const recs_userknn_params_t *params, recs_threads_t *threads,
    recs_error_t *err)
{
    uint32_t             *users;
    uint64_t             *offsets;
    recs_status_t         status;
    recs_knn_params_t     neighbors;
    recs_dataset_view_t   turned;

    status = recs_dataset_transpose(knn->view, &offsets, &users, NULL, err);
    if (status != RECS_OK) {
        return status;
    }

    memset(&turned, 0, sizeof(recs_dataset_view_t));
    turned.n_users = knn->view->n_items;
    turned.n_items = knn->view->n_users;
    turned.n_interactions = knn->view->n_interactions;
    turned.user_offsets = offsets;
    turned.items = users;

    neighbors = (recs_knn_params_t) { .n_neighbors = params->n_neighbors,
                                      .source_exponent = 0.5,
                                      .user_exponent = params->item_exponent };

    status = recs_knn_lists_build(&knn->neighbors, &turned, &neighbors,
                                  threads, err);
    free(offsets);
    free(users);

    return status;
}


recs_status_t
recs_userknn_lists_build(recs_knn_lists_t *lists,
    const recs_dataset_view_t *view, const recs_userknn_params_t *params,
    recs_threads_t *threads, recs_error_t *err)
{
    recs_status_t   status;
    recs_userknn_t  knn;

    memset(&knn, 0, sizeof(recs_userknn_t));
    knn.view = view;
    knn.heaviest.n_rows = view->n_users;
    knn.heaviest.n_columns = view->n_items;
    knn.heaviest.n_kept = params->n_items;
    knn.heaviest.n_threads = recs_threads_n(threads);

    status = recs_userknn_neighbors(&knn, params, threads, err);

    if (status == RECS_OK) {
        status = recs_userknn_allocate(&knn);

        if (status == RECS_OK) {
            recs_threads_run(threads, knn.heaviest.n_chunks,
                             recs_userknn_chunk, &knn);
            status = recs_heaviest_join(&knn.heaviest, lists);
        }

        if (status != RECS_OK) {
            recs_error(err, status, "no memory for the lists of %u users",
                       view->n_users);
        }
    }

    recs_userknn_free(&knn);

    return status;
}
