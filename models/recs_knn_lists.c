#include "recs_knn_lists.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_KNN_SAMPLE     200000
#define RECS_KNN_CLIP       10000


/* A thread's: one source's sums. */
typedef struct {
    float     *sums;                                    /* [n_items], 0 */
    uint32_t  *met;                                     /* [n_items] */
} recs_knn_scratch_t;

typedef struct {
    const recs_dataset_view_t  *view;
    const recs_knn_params_t    *params;
    uint64_t                   *item_offsets;
    uint32_t                   *item_users;

    float                      *user_weights;           /* [n_users] */
    float                      *source_weights;         /* [n_items] */
    float                      *target_weights;         /* [n_items] */

    recs_knn_scratch_t         *scratch;                /* [n_threads] */
    recs_heaviest_t             heaviest;
} recs_knn_build_t;


/* Sums the weights of the users that source shares with each item met. */
static uint32_t
recs_knn_sum(const recs_knn_build_t *build, uint32_t source,
    recs_knn_scratch_t *scratch)
{
    float            weight, *sums;
    uint32_t         user, n, item;
    uint64_t         at, k, end;
    const uint32_t  *items;

    items = build->view->items;
    sums = scratch->sums;
    n = 0;

    for (at = build->item_offsets[source]; at < build->item_offsets[source + 1];
         at++)
    {
        user = build->item_users[at];
        weight = build->user_weights[user];
        end = build->view->user_offsets[user + 1];

        for (k = build->view->user_offsets[user]; k < end; k++) {
            item = items[k];
            scratch->met[n] = item;
            n += sums[item] == 0.0f;
            sums[item] += weight;
        }
    }

    return n;
}


static void
recs_knn_source(recs_knn_build_t *build, uint32_t source, uint32_t thread)
{
    float                c, weight, shrinkage;
    uint32_t             i, n_met, item;
    recs_knn_scratch_t  *scratch;

    scratch = &build->scratch[thread];
    n_met = recs_knn_sum(build, source, scratch);
    shrinkage = (float) build->params->shrinkage;

    for (i = 0; i < n_met; i++) {
        item = scratch->met[i];
        c = scratch->sums[item];
        scratch->sums[item] = 0.0f;

        weight = c * build->source_weights[source]
                 * build->target_weights[item] * (c / (c + shrinkage));

        if (item != source) {
            recs_heaviest_add(&build->heaviest, thread, item, weight);
        }
    }

    recs_heaviest_end(&build->heaviest, thread, source);
}


static void
recs_knn_run_chunk(void *data, uint32_t chunk, uint32_t thread)
{
    uint32_t           source, end;
    recs_knn_build_t  *build;

    build = data;
    end = (chunk + 1) * RECS_HEAVIEST_CHUNK;

    if (end > build->view->n_items) {
        end = build->view->n_items;
    }

    for (source = chunk * RECS_HEAVIEST_CHUNK; source < end; source++) {
        if (build->params->sources != NULL
            && !build->params->sources[source])
        {
            continue;
        }

        recs_knn_source(build, source, thread);
    }
}


static float
recs_knn_power(uint64_t n, double exponent)
{
    return n > 0 ? (float) pow((double) n, -exponent) : 0.0f;
}


static void
recs_knn_weigh(recs_knn_build_t *build)
{
    uint32_t                    u, i;
    uint64_t                    n;
    const recs_knn_params_t    *p;
    const recs_dataset_view_t  *view;

    p = build->params;
    view = build->view;

    for (u = 0; u < view->n_users; u++) {
        n = view->user_offsets[u + 1] - view->user_offsets[u];
        build->user_weights[u] = recs_knn_power(n, p->user_exponent);
    }

    for (i = 0; i < view->n_items; i++) {
        n = build->item_offsets[i + 1] - build->item_offsets[i];
        build->source_weights[i] = recs_knn_power(n, p->source_exponent);
        build->target_weights[i] = recs_knn_power(n, 1 - p->source_exponent);
    }
}


static int
recs_knn_allocate(recs_knn_build_t *build)
{
    uint32_t             t;
    recs_knn_scratch_t  *scratch;

    build->user_weights = malloc(((size_t) build->view->n_users + 1)
                                 * sizeof(float));
    build->source_weights = malloc(((size_t) build->view->n_items + 1)
                                   * sizeof(float));
    build->target_weights = malloc(((size_t) build->view->n_items + 1)
                                   * sizeof(float));
    build->scratch = calloc(build->heaviest.n_threads,
                            sizeof(recs_knn_scratch_t));

    if (build->user_weights == NULL || build->source_weights == NULL
        || build->target_weights == NULL || build->scratch == NULL
        || recs_heaviest_create(&build->heaviest) != RECS_OK)
    {
        return 0;
    }

    for (t = 0; t < build->heaviest.n_threads; t++) {
        scratch = &build->scratch[t];
        scratch->sums = calloc((size_t) build->view->n_items + 1,
                               sizeof(float));
        scratch->met = malloc(((size_t) build->view->n_items + 1)
                              * sizeof(uint32_t));
        if (scratch->sums == NULL || scratch->met == NULL) {
            return 0;
        }
    }

    return 1;
}


static void
recs_knn_release(recs_knn_build_t *build)
{
    uint32_t  t;

    for (t = 0;
         build->scratch != NULL && t < build->heaviest.n_threads;
         t++)
    {
        free(build->scratch[t].sums);
        free(build->scratch[t].met);
    }

    recs_heaviest_free(&build->heaviest);
    free(build->scratch);
    free(build->user_weights);
    free(build->source_weights);
    free(build->target_weights);
    free(build->item_offsets);
    free(build->item_users);
}


recs_status_t
recs_knn_lists_build(recs_knn_lists_t *lists, const recs_dataset_view_t *view,
    const recs_knn_params_t *params, recs_threads_t *threads,
    recs_error_t *err)
{
    recs_status_t     status;
    recs_knn_build_t  build;

    memset(&build, 0, sizeof(recs_knn_build_t));
    build.view = view;
    build.params = params;
    build.heaviest.n_rows = view->n_items;
    build.heaviest.n_columns = view->n_items;
    build.heaviest.n_kept = params->n_neighbors;
    build.heaviest.n_threads = recs_threads_n(threads);

    status = recs_dataset_transpose(view, &build.item_offsets,
                                    &build.item_users, NULL, err);
    if (status != RECS_OK) {
        return status;
    }

    if (!recs_knn_allocate(&build)) {
        status = RECS_NOMEM;
        goto done;
    }

    recs_knn_weigh(&build);
    recs_threads_run(threads, build.heaviest.n_chunks, recs_knn_run_chunk,
                     &build);

    status = recs_heaviest_join(&build.heaviest, lists);

done:

    if (status != RECS_OK) {
        recs_error(err, RECS_NOMEM, "no memory for the neighbours of %u items",
                   view->n_items);
    }

    recs_knn_release(&build);

    return status;
}


static int
recs_knn_compare_weights(const void *one, const void *two)
{
    float  a, b;

    a = *(const float *) one;
    b = *(const float *) two;

    return (a > b) - (a < b);
}


/* The heaviest 1 in RECS_KNN_CLIP of a sample; 0 leaves it to the bundle. */
double
recs_knn_lists_unit(const recs_knn_lists_t *lists, uint32_t n_items)
{
    float     *sample;
    double     weight;
    uint64_t   i, n, step;

    n = lists->offsets[n_items];
    step = n / RECS_KNN_SAMPLE + 1;
    n = n > 0 ? (n - 1) / step + 1 : 0;

    sample = malloc((n + 1) * sizeof(float));
    if (sample == NULL || n == 0) {
        free(sample);
        return 0;
    }

    for (i = 0; i < n; i++) {
        sample[i] = lists->weights[i * step];
    }

    qsort(sample, n, sizeof(float), recs_knn_compare_weights);
    weight = sample[n - 1 - n / RECS_KNN_CLIP];
    free(sample);

    return weight / UINT8_MAX;
}
