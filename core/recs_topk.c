#include "recs_topk.h"

#include <math.h>
#include <string.h>


#define RECS_TOPK_RUN  12               /* sorted by insertion */


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


static void
recs_topk_insert_sort(recs_topk_entry_t *entries, uint32_t n)
{
    uint32_t           i, j;
    recs_topk_entry_t  entry;

    for (i = 1; i < n; i++) {
        entry = entries[i];

        for (j = i; j > 0 && recs_topk_worse(&entries[j - 1], &entry); j--) {
            entries[j] = entries[j - 1];
        }

        entries[j] = entry;
    }
}


/* a [n_a] and b [n_b] into to, without a branch that could be guessed wrong. */
static void
recs_topk_merge(recs_topk_entry_t *to, const recs_topk_entry_t *a,
    uint32_t n_a, const recs_topk_entry_t *b, uint32_t n_b)
{
    unsigned                  from_b;
    const recs_topk_entry_t  *end_a, *end_b;

    end_a = a + n_a;
    end_b = b + n_b;

    while (a < end_a && b < end_b) {
        from_b = (a->score < b->score)
                 | ((a->score == b->score) & (a->order > b->order));
        *to++ = *(from_b ? b : a);
        b += from_b;
        a += 1 - from_b;
    }

    memcpy(to, a, (size_t) (end_a - a) * sizeof(recs_topk_entry_t));
    memcpy(to + (end_a - a), b,
           (size_t) (end_b - b) * sizeof(recs_topk_entry_t));
}


void
recs_topk_sort_entries(recs_topk_entry_t *entries, uint32_t n,
    recs_topk_entry_t *scratch)
{
    uint32_t            i, run, n_a, n_b;
    recs_topk_entry_t  *from, *to, *swap;

    for (i = 0; i < n; i += RECS_TOPK_RUN) {
        recs_topk_insert_sort(entries + i, n - i < RECS_TOPK_RUN
                                           ? n - i : RECS_TOPK_RUN);
    }

    from = entries;
    to = scratch;

    for (run = RECS_TOPK_RUN; run < n; run *= 2) {
        for (i = 0; i < n; i += 2 * run) {
            n_a = n - i < run ? n - i : run;
            n_b = n - i - n_a < run ? n - i - n_a : run;
            recs_topk_merge(to + i, from + i, n_a, from + i + n_a, n_b);
        }

        swap = from;
        from = to;
        to = swap;
    }

    if (from != entries) {
        memcpy(entries, from, n * sizeof(recs_topk_entry_t));
    }
}


/* The worst goes to the end, again and again. */
void
recs_topk_sort(recs_topk_t *topk)
{
    uint32_t            n;
    recs_topk_entry_t   last;

    for (n = 1; n < topk->n; n++) {
        if (recs_topk_worse(&topk->entries[n - 1], &topk->entries[n])) {
            break;
        }
    }

    if (n >= topk->n) {
        return;
    }

    for (n = topk->n; topk->n > 1; /* void */) {
        last = topk->entries[--topk->n];
        topk->entries[topk->n] = topk->entries[0];
        recs_topk_sift_down(topk, last);
    }

    topk->n = n;
}
