#include "recs_holdout.h"
#include "recs_blas.h"
#include "recs_topk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_HOLDOUT_K      20
#define RECS_HOLDOUT_USERS  2000
#define RECS_HOLDOUT_BLOCK  16           /* users scored at once */


typedef struct {
    int64_t   time_ms;
    uint32_t  item;
    uint32_t  at;                        /* position in the user's row */
} recs_holdout_event_t;

typedef struct {
    const recs_holdout_t  *holdout;
    const float           *user_factors;
    const float           *item_factors;
    uint32_t               stride;

    uint32_t              *users;        /* [n_users] to average over */
    uint32_t               n_users;
    float                 *vectors;      /* [threads][BLOCK][stride] */
    float                 *scores;       /* [threads][BLOCK][n_items] */
    double                *ndcg;         /* [n_users] */
} recs_holdout_eval_t;


static int
recs_holdout_later(const void *a, const void *b)
{
    const recs_holdout_event_t  *x, *y;

    x = a;
    y = b;

    if (x->time_ms != y->time_ms) {
        return x->time_ms < y->time_ms ? -1 : 1;
    }

    return x->item < y->item ? -1 : x->item > y->item;
}


static uint64_t
recs_holdout_n(uint64_t n, double share)
{
    uint64_t  held;

    if (n < 2) {
        return 0;
    }

    held = (uint64_t) ceil(share * (double) n);

    return held < n ? held : n - 1;
}


/* Marks which positions of one user's row are held back. */

static void
recs_holdout_mark(const recs_dataset_view_t *view, uint64_t first,
    uint64_t n, uint64_t n_held, recs_holdout_event_t *events, char *held)
{
    uint64_t  i;

    memset(held, 0, n);

    if (n_held == 0) {
        return;
    }

    for (i = 0; i < n; i++) {
        events[i].time_ms = view->times_ms[first + i];
        events[i].item = view->items[first + i];
        events[i].at = (uint32_t) i;
    }

    qsort(events, n, sizeof(recs_holdout_event_t), recs_holdout_later);

    for (i = n - n_held; i < n; i++) {
        held[events[i].at] = 1;
    }
}


static uint64_t
recs_holdout_longest(const recs_dataset_view_t *view)
{
    uint64_t  n, longest;
    uint32_t  u;

    longest = 1;

    for (u = 0; u < view->n_users; u++) {
        n = view->user_offsets[u + 1] - view->user_offsets[u];
        longest = n > longest ? n : longest;
    }

    return longest;
}


recs_status_t
recs_holdout_create(recs_holdout_t *holdout, const recs_dataset_view_t *view,
    double share, recs_error_t *err)
{
    char                  *held;
    uint32_t               u, *items;
    uint64_t               first, n, i, n_train, n_held, longest, *offsets;
    recs_status_t          status;
    recs_holdout_event_t  *events;

    longest = recs_holdout_longest(view);

    memset(holdout, 0, sizeof(recs_holdout_t));
    offsets = malloc(((size_t) view->n_users + 1) * sizeof(uint64_t));
    items = malloc((view->n_interactions + 1) * sizeof(uint32_t));
    holdout->train = *view;
    holdout->train.user_offsets = offsets;
    holdout->train.items = items;
    holdout->offsets = malloc(((size_t) view->n_users + 1)
                              * sizeof(uint64_t));
    holdout->items = malloc((view->n_interactions + 1) * sizeof(uint32_t));
    events = malloc(longest * sizeof(recs_holdout_event_t));
    held = malloc(longest);

    if (offsets == NULL || items == NULL || holdout->offsets == NULL
        || holdout->items == NULL || events == NULL || held == NULL)
    {
        status = recs_error(err, RECS_NOMEM, "out of memory");
        recs_holdout_destroy(holdout);
        goto done;
    }

    n_train = 0;
    n_held = 0;

    for (u = 0; u < view->n_users; u++) {
        offsets[u] = n_train;
        holdout->offsets[u] = n_held;
        first = view->user_offsets[u];
        n = view->user_offsets[u + 1] - first;

        recs_holdout_mark(view, first, n, recs_holdout_n(n, share), events,
                          held);

        for (i = 0; i < n; i++) {
            if (held[i]) {
                holdout->items[n_held++] = view->items[first + i];

            } else {
                items[n_train++] = view->items[first + i];
            }
        }
    }

    offsets[u] = n_train;
    holdout->offsets[u] = n_held;
    holdout->train.n_interactions = n_train;
    status = RECS_OK;

done:

    free(events);
    free(held);

    return status;
}


void
recs_holdout_destroy(recs_holdout_t *holdout)
{
    free((void *) holdout->train.user_offsets);
    free((void *) holdout->train.items);
    free(holdout->offsets);
    free(holdout->items);
    memset(holdout, 0, sizeof(recs_holdout_t));
}


static double
recs_holdout_user_ndcg(const recs_holdout_t *holdout, uint32_t user,
    float *scores)
{
    double              gain, ideal;
    uint32_t            i, n_held;
    uint64_t            k;
    recs_topk_t         topk;
    recs_topk_entry_t   entries[RECS_HOLDOUT_K];
    const uint32_t     *held;

    for (k = holdout->train.user_offsets[user];
         k < holdout->train.user_offsets[user + 1];
         k++)
    {
        scores[holdout->train.items[k]] = -INFINITY;
    }

    recs_topk_init(&topk, entries, RECS_HOLDOUT_K);

    for (i = 0; i < holdout->train.n_items; i++) {
        if (scores[i] >= recs_topk_threshold(&topk)) {
            recs_topk_push(&topk, scores[i], i, i);
        }
    }

    recs_topk_sort(&topk);

    held = holdout->items + holdout->offsets[user];
    n_held = (uint32_t) (holdout->offsets[user + 1]
                         - holdout->offsets[user]);
    gain = 0;
    ideal = 0;

    for (i = 0; i < RECS_HOLDOUT_K; i++) {
        if (i < n_held) {
            ideal += 1 / log2(i + 2);
        }

        for (k = 0; i < topk.n && k < n_held; k++) {
            if (held[k] == entries[i].item) {
                gain += 1 / log2(i + 2);
            }
        }
    }

    return gain / ideal;
}


static void
recs_holdout_block(void *data, uint32_t chunk, uint32_t thread)
{
    float                 *vectors, *scores;
    uint32_t               i, n, n_items, first;
    recs_holdout_eval_t   *eval;

    eval = data;
    n_items = eval->holdout->train.n_items;
    first = chunk * RECS_HOLDOUT_BLOCK;
    n = eval->n_users - first < RECS_HOLDOUT_BLOCK ? eval->n_users - first
                                                   : RECS_HOLDOUT_BLOCK;
    vectors = eval->vectors + (size_t) thread * RECS_HOLDOUT_BLOCK
                              * eval->stride;
    scores = eval->scores + (size_t) thread * RECS_HOLDOUT_BLOCK * n_items;

    for (i = 0; i < n; i++) {
        memcpy(vectors + (size_t) i * eval->stride,
               eval->user_factors + (size_t) eval->users[first + i]
                                    * eval->stride,
               eval->stride * sizeof(float));
    }

    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int) n,
                (int) n_items, (int) eval->stride, 1, vectors,
                (int) eval->stride, eval->item_factors, (int) eval->stride,
                0, scores, (int) n_items);

    for (i = 0; i < n; i++) {
        eval->ndcg[first + i] = recs_holdout_user_ndcg(eval->holdout,
                                              eval->users[first + i],
                                              scores + (size_t) i * n_items);
    }
}


/* Every step-th user of those with something held back. */

static void
recs_holdout_choose(recs_holdout_eval_t *eval)
{
    uint32_t         u, n, step, n_users;
    const uint64_t  *offsets;

    offsets = eval->holdout->offsets;
    n_users = eval->holdout->train.n_users;
    n = 0;

    for (u = 0; u < n_users; u++) {
        n += offsets[u + 1] > offsets[u];
    }

    step = n / (RECS_HOLDOUT_USERS + 1) + 1;
    n = 0;

    for (u = 0; u < n_users; u++) {
        if (offsets[u + 1] > offsets[u] && n++ % step == 0) {
            eval->users[eval->n_users++] = u;
        }
    }
}


recs_status_t
recs_holdout_ndcg(const recs_holdout_t *holdout, const float *user_factors,
    const float *item_factors, uint32_t stride, recs_threads_t *threads,
    double *ndcg, recs_error_t *err)
{
    double                sum;
    size_t                n_rows;
    uint32_t              i;
    recs_status_t         status;
    recs_holdout_eval_t   eval;

    n_rows = (size_t) recs_threads_n(threads) * RECS_HOLDOUT_BLOCK;

    memset(&eval, 0, sizeof(recs_holdout_eval_t));
    eval.holdout = holdout;
    eval.user_factors = user_factors;
    eval.item_factors = item_factors;
    eval.stride = stride;
    eval.users = malloc(RECS_HOLDOUT_USERS * sizeof(uint32_t));
    eval.ndcg = malloc(RECS_HOLDOUT_USERS * sizeof(double));
    eval.vectors = malloc(n_rows * stride * sizeof(float));
    eval.scores = malloc((n_rows * holdout->train.n_items + 1)
                         * sizeof(float));

    if (eval.users == NULL || eval.ndcg == NULL || eval.vectors == NULL
        || eval.scores == NULL)
    {
        status = recs_error(err, RECS_NOMEM, "out of memory");
        goto done;
    }

    recs_holdout_choose(&eval);

    if (eval.n_users == 0) {
        status = recs_error(err, RECS_INVALID, "validation: no user has two "
                            "interactions, there is nothing to hold back");
        goto done;
    }

    recs_threads_run(threads, (eval.n_users + RECS_HOLDOUT_BLOCK - 1)
                              / RECS_HOLDOUT_BLOCK,
                     recs_holdout_block, &eval);

    sum = 0;

    for (i = 0; i < eval.n_users; i++) {
        sum += eval.ndcg[i];
    }

    *ndcg = sum / eval.n_users;
    status = RECS_OK;

done:

    free(eval.users);
    free(eval.ndcg);
    free(eval.vectors);
    free(eval.scores);

    return status;
}
