#include "recs_topk.h"

#include <math.h>
#include <stdlib.h>


/* Up to so many are sorted by insertion. */
#define RECS_TOPK_FEW  32


void
recs_topk_init(recs_topk_t *topk, recs_topk_entry_t *entries, uint32_t k)
{
    topk->entries = entries;
    topk->k = k;
    topk->n = 0;
}


float
recs_topk_threshold(const recs_topk_t *topk)
{
    if (topk->n < topk->k) {
        return -INFINITY;
    }

    return topk->k > 0 ? topk->entries[0].score : INFINITY;
}


static int
recs_topk_worse(const recs_topk_entry_t *a, const recs_topk_entry_t *b)
{
    if (a->score != b->score) {
        return a->score < b->score;
    }

    return a->order > b->order;
}


/* The heap's root is the worst entry. */
static void
recs_topk_sift_down(recs_topk_t *topk, recs_topk_entry_t entry)
{
    uint32_t            i, child;
    recs_topk_entry_t  *e;

    e = topk->entries;
    i = 0;

    for ( ;; ) {
        child = 2 * i + 1;
        if (child >= topk->n) {
            break;
        }

        if (child + 1 < topk->n && recs_topk_worse(&e[child + 1], &e[child])) {
            child++;
        }

        if (!recs_topk_worse(&e[child], &entry)) {
            break;
        }

        e[i] = e[child];
        i = child;
    }

    e[i] = entry;
}


static void
recs_topk_sift_up(recs_topk_t *topk, recs_topk_entry_t entry)
{
    uint32_t            i, parent;
    recs_topk_entry_t  *e;

    e = topk->entries;
    i = topk->n++;

    while (i > 0) {
        parent = (i - 1) / 2;

        if (!recs_topk_worse(&entry, &e[parent])) {
            break;
        }

        e[i] = e[parent];
        i = parent;
    }

    e[i] = entry;
}


void
recs_topk_push(recs_topk_t *topk, float score, uint32_t item, uint32_t order)
{
    recs_topk_entry_t  entry;

    if (topk->k == 0 || !isfinite(score)) {
        return;
    }

    entry.score = score;
    entry.item = item;
    entry.order = order;

    if (topk->n < topk->k) {
        recs_topk_sift_up(topk, entry);
        return;
    }

    if (recs_topk_worse(&topk->entries[0], &entry)) {
        recs_topk_sift_down(topk, entry);
    }
}


static int
recs_topk_compare(const void *one, const void *two)
{
    const recs_topk_entry_t  *a, *b;

    a = one;
    b = two;

    if (recs_topk_worse(a, b)) {
        return 1;
    }

    return recs_topk_worse(b, a) ? -1 : 0;
}


void
recs_topk_sort_entries(recs_topk_entry_t *entries, uint32_t n)
{
    uint32_t            i, j;
    recs_topk_entry_t   entry;

    if (n > RECS_TOPK_FEW) {
        qsort(entries, n, sizeof(recs_topk_entry_t), recs_topk_compare);
        return;
    }

    for (i = 1; i < n; i++) {
        entry = entries[i];

        for (j = i; j > 0 && recs_topk_worse(&entries[j - 1], &entry); j--) {
            entries[j] = entries[j - 1];
        }

        entries[j] = entry;
    }
}


void
recs_topk_sort(recs_topk_t *topk)
{
    recs_topk_sort_entries(topk->entries, topk->n);
}
