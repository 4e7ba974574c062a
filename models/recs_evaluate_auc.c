#include "recs_evaluate_private.h"

#include <math.h>

#include "recs_rng.h"


static void recs_evaluate_take(const recs_evaluate_t *e,
    recs_bitmap_word_t *taken, const recs_query_t *query,
    const uint32_t *wanted, uint32_t n_wanted, int take);
static uint32_t recs_evaluate_draw(const recs_evaluate_t *e,
    recs_evaluate_worker_t *worker, uint32_t user, uint32_t n_positives);
static double recs_evaluate_pairs(const recs_evaluate_worker_t *worker,
    const recs_answer_t *answer, uint32_t n_wanted, uint32_t n_positives,
    uint32_t n_negatives);


double
recs_evaluate_auc(const recs_evaluate_t *e, recs_evaluate_worker_t *worker,
    const recs_query_t *question, uint32_t user, uint32_t n_wanted,
    uint32_t n_test)
{
    double          auc;
    uint32_t        i, n_positives, n_negatives;
    recs_query_t    query;
    recs_answer_t   answer;

    n_positives = n_wanted < RECS_EVALUATE_POSITIVES
                  ? n_wanted : RECS_EVALUATE_POSITIVES;

    recs_evaluate_take(e, worker->taken, question, worker->wanted, n_wanted,
                       1);

    for (i = 0; i < n_positives; i++) {
        recs_bitmap_clear(worker->blocked,
                          worker->wanted[(uint64_t) i * n_wanted
                                         / n_positives]);
    }

    n_negatives = recs_evaluate_draw(e, worker, user, n_positives);

    query = *question;
    query.blocked = worker->blocked;
    query.count = n_positives + n_negatives;
    answer.items = worker->items;
    answer.n = 0;

    if (query.count > 0) {
        recs_recommend(e->bundle, worker->scratch, &query, &answer);
    }

    auc = recs_evaluate_pairs(worker, &answer, n_wanted, n_positives,
                              n_negatives);

    /* What the catalogue has not is below all. */
    auc *= (double) n_wanted / n_test;

    recs_evaluate_take(e, worker->taken, question, worker->wanted, n_wanted,
                       0);

    for (i = 0; i < e->words; i++) {
        worker->blocked[i] = ~(recs_bitmap_word_t) 0;
    }

    return auc;
}


static void
recs_evaluate_mark(recs_bitmap_word_t *taken, const uint32_t *items,
    uint32_t n, int take)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        if (take) {
            recs_bitmap_set(taken, items[i]);

        } else {
            recs_bitmap_clear(taken, items[i]);
        }
    }
}


/* What is no negative: wanted, or met before. */

static void
recs_evaluate_take(const recs_evaluate_t *e, recs_bitmap_word_t *taken,
    const recs_query_t *query, const uint32_t *wanted, uint32_t n_wanted,
    int take)
{
    uint32_t         user, n;
    const uint32_t  *seen;

    recs_evaluate_mark(taken, wanted, n_wanted, take);
    recs_evaluate_mark(taken, query->exclude, query->n_exclude, take);

    user = query->user.len > 0 ? recs_bundle_user(e->bundle, query->user)
                               : RECS_USER_NO;

    if (user != RECS_USER_NO) {
        seen = recs_bundle_seen(e->bundle, user, &n);
        recs_evaluate_mark(taken, seen, n, take);
    }
}


/* Unblocks the negatives; returns how many. */

static uint32_t
recs_evaluate_draw(const recs_evaluate_t *e, recs_evaluate_worker_t *worker,
    uint32_t user, uint32_t n_positives)
{
    size_t      w;
    uint32_t    i, item, n_items, n_free;
    recs_rng_t  rng;

    n_items = e->catalogue.view->n_items;
    n_free = n_items;

    for (w = 0; w < e->words; w++) {
        n_free -= (uint32_t) __builtin_popcountll(worker->taken[w]);
    }

    if (n_free + n_positives <= RECS_COUNT_MAX) {
        for (i = 0; i < n_items; i++) {
            if (!recs_bitmap_test(worker->taken, i)) {
                recs_bitmap_clear(worker->blocked, i);
            }
        }

        return n_free;
    }

    /* More are free than RECS_COUNT_MAX - RECS_EVALUATE_POSITIVES. */

    recs_rng_seed(&rng, user);

    for (i = 0; i < RECS_EVALUATE_NEGATIVES; /* void */) {
        item = (uint32_t) (recs_rng_uniform(&rng) * n_items);

        if (!recs_bitmap_test(worker->taken, item)
            && recs_bitmap_test(worker->blocked, item))
        {
            recs_bitmap_clear(worker->blocked, item);
            i++;
        }
    }

    return RECS_EVALUATE_NEGATIVES;
}


/* Groups of equal scores, the best first; who is not shown is last. */

static double
recs_evaluate_pairs(const recs_evaluate_worker_t *worker,
    const recs_answer_t *answer, uint32_t n_wanted, uint32_t n_positives,
    uint32_t n_negatives)
{
    double               won;
    uint32_t             i, start, positives, left, below;
    recs_answer_item_t  *items;

    if (n_negatives == 0) {
        return (double) NAN;
    }

    if (n_positives == 0) {
        return 0;
    }

    items = answer->items;
    won = 0;
    left = n_positives;
    below = n_negatives;

    for (i = 0; i < answer->n; /* void */) {
        start = i;
        positives = 0;

        do {
            positives += (uint32_t) recs_quality_among(worker->wanted,
                                                       n_wanted,
                                                       items[i].item);
            i++;
        } while (i < answer->n && items[i].score == items[start].score
                 && items[i].source == items[start].source);

        below -= i - start - positives;
        left -= positives;
        won += positives * (below + 0.5 * (i - start - positives));
    }

    won += 0.5 * left * below;

    return won / ((double) n_positives * n_negatives);
}
