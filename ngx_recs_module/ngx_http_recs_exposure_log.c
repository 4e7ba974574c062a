/*
 * The events of what a response showed: one per slot, one per experiment that
 * no slot carries, one per holdout.
 */

#include "ngx_http_recs_event_log.h"
#include "ngx_http_recs_exposure.h"
#include "ngx_http_recs_guard.h"
#include "ngx_http_recs_variant.h"


#define NGX_HTTP_RECS_THOUSAND  1000         /* parts of a namespace */


static void
ngx_http_recs_exposure_event(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_event_t *event)
{
    ngx_http_recs_event_init(event);

    ngx_str_set(&event->event, "exposure");
    event->consent = ctx->visitor.consent;
    event->user = ctx->visitor.id;
    event->contexts = ngx_http_recs_contexts(r);
}


static void
ngx_http_recs_exposure_write(ngx_http_request_t *r,
    ngx_http_recs_event_t *event)
{
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    ngx_http_recs_event_log_write(rmcf, rlcf->event_log, event);
}


/* A coin is of a request, not of the visitor: his next may fall otherwise. */
static void
ngx_http_recs_exposure_user(ngx_http_recs_event_t *event,
    ngx_http_recs_variant_t *variant)
{
    if (variant->coin && !variant->assignment.forced) {
        ngx_str_null(&event->user);
    }
}


static void
ngx_http_recs_exposure_of(ngx_http_recs_event_t *event,
    ngx_http_recs_variant_t *variant)
{
    recs_str_t  name;

    ngx_http_recs_exposure_user(event, variant);

    name = ngx_http_recs_variant_name(variant);

    event->experiment = variant->experiment->name;
    event->variant.data = (u_char *) name.data;
    event->variant.len = name.len;
    event->bucket_version = variant->experiment->core.bucket_version;
    event->propensity = variant->assignment.propensity;
    event->forced = variant->assignment.forced;
}


static void
ngx_http_recs_exposure_slot(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_exposure_t *exposure)
{
    ngx_uint_t                i;
    recs_str_t                id;
    ngx_http_recs_event_t     event;
    ngx_http_recs_model_t    *model;
    ngx_http_recs_answer_t   *answer;
    ngx_http_recs_exposed_t   items[NGX_HTTP_RECS_COUNT_MAX];
    ngx_http_recs_variant_t  *variant;

    answer = exposure->answer;
    model = answer->served->model;
    variant = ngx_http_recs_exposure_variant(exposure);

    for (i = 0; i < exposure->n; i++) {
        id = ngx_http_recs_exposure_id(exposure, i);

        items[i].id.data = (u_char *) id.data;
        items[i].id.len = id.len;
        items[i].rank = i + 1;
        items[i].propensity = answer->answer.items[i].propensity;
    }

    ngx_http_recs_exposure_event(r, ctx, &event);

    event.slot = answer->slot->name;
    event.generation.data = (u_char *) model->generation.name;
    event.generation.len = ngx_strlen(model->generation.name);
    event.items = items;
    event.n_items = exposure->n;

    if (variant != NULL) {
        ngx_http_recs_exposure_of(&event, variant);
    }

    ngx_http_recs_exposure_write(r, &event);
}


/* Was a holdout of that name evaluated before this variant's? */
static ngx_uint_t
ngx_http_recs_exposure_held_before(ngx_http_recs_ctx_t *ctx, ngx_uint_t n)
{
    ngx_uint_t   i;
    recs_str_t  *name, *other;

    name = &ctx->variants[n].experiment->core.holdout_name;

    for (i = 0; i < n; i++) {
        other = &ctx->variants[i].experiment->core.holdout_name;

        if (ctx->variants[i].exposed && other->len == name->len
            && ngx_memcmp(other->data, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* Who is held out, and who is not, is an experiment too. */
static void
ngx_http_recs_exposure_holdout(ngx_http_request_t *r,
    ngx_http_recs_ctx_t *ctx, ngx_uint_t n)
{
    double                    share;
    recs_experiment_t        *x;
    ngx_http_recs_event_t     event;
    ngx_http_recs_variant_t  *variant;

    variant = &ctx->variants[n];
    x = &variant->experiment->core;

    if (x->holdout_name.len == 0 || variant->assignment.forced
        || ngx_http_recs_exposure_held_before(ctx, n))
    {
        return;
    }

    ngx_http_recs_exposure_event(r, ctx, &event);
    ngx_http_recs_exposure_user(&event, variant);

    share = (double) x->holdout / NGX_HTTP_RECS_THOUSAND;

    event.experiment.data = (u_char *) x->holdout_name.data;
    event.experiment.len = x->holdout_name.len;

    if (variant->assignment.reason == RECS_ASSIGN_HOLDOUT) {
        ngx_str_set(&event.variant, "holdout");
        event.propensity = share;

    } else {
        ngx_str_set(&event.variant, "rest");
        event.propensity = 1 - share;
    }

    ngx_http_recs_exposure_write(r, &event);
}


static void
ngx_http_recs_exposure_variants(ngx_http_request_t *r,
    ngx_http_recs_ctx_t *ctx)
{
    ngx_uint_t                  i;
    ngx_http_recs_event_t       event;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    for (i = 0; i < rmcf->experiments.nelts; i++) {

        if (!ctx->variants[i].exposed) {
            continue;
        }

        if (ngx_http_recs_exposure_alone(ctx, &ctx->variants[i])) {
            ngx_http_recs_exposure_event(r, ctx, &event);
            ngx_http_recs_exposure_of(&event, &ctx->variants[i]);
            ngx_http_recs_exposure_write(r, &event);
        }

        ngx_http_recs_exposure_holdout(r, ctx, i);
    }
}


/* Units are counted whether or not there is a log. */
static void
ngx_http_recs_exposure_count(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx)
{
    ngx_uint_t                  i;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    for (i = 0; ctx->variants != NULL && i < rmcf->experiments.nelts; i++) {
        if (ctx->variants[i].exposed) {
            ngx_http_recs_guard_count(rmcf, &ctx->variants[i]);
        }
    }
}


static ngx_int_t
ngx_http_recs_exposure_handler(ngx_http_request_t *r)
{
    ngx_uint_t                 i;
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_exposure_t  *exposure;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    ctx = r == r->main ? ngx_http_recs_peek_ctx(r) : NULL;

    if (ctx == NULL || ctx->visitor.bypass) {
        return NGX_OK;
    }

    ngx_http_recs_exposure_count(r, ctx);

    if (!ngx_http_recs_event_log_is_on(rlcf->event_log)) {
        return NGX_OK;
    }

    exposure = ctx->exposures != NULL ? ctx->exposures->elts : NULL;

    for (i = 0; exposure != NULL && i < ctx->exposures->nelts; i++) {
        ngx_http_recs_exposure_slot(r, ctx, &exposure[i]);
    }

    if (ctx->variants != NULL) {
        ngx_http_recs_exposure_variants(r, ctx);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_exposure_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_recs_exposure_handler;

    return NGX_OK;
}
