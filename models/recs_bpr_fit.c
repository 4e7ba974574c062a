#include "recs_bpr_fit.h"
#include "recs_rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_BPR_DRAWS  32                /* for an item that was not met */
#define RECS_BPR_LANES  16
#define RECS_BPR_SCALE  0.1


typedef struct {
    uint32_t  user;
    uint32_t  item;
} recs_bpr_pair_t;

struct recs_bpr_fit_s {
    const recs_dataset_view_t  *view;
    recs_bpr_params_t           params;

    recs_bpr_pair_t            *pairs;    /* [n_interactions]: a block of users
                                             shuffles where its own stand */
    uint32_t                   *dealt;    /* [n_items], by block */
    uint32_t                   *places;   /* [n_items], in dealt */

    float                      *users;    /* of the epoch at hand */
    float                      *items;
    uint32_t                    epoch;
    uint32_t                    turn;
    float                       rate;
    double                      losses[RECS_BPR_BLOCKS];
    uint64_t                    counts[RECS_BPR_BLOCKS];
};


/* The first of block's share of n. */
static uint32_t
recs_bpr_first(uint32_t n, uint32_t block)
{
    return (uint32_t) ((uint64_t) n * block / RECS_BPR_BLOCKS);
}


static uint32_t
recs_bpr_below(recs_rng_t *rng, uint32_t n)
{
    return (uint32_t) ((recs_rng_next(rng) >> 32) * n >> 32);
}


/* Random numbers of their own for every piece of work. */
static void
recs_bpr_seed(const recs_bpr_fit_t *fit, recs_rng_t *rng, uint64_t piece)
{
    recs_rng_t  mixed;

    recs_rng_seed(&mixed, fit->params.seed);
    recs_rng_seed(rng, recs_rng_next(&mixed)
                       ^ (piece + 1) * UINT64_C(0x9e3779b97f4a7c15));
}


recs_status_t
recs_bpr_fit_create(recs_bpr_fit_t **fit, const recs_dataset_view_t *view,
    const recs_bpr_params_t *params, recs_error_t *err)
{
    recs_bpr_fit_t  *f;

    f = calloc(1, sizeof(recs_bpr_fit_t));
    if (f == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    f->view = view;
    f->params = *params;
    f->pairs = malloc((view->n_interactions + 1) * sizeof(recs_bpr_pair_t));
    f->dealt = malloc(((size_t) view->n_items + 1) * sizeof(uint32_t));
    f->places = malloc(((size_t) view->n_items + 1) * sizeof(uint32_t));

    if (f->pairs == NULL || f->dealt == NULL || f->places == NULL) {
        recs_bpr_fit_destroy(f);
        return recs_error(err, RECS_NOMEM, "no memory for the pairs of %llu "
                          "interactions",
                          (unsigned long long) view->n_interactions);
    }

    *fit = f;

    return RECS_OK;
}


void
recs_bpr_fit_destroy(recs_bpr_fit_t *fit)
{
    if (fit == NULL) {
        return;
    }

    free(fit->pairs);
    free(fit->dealt);
    free(fit->places);
    free(fit);
}


static void
recs_bpr_start_rows(float *rows, uint32_t n, uint32_t n_factors, float last,
    recs_rng_t *rng)
{
    double    sd;
    uint32_t  i, f;

    sd = RECS_BPR_SCALE / sqrt(n_factors);

    for (i = 0; i < n; i++) {
        for (f = 0; f + 1 < n_factors; f++) {
            *rows++ = (float) (sd * recs_rng_normal(rng));
        }

        *rows++ = last;
    }
}


void
recs_bpr_fit_start(const recs_bpr_fit_t *fit, float *users, float *items)
{
    recs_rng_t  rng;

    recs_rng_seed(&rng, fit->params.seed);
    recs_bpr_start_rows(users, fit->view->n_users, fit->params.n_factors, 1,
                        &rng);
    recs_bpr_start_rows(items, fit->view->n_items, fit->params.n_factors, 0,
                        &rng);
}


/* In lanes, so that a compiler may use vectors: no order is changed. */
static float
recs_bpr_difference(const float *user, const float *met, const float *other,
    uint32_t n)
{
    float     sum, sums[RECS_BPR_LANES];
    uint32_t  f, lane;

    memset(sums, 0, sizeof(sums));

    for (f = 0; f + RECS_BPR_LANES <= n; f += RECS_BPR_LANES) {
        for (lane = 0; lane < RECS_BPR_LANES; lane++) {
            sums[lane] += user[f + lane] * (met[f + lane] - other[f + lane]);
        }
    }

    for (sum = 0; f < n; f++) {
        sum += user[f] * (met[f] - other[f]);
    }

    for (lane = 0; lane < RECS_BPR_LANES; lane++) {
        sum += sums[lane];
    }

    return sum;
}


float
recs_bpr_step(float *user, float *met, float *other, uint32_t n, float rate,
    float regularization)
{
    float     x, p, q, r, pull;
    uint32_t  f;

    x = recs_bpr_difference(user, met, other, n);
    pull = 1 / (1 + expf(x));

    for (f = 0; f < n; f++) {
        p = user[f];
        q = met[f];
        r = other[f];

        user[f] = p + rate * (pull * (q - r) - regularization * p);
        met[f] = q + rate * (pull * p - regularization * q);
        other[f] = r - rate * (pull * p + regularization * r);
    }

    user[n - 1] = 1;

    return x > 0 ? log1pf(expf(-x)) : log1pf(expf(x)) - x;
}


static int
recs_bpr_met(const recs_dataset_view_t *view, uint32_t user, uint32_t item)
{
    uint64_t  low, high, end, middle;

    low = view->user_offsets[user];
    end = high = view->user_offsets[user + 1];

    while (low < high) {
        middle = low + (high - low) / 2;

        if (view->items[middle] < item) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low < end && view->items[low] == item;
}


/* The pairs of both blocks, shuffled. */
static uint64_t
recs_bpr_pairs(const recs_bpr_fit_t *fit, uint32_t block, uint32_t first,
    uint32_t end, recs_rng_t *rng, recs_bpr_pair_t *pairs)
{
    uint32_t                    user, place;
    uint64_t                    k, n, other;
    recs_bpr_pair_t             pair;
    const recs_dataset_view_t  *view;

    view = fit->view;
    n = 0;

    for (user = recs_bpr_first(view->n_users, block);
         user < recs_bpr_first(view->n_users, block + 1);
         user++)
    {
        for (k = view->user_offsets[user]; k < view->user_offsets[user + 1];
             k++)
        {
            place = fit->places[view->items[k]];

            if (place >= first && place < end) {
                pairs[n].user = user;
                pairs[n++].item = view->items[k];
            }
        }
    }

    for (k = n; k > 1; k--) {
        other = recs_rng_next(rng) % k;
        pair = pairs[k - 1];
        pairs[k - 1] = pairs[other];
        pairs[other] = pair;
    }

    return n;
}


static void
recs_bpr_part(void *data, uint32_t block, uint32_t thread)
{
    double                      loss;
    uint32_t                    first, end, item, draw, d;
    uint64_t                    k, n, count;
    recs_rng_t                  rng;
    recs_bpr_fit_t             *fit;
    recs_bpr_pair_t            *pairs;
    const recs_dataset_view_t  *view;

    (void) thread;

    fit = data;
    view = fit->view;
    d = fit->params.n_factors;

    first = recs_bpr_first(view->n_items,
                           (block + fit->turn) % RECS_BPR_BLOCKS);
    end = recs_bpr_first(view->n_items,
                         (block + fit->turn) % RECS_BPR_BLOCKS + 1);
    pairs = fit->pairs
            + view->user_offsets[recs_bpr_first(view->n_users, block)];

    recs_bpr_seed(fit, &rng, ((uint64_t) fit->epoch * RECS_BPR_BLOCKS
                              + fit->turn) * (RECS_BPR_BLOCKS + 1)
                             + 1 + block);
    n = recs_bpr_pairs(fit, block, first, end, &rng, pairs);
    loss = 0;
    count = 0;

    for (k = 0; k < n; k++) {
        for (draw = 0, item = 0; draw < RECS_BPR_DRAWS; draw++) {
            item = fit->dealt[first + recs_bpr_below(&rng, end - first)];

            if (!recs_bpr_met(view, pairs[k].user, item)) {
                break;
            }
        }

        if (draw == RECS_BPR_DRAWS) {
            continue;
        }

        loss += (double) recs_bpr_step(
                    fit->users + (size_t) pairs[k].user * d,
                    fit->items + (size_t) pairs[k].item * d,
                    fit->items + (size_t) item * d, d, fit->rate,
                    (float) fit->params.regularization);
        count++;
    }

    fit->losses[block] += loss;
    fit->counts[block] += count;
}


static void
recs_bpr_deal(recs_bpr_fit_t *fit)
{
    uint32_t    i, n, other, item;
    recs_rng_t  rng;

    n = fit->view->n_items;
    recs_bpr_seed(fit, &rng, (uint64_t) fit->epoch * RECS_BPR_BLOCKS
                             * (RECS_BPR_BLOCKS + 1));

    for (i = 0; i < n; i++) {
        fit->dealt[i] = i;
    }

    for (i = n; i > 1; i--) {
        other = recs_bpr_below(&rng, i);
        item = fit->dealt[i - 1];
        fit->dealt[i - 1] = fit->dealt[other];
        fit->dealt[other] = item;
    }

    for (i = 0; i < n; i++) {
        fit->places[fit->dealt[i]] = i;
    }
}


double
recs_bpr_fit_epoch(recs_bpr_fit_t *fit, uint32_t epoch, float *users,
    float *items, recs_threads_t *threads)
{
    double    loss;
    uint32_t  block;
    uint64_t  count;

    fit->users = users;
    fit->items = items;
    fit->epoch = epoch;
    fit->rate = (float) (fit->params.learning_rate
                         * (1 - 0.9 * epoch / fit->params.n_epochs));
    memset(fit->losses, 0, sizeof(fit->losses));
    memset(fit->counts, 0, sizeof(fit->counts));

    recs_bpr_deal(fit);

    for (fit->turn = 0; fit->turn < RECS_BPR_BLOCKS; fit->turn++) {
        recs_threads_run(threads, RECS_BPR_BLOCKS, recs_bpr_part, fit);
    }

    loss = 0;
    count = 0;

    for (block = 0; block < RECS_BPR_BLOCKS; block++) {
        loss += fit->losses[block];
        count += fit->counts[block];
    }

    return count > 0 ? loss / (double) count : 0;
}
