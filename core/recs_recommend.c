#include "recs_recommend.h"

#include <stdlib.h>
#include <string.h>

#include "recs_fold_in.h"


struct recs_scratch_s {
    recs_bitmap_word_t  *excluded;    /* all clear between calls */
    uint32_t            *marked;      /* items whose bit was set */
    uint32_t             n_marked;
    recs_topk_entry_t   *entries;     /* [RECS_COUNT_MAX] */
    float               *vector;      /* [stride] */
    float               *fold_in;
};


static const char *const  recs_source_names[] = {
#define RECS_SOURCE_TEXT(name, text)  text,
    RECS_SOURCE_MAP(RECS_SOURCE_TEXT)
#undef RECS_SOURCE_TEXT
};

static const char *const  recs_reason_names[] = {
#define RECS_REASON_TEXT(name, text)  text,
    RECS_REASON_MAP(RECS_REASON_TEXT)
#undef RECS_REASON_TEXT
};


const char *
recs_source_name(recs_source_t source)
{
    return recs_source_names[source];
}


const char *
recs_reason_name(recs_reason_t reason)
{
    return recs_reason_names[reason];
}


recs_status_t
recs_scratch_create(recs_scratch_t **scratch, const recs_bundle_t *bundle,
    recs_error_t *err)
{
    recs_scratch_t            *s;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    s = calloc(1, sizeof(recs_scratch_t));
    if (s == NULL) {
        goto failed;
    }

    s->excluded = calloc(recs_bitmap_words(view->n_items),
                         sizeof(recs_bitmap_word_t));
    s->marked = malloc((size_t) view->n_items * sizeof(uint32_t));
    s->entries = malloc(RECS_COUNT_MAX * sizeof(recs_topk_entry_t));
    s->vector = malloc(((size_t) view->stride + 1) * sizeof(float));
    s->fold_in = malloc(recs_fold_in_scratch(view) * sizeof(float));

    if (s->excluded == NULL || s->marked == NULL || s->entries == NULL
        || s->vector == NULL || s->fold_in == NULL)
    {
        goto failed;
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

    free(scratch->excluded);
    free(scratch->marked);
    free(scratch->entries);
    free(scratch->vector);
    free(scratch->fold_in);
    free(scratch);
}


static void
recs_exclude(recs_scratch_t *s, uint32_t item)
{
    if (!recs_bitmap_test(s->excluded, item)) {
        recs_bitmap_set(s->excluded, item);
        s->marked[s->n_marked++] = item;
    }
}


static void
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


static void
recs_exclude_none(recs_scratch_t *s)
{
    uint32_t  i;

    for (i = 0; i < s->n_marked; i++) {
        recs_bitmap_clear(s->excluded, s->marked[i]);
    }

    s->n_marked = 0;
}


/* Appends what the search found; each item found is excluded from then on. */
static void
recs_take_found(recs_scratch_t *s, recs_topk_t *topk, recs_source_t source,
    recs_answer_t *answer)
{
    uint32_t             i;
    recs_answer_item_t  *item;

    recs_topk_sort(topk);

    for (i = 0; i < topk->n; i++) {
        item = &answer->items[answer->n++];

        item->item = topk->entries[i].item;
        item->score = topk->entries[i].score;
        item->source = source;

        recs_exclude(s, item->item);
    }
}


static void
recs_take_search(const recs_bundle_view_t *view, recs_scratch_t *s,
    const recs_query_t *query, const float *vector,
    recs_search_measure_t measure, recs_source_t source,
    recs_answer_t *answer)
{
    recs_topk_t  topk;

    recs_topk_init(&topk, s->entries, query->count - answer->n);
    recs_search(view, vector, measure, s->excluded, query->blocked, &topk);
    recs_take_found(s, &topk, source, answer);
}


static recs_reason_t
recs_take_personal(const recs_bundle_view_t *view, recs_scratch_t *s,
    const recs_query_t *query, uint32_t user, recs_answer_t *answer)
{
    uint32_t      i;
    const float  *vector;

    if (query->no_consent) {
        return RECS_REASON_NO_CONSENT;
    }

    if (query->user.len == 0) {
        return RECS_REASON_NO_USER;
    }

    if (user == RECS_USER_NO) {
        return RECS_REASON_UNKNOWN_USER;
    }

    if (view->n_factors == 0 || view->user_factors.n_rows == 0) {
        return RECS_REASON_NO_VECTORS;
    }

    vector = recs_table_row(&view->user_factors, user);

    for (i = 0; i < view->n_factors; i++) {
        if (vector[i] != 0.0f) {
            recs_take_search(view, s, query, vector, RECS_SEARCH_DOT,
                             RECS_SOURCE_PERSONAL, answer);
            return RECS_REASON_EXHAUSTED;
        }
    }

    return RECS_REASON_UNKNOWN_USER;
}


static recs_reason_t
recs_take_session(const recs_bundle_view_t *view, recs_scratch_t *s,
    const recs_query_t *query, recs_answer_t *answer)
{
    uint32_t  i, n, items[RECS_FOLD_IN_ITEMS_MAX];

    if (query->no_consent) {
        return RECS_REASON_NO_CONSENT;
    }

    if (view->n_factors == 0) {
        return RECS_REASON_NO_VECTORS;
    }

    n = 0;

    for (i = 0; i < query->n_recent && n < RECS_FOLD_IN_ITEMS_MAX; i++) {
        if (query->recent[i] < view->n_items) {
            items[n++] = query->recent[i];
        }
    }

    if (n == 0) {
        return RECS_REASON_NO_ITEM;
    }

    recs_fold_in(view, items, n, s->fold_in, s->vector);

    recs_take_search(view, s, query, s->vector, RECS_SEARCH_DOT,
                     RECS_SOURCE_SESSION, answer);

    return RECS_REASON_EXHAUSTED;
}


static recs_reason_t
recs_take_similar(const recs_bundle_view_t *view, recs_scratch_t *s,
    const recs_query_t *query, uint32_t item, recs_answer_t *answer)
{
    if (query->item.len == 0) {
        return RECS_REASON_NO_ITEM;
    }

    if (item == RECS_ITEM_NO) {
        return RECS_REASON_UNKNOWN_ITEM;
    }

    if (view->n_factors == 0) {
        return RECS_REASON_NO_VECTORS;
    }

    /* An item without a vector, never seen in training, is like no other. */
    if (view->item_norms[item] == 0.0f) {
        return RECS_REASON_UNKNOWN_ITEM;
    }

    recs_exclude(s, item);

    recs_take_search(view, s, query,
                     recs_table_row(&view->item_factors, item),
                     RECS_SEARCH_COSINE, RECS_SOURCE_SIMILAR, answer);

    return RECS_REASON_EXHAUSTED;
}


static recs_reason_t
recs_take_popular(const recs_bundle_view_t *view, recs_scratch_t *s,
    const recs_query_t *query, recs_answer_t *answer)
{
    uint32_t             i, item;
    recs_answer_item_t  *next;

    if (view->popular_items == NULL) {
        return RECS_REASON_EXHAUSTED;
    }

    for (i = 0; i < view->n_items && answer->n < query->count; i++) {
        item = view->popular_items[i];

        if (recs_bitmap_test(s->excluded, item)
            || (query->blocked != NULL
                && recs_bitmap_test(query->blocked, item)))
        {
            continue;
        }

        next = &answer->items[answer->n++];

        next->item = item;
        next->score = view->popularity[item];
        next->source = RECS_SOURCE_POPULAR;

        recs_exclude(s, item);
    }

    return RECS_REASON_EXHAUSTED;
}


static recs_reason_t
recs_take_rung(const recs_bundle_t *bundle, recs_scratch_t *s,
    const recs_query_t *query, recs_source_t rung, uint32_t user,
    uint32_t item, recs_answer_t *answer)
{
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    switch (rung) {

    case RECS_SOURCE_PERSONAL:
        return recs_take_personal(view, s, query, user, answer);

    case RECS_SOURCE_SESSION:
        return recs_take_session(view, s, query, answer);

    case RECS_SOURCE_SIMILAR:
        return recs_take_similar(view, s, query, item, answer);

    default:
        return recs_take_popular(view, s, query, answer);
    }
}


void
recs_recommend(const recs_bundle_t *bundle, recs_scratch_t *scratch,
    const recs_query_t *query, recs_answer_t *answer)
{
    uint32_t                   n_items, n_seen, item, user;
    const uint32_t            *seen;
    recs_source_t              rung;
    recs_reason_t              reason, first;

    n_items = recs_bundle_view(bundle)->n_items;

    user = query->user.len > 0 ? recs_bundle_user(bundle, query->user)
                               : RECS_USER_NO;
    item = query->item.len > 0 ? recs_bundle_item(bundle, query->item)
                               : RECS_ITEM_NO;

    recs_exclude_all(scratch, query->exclude, query->n_exclude, n_items);

    if (query->exclude_seen && !query->no_consent) {
        recs_exclude_all(scratch, query->recent, query->n_recent, n_items);

        if (user != RECS_USER_NO) {
            seen = recs_bundle_seen(bundle, user, &n_seen);
            recs_exclude_all(scratch, seen, n_seen, n_items);
        }
    }

    answer->n = 0;
    first = RECS_REASON_NONE;

    for (rung = query->strategy;
         rung < RECS_SOURCE_FALLBACK && answer->n < query->count;
         rung++)
    {
        reason = recs_take_rung(bundle, scratch, query, rung, user, item,
                                answer);

        if (rung == query->strategy) {
            first = reason;
        }
    }

    recs_exclude_none(scratch);

    answer->source = answer->n > 0 ? answer->items[0].source
                                   : RECS_SOURCE_FALLBACK;
    answer->reason = answer->source == query->strategy ? RECS_REASON_NONE
                                                       : first;
}
