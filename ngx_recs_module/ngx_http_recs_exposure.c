#include "ngx_http_recs_exposure.h"
#include "ngx_http_recs_event_log.h"

#include "recs_decimal.h"


void
ngx_http_recs_exposure_add(ngx_http_request_t *r,
    ngx_http_recs_answer_t *answer, ngx_uint_t n)
{
    ngx_uint_t                 i;
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_exposure_t  *exposure;

    ctx = ngx_http_recs_peek_ctx(r);

    if (ctx == NULL || n == 0) {
        return;
    }

    if (ctx->exposures == NULL) {
        ctx->exposures = ngx_array_create(r->main->pool, 4,
                                          sizeof(ngx_http_recs_exposure_t));
        if (ctx->exposures == NULL) {
            return;
        }
    }

    exposure = ctx->exposures->elts;

    for (i = 0; i < ctx->exposures->nelts; i++) {
        if (exposure[i].answer == answer) {
            exposure[i].n = ngx_max(exposure[i].n, n);
            return;
        }
    }

    exposure = ngx_array_push(ctx->exposures);

    if (exposure != NULL) {
        exposure->answer = answer;
        exposure->n = n;
    }
}


static recs_str_t
ngx_http_recs_exposure_id(ngx_http_recs_exposure_t *exposure, ngx_uint_t i)
{
    ngx_http_recs_answer_t  *answer;

    answer = exposure->answer;

    return recs_record_id(
               recs_bundle_item_record(answer->slot->model->bundle,
                                       answer->answer.items[i].item));
}


/* What the exposure takes at most: in ids, " and \\ alone are escaped. */
static size_t
ngx_http_recs_exposure_size(ngx_http_recs_exposure_t *exposure)
{
    size_t      size;
    ngx_uint_t  i;

    size = sizeof("{\"slot\":\"\",\"generation\":\"\",\"items\":[]},")
           + exposure->answer->slot->name.len + RECS_GENERATION_LEN;

    for (i = 0; i < exposure->n; i++) {
        size += sizeof("{\"id\":\"\",\"rank\":,\"propensity\":},")
                + 2 * ngx_http_recs_exposure_id(exposure, i).len
                + NGX_INT_T_LEN + RECS_DECIMAL_DOUBLE_MAX;
    }

    return size;
}


static u_char *
ngx_http_recs_exposure_text(u_char *p, ngx_http_recs_exposure_t *exposure)
{
    char                   propensity[RECS_DECIMAL_DOUBLE_MAX];
    size_t                 len;
    ngx_uint_t             i;
    recs_str_t             id;
    recs_answer_item_t    *items;
    ngx_http_recs_slot_t  *slot;

    slot = exposure->answer->slot;
    items = exposure->answer->answer.items;

    p = ngx_sprintf(p, "{\"slot\":\"%V\",\"generation\":\"%s\",\"items\":[",
                    &slot->name, slot->model->generation.name);

    for (i = 0; i < exposure->n; i++) {
        id = ngx_http_recs_exposure_id(exposure, i);
        len = recs_decimal_double(propensity, items[i].propensity);

        p = ngx_sprintf(p, "%s{\"id\":\"", i > 0 ? "," : "");
        p = (u_char *) ngx_escape_json(p, (u_char *) id.data, id.len);
        p = ngx_sprintf(p, "\",\"rank\":%ui,\"propensity\":%*s}", i + 1,
                        len, propensity);
    }

    return ngx_cpymem(p, "]}", 2);
}


static ngx_int_t
ngx_http_recs_exposures_write(ngx_http_request_t *r, ngx_array_t *exposures,
    ngx_str_t *text)
{
    size_t                     size;
    u_char                    *p;
    ngx_uint_t                 i;
    ngx_http_recs_exposure_t  *exposure;

    exposure = exposures->elts;
    size = 2;

    for (i = 0; i < exposures->nelts; i++) {
        size += ngx_http_recs_exposure_size(&exposure[i]);
    }

    text->data = ngx_pnalloc(r->pool, size);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    p = text->data;

    for (i = 0; i < exposures->nelts; i++) {
        *p++ = i == 0 ? '[' : ',';
        p = ngx_http_recs_exposure_text(p, &exposure[i]);
    }

    *p++ = ']';
    text->len = p - text->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_exposures_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t             text;
    ngx_http_recs_ctx_t  *ctx;

    if (!ngx_http_recs_logging(r)) {

        /* Neither valid nor not found: nginx asks again. */

        v->valid = 0;
        v->not_found = 0;
        v->len = 0;
        v->data = (u_char *) "";
        return NGX_OK;
    }

    ctx = ngx_http_recs_peek_ctx(r);

    if (ctx == NULL || ctx->exposures == NULL
        || ngx_http_recs_exposures_write(r, ctx->exposures, &text) != NGX_OK)
    {
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = text.data;
    v->len = text.len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static void
ngx_http_recs_exposure_log(ngx_http_request_t *r,
    ngx_http_recs_event_log_t *log, ngx_http_recs_visitor_t *visitor,
    ngx_http_recs_exposure_t *exposure)
{
    ngx_uint_t                  i;
    recs_str_t                  id;
    ngx_http_recs_slot_t       *slot;
    ngx_http_recs_event_t       event;
    ngx_http_recs_exposed_t     items[NGX_HTTP_RECS_COUNT_MAX];
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    slot = exposure->answer->slot;

    for (i = 0; i < exposure->n; i++) {
        id = ngx_http_recs_exposure_id(exposure, i);

        items[i].id.data = (u_char *) id.data;
        items[i].id.len = id.len;
        items[i].rank = i + 1;
        items[i].propensity = exposure->answer->answer.items[i].propensity;
    }

    ngx_http_recs_event_init(&event);

    ngx_str_set(&event.event, "exposure");
    event.consent = visitor->consent;
    event.user = visitor->id;
    event.contexts = ngx_http_recs_contexts(r);
    event.slot = slot->name;
    event.generation.data = (u_char *) slot->model->generation.name;
    event.generation.len = ngx_strlen(slot->model->generation.name);
    event.items = items;
    event.n_items = exposure->n;

    ngx_http_recs_event_log_write(rmcf, log, &event);
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

    if (ctx == NULL || ctx->exposures == NULL || ctx->visitor.bypass
        || !ngx_http_recs_event_log_is_on(rlcf->event_log))
    {
        return NGX_OK;
    }

    exposure = ctx->exposures->elts;

    for (i = 0; i < ctx->exposures->nelts; i++) {
        ngx_http_recs_exposure_log(r, rlcf->event_log, &ctx->visitor,
                                   &exposure[i]);
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
