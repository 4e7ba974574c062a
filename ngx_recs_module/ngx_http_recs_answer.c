/*
 * One answer per slot and request.
 */

#include "ngx_http_recs_module.h"
#include "ngx_http_recs_watch.h"


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


static ngx_int_t
ngx_http_recs_answer_score(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_slot_t *slot, ngx_http_recs_visitor_t *visitor,
    ngx_http_recs_question_t *question, recs_bundle_t *bundle,
    recs_answer_t *answer)
{
    uint32_t                  *exclude;
    ngx_str_t                 *item;
    recs_query_t               query;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    ngx_memzero(&query, sizeof(recs_query_t));

    query.count = question->count != 0 ? question->count : slot->count;

    answer->items = ngx_palloc(r->pool, query.count
                                        * sizeof(recs_answer_item_t));
    exclude = ngx_palloc(r->pool, (question->n_exclude + ctx->shown.nelts + 1)
                                  * sizeof(uint32_t));
    if (answer->items == NULL || exclude == NULL) {
        return NGX_ERROR;
    }

    item = question->item.len != 0 ? &question->item : &visitor->item;

    query.strategy = slot->strategy;
    query.user.data = (char *) visitor->user.data;
    query.user.len = visitor->user.len;
    query.item.data = (char *) item->data;
    query.item.len = item->len;
    query.exclude_seen = slot->exclude_seen;
    query.no_consent = visitor->consent < 2;
    query.blocked = slot->model->blocked;
    query.filter = slot->filter;
    query.budget_us = slot->budget_us;
    query.exclude = exclude;
    query.n_exclude = ngx_http_recs_answer_exclude(ctx, bundle, question,
                                                   rlcf->dedupe, exclude);

    recs_recommend(bundle, slot->model->scratch, &query, answer);

    return ngx_http_recs_answer_show(ctx, bundle, answer);
}


static void
ngx_http_recs_answer_fall_back(recs_answer_t *answer, recs_reason_t reason)
{
    answer->source = RECS_SOURCE_FALLBACK;
    answer->reason = reason;
    answer->n = 0;
}


static void
ngx_http_recs_answer_compute(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_slot_t *slot, ngx_http_recs_question_t *question,
    recs_answer_t *answer)
{
    uint64_t                    started;
    recs_bundle_t              *bundle;
    ngx_http_recs_visitor_t     other, *visitor;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    started = ngx_http_recs_nanoseconds();

    visitor = &ctx->visitor;

    if (r != r->main) {
        ngx_http_recs_visitor(r, &other);
        visitor = &other;
    }

    bundle = ngx_http_recs_model_bundle(slot->model);

    if (ngx_http_recs_switched_off(rmcf, slot)) {
        ngx_http_recs_answer_fall_back(answer, RECS_REASON_SWITCHED_OFF);

    } else if (bundle == NULL) {
        ngx_http_recs_answer_fall_back(answer, RECS_REASON_NO_MODEL);

    } else if (ngx_http_recs_answer_score(r, ctx, slot, visitor, question,
                                          bundle, answer)
               != NGX_OK)
    {
        ngx_http_recs_answer_fall_back(answer, RECS_REASON_ERROR);
    }

    ngx_http_recs_zone_count(rmcf, slot, answer->source, answer->reason,
                             ngx_http_recs_nanoseconds() - started);
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
        answer->slot = slot;
        answer->computed = 1;
        ngx_memzero(&question, sizeof(ngx_http_recs_question_t));

        ngx_http_recs_answer_compute(r->main, ctx, slot, &question,
                                     &answer->answer);
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

    answer->slot = slot;
    answer->computed = 1;

    ngx_http_recs_answer_compute(r, ctx, slot, question, &answer->answer);

    return answer;
}
