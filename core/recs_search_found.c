/*
 * From an item that may be among the best to the answer: its row is asked
 * for, its score raises the threshold, what is left in the end is sorted.
 */

#include "recs_search_private.h"

#include <float.h>
#include <math.h>
#include <string.h>


/* Keeps the k best, in order. */
static void
recs_search_keep_best(recs_search_t *s)
{
    float               floor;
    uint32_t            i, n;
    recs_topk_entry_t  *found;

    found = s->scratch->found;
    floor = s->threshold->value;
    n = 0;

    for (i = 0; i < s->n_found; i++) {
        found[n] = found[i];
        n += found[n].score >= floor;
    }

    for (i = 0; i < n; i++) {
        found[i].order = s->view->item_order[found[i].item];
    }

    recs_topk_sort_entries(found, n, s->scratch->sorting);

    s->n_found = n < s->threshold->k ? n : s->threshold->k;
}


/* The bounds know nothing of it: it makes no score higher. */
static float
recs_search_oppose(const recs_search_t *s, uint32_t item, float score)
{
    return s->opposed != NULL ? score - s->step * (float) s->opposed[item]
                              : score;
}


static float
recs_search_exact(const recs_search_t *s, uint32_t item, float bonus)
{
    float  dot, score;

    if (s->query->vector == NULL) {
        return recs_search_oppose(s, item, bonus);
    }

    dot = s->kernel->dot(s->query->vector,
                         recs_table_row(&s->view->item_factors, item),
                         s->view->stride);

    if (s->query->measure == RECS_SEARCH_COSINE) {
        return recs_search_cosine(s, item, dot);
    }

    score = s->bonus != NULL ? dot + bonus : dot;

    return recs_search_oppose(s, item, score);
}


void
recs_search_score(recs_search_t *s, uint32_t item, float bonus)
{
    float               score;
    recs_topk_entry_t  *found;

    score = recs_search_exact(s, item, bonus);

    if (!(score >= s->threshold->value) || fabsf(score) > FLT_MAX) {
        return;
    }

    if (s->n_found == RECS_FOUND_MAX) {
        recs_search_keep_best(s);
    }

    found = &s->scratch->found[s->n_found++];

    found->score = score;
    found->item = item;

    recs_search_threshold_push(s->threshold, score);
}


void
recs_search_wait(recs_search_t *s, uint32_t item, float upper, float bonus)
{
    size_t           i;
    const char      *row;
    recs_waiting_t  *w;

    if (s->end_waiting - s->first_waiting == RECS_WAITING_MAX) {
        recs_search_settle(s, RECS_WAITING_MAX - 1);
    }

    if (s->query->vector != NULL) {
        row = recs_table_row(&s->view->item_factors, item);

        for (i = 0; i < s->view->item_factors.row_size; i += 64) {
            __builtin_prefetch(row + i);
        }
    }

    w = &s->scratch->waiting[s->end_waiting++ % RECS_WAITING_MAX];

    w->upper = upper;
    w->bonus = bonus;
    w->item = item;
}


void
recs_search_settle(recs_search_t *s, uint32_t keep)
{
    const recs_waiting_t  *w;

    while (s->end_waiting - s->first_waiting > keep) {
        w = &s->scratch->waiting[s->first_waiting++ % RECS_WAITING_MAX];

        if (w->upper >= s->threshold->value) {
            recs_search_score(s, w->item, w->bonus);
        }
    }
}


void
recs_search_finish(recs_search_t *s, recs_topk_t *topk)
{
    recs_search_settle(s, 0);
    recs_search_keep_best(s);

    topk->n = s->n_found;
    memcpy(topk->entries, s->scratch->found,
           s->n_found * sizeof(recs_topk_entry_t));
}
