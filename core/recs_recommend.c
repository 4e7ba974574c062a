#include "recs_scratch.h"

#include <time.h>

#include "recs_explore.h"
#include "recs_popular.h"
#include "recs_profile.h"
#include "recs_rules_apply.h"


/* A query under way. */
typedef struct {
    const recs_bundle_t       *bundle;
    const recs_bundle_view_t  *view;
    recs_scratch_t            *scratch;
    const recs_query_t        *query;
    recs_answer_t             *answer;
    recs_allowed_t             allowed;
    recs_profile_t             profile;
    uint64_t                   deadline_ns;
    unsigned                   late:1;
} recs_recommend_t;


static const char *const  recs_source_names[] = {
#define RECS_SOURCE_TEXT(name, text)  text,
    RECS_SOURCE_MAP(RECS_SOURCE_TEXT)
#undef RECS_SOURCE_TEXT
    "explore",
    "pinned"
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


/* Appends what the search found; each item found is excluded from then on. */
static void
recs_take_found(recs_recommend_t *r, recs_topk_t *topk, float range,
    recs_source_t source)
{
    uint32_t             i;
    recs_answer_item_t  *item;

    for (i = 0; i < topk->n; i++) {
        item = &r->answer->items[r->answer->n++];

        item->item = topk->entries[i].item;
        item->score = topk->entries[i].score;
        item->boost = range > 0.0f
                      ? recs_rules_delta(r->query->rules, item->item) * range
                      : 0.0f;
        item->source = source;

        recs_exclude(r->scratch, item->item);
    }
}


/* Of the candidates that were found, sorted, the n best are left. */
static void
recs_take_candidates(recs_recommend_t *r, uint32_t n, recs_topk_t *topk)
{
    recs_rank_visitor_t  visitor;

    recs_profile_visitor(&r->profile, r->query, &visitor);
    recs_reorder(r->scratch->reorder, r->bundle, r->query, &visitor, n, topk);
}


static void
recs_take_search(recs_recommend_t *r, const float *vector,
    recs_search_measure_t measure, uint32_t n_history, recs_source_t source)
{
    int                   reorders, boosts, slates;
    float                 range;
    uint32_t              n, n_searched;
    recs_topk_t           topk;
    const recs_query_t   *query;
    recs_search_query_t   search;

    query = r->query;

    search.vector = vector;
    search.measure = measure;
    search.history = r->scratch->history;
    search.n_history = n_history;
    search.user_list = source == RECS_SOURCE_PERSONAL
                       && r->profile.user_list.n > 0
                       ? &r->profile.user_list : NULL;
    search.excluded = r->scratch->excluded;
    search.blocked = query->blocked;
    search.allowed = r->allowed.bits;
    search.allowed_items = r->allowed.items;
    search.n_allowed = r->allowed.n_items;
    search.deadline_ns = r->deadline_ns;

    n = query->count - r->answer->n;
    reorders = recs_reorders(r->bundle, query, source);
    boosts = recs_boosts(query);
    slates = recs_slates(query);
    n_searched = reorders || boosts || slates
                 ? recs_reorder_candidates(query, n) : n;

    recs_topk_init(&topk, r->scratch->entries, n_searched);

    if (measure == RECS_SEARCH_COSINE
        ? recs_similar_search(r->scratch->similar, r->view,
                              r->scratch->search, search.history[0], &search,
                              &topk)
        : recs_search(r->view, r->scratch->search, &search, &topk))
    {
        r->late = 1;
    }

    recs_topk_sort(&topk);

    if (reorders) {
        recs_take_candidates(r, boosts || slates ? n_searched : n, &topk);
    }

    range = boosts ? recs_rules_boost(query->rules, &topk,
                                      r->scratch->sorting) : 0.0f;

    if (slates) {
        recs_slate_choose(r->scratch->slate, r->bundle, query, n, &topk);
    }

    topk.n = topk.n < n ? topk.n : n;

    recs_take_found(r, &topk, range, source);
}


/* A question is not of the visitor's past: it needs no consent. */
static recs_reason_t
recs_take_question(recs_recommend_t *r)
{
    float               *vector;
    const recs_query_t  *query;

    query = r->query;
    vector = r->scratch->question_vector;

    if (query->question.len == 0) {
        return RECS_REASON_NO_QUERY;
    }

    if (r->scratch->question == NULL) {
        return RECS_REASON_NO_VECTORS;
    }

    if (!recs_question_vector(r->scratch->question, query->question, vector)) {
        return RECS_REASON_UNKNOWN_QUERY;
    }

    if (recs_profile_personal(&r->profile, r->bundle, r->scratch, query)
        == RECS_REASON_NONE
        || recs_profile_session(&r->profile, r->bundle, r->scratch, query)
           == RECS_REASON_NONE)
    {
        recs_question_blend(r->view, query->question_weight,
                            r->profile.vector, vector);
    }

    recs_take_search(r, vector, RECS_SEARCH_DOT, 0, RECS_SOURCE_QUERY);

    return RECS_REASON_EXHAUSTED;
}


static recs_reason_t
recs_take_personal(recs_recommend_t *r)
{
    recs_reason_t  reason;

    reason = recs_profile_personal(&r->profile, r->bundle, r->scratch,
                                   r->query);
    if (reason != RECS_REASON_NONE) {
        return reason;
    }

    recs_take_search(r, r->profile.vector, RECS_SEARCH_DOT,
                     r->profile.n_history, RECS_SOURCE_PERSONAL);

    return RECS_REASON_EXHAUSTED;
}


static recs_reason_t
recs_take_session(recs_recommend_t *r)
{
    recs_reason_t  reason;

    reason = recs_profile_session(&r->profile, r->bundle, r->scratch,
                                  r->query);
    if (reason != RECS_REASON_NONE) {
        return reason;
    }

    recs_take_search(r, r->profile.vector, RECS_SEARCH_DOT,
                     r->profile.n_history, RECS_SOURCE_SESSION);

    return RECS_REASON_EXHAUSTED;
}


/* Without vectors an item's neighbours are those of its list. */
static recs_reason_t
recs_take_similar(recs_recommend_t *r, uint32_t item)
{
    const recs_bundle_view_t  *view;

    view = r->view;

    if (r->query->item.len == 0) {
        return RECS_REASON_NO_ITEM;
    }

    if (item == RECS_ITEM_NO) {
        return RECS_REASON_UNKNOWN_ITEM;
    }

    /* Lower rungs are not to name it either. */
    recs_exclude(r->scratch, item);

    if (view->n_factors == 0) {
        if (view->neighbor_id_size == 0) {
            return RECS_REASON_NO_VECTORS;
        }

        r->scratch->history[0] = item;
        recs_take_search(r, NULL, RECS_SEARCH_DOT, 1, RECS_SOURCE_SIMILAR);

        return RECS_REASON_UNKNOWN_ITEM;
    }

    /* An item without a vector, never seen in training, is like no other. */
    if (view->item_norms[item] == 0.0f) {
        return RECS_REASON_UNKNOWN_ITEM;
    }

    r->scratch->history[0] = item;
    recs_take_search(r, recs_table_row(&view->item_factors, item),
                     RECS_SEARCH_COSINE, 1, RECS_SOURCE_SIMILAR);

    return RECS_REASON_EXHAUSTED;
}


static recs_reason_t
recs_take_rung(recs_recommend_t *r, recs_source_t rung, uint32_t item)
{
    switch (rung) {

    case RECS_SOURCE_PERSONAL:
        return recs_take_personal(r);

    case RECS_SOURCE_SESSION:
        return recs_take_session(r);

    case RECS_SOURCE_SIMILAR:
        return recs_take_similar(r, item);

    default:
        recs_popular(r->bundle, r->scratch, r->query, &r->allowed, r->answer);
        return RECS_REASON_EXHAUSTED;
    }
}


static void
recs_exclude_seen(recs_recommend_t *r)
{
    uint32_t             n_items, n_seen;
    const uint32_t      *seen;
    const recs_query_t  *query;

    query = r->query;
    n_items = r->view->n_items;

    if (query->exclude_seen && !query->no_consent) {
        recs_exclude_all(r->scratch, query->recent, query->n_recent, n_items);

        if (r->profile.user != RECS_USER_NO) {
            seen = recs_bundle_seen(r->bundle, r->profile.user, &n_seen);
            recs_exclude_all(r->scratch, seen, n_seen, n_items);
        }
    }
}


/*
 * Asks for what the user's rung is going to read, all over the file, before
 * anything waits for it: his vector, what he has seen, and where the lists of
 * his items lie.
 */
static void
recs_fetch_user(const recs_recommend_t *r)
{
    uint32_t                   i, n;
    const char                *vector;
    const uint32_t            *items;
    const recs_bundle_view_t  *view;

    view = r->view;

    if (r->profile.user == RECS_USER_NO || r->query->no_consent) {
        return;
    }

    if (view->user_factors.n_rows > 0) {
        vector = recs_table_row(&view->user_factors, r->profile.user);

        for (i = 0; i < view->user_factors.row_size; i += 64) {
            __builtin_prefetch(vector + i);
        }
    }

    items = recs_bundle_seen(r->bundle, r->profile.user, &n);
    __builtin_prefetch(items);

    items = recs_bundle_recent(r->bundle, r->profile.user, &n);

    for (i = 0; i < n; i++) {
        if (items[i] < view->n_items) {
            __builtin_prefetch(recs_table_row(&view->neighbor_spans,
                                              items[i]));
        }
    }
}


static uint64_t
recs_deadline(uint32_t budget_us)
{
    struct timespec  now;

    if (budget_us == 0) {
        return 0;
    }

    clock_gettime(CLOCK_MONOTONIC, &now);

    return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec
           + (uint64_t) budget_us * 1000;
}


/*
 * Where there are rules the query becomes `own`: with what they block, and
 * with room for the pins, whose number is returned.
 */
static uint32_t
recs_take_rules(recs_recommend_t *r, uint32_t item, recs_query_t *own)
{
    uint32_t                   n;
    const recs_rules_force_t  *rules;

    rules = r->query->rules;
    n = 0;

    if (rules == NULL) {
        return 0;
    }

    *own = *r->query;
    r->query = own;

    if (rules->blocked != NULL) {
        own->blocked = rules->blocked;
    }

    if (rules->n_pins > 0) {
        n = recs_rules_pins(r->scratch, own, &r->allowed,
                            own->strategy == RECS_SOURCE_SIMILAR
                            ? item : RECS_ITEM_NO,
                            r->scratch->pins);
        own->count -= n;
    }

    return n;
}


void
recs_recommend(const recs_bundle_t *bundle, recs_scratch_t *scratch,
    const recs_query_t *query, recs_answer_t *answer)
{
    uint32_t          item, n_pins;
    recs_query_t      own;
    recs_source_t     rung, asked;
    recs_reason_t     reason, first;
    recs_recommend_t  r;

    r.bundle = bundle;
    r.view = recs_bundle_view(bundle);
    r.scratch = scratch;
    r.query = query;
    r.answer = answer;
    r.deadline_ns = recs_deadline(query->budget_us);
    r.late = 0;
    item = query->item.len > 0 ? recs_bundle_item(bundle, query->item)
                               : RECS_ITEM_NO;

    recs_profile_begin(&r.profile, bundle, scratch, query);
    recs_fetch_user(&r);
    recs_filter_allowed(bundle, query->filter, &r.allowed);

    recs_exclude_all(scratch, query->exclude, query->n_exclude,
                     r.view->n_items);
    n_pins = recs_take_rules(&r, item, &own);
    recs_exclude_seen(&r);
    query = r.query;

    answer->n = 0;
    first = RECS_REASON_NONE;
    asked = query->asks ? RECS_SOURCE_QUERY : query->strategy;

    if (recs_slates(query)) {
        recs_slate_clear(scratch->slate);
    }

    if (query->asks && query->count > 0) {
        first = recs_take_question(&r);
    }

    for (rung = query->strategy;
         rung < RECS_SOURCE_FALLBACK && answer->n < query->count;
         rung++)
    {
        if (r.late && rung != RECS_SOURCE_POPULAR) {
            continue;
        }

        reason = recs_take_rung(&r, rung, item);

        if (rung == asked) {
            first = reason;
        }
    }

    recs_explore(r.view, scratch, query, &r.allowed, answer);
    recs_exclude_none(scratch);

    answer->source = answer->n > 0 ? answer->items[0].source
                     : n_pins > 0 ? RECS_SOURCE_POPULAR
                     : RECS_SOURCE_FALLBACK;
    answer->reason = answer->source == asked ? RECS_REASON_NONE : first;
    answer->degraded = r.late;

    if (r.late && (answer->reason == RECS_REASON_NONE
                   || answer->reason == RECS_REASON_EXHAUSTED))
    {
        answer->reason = RECS_REASON_OVER_BUDGET;
    }

    recs_rules_place(scratch->pins, n_pins, answer);
}


int
recs_recommend_visitor(const recs_bundle_t *bundle, recs_scratch_t *scratch,
    const recs_query_t *query, recs_rank_visitor_t *visitor)
{
    recs_profile_t  profile;

    recs_profile_begin(&profile, bundle, scratch, query);

    if (recs_profile_personal(&profile, bundle, scratch, query)
        != RECS_REASON_NONE)
    {
        return 0;
    }

    recs_profile_visitor(&profile, query, visitor);

    return 1;
}
