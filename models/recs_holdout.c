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
    const recs_dataset_view_t  *train;
    const recs_dataset_view_t  *test;
    const float                *user_factors;
    const float                *item_factors;
    uint32_t                    stride;

    uint32_t                   *users;   /* [n_users] to average over */
    uint32_t                    n_users;
    float                      *vectors; /* [threads][BLOCK][stride] */
    float                      *scores;  /* [threads][BLOCK][n_items] */
    double                     *ndcg;    /* [n_users] */
} recs_holdout_eval_t;


static double
recs_holdout_user_ndcg(const recs_holdout_eval_t *eval, uint32_t user,
    float *scores)
{
    double              gain, ideal;
    uint32_t            i, n_held;
    uint64_t            k;
    recs_topk_t         topk;
    recs_topk_entry_t   entries[RECS_HOLDOUT_K];
    const uint32_t     *held;

    for (k = eval->train->user_offsets[user];
         k < eval->train->user_offsets[user + 1];
         k++)
    {
        scores[eval->train->items[k]] = -INFINITY;
    }

    recs_topk_init(&topk, entries, RECS_HOLDOUT_K);

    for (i = 0; i < eval->train->n_items; i++) {
        if (scores[i] >= recs_topk_threshold(&topk)) {
            recs_topk_push(&topk, scores[i], i, i);
        }
    }

    recs_topk_sort(&topk);

    held = eval->test->items + eval->test->user_offsets[user];
    n_held = (uint32_t) (eval->test->user_offsets[user + 1]
                         - eval->test->user_offsets[user]);
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
    n_items = eval->train->n_items;
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
        eval->ndcg[first + i] = recs_holdout_user_ndcg(eval,
                                              eval->users[first + i],
                                              scores + (size_t) i * n_items);
    }
}


static int
recs_holdout_in_both(const recs_holdout_eval_t *eval, uint32_t user)
{
    return eval->train->user_offsets[user + 1]
           > eval->train->user_offsets[user]
           && eval->test->user_offsets[user + 1]
              > eval->test->user_offsets[user];
}


/* Every step-th user of those in both parts. */

static void
recs_holdout_choose(recs_holdout_eval_t *eval)
{
    uint32_t  u, n, step;

    n = 0;

    for (u = 0; u < eval->train->n_users; u++) {
        n += (uint32_t) recs_holdout_in_both(eval, u);
    }

    step = n / (RECS_HOLDOUT_USERS + 1) + 1;
    n = 0;

    for (u = 0; u < eval->train->n_users; u++) {
        if (recs_holdout_in_both(eval, u) && n++ % step == 0) {
            eval->users[eval->n_users++] = u;
        }
    }
}


recs_status_t
recs_holdout_ndcg(const recs_dataset_view_t *train,
    const recs_dataset_view_t *test, const float *user_factors,
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
    eval.train = train;
    eval.test = test;
    eval.user_factors = user_factors;
    eval.item_factors = item_factors;
    eval.stride = stride;
    eval.users = malloc(RECS_HOLDOUT_USERS * sizeof(uint32_t));
    eval.ndcg = malloc(RECS_HOLDOUT_USERS * sizeof(double));
    eval.vectors = malloc(n_rows * stride * sizeof(float));
    eval.scores = malloc((n_rows * train->n_items + 1)
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
                            "interactions, there is nothing to hold out");
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
