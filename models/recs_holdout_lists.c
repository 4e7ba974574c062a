#include "recs_holdout_private.h"

#include <math.h>
#include <stdlib.h>


#define RECS_HOLDOUT_RATIO  200          /* users enough for a ratio */


static int
recs_holdout_touched_compare(const void *one, const void *two)
{
    const recs_holdout_touched_t  *a, *b;

    a = one;
    b = two;

    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? 1 : -1;
    }

    return (a->item > b->item) - (a->item < b->item);
}


/* The user's last items into scratch->touched; returns how many. */
static uint32_t
recs_holdout_history(const recs_holdout_t *h, uint32_t user,
    recs_holdout_scratch_t *scratch)
{
    uint32_t  n;
    uint64_t  k;

    n = 0;

    for (k = h->train->user_offsets[user];
         k < h->train->user_offsets[user + 1];
         k++)
    {
        scratch->touched[n].time_ms = h->train->times_ms != NULL
                                      ? h->train->times_ms[k] : 0;
        scratch->touched[n++].item = h->train->items[k];
    }

    if (n > h->lists->history) {
        qsort(scratch->touched, n, sizeof(recs_holdout_touched_t),
              recs_holdout_touched_compare);
        n = h->lists->history;
    }

    return n;
}


/* Adds the lists up; returns how many items they met. */
static uint32_t
recs_holdout_sum(const recs_holdout_t *h, uint32_t user,
    recs_holdout_scratch_t *scratch)
{
    uint32_t                 i, n, item, n_met;
    uint64_t                 at, end;
    const recs_knn_lists_t  *lists;

    lists = h->lists->lists;
    n = recs_holdout_history(h, user, scratch);
    n_met = 0;

    for (i = 0; i < n; i++) {
        at = lists->offsets[scratch->touched[i].item];
        end = lists->offsets[scratch->touched[i].item + 1];

        if (end - at > h->lists->n_neighbors) {
            end = at + h->lists->n_neighbors;
        }

        for ( /* void */ ; at < end; at++) {
            item = lists->items[at];
            scratch->met[n_met] = item;
            n_met += scratch->sums[item] == 0.0f && lists->weights[at] > 0.0f;
            scratch->sums[item] += lists->weights[at];
        }
    }

    return n_met;
}


/* The sums' deviation against the dots', over the n items that were met. */
static double
recs_holdout_user_ratio(const recs_holdout_t *h, const recs_holdout_user_t *u,
    const recs_holdout_scratch_t *scratch, uint32_t n)
{
    float     value;
    double    sum, squares, deviation;
    uint32_t  k;

    sum = 0;
    squares = 0;

    for (k = 0; k < n; k++) {
        value = scratch->sums[scratch->met[k]];
        sum += value;
        squares += (double) value * value;
    }

    deviation = recs_holdout_deviation(sum, squares, h->train->n_items);

    return deviation > 0 ? u->deviation / deviation : 0;
}


/*
 * Keeps, of the n items that were met, those that may come into the first 20
 * with the heaviest weight, and takes their dots: what the user knows is out,
 * and a length says how large a dot can be.
 */
static uint32_t
recs_holdout_candidates(recs_holdout_t *h, const recs_holdout_user_t *u,
    recs_holdout_scratch_t *scratch, uint32_t n)
{
    float         norm, least, sum;
    uint32_t      k, kept, item;
    uint64_t      at;
    const float  *vector;

    for (at = h->train->user_offsets[u->user];
         at < h->train->user_offsets[u->user + 1];
         at++)
    {
        scratch->sums[h->train->items[at]] = 0.0f;
    }

    vector = h->user_factors + (size_t) u->user * h->stride;
    norm = sqrtf(recs_holdout_dot(vector, vector, h->stride)) * 1.0001f;
    least = u->n_best == RECS_HOLDOUT_K ? u->best[RECS_HOLDOUT_K - 1].score
                                        : -INFINITY;

    for (k = 0, kept = 0; k < n; k++) {
        item = scratch->met[k];
        sum = scratch->sums[item];

        if (sum > 0.0f && norm * h->norms[item] + h->heaviest * sum < least) {
            scratch->sums[item] = 0.0f;

        } else if (sum > 0.0f) {
            scratch->met[kept] = item;
            scratch->dots[kept++] = recs_holdout_dot(vector,
                              h->item_factors + (size_t) item * h->stride,
                              h->stride);
        }
    }

    return kept;
}


/*
 * Weights and sums are not negative, so an item that no list met comes into
 * the first 20 only from the first 20 of the vectors alone.
 */
static double
recs_holdout_rank(const recs_holdout_t *h, const recs_holdout_user_t *u,
    const recs_holdout_scratch_t *scratch, uint32_t n, float weight)
{
    float               score, threshold;
    uint32_t            k, item;
    recs_topk_t         topk;
    recs_topk_entry_t   entries[RECS_HOLDOUT_K];

    recs_topk_init(&topk, entries, RECS_HOLDOUT_K);

    for (k = 0; k < u->n_best; k++) {
        if (scratch->sums[u->best[k].item] == 0.0f) {
            recs_topk_push(&topk, u->best[k].score, u->best[k].item,
                           u->best[k].item);
        }
    }

    threshold = recs_topk_threshold(&topk);

    for (k = 0; k < n; k++) {
        item = scratch->met[k];
        score = scratch->dots[k] + weight * scratch->sums[item];

        if (score >= threshold) {
            recs_topk_push(&topk, score, item, item);
            threshold = recs_topk_threshold(&topk);
        }
    }

    recs_topk_sort(&topk);

    return recs_holdout_gain(h, u->user, &topk);
}


static void
recs_holdout_lists_user(recs_holdout_t *h, uint32_t i,
    recs_holdout_scratch_t *scratch)
{
    uint32_t              w, k, n;
    recs_holdout_user_t  *u;

    u = &h->users[i];
    n = recs_holdout_sum(h, u->user, scratch);

    if (h->n_weights == 0) {
        h->ratios[i] = recs_holdout_user_ratio(h, u, scratch, n);

    } else {
        n = recs_holdout_candidates(h, u, scratch, n);
    }

    for (w = 0; w < h->n_weights; w++) {
        h->ndcg[(size_t) i * RECS_HOLDOUT_WEIGHTS + w] =
                      recs_holdout_rank(h, u, scratch, n, h->weights[w]);
    }

    for (k = 0; k < n; k++) {
        scratch->sums[scratch->met[k]] = 0.0f;
    }
}


/* A ratio is taken over every step-th user. */
static uint32_t
recs_holdout_step(const recs_holdout_t *h)
{
    return h->n_users / (RECS_HOLDOUT_RATIO + 1) + 1;
}


static void
recs_holdout_lists_block(void *data, uint32_t chunk, uint32_t thread)
{
    uint32_t         i, end, step;
    recs_holdout_t  *h;

    h = data;
    end = (chunk + 1) * RECS_HOLDOUT_BLOCK;
    step = h->n_weights > 0 ? 1 : recs_holdout_step(h);

    for (i = chunk * RECS_HOLDOUT_BLOCK; i < end && i < h->n_users; i++) {
        if (i % step == 0) {
            recs_holdout_lists_user(h, i, &h->scratch[thread]);
        }
    }
}


void
recs_holdout_lists(recs_holdout_t *h, const recs_holdout_lists_t *lists,
    const double *weights, uint32_t n_weights, double *ndcg)
{
    double    sum;
    uint32_t  i, w;

    h->lists = lists;
    h->n_weights = n_weights;

    h->heaviest = 0;

    for (w = 0; w < n_weights; w++) {
        h->weights[w] = (float) weights[w];
        h->heaviest = fmaxf(h->heaviest, h->weights[w]);
    }

    recs_holdout_run(h, recs_holdout_lists_block);

    for (w = 0; w < n_weights; w++) {
        for (i = 0, sum = 0; i < h->n_users; i++) {
            sum += h->ndcg[(size_t) i * RECS_HOLDOUT_WEIGHTS + w];
        }

        ndcg[w] = sum / h->n_users;
    }
}


double
recs_holdout_ratio(recs_holdout_t *h, const recs_holdout_lists_t *lists)
{
    double    sum;
    uint32_t  i, n;

    h->lists = lists;
    h->n_weights = 0;

    recs_holdout_run(h, recs_holdout_lists_block);

    for (i = 0, n = 0, sum = 0; i < h->n_users; i += recs_holdout_step(h)) {
        sum += h->ratios[i];
        n++;
    }

    return sum / n;
}
