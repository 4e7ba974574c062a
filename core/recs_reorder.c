#include "recs_reorder.h"

#include <stdlib.h>
#include <string.h>


struct recs_reorder_s {
    recs_rank_scratch_t  *rank;
    uint32_t              items[RECS_CANDIDATES_MAX];
    float                 retrieved[RECS_CANDIDATES_MAX];
    float                 scores[RECS_CANDIDATES_MAX];
    recs_topk_entry_t     entries[RECS_CANDIDATES_MAX];
};


recs_status_t
recs_reorder_create(recs_reorder_t **reorder, const recs_bundle_t *bundle,
    recs_error_t *err)
{
    recs_status_t    status;
    recs_reorder_t  *r;

    r = malloc(sizeof(recs_reorder_t));
    if (r == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to rank");
    }

    status = recs_rank_scratch_create(&r->rank, bundle, err);
    if (status != RECS_OK) {
        free(r);
        return status;
    }

    *reorder = r;

    return RECS_OK;
}


void
recs_reorder_destroy(recs_reorder_t *reorder)
{
    if (reorder != NULL) {
        recs_rank_scratch_destroy(reorder->rank);
        free(reorder);
    }
}


recs_rank_scratch_t *
recs_reorder_rank(const recs_reorder_t *reorder)
{
    return reorder->rank;
}


int
recs_reorders(const recs_bundle_t *bundle, const recs_query_t *query,
    recs_source_t source)
{
    return query->rank != RECS_RANK_NONE
           && (source == RECS_SOURCE_PERSONAL || source == RECS_SOURCE_SESSION)
           && recs_rank_available(bundle, query->rank);
}


uint32_t
recs_reorder_candidates(const recs_query_t *query, uint32_t n)
{
    uint32_t  candidates;

    candidates = query->candidates > 0 ? query->candidates : RECS_CANDIDATES;
    candidates = candidates < RECS_CANDIDATES_MAX ? candidates
                                                  : RECS_CANDIDATES_MAX;

    return candidates > n ? candidates : n;
}


void
recs_reorder(recs_reorder_t *reorder, const recs_bundle_t *bundle,
    const recs_query_t *query, const recs_rank_visitor_t *visitor, uint32_t n,
    recs_topk_t *found)
{
    uint32_t            i;
    recs_topk_t         best;
    recs_topk_entry_t  *entry;

    for (i = 0; i < found->n; i++) {
        reorder->items[i] = found->entries[i].item;
        reorder->retrieved[i] = found->entries[i].score;
    }

    recs_rank(bundle, reorder->rank, query->rank, visitor, reorder->items,
              reorder->retrieved, found->n, reorder->scores);

    recs_topk_init(&best, reorder->entries, n);

    for (i = 0; i < found->n; i++) {
        entry = &found->entries[i];
        recs_topk_push(&best, reorder->scores[i], entry->item, entry->order);
    }

    recs_topk_sort(&best);

    memcpy(found->entries, best.entries, best.n * sizeof(recs_topk_entry_t));
    found->n = best.n;
}
