/*
 * One answer per slot and request.
 */

#include "ngx_http_recs_context.h"
#include "ngx_http_recs_session.h"
#include "ngx_http_recs_variant.h"
#include "ngx_http_recs_watch.h"
#include "recs_session.h"


static uint64_t
ngx_http_recs_nanoseconds(void)
{
    struct timespec  now;

    (void) clock_gettime(CLOCK_MONOTONIC, &now);

    return (uint64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}


/*
 * What this page shows already, as item numbers of bundle, after the
 * question's own; room for both is at `exclude`.
 */
static ngx_uint_t
ngx_http_recs_answer_exclude(ngx_http_recs_ctx_t *ctx, recs_bundle_t *bundle,
    ngx_http_recs_question_t *question, ngx_uint_t dedupe, uint32_t *exclude)
{
    uint32_t                item;
    ngx_uint_t              i, n;
    ngx_http_recs_shown_t  *shown;

    for (n = 0; n < question->n_exclude; n++) {
        exclude[n] = question->exclude[n];
    }

    if (!dedupe) {
        return n;
    }

    shown = ctx->shown.elts;

    for (i = 0; i < ctx->shown.nelts; i++) {
        item = shown[i].item;

        if (shown[i].bundle != bundle) {
            item = recs_bundle_item(bundle,
                       recs_record_id(recs_bundle_item_record(shown[i].bundle,
                                                              item)));
        }

        if (item != RECS_ITEM_NO) {
            exclude[n++] = item;
        }
    }

    return n;
}


static ngx_int_t
ngx_http_recs_answer_show(ngx_http_recs_ctx_t *ctx, recs_bundle_t *bundle,
    recs_answer_t *answer)
{
    uint32_t                i;
    ngx_http_recs_shown_t  *shown;

    if (answer->n == 0) {
        return NGX_OK;
    }

    shown = ngx_array_push_n(&ctx->shown, answer->n);
    if (shown == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < answer->n; i++) {
        shown[i].bundle = bundle;
        shown[i].item = answer->items[i].item;
    }

    return NGX_OK;
}


/*
 * Do two slots of one visitor differ in their counts alone?  What is ranked
 * depends on all the candidates, excluded ones left out.
 */
static ngx_uint_t
ngx_http_recs_answer_alike(ngx_http_recs_slot_t *a, ngx_http_recs_slot_t *b)
{
    return a->model == b->model
           && a->strategy == b->strategy
           && a->exclude_seen == b->exclude_seen
           && a->budget_us == b->budget_us
           && a->recency == b->recency
           && a->rank == RECS_RANK_NONE && b->rank == RECS_RANK_NONE
           && a->diversity == 0 && b->diversity == 0
           && a->n_limits == 0 && b->n_limits == 0
           && a->filter == NULL && b->filter == NULL
           && a->where == NULL && b->where == NULL
           && a->query == NULL && b->query == NULL
           && a->explore == 0 && b->explore == 0;
}


/* How many items other slots of the page will want from the same ranking. */
static ngx_uint_t
ngx_http_recs_answer_ahead(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_slot_t *slot)
{
    ngx_uint_t                   i, n;
    ngx_http_recs_slot_t        *other, **slots;
    ngx_http_recs_variant_t     *variant;
    ngx_http_recs_main_conf_t   *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    slots = rmcf->slots.elts;
    n = 0;

    for (i = 0; i < rmcf->slots.nelts; i++) {

        if (!ctx->answers[i].expected || ctx->answers[i].computed) {
            continue;
        }

        other = ngx_http_recs_variant_slot(r, slots[i], &variant);

        if (ngx_http_recs_answer_alike(other, slot)
            && ngx_http_recs_rules(rmcf, slots[i], other->model) == NULL)
        {
            n += other->count;
        }
    }

    return ngx_min(n, NGX_HTTP_RECS_COUNT_MAX);
}


static ngx_uint_t
ngx_http_recs_answer_excluded(recs_query_t *query, uint32_t item)
{
    uint32_t  i;

    for (i = 0; i < query->n_exclude; i++) {
        if (query->exclude[i] == item) {
            return 1;
        }
    }

    return 0;
}


/*
 * Answers from a list that was found for a like slot: without what is
 * excluded by now it is the very list that a search would find, as long as
 * count items are left and none is from a lower rung.
 */
static ngx_int_t
ngx_http_recs_answer_share(ngx_http_recs_answer_t *from, recs_query_t *query,
    ngx_uint_t count, recs_answer_t *answer)
{
    uint32_t             i;
    recs_answer_item_t  *item;

    answer->n = 0;
    answer->source = query->strategy;
    answer->reason = RECS_REASON_NONE;
    answer->degraded = 0;

    if (from->answer.reason != RECS_REASON_NONE) {
        return NGX_DECLINED;
    }

    for (i = 0; i < from->n_found && answer->n < query->count; i++) {
        item = &from->answer.items[i];

        if (item->source != query->strategy) {
            return NGX_DECLINED;
        }

        if (!ngx_http_recs_answer_excluded(query, item->item)) {
            answer->items[answer->n++] = *item;
        }
    }

    return answer->n >= count ? NGX_OK : NGX_DECLINED;
}


/* NGX_DECLINED: there is no such list. */
static ngx_int_t
ngx_http_recs_answer_shared(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_slot_t *slot, recs_query_t *query, ngx_uint_t count,
    recs_answer_t *answer)
{
    ngx_uint_t                  i;
    ngx_http_recs_answer_t     *from;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    for (i = 0; i < rmcf->slots.nelts; i++) {
        from = &ctx->answers[i];

        if (from->n_found > 0
            && ngx_http_recs_answer_alike(from->served, slot)
            && ngx_http_recs_answer_share(from, query, count, answer)
               == NGX_OK)
        {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


static void
ngx_http_recs_answer_ask(ngx_http_recs_slot_t *slot,
    ngx_http_recs_visitor_t *visitor, ngx_http_recs_question_t *question,
    recs_query_t *query)
{
    ngx_str_t  *item;

    item = question->item.len != 0 ? &question->item : &visitor->item;

    ngx_memzero(query, sizeof(recs_query_t));

    query->strategy = visitor->bypass ? RECS_SOURCE_POPULAR : slot->strategy;
    query->user.data = (char *) visitor->user.data;
    query->user.len = visitor->user.len;
    query->item.data = (char *) item->data;
    query->item.len = item->len;
    query->exclude_seen = slot->exclude_seen;
    query->no_consent = visitor->consent < 2;
    query->blocked = slot->model->blocked;
    query->recency = slot->recency;
    query->budget_us = slot->budget_us;
    query->rank = slot->rank;
    query->candidates = slot->candidates;
    query->diversity = slot->diversity;
    query->limits = slot->limits;
    query->n_limits = slot->n_limits;
    query->explore = visitor->bypass ? 0 : slot->explore;
    query->random = (uint64_t) ngx_random() << 32 ^ ngx_random();
    query->count = question->count != 0 ? question->count : slot->count;
}


/* A subrequest's visitor may be another, or allow less. */
static uint32_t
ngx_http_recs_answer_recent(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_visitor_t *visitor, recs_bundle_t *bundle,
    uint32_t recent[RECS_SESSION_ITEMS_MAX])
{
    if (visitor != &ctx->visitor
        && (visitor->consent != ctx->visitor.consent
            || visitor->bypass != ctx->visitor.bypass
            || visitor->id.len != ctx->visitor.id.len
            || (visitor->id.len != 0
                && ngx_memcmp(visitor->id.data, ctx->visitor.id.data,
                              visitor->id.len) != 0)))
    {
        return 0;
    }

    return ngx_http_recs_session_items(r, bundle, recent,
                                       RECS_SESSION_ITEMS_MAX);
}


/* What may not be told, for want of consent, is left out. */
static ngx_int_t
ngx_http_recs_answer_explain(ngx_http_request_t *r,
    ngx_http_recs_model_t *model, recs_query_t *query,
    ngx_http_recs_answer_t *slot_answer)
{
    recs_answer_t              *answer;
    ngx_http_recs_explained_t  *explained;

    answer = &slot_answer->answer;

    explained = ngx_palloc(r->pool, sizeof(ngx_http_recs_explained_t));
    if (explained == NULL) {
        return NGX_ERROR;
    }

    explained->items = ngx_palloc(r->pool, (answer->n + 1)
                                           * sizeof(recs_explanation_t));
    if (explained->items == NULL) {
        return NGX_ERROR;
    }

    if (recs_explain(model->explain, model->scratch, query, answer,
                     explained->items, &explained->kept_out))
    {
        slot_answer->explained = explained;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_answer_score(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_slot_t *slot, ngx_http_recs_visitor_t *visitor,
    ngx_http_recs_question_t *question, recs_bundle_t *bundle,
    ngx_http_recs_answer_t *slot_answer)
{
    uint32_t                  *exclude, recent[RECS_SESSION_ITEMS_MAX];
    uint32_t                   segments[RECS_CONTEXTS_MAX];
    recs_rank_context_t        contexts[RECS_CONTEXTS_MAX];
    ngx_uint_t                 count, plain;
    recs_query_t               query;
    recs_answer_t             *answer;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    answer = &slot_answer->answer;
    ngx_http_recs_answer_ask(slot, visitor, question, &query);

    query.rules = ngx_http_recs_rules(
                      ngx_http_get_module_main_conf(r, ngx_http_recs_module),
                      slot_answer->slot, slot->model);

    /* First: their variables may be other slots' answers. */

    if (ngx_http_recs_slot_allowed(r, slot, bundle, &query.filter) != NGX_OK
        || (!visitor->bypass
            && ngx_http_recs_slot_question(r, slot, &query) != NGX_OK))
    {
        return NGX_ERROR;
    }

    query.segments = segments;
    query.n_segments = visitor->bypass
                       ? 0 : ngx_http_recs_context_segments(r, bundle,
                                                            segments);
    query.contexts = contexts;
    query.n_contexts = query.rank != RECS_RANK_NONE
                       ? ngx_http_recs_context_values(r, contexts) : 0;

    /* What the slot asks for by itself, of the visitor of the page. */

    plain = query.rules == NULL
            && visitor == &ctx->visitor && question->count == 0
            && question->item.len == 0 && question->n_exclude == 0;

    count = query.count;

    if (plain && rlcf->dedupe) {
        query.count += ngx_http_recs_answer_ahead(r, ctx, slot);
    }

    answer->items = ngx_palloc(r->pool, query.count
                                        * sizeof(recs_answer_item_t));
    exclude = ngx_palloc(r->pool, (question->n_exclude + ctx->shown.nelts + 1)
                                  * sizeof(uint32_t));
    if (answer->items == NULL || exclude == NULL) {
        return NGX_ERROR;
    }

    query.recent = recent;
    query.n_recent = ngx_http_recs_answer_recent(r, ctx, visitor, bundle,
                                                 recent);
    query.exclude = exclude;
    query.n_exclude = ngx_http_recs_answer_exclude(ctx, bundle, question,
                                                   rlcf->dedupe, exclude);

    if (!plain
        || ngx_http_recs_answer_shared(r, ctx, slot, &query, count, answer)
           != NGX_OK)
    {
        recs_recommend(bundle, slot->model->scratch, &query, answer);
    }

    slot_answer->n_found = plain ? answer->n : 0;
    answer->n = ngx_min(answer->n, count);

    if (question->explain
        && ngx_http_recs_answer_explain(r, slot->model, &query, slot_answer)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_recs_answer_show(ctx, bundle, answer);
}


static void
ngx_http_recs_answer_fall_back(recs_answer_t *answer, recs_reason_t reason)
{
    answer->source = RECS_SOURCE_FALLBACK;
    answer->reason = reason;
    answer->degraded = 0;
    answer->n = 0;
}


static void
ngx_http_recs_answer_compute(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_slot_t *slot, ngx_http_recs_question_t *question,
    ngx_http_recs_answer_t *slot_answer)
{
    uint64_t                    started;
    recs_answer_t              *answer;
    recs_bundle_t              *bundle;
    ngx_http_recs_slot_t       *served;
    ngx_http_recs_visitor_t     other, *visitor;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    started = ngx_http_recs_nanoseconds();

    slot_answer->slot = slot;
    slot_answer->computed = 1;
    slot_answer->served = ngx_http_recs_variant_slot(r, slot,
                                                     &slot_answer->variant);

    served = slot_answer->served;
    answer = &slot_answer->answer;
    visitor = &ctx->visitor;

    if (r != r->main) {
        ngx_http_recs_visitor_read(r, &other, &ctx->visitor);
        visitor = &other;
    }

    bundle = served->model->bundle;

    if (ngx_http_recs_switched_off(rmcf, slot)
        || (served != slot && ngx_http_recs_switched_off(rmcf, served)))
    {
        ngx_http_recs_answer_fall_back(answer, RECS_REASON_SWITCHED_OFF);

    } else if (bundle == NULL) {
        ngx_http_recs_answer_fall_back(answer, RECS_REASON_NO_MODEL);

    } else if (ngx_http_recs_answer_score(r, ctx, served, visitor,
                                          question, bundle, slot_answer)
               != NGX_OK)
    {
        ngx_http_recs_answer_fall_back(answer, RECS_REASON_ERROR);

    } else if (visitor->bypass && answer->reason == RECS_REASON_NONE) {
        answer->reason = RECS_REASON_BYPASSED;
    }

    ngx_http_recs_zone_count(rmcf, slot, answer,
                             ngx_http_recs_nanoseconds() - started);
}


void
ngx_http_recs_answer_records(ngx_http_recs_answer_t *answer, ngx_uint_t n,
    recs_str_t *records)
{
    ngx_uint_t      i;
    recs_bundle_t  *bundle;

    bundle = answer->served->model->bundle;

    for (i = 0; i < n; i++) {
        records[i] = recs_bundle_item_record(bundle,
                                             answer->answer.items[i].item);
        __builtin_prefetch(records[i].data);
    }
}


void
ngx_http_recs_answer_expect(ngx_http_request_t *r,
    ngx_http_recs_slot_t *slot)
{
    ngx_http_recs_ctx_t  *ctx;

    ctx = ngx_http_recs_get_ctx(r);

    if (ctx != NULL) {
        ctx->answers[slot->index].expected = 1;
    }
}


ngx_http_recs_answer_t *
ngx_http_recs_answer(ngx_http_request_t *r, ngx_http_recs_slot_t *slot)
{
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_answer_t    *answer;
    ngx_http_recs_question_t   question;

    ctx = ngx_http_recs_get_ctx(r);
    if (ctx == NULL) {
        return NULL;
    }

    answer = &ctx->answers[slot->index];

    if (!answer->computed) {
        ngx_memzero(&question, sizeof(ngx_http_recs_question_t));

        ngx_http_recs_answer_compute(r->main, ctx, slot, &question, answer);
    }

    return answer;
}


ngx_http_recs_answer_t *
ngx_http_recs_answer_question(ngx_http_request_t *r,
    ngx_http_recs_slot_t *slot, ngx_http_recs_question_t *question)
{
    ngx_http_recs_ctx_t     *ctx;
    ngx_http_recs_answer_t  *answer;

    ctx = ngx_http_recs_get_ctx(r);
    if (ctx == NULL) {
        return NULL;
    }

    answer = &ctx->answers[slot->index];

    if (answer->computed) {
        answer = ngx_pcalloc(r->pool, sizeof(ngx_http_recs_answer_t));
        if (answer == NULL) {
            return NULL;
        }
    }

    ngx_http_recs_answer_compute(r, ctx, slot, question, answer);

    return answer;
}
