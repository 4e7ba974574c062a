#include "recs_holdout_private.h"
#include "recs_blas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_HOLDOUT_USERS  2000
#define RECS_HOLDOUT_LANES  8


double
recs_holdout_gain(const recs_holdout_t *h, uint32_t user,
    const recs_topk_t *topk)
{
    double           gain, ideal;
    uint32_t         i, n_held;
    uint64_t         k;
    const uint32_t  *held;

    held = h->test->items + h->test->user_offsets[user];
    n_held = (uint32_t) (h->test->user_offsets[user + 1]
                         - h->test->user_offsets[user]);
    gain = 0;
    ideal = 0;

    for (i = 0; i < RECS_HOLDOUT_K; i++) {
        if (i < n_held) {
            ideal += 1 / log2(i + 2);
        }

        for (k = 0; i < topk->n && k < n_held; k++) {
            if (held[k] == topk->entries[i].item) {
                gain += 1 / log2(i + 2);
            }
        }
    }

    return gain / ideal;
}


double
recs_holdout_deviation(double sum, double squares, uint32_t n)
{
    return sqrt(fmax(0, squares / n - sum / n * (sum / n)));
}


static void
recs_holdout_dense_user(recs_holdout_t *h, recs_holdout_user_t *u,
    float *dots)
{
    float        threshold;
    double       sum, squares;
    uint32_t     i;
    uint64_t     k;
    recs_topk_t  topk;

    for (i = 0, sum = 0, squares = 0; i < h->train->n_items; i++) {
        sum += dots[i];
        squares += (double) dots[i] * dots[i];
    }

    u->deviation = recs_holdout_deviation(sum, squares, h->train->n_items);

    for (k = h->train->user_offsets[u->user];
         k < h->train->user_offsets[u->user + 1];
         k++)
    {
        dots[h->train->items[k]] = -INFINITY;
    }

    recs_topk_init(&topk, u->best, RECS_HOLDOUT_K);
    threshold = -INFINITY;

    for (i = 0; i < h->train->n_items; i++) {
        if (dots[i] >= threshold) {
            recs_topk_push(&topk, dots[i], i, i);
            threshold = recs_topk_threshold(&topk);
        }
    }

    recs_topk_sort(&topk);
    u->n_best = topk.n;
    u->ndcg = recs_holdout_gain(h, u->user, &topk);
}


static void
recs_holdout_dense_block(void *data, uint32_t chunk, uint32_t thread)
{
    uint32_t                 i, n, n_items;
    recs_holdout_t          *h;
    recs_holdout_user_t     *users;
    recs_holdout_scratch_t  *scratch;

    h = data;
    scratch = &h->scratch[thread];
    n_items = h->train->n_items;
    users = h->users + (size_t) chunk * RECS_HOLDOUT_BLOCK;
    n = h->n_users - chunk * RECS_HOLDOUT_BLOCK;

    if (n > RECS_HOLDOUT_BLOCK) {
        n = RECS_HOLDOUT_BLOCK;
    }

    for (i = 0; i < n; i++) {
        memcpy(scratch->vectors + (size_t) i * h->stride,
               h->user_factors + (size_t) users[i].user * h->stride,
               h->stride * sizeof(float));
    }

    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int) n,
                (int) n_items, (int) h->stride, 1, scratch->vectors,
                (int) h->stride, h->item_factors, (int) h->stride,
                0, scratch->dots, (int) n_items);

    for (i = 0; i < n; i++) {
        recs_holdout_dense_user(h, &users[i],
                                scratch->dots + (size_t) i * n_items);
    }
}


float
recs_holdout_dot(const float *a, const float *b, uint32_t n)
{
    float     sum, lanes[RECS_HOLDOUT_LANES];
    uint32_t  i, j;

    memset(lanes, 0, sizeof(lanes));

    for (i = 0; i + RECS_HOLDOUT_LANES <= n; i += RECS_HOLDOUT_LANES) {
        for (j = 0; j < RECS_HOLDOUT_LANES; j++) {
            lanes[j] += a[i + j] * b[i + j];
        }
    }

    for (sum = 0; i < n; i++) {
        sum += a[i] * b[i];
    }

    for (j = 0; j < RECS_HOLDOUT_LANES; j++) {
        sum += lanes[j];
    }

    return sum;
}


static int
recs_holdout_in_both(const recs_holdout_t *h, uint32_t user)
{
    return h->train->user_offsets[user + 1] > h->train->user_offsets[user]
           && h->test->user_offsets[user + 1] > h->test->user_offsets[user];
}


/* Every step-th user of those in both parts. */

static void
recs_holdout_choose(recs_holdout_t *h)
{
    uint32_t  u, n, step;
    uint64_t  k;

    n = 0;

    for (u = 0; u < h->train->n_users; u++) {
        n += (uint32_t) recs_holdout_in_both(h, u);
    }

    step = n / (RECS_HOLDOUT_USERS + 1) + 1;
    n = 0;

    for (u = 0; u < h->train->n_users; u++) {
        if (!recs_holdout_in_both(h, u) || n++ % step != 0) {
            continue;
        }

        h->users[h->n_users++].user = u;

        for (k = h->train->user_offsets[u]; k < h->train->user_offsets[u + 1];
             k++)
        {
            h->sources[h->train->items[k]] = 1;
        }
    }
}


static int
recs_holdout_allocate(recs_holdout_t *h)
{
    size_t                   n_items;
    uint32_t                 t, u;
    uint64_t                 n, longest;
    recs_holdout_scratch_t  *scratch;

    n_items = (size_t) h->train->n_items + 1;
    longest = 0;

    for (u = 0; u < h->train->n_users; u++) {
        n = h->train->user_offsets[u + 1] - h->train->user_offsets[u];
        longest = n > longest ? n : longest;
    }

    h->users = calloc(RECS_HOLDOUT_USERS, sizeof(recs_holdout_user_t));
    h->norms = malloc(n_items * sizeof(float));
    h->sources = calloc(n_items, 1);
    h->ratios = malloc(RECS_HOLDOUT_USERS * sizeof(double));
    h->ndcg = malloc(RECS_HOLDOUT_USERS * RECS_HOLDOUT_WEIGHTS
                     * sizeof(double));
    h->scratch = calloc(recs_threads_n(h->threads),
                        sizeof(recs_holdout_scratch_t));

    if (h->users == NULL || h->norms == NULL || h->sources == NULL
        || h->ratios == NULL || h->ndcg == NULL || h->scratch == NULL)
    {
        return 0;
    }

    for (t = 0; t < recs_threads_n(h->threads); t++) {
        scratch = &h->scratch[t];
        scratch->vectors = malloc(RECS_HOLDOUT_BLOCK * h->stride
                                  * sizeof(float));
        scratch->dots = malloc(RECS_HOLDOUT_BLOCK * n_items * sizeof(float));
        scratch->sums = calloc(n_items, sizeof(float));
        scratch->met = malloc(n_items * sizeof(uint32_t));
        scratch->touched = malloc((longest + 1)
                                  * sizeof(recs_holdout_touched_t));

        if (scratch->vectors == NULL || scratch->dots == NULL
            || scratch->sums == NULL || scratch->met == NULL
            || scratch->touched == NULL)
        {
            return 0;
        }
    }

    return 1;
}


void
recs_holdout_destroy(recs_holdout_t *h)
{
    uint32_t  t;

    if (h == NULL) {
        return;
    }

    for (t = 0; h->scratch != NULL && t < recs_threads_n(h->threads); t++) {
        free(h->scratch[t].vectors);
        free(h->scratch[t].dots);
        free(h->scratch[t].sums);
        free(h->scratch[t].met);
        free(h->scratch[t].touched);
    }

    free(h->scratch);
    free(h->users);
    free(h->norms);
    free(h->sources);
    free(h->ratios);
    free(h->ndcg);
    free(h);
}


void
recs_holdout_run(recs_holdout_t *h, recs_chunk_fn run)
{
    recs_threads_run(h->threads, (h->n_users + RECS_HOLDOUT_BLOCK - 1)
                                 / RECS_HOLDOUT_BLOCK, run, h);
}


recs_status_t
recs_holdout_create(recs_holdout_t **holdout, const recs_split_t *split,
    const float *user_factors, const float *item_factors, uint32_t stride,
    recs_threads_t *threads, recs_error_t *err)
{
    uint32_t         i;
    const float     *row;
    recs_holdout_t  *h;

    h = calloc(1, sizeof(recs_holdout_t));
    if (h == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    h->train = recs_dataset_view(split->train);
    h->test = recs_dataset_view(split->test);
    h->user_factors = user_factors;
    h->item_factors = item_factors;
    h->stride = stride;
    h->threads = threads;

    if (!recs_holdout_allocate(h)) {
        recs_holdout_destroy(h);
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    recs_holdout_choose(h);

    if (h->n_users == 0) {
        recs_holdout_destroy(h);
        return recs_error(err, RECS_INVALID, "validation: no user has two "
                          "interactions, there is nothing to hold out");
    }

    for (i = 0; i < h->train->n_items; i++) {
        row = item_factors + (size_t) i * stride;
        h->norms[i] = sqrtf(recs_holdout_dot(row, row, stride));
    }

    recs_holdout_run(h, recs_holdout_dense_block);

    *holdout = h;

    return RECS_OK;
}


double
recs_holdout_ndcg(const recs_holdout_t *h)
{
    double    sum;
    uint32_t  i;

    for (i = 0, sum = 0; i < h->n_users; i++) {
        sum += h->users[i].ndcg;
    }

    return sum / h->n_users;
}


const uint8_t *
recs_holdout_sources(const recs_holdout_t *h)
{
    return h->sources;
}
