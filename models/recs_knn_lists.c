#include "recs_knn_lists.h"
#include "recs_radix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_KNN_CHUNK      64           /* sources handed out at once */
#define RECS_KNN_BINS       4096         /* by the first 12 bits of a weight */
#define RECS_KNN_BIN_SHIFT  52
#define RECS_KNN_SAMPLE     200000
#define RECS_KNN_CLIP       10000


/* The lists of a chunk of sources, until they are put behind one another. */
typedef struct {
    uint32_t  *items;
    float     *weights;
    uint32_t   n;
    uint32_t   size;
} recs_knn_chunk_t;

/* A thread's: one source's sums. */
typedef struct {
    float     *sums;                                    /* [n_items], 0 */
    uint32_t  *met;                                     /* [n_items] */
    uint64_t  *keys;                                    /* [n_items] */
    uint64_t  *spare;                                   /* [n_items] */
    uint32_t  *bins;                                    /* [RECS_KNN_BINS] */
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
    uint32_t                    n_threads;
    recs_knn_chunk_t           *chunks;
    uint32_t                    n_chunks;
    unsigned                    item_bytes;             /* of an index */
    uint32_t                   *counts;                 /* [n_items] */
    int                         no_memory;
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


static recs_status_t
recs_knn_chunk_reserve(recs_knn_chunk_t *chunk, uint32_t n)
{
    float     *weights;
    uint32_t   size, *items;

    if (chunk->n + n <= chunk->size) {
        return RECS_OK;
    }

    size = (chunk->n + n) * 2;

    items = realloc(chunk->items, size * sizeof(uint32_t));
    if (items == NULL) {
        return RECS_NOMEM;
    }

    chunk->items = items;

    weights = realloc(chunk->weights, size * sizeof(float));
    if (weights == NULL) {
        return RECS_NOMEM;
    }

    chunk->weights = weights;
    chunk->size = size;

    return RECS_OK;
}


/* Positive floats are in the order of their bits. */
static uint64_t
recs_knn_key(float weight, uint32_t item)
{
    uint32_t  bits;

    memcpy(&bits, &weight, sizeof(uint32_t));

    return (uint64_t) ~bits << 32 | item;
}


static float
recs_knn_weight(uint64_t key)
{
    float     weight;
    uint32_t  bits;

    bits = ~(uint32_t) (key >> 32);
    memcpy(&weight, &bits, sizeof(float));

    return weight;
}


/*
 * Drops keys that cannot be among the first k: those of the bins behind the
 * one that holds the k-th.  Returns how many remain, at least k.
 */
static uint32_t
recs_knn_thin(recs_knn_scratch_t *scratch, uint32_t n, uint32_t k)
{
    uint32_t  i, bin, count, kept;

    if (n <= k) {
        return n;
    }

    memset(scratch->bins, 0, RECS_KNN_BINS * sizeof(uint32_t));

    for (i = 0; i < n; i++) {
        scratch->bins[scratch->keys[i] >> RECS_KNN_BIN_SHIFT]++;
    }

    for (bin = 0, count = 0; count < k; bin++) {
        count += scratch->bins[bin];
    }

    for (i = 0, kept = 0; i < n; i++) {
        scratch->keys[kept] = scratch->keys[i];
        kept += scratch->keys[i] >> RECS_KNN_BIN_SHIFT < bin;
    }

    return kept;
}


static recs_status_t
recs_knn_source(recs_knn_build_t *build, uint32_t source,
    recs_knn_scratch_t *scratch, recs_knn_chunk_t *chunk)
{
    float     c, weight, shrinkage;
    uint32_t  i, n, n_met, item;

    n_met = recs_knn_sum(build, source, scratch);
    shrinkage = (float) build->params->shrinkage;

    for (i = 0, n = 0; i < n_met; i++) {
        item = scratch->met[i];
        c = scratch->sums[item];
        scratch->sums[item] = 0.0f;

        weight = c * build->source_weights[source]
                 * build->target_weights[item] * (c / (c + shrinkage));

        scratch->keys[n] = recs_knn_key(weight, item);
        n += item != source;
    }

    n = recs_knn_thin(scratch, n, build->params->n_neighbors);
    recs_radix_sort(&scratch->keys, &scratch->spare, n, 0,
                    build->item_bytes - 1);
    recs_radix_sort(&scratch->keys, &scratch->spare, n, 4, 7);

    if (n > build->params->n_neighbors) {
        n = build->params->n_neighbors;
    }

    if (recs_knn_chunk_reserve(chunk, n) != RECS_OK) {
        return RECS_NOMEM;
    }

    for (i = 0; i < n; i++) {
        chunk->items[chunk->n] = (uint32_t) scratch->keys[i];
        chunk->weights[chunk->n++] = recs_knn_weight(scratch->keys[i]);
    }

    build->counts[source] = n;

    return RECS_OK;
}


static void
recs_knn_run_chunk(void *data, uint32_t chunk, uint32_t thread)
{
    uint32_t           source, end;
    recs_knn_build_t  *build;

    build = data;
    end = (chunk + 1) * RECS_KNN_CHUNK;

    if (end > build->view->n_items) {
        end = build->view->n_items;
    }

    for (source = chunk * RECS_KNN_CHUNK; source < end; source++) {
        if (build->params->sources != NULL
            && !build->params->sources[source])
        {
            continue;
        }

        if (recs_knn_source(build, source, &build->scratch[thread],
                            &build->chunks[chunk]) != RECS_OK)
        {
            __atomic_store_n(&build->no_memory, 1, __ATOMIC_RELAXED);
            return;
        }
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
    build->counts = calloc((size_t) build->view->n_items + 1,
                           sizeof(uint32_t));
    build->chunks = calloc((size_t) build->n_chunks + 1,
                           sizeof(recs_knn_chunk_t));
    build->scratch = calloc(build->n_threads, sizeof(recs_knn_scratch_t));

    if (build->user_weights == NULL || build->source_weights == NULL
        || build->target_weights == NULL || build->counts == NULL
        || build->chunks == NULL || build->scratch == NULL)
    {
        return 0;
    }

    for (t = 0; t < build->n_threads; t++) {
        scratch = &build->scratch[t];
        scratch->sums = calloc((size_t) build->view->n_items + 1,
                               sizeof(float));
        scratch->met = malloc(((size_t) build->view->n_items + 1)
                              * sizeof(uint32_t));
        scratch->keys = malloc(((size_t) build->view->n_items + 1)
                               * sizeof(uint64_t));
        scratch->spare = malloc(((size_t) build->view->n_items + 1)
                                * sizeof(uint64_t));
        scratch->bins = malloc(RECS_KNN_BINS * sizeof(uint32_t));

        if (scratch->sums == NULL || scratch->met == NULL
            || scratch->keys == NULL || scratch->spare == NULL
            || scratch->bins == NULL)
        {
            return 0;
        }
    }

    return 1;
}


static void
recs_knn_release(recs_knn_build_t *build)
{
    uint32_t  t, c;

    for (t = 0; build->scratch != NULL && t < build->n_threads; t++) {
        free(build->scratch[t].sums);
        free(build->scratch[t].met);
        free(build->scratch[t].keys);
        free(build->scratch[t].spare);
        free(build->scratch[t].bins);
    }

    for (c = 0; build->chunks != NULL && c < build->n_chunks; c++) {
        free(build->chunks[c].items);
        free(build->chunks[c].weights);
    }

    free(build->scratch);
    free(build->chunks);
    free(build->counts);
    free(build->user_weights);
    free(build->source_weights);
    free(build->target_weights);
    free(build->item_offsets);
    free(build->item_users);
}


/* Puts the chunks' lists behind one another. */
static recs_status_t
recs_knn_join(recs_knn_build_t *build, recs_knn_lists_t *lists)
{
    uint32_t           i, c;
    uint64_t           at;
    recs_knn_chunk_t  *chunk;

    lists->offsets = malloc(((size_t) build->view->n_items + 1)
                            * sizeof(uint64_t));
    if (lists->offsets == NULL) {
        return RECS_NOMEM;
    }

    lists->offsets[0] = 0;

    for (i = 0; i < build->view->n_items; i++) {
        lists->offsets[i + 1] = lists->offsets[i] + build->counts[i];
    }

    at = lists->offsets[build->view->n_items];
    lists->items = malloc((at + 1) * sizeof(uint32_t));
    lists->weights = malloc((at + 1) * sizeof(float));

    if (lists->items == NULL || lists->weights == NULL) {
        return RECS_NOMEM;
    }

    for (c = 0, at = 0; c < build->n_chunks; c++) {
        chunk = &build->chunks[c];

        if (chunk->n > 0) {
            memcpy(lists->items + at, chunk->items,
                   chunk->n * sizeof(uint32_t));
            memcpy(lists->weights + at, chunk->weights,
                   chunk->n * sizeof(float));
        }

        at += chunk->n;
        free(chunk->items);
        free(chunk->weights);
        memset(chunk, 0, sizeof(recs_knn_chunk_t));
    }

    return RECS_OK;
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
    build.n_threads = recs_threads_n(threads);
    build.n_chunks = view->n_items / RECS_KNN_CHUNK
                     + (view->n_items % RECS_KNN_CHUNK > 0);

    build.item_bytes = 1;

    while (build.item_bytes < sizeof(uint32_t)
           && view->n_items >> (build.item_bytes * 8) > 0)
    {
        build.item_bytes++;
    }

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
    recs_threads_run(threads, build.n_chunks, recs_knn_run_chunk, &build);

    status = build.no_memory ? RECS_NOMEM : recs_knn_join(&build, lists);

done:

    if (status != RECS_OK) {
        recs_knn_lists_free(lists);
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


void
recs_knn_lists_free(recs_knn_lists_t *lists)
{
    free(lists->offsets);
    free(lists->items);
    free(lists->weights);
    memset(lists, 0, sizeof(recs_knn_lists_t));
}
