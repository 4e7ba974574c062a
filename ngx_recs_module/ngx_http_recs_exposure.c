#include "ngx_http_recs_exposure.h"
#include "ngx_http_recs_variant.h"

#include "recs_decimal.h"


void
ngx_http_recs_exposure_add(ngx_http_request_t *r,
    ngx_http_recs_answer_t *answer, ngx_uint_t n)
{
    ngx_uint_t                 i;
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_exposure_t  *exposure;

    ngx_http_recs_variant_slot_exposed(r, answer->slot);

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


recs_str_t
ngx_http_recs_exposure_id(ngx_http_recs_exposure_t *exposure, ngx_uint_t i)
{
    ngx_http_recs_answer_t  *answer;

    answer = exposure->answer;

    return recs_record_id(
               recs_bundle_item_record(answer->served->model->bundle,
                                       answer->answer.items[i].item));
}


ngx_http_recs_variant_t *
ngx_http_recs_exposure_variant(ngx_http_recs_exposure_t *exposure)
{
    ngx_http_recs_variant_t  *variant;

    variant = exposure->answer->variant;

    return ngx_http_recs_variant_in(variant) ? variant : NULL;
}


ngx_uint_t
ngx_http_recs_exposure_alone(ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_variant_t *variant)
{
    ngx_uint_t                 i;
    ngx_http_recs_exposure_t  *exposure;

    if (!variant->exposed || !ngx_http_recs_variant_in(variant)) {
        return 0;
    }

    exposure = ctx->exposures != NULL ? ctx->exposures->elts : NULL;

    for (i = 0; exposure != NULL && i < ctx->exposures->nelts; i++) {
        if (exposure[i].answer->variant == variant) {
            return 0;
        }
    }

    return 1;
}


/* "experiment":... of the variant takes at most: */
#define NGX_HTTP_RECS_EXPOSURE_VARIANT                                        \
    (sizeof("{\"experiment\":\"\",\"variant\":\"\",\"propensity\":,"          \
            "\"forced\":true,")                                               \
     + 32 + RECS_VARIANT_NAME_MAX + RECS_DECIMAL_DOUBLE_MAX)


static u_char *
ngx_http_recs_exposure_variant_text(u_char *p,
    ngx_http_recs_variant_t *variant)
{
    char        propensity[RECS_DECIMAL_DOUBLE_MAX];
    size_t      len;
    recs_str_t  name;

    name = ngx_http_recs_variant_name(variant);
    len = recs_decimal_double(propensity, variant->assignment.propensity);

    return ngx_sprintf(p, "\"experiment\":\"%V\",\"variant\":\"%*s\","
                       "\"propensity\":%*s%s", &variant->experiment->name,
                       name.len, name.data, len, propensity,
                       variant->assignment.forced ? ",\"forced\":true" : "");
}


/* What the exposure takes at most: in ids, " and \\ alone are escaped. */
static size_t
ngx_http_recs_exposure_size(ngx_http_recs_exposure_t *exposure)
{
    size_t      size;
    ngx_uint_t  i;

    size = sizeof("{\"slot\":\"\",\"generation\":\"\",\"items\":[]},")
           + exposure->answer->slot->name.len + RECS_GENERATION_LEN
           + NGX_HTTP_RECS_EXPOSURE_VARIANT;

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
    char                      propensity[RECS_DECIMAL_DOUBLE_MAX];
    size_t                    len;
    ngx_uint_t                i;
    recs_str_t                id;
    recs_answer_item_t       *items;
    ngx_http_recs_answer_t   *answer;
    ngx_http_recs_variant_t  *variant;

    answer = exposure->answer;
    variant = ngx_http_recs_exposure_variant(exposure);
    items = answer->answer.items;

    p = ngx_sprintf(p, "{\"slot\":\"%V\",", &answer->slot->name);

    if (variant != NULL) {
        p = ngx_http_recs_exposure_variant_text(p, variant);
        *p++ = ',';
    }

    p = ngx_sprintf(p, "\"generation\":\"%s\",\"items\":[",
                    answer->served->model->generation.name);

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


/* Slots, and variants that no slot carries; NGX_DECLINED: there are none. */
static ngx_int_t
ngx_http_recs_exposures_write(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    ngx_str_t *text)
{
    size_t                      size;
    u_char                     *p;
    ngx_uint_t                  i, n_slots, n_variants;
    ngx_http_recs_exposure_t   *exposure;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    exposure = ctx->exposures != NULL ? ctx->exposures->elts : NULL;
    n_slots = exposure != NULL ? ctx->exposures->nelts : 0;
    n_variants = ctx->variants != NULL ? rmcf->experiments.nelts : 0;

    size = 2 + n_variants * NGX_HTTP_RECS_EXPOSURE_VARIANT;

    for (i = 0; i < n_slots; i++) {
        size += ngx_http_recs_exposure_size(&exposure[i]);
    }

    text->data = ngx_pnalloc(r->pool, size);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    p = text->data;

    for (i = 0; i < n_slots; i++) {
        *p++ = ',';
        p = ngx_http_recs_exposure_text(p, &exposure[i]);
    }

    for (i = 0; i < n_variants; i++) {
        if (ngx_http_recs_exposure_alone(ctx, &ctx->variants[i])) {
            p = ngx_cpymem(p, ",{", 2);
            p = ngx_http_recs_exposure_variant_text(p, &ctx->variants[i]);
            *p++ = '}';
        }
    }

    if (p == text->data) {
        return NGX_DECLINED;
    }

    text->data[0] = '[';
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

    if (ctx == NULL || ngx_http_recs_exposures_write(r, ctx, &text) != NGX_OK)
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
