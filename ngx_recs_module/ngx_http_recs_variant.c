#include "ngx_http_recs_variant.h"

#include "ngx_http_recs_fill.h"
#include "ngx_http_recs_guard.h"
#include "ngx_http_recs_sticky.h"
#include "ngx_http_recs_visitor_cookie.h"


#define NGX_HTTP_RECS_COIN_LEN  32


/* Of one visitor, as recs_assign() takes them. */
typedef struct {
    recs_str_t   units[NGX_HTTP_RECS_UNITS_MAX];
    ngx_uint_t   n;
} ngx_http_recs_units_t;


/* Is it that visitor who may be in experiments? */
static ngx_uint_t
ngx_http_recs_variant_allowed(ngx_http_recs_visitor_t *visitor)
{
    return !visitor->bypass
           && visitor->consent != NGX_HTTP_RECS_CONSENT_NONE;
}


/* --- units --- */

static ngx_int_t
ngx_http_recs_variant_coin(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx)
{
    u_char  *p;

    if (ctx->coin.len != 0) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_HTTP_RECS_COIN_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx->coin.data = p;
    ctx->coin.len = ngx_sprintf(p, "%08xD%08xD%08xD%08xD",
                                (uint32_t) ngx_random(),
                                (uint32_t) ngx_random(),
                                (uint32_t) ngx_random(),
                                (uint32_t) ngx_random())
                    - p;

    return NGX_OK;
}


static void
ngx_http_recs_variant_add_unit(ngx_http_recs_units_t *units, ngx_str_t *id)
{
    units->units[units->n].data = (char *) id->data;
    units->units[units->n].len = id->len;
    units->n++;
}


/*
 * The experiment's chain, or the coin where nothing in it is an id.  A new
 * visitor gets one of ours, unless what is asked for lets him out anyway.
 */
static ngx_int_t
ngx_http_recs_variant_units(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_experiment_t *x, ngx_uint_t let_in,
    ngx_http_recs_units_t *units)
{
    ngx_str_t                  id;
    ngx_uint_t                 i;
    ngx_http_complex_value_t  *values;

    values = x->units.elts;
    units->n = 0;

    for (i = 0; i < x->units.nelts; i++) {
        if (ngx_http_complex_value(r, &values[i], &id) != NGX_OK) {
            return NGX_ERROR;
        }

        if (recs_id_valid((char *) id.data, id.len)) {
            ngx_http_recs_variant_add_unit(units, &id);
        }
    }

    if (x->units.nelts == 0) {
        if (let_in) {
            ngx_http_recs_visitor_cookie_want(r, &ctx->visitor);
        }

        if (ctx->visitor.id.len != 0) {
            ngx_http_recs_variant_add_unit(units, &ctx->visitor.id);
        }
    }

    if (units->n != 0) {
        return NGX_OK;
    }

    if (ngx_http_recs_variant_coin(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_recs_variant_add_unit(units, &ctx->coin);

    return NGX_OK;
}


/* --- the variant --- */

/* Do all conditions hold?  One that cannot be had does not. */
static ngx_uint_t
ngx_http_recs_variant_when(ngx_http_request_t *r,
    ngx_http_recs_experiment_t *x)
{
    ngx_str_t                  value;
    ngx_uint_t                 i;
    ngx_http_complex_value_t  *conditions;

    conditions = x->conditions.elts;

    for (i = 0; i < x->conditions.nelts; i++) {
        if (ngx_http_complex_value(r, &conditions[i], &value) != NGX_OK
            || value.len == 0 || (value.len == 1 && value.data[0] == '0'))
        {
            return 0;
        }
    }

    return 1;
}


static void
ngx_http_recs_variant_decide(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    ngx_http_recs_variant_t *variant)
{
    recs_str_t                       *unit;
    recs_assign_t                     in;
    ngx_http_recs_units_t             units;
    ngx_http_recs_experiment_t       *x;
    ngx_http_recs_main_conf_t        *rmcf;
    ngx_http_recs_request_sticky_t   *kept;

    x = variant->experiment;
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if (!ngx_http_recs_variant_allowed(&ctx->visitor)
        || ngx_http_recs_guard_off(rmcf, x))
    {
        return;
    }

    kept = x->core.sticky ? ngx_http_recs_sticky(r, ctx) : NULL;

    ngx_memzero(&in, sizeof(recs_assign_t));

    in.when = ngx_http_recs_variant_when(r, x);

    if (ngx_http_recs_variant_units(r, ctx, x, in.when, &units) != NGX_OK) {
        return;
    }

    in.units = units.units;
    in.n_units = units.n;
    in.forced = ngx_http_recs_force(r, x);
    in.sticky = kept != NULL ? &kept->sticky : NULL;

    if (x->live.n_arms != 0) {
        in.arms = x->live.arms;
        in.epoch.data = (char *) x->live.epoch;
        in.epoch.len = x->live.epoch_len;
    }

    recs_assign(&x->core, &in, &variant->assignment);

    unit = &units.units[variant->assignment.unit];

    variant->unit.data = (u_char *) unit->data;
    variant->unit.len = unit->len;
    variant->coin = unit->data == (char *) ctx->coin.data;
    variant->evaluated = 1;

    ngx_http_recs_sticky_keep(kept, variant, &in);
}


static ngx_int_t
ngx_http_recs_variant_begin(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx)
{
    ngx_uint_t                    i;
    ngx_http_recs_experiment_t  **x;
    ngx_http_recs_main_conf_t    *rmcf;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    x = rmcf->experiments.elts;

    ctx->variants = ngx_pcalloc(r->pool, rmcf->experiments.nelts
                                         * sizeof(ngx_http_recs_variant_t));
    if (ctx->variants == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < rmcf->experiments.nelts; i++) {
        ctx->variants[i].experiment = x[i];
        ctx->variants[i].assignment.variant = RECS_VARIANT_NONE;
    }

    return NGX_OK;
}


ngx_http_recs_variant_t *
ngx_http_recs_variant(ngx_http_request_t *r, ngx_http_recs_experiment_t *x)
{
    ngx_http_recs_ctx_t      *ctx;
    ngx_http_recs_variant_t  *variant;

    r = r->main;

    if (ngx_http_recs_logging(r)) {
        ctx = ngx_http_recs_peek_ctx(r);

        return ctx != NULL && ctx->variants != NULL
               && ctx->variants[x->index].decided
               ? &ctx->variants[x->index] : NULL;
    }

    ctx = ngx_http_recs_get_ctx(r);

    if (ctx == NULL
        || (ctx->variants == NULL
            && ngx_http_recs_variant_begin(r, ctx) != NGX_OK))
    {
        return NULL;
    }

    variant = &ctx->variants[x->index];

    if (!variant->decided) {

        /* An expression that asks for the variant itself finds nobody in. */

        variant->decided = 1;
        ngx_http_recs_variant_decide(r, ctx, variant);
    }

    return variant;
}


ngx_uint_t
ngx_http_recs_variant_in(ngx_http_recs_variant_t *variant)
{
    return variant != NULL && variant->assignment.variant != RECS_VARIANT_NONE;
}


recs_str_t
ngx_http_recs_variant_name(ngx_http_recs_variant_t *variant)
{
    return variant->experiment->core.variants[variant->assignment.variant];
}


void
ngx_http_recs_variant_forget(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx)
{
    ngx_uint_t                  i;
    ngx_http_recs_variant_t    *variant;
    ngx_http_recs_main_conf_t  *rmcf;

    if (ctx->variants == NULL
        || ngx_http_recs_variant_allowed(&ctx->visitor))
    {
        return;
    }

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    for (i = 0; i < rmcf->experiments.nelts; i++) {
        variant = &ctx->variants[i];

        ngx_memzero(&variant->assignment, sizeof(recs_assignment_t));
        variant->assignment.variant = RECS_VARIANT_NONE;
        variant->evaluated = 0;
        variant->exposed = 0;
    }
}


/* --- slots --- */

/* A subrequest's visitor may allow less than the page's. */
static ngx_uint_t
ngx_http_recs_variant_allowed_here(ngx_http_request_t *r)
{
    ngx_http_recs_ctx_t      *ctx;
    ngx_http_recs_visitor_t   visitor;

    if (r == r->main) {
        return 1;
    }

    ctx = ngx_http_recs_get_ctx(r);
    if (ctx == NULL) {
        return 0;
    }

    ngx_http_recs_visitor_read(r, &visitor, &ctx->visitor);

    return ngx_http_recs_variant_allowed(&visitor);
}


ngx_http_recs_slot_t *
ngx_http_recs_variant_slot(ngx_http_request_t *r, ngx_http_recs_slot_t *slot,
    ngx_http_recs_variant_t **variant)
{
    ngx_uint_t                    i;
    ngx_http_recs_replacement_t  *replacement;

    *variant = NULL;

    if (slot->replacements == NULL || !ngx_http_recs_variant_allowed_here(r)) {
        return slot;
    }

    replacement = slot->replacements->elts;

    for (i = 0; i < slot->replacements->nelts; i++) {
        *variant = ngx_http_recs_variant(r, replacement[i].experiment);

        if (ngx_http_recs_variant_in(*variant)) {
            return replacement[i].to[(*variant)->assignment.variant];
        }
    }

    *variant = NULL;

    return slot;
}


/* Is it kept in a cookie, or the unit that it is given to? */
static ngx_uint_t
ngx_http_recs_variant_in_cookie(ngx_http_recs_experiment_t *x)
{
    return x->core.sticky || x->units.nelts == 0;
}


void
ngx_http_recs_variant_expect(ngx_http_request_t *r)
{
    ngx_uint_t                    i, n;
    ngx_http_recs_slot_t        **slots;
    ngx_http_recs_main_conf_t    *rmcf;
    ngx_http_recs_replacement_t  *replacement;

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if (rmcf->experiments.nelts == 0 || !ngx_http_recs_fill_wanted(r)) {
        return;
    }

    slots = rmcf->slots.elts;

    for (i = 0; i < rmcf->slots.nelts; i++) {

        if (slots[i]->replacements == NULL) {
            continue;
        }

        replacement = slots[i]->replacements->elts;

        for (n = 0; n < slots[i]->replacements->nelts; n++) {
            if (ngx_http_recs_variant_in_cookie(replacement[n].experiment)) {
                (void) ngx_http_recs_variant(r, replacement[n].experiment);
            }
        }
    }
}


/* --- exposure --- */

void
ngx_http_recs_variant_exposed(ngx_http_request_t *r,
    ngx_http_recs_experiment_t *x)
{
    ngx_http_recs_variant_t  *variant;

    variant = ngx_http_recs_variant(r, x);

    if (variant != NULL && variant->evaluated) {
        variant->exposed = 1;
    }
}


void
ngx_http_recs_variant_slot_exposed(ngx_http_request_t *r,
    ngx_http_recs_slot_t *slot)
{
    ngx_uint_t                    i;
    ngx_http_recs_replacement_t  *replacement;

    if (slot->replacements == NULL || !ngx_http_recs_variant_allowed_here(r)) {
        return;
    }

    replacement = slot->replacements->elts;

    for (i = 0; i < slot->replacements->nelts; i++) {
        ngx_http_recs_variant_exposed(r, replacement[i].experiment);
    }
}


/* --- the variable --- */

ngx_int_t
ngx_http_recs_variant_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, ngx_http_recs_experiment_t *x)
{
    recs_str_t                name;
    ngx_http_recs_variant_t  *variant;

    variant = ngx_http_recs_variant(r, x);

    if (variant == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    if (x->expose && !ngx_http_recs_logging(r)) {
        ngx_http_recs_variant_exposed(r, x);
    }

    v->data = (u_char *) "";
    v->len = 0;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    if (ngx_http_recs_variant_in(variant)) {
        name = ngx_http_recs_variant_name(variant);
        v->data = (u_char *) name.data;
        v->len = name.len;
    }

    return NGX_OK;
}
