#include "recs_scratch.h"

#include <stdlib.h>

#include "recs_pages.h"


recs_status_t
recs_scratch_create(recs_scratch_t **scratch, const recs_bundle_t *bundle,
    recs_error_t *err)
{
    recs_status_t              status;
    recs_scratch_t            *s;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    s = calloc(1, sizeof(recs_scratch_t));
    if (s == NULL) {
        goto failed;
    }

    s->n_items = view->n_items;
    s->excluded = recs_pages_map(recs_bitmap_words(s->n_items)
                                 * sizeof(recs_bitmap_word_t));
    s->marked = recs_pages_map((size_t) s->n_items * sizeof(uint32_t));
    s->entries = malloc(RECS_COUNT_MAX * sizeof(recs_topk_entry_t));
    s->sorting = malloc(RECS_COUNT_MAX * sizeof(recs_topk_entry_t));
    s->pins = malloc(RECS_COUNT_MAX * sizeof(recs_rules_pin_t));
    s->vector = malloc(((size_t) view->stride + 1) * sizeof(float));
    s->question_vector = malloc(((size_t) view->stride + 1) * sizeof(float));
    s->fold_in = recs_fold_in_create(view);
    s->history = malloc(((size_t) view->neighbor_history + 1)
                        * sizeof(uint32_t));
    s->search = recs_search_scratch_create(view);
    s->similar = recs_similar_create();
    s->slate = recs_slate_create();

    if (s->excluded == NULL || s->marked == NULL || s->entries == NULL
        || s->sorting == NULL || s->pins == NULL
        || s->vector == NULL || s->question_vector == NULL
        || s->fold_in == NULL || s->history == NULL
        || s->search == NULL || s->similar == NULL || s->slate == NULL)
    {
        goto failed;
    }

    status = recs_reorder_create(&s->reorder, bundle, err);
    if (status == RECS_OK) {
        status = recs_question_create(&s->question, view, err);
    }

    if (status != RECS_OK) {
        recs_scratch_destroy(s);
        return status;
    }

    *scratch = s;

    return RECS_OK;

failed:

    recs_scratch_destroy(s);

    return recs_error(err, RECS_NOMEM, "no memory to score %u items",
                      view->n_items);
}


void
recs_scratch_destroy(recs_scratch_t *scratch)
{
    if (scratch == NULL) {
        return;
    }

    recs_pages_unmap(scratch->excluded, recs_bitmap_words(scratch->n_items)
                                        * sizeof(recs_bitmap_word_t));
    recs_pages_unmap(scratch->marked, (size_t) scratch->n_items
                                      * sizeof(uint32_t));
    free(scratch->entries);
    free(scratch->sorting);
    free(scratch->pins);
    free(scratch->vector);
    free(scratch->question_vector);
    recs_fold_in_destroy(scratch->fold_in);
    free(scratch->history);
    recs_search_scratch_destroy(scratch->search);
    recs_similar_destroy(scratch->similar);
    recs_reorder_destroy(scratch->reorder);
    recs_slate_destroy(scratch->slate);
    recs_question_destroy(scratch->question);
    free(scratch);
}


void
recs_exclude(recs_scratch_t *s, uint32_t item)
{
    if (!recs_bitmap_test(s->excluded, item)) {
        recs_bitmap_set(s->excluded, item);
        s->marked[s->n_marked++] = item;
    }
}


void
recs_exclude_all(recs_scratch_t *s, const uint32_t *items, uint32_t n,
    uint32_t n_items)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        if (items[i] < n_items) {
            recs_exclude(s, items[i]);
        }
    }
}


int
recs_wanted(const recs_scratch_t *s, const recs_query_t *query,
    const recs_allowed_t *allowed, uint32_t item)
{
    return !recs_bitmap_test(s->excluded, item)
           && !(query->blocked != NULL
                && recs_bitmap_test(query->blocked, item))
           && !(allowed->bits != NULL
                && !recs_bitmap_test(allowed->bits, item));
}


void
recs_exclude_none(recs_scratch_t *s)
{
    uint32_t  i;

    for (i = 0; i < s->n_marked; i++) {
        recs_bitmap_clear(s->excluded, s->marked[i]);
    }

    s->n_marked = 0;
}
