/*
 * What experiments of one configuration are to each other.
 */

#include "ngx_http_recs_experiment.h"
#include "ngx_http_recs_watch.h"


static ngx_int_t
ngx_http_recs_experiment_refuse(ngx_conf_t *cf, ngx_http_recs_experiment_t *x,
    const char *why)
{
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "%s in recs_experiment \"%V\" in %V:%ui", why, &x->name,
                  &x->file, x->line);

    return NGX_ERROR;
}


/*
 * Cookies of ours are read and set for a whole server, but an experiment's
 * are the same everywhere: so are the keys.
 */
static ngx_int_t
ngx_http_recs_experiment_check_keys(ngx_conf_t *cf,
    ngx_http_recs_experiment_t *x)
{
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_recs_module);

    if (x->core.sticky && rlcf->session_keys == NGX_CONF_UNSET_PTR) {
        return ngx_http_recs_experiment_refuse(cf, x,
                   "\"sticky\" needs \"recs_session_key\" in http");
    }

    if (x->core.override == RECS_OVERRIDE_SIGNED
        && rlcf->session_keys == NGX_CONF_UNSET_PTR)
    {
        return ngx_http_recs_experiment_refuse(cf, x,
                   "\"override signed\" needs \"recs_session_key\" in http");
    }

    if (x->core.sticky && x->bandit.len != 0) {
        return ngx_http_recs_experiment_refuse(cf, x,
                   "\"sticky\" and \"bandit\" (nobody knows how likely a "
                   "variant was that is kept from another epoch)");
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_recs_experiment_same(recs_str_t *a, recs_str_t *b)
{
    return a->len != 0 && a->len == b->len
           && ngx_memcmp(a->data, b->data, a->len) == 0;
}


/*
 * A holdout is logged as an experiment of its name, and it is what lies first
 * in the namespace of its name.
 */
static ngx_int_t
ngx_http_recs_experiment_check_holdout(ngx_conf_t *cf,
    ngx_http_recs_experiment_t *x, recs_experiment_t *holding)
{
    if (ngx_http_recs_experiment_same(&x->core.name, &holding->holdout_name)) {
        return ngx_http_recs_experiment_refuse(cf, x,
                   "a \"holdout\" has the name of this experiment");
    }

    if (ngx_http_recs_experiment_same(&x->core.namespace_name,
                                      &holding->holdout_name)
        && x->core.namespace_lo < holding->holdout)
    {
        return ngx_http_recs_experiment_refuse(cf, x,
                   "\"namespace\" overlaps the \"holdout\" of this name");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_experiment_check_pairs(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_experiment_t *x)
{
    ngx_uint_t                    i;
    recs_error_t                  err;
    ngx_http_recs_experiment_t  **others;

    others = rmcf->experiments.elts;

    for (i = 0; i < rmcf->experiments.nelts; i++) {

        if (ngx_http_recs_experiment_check_holdout(cf, x, &others[i]->core)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (i < x->index
            && recs_experiment_agree(&others[i]->core, &x->core, &err)
               != RECS_OK)
        {
            return ngx_http_recs_experiment_refuse(cf, x, err.message);
        }
    }

    return NGX_OK;
}


/* Can nobody be in both? */
static ngx_uint_t
ngx_http_recs_experiment_apart(ngx_http_recs_experiment_t *a,
    ngx_http_recs_experiment_t *b)
{
    return ngx_http_recs_experiment_same(&a->core.namespace_name,
                                         &b->core.namespace_name);
}


/*
 * One slot has one experiment at a time.  Those of one namespace have no unit
 * in common: that was checked before.
 */
static ngx_int_t
ngx_http_recs_experiment_check_slot(ngx_conf_t *cf, ngx_http_recs_slot_t *slot)
{
    ngx_uint_t                    i, j;
    ngx_http_recs_experiment_t   *a, *b;
    ngx_http_recs_replacement_t  *replacement;

    if (slot->replacements == NULL) {
        return NGX_OK;
    }

    replacement = slot->replacements->elts;

    for (i = 1; i < slot->replacements->nelts; i++) {
        for (j = 0; j < i; j++) {
            a = replacement[j].experiment;
            b = replacement[i].experiment;

            if (!ngx_http_recs_experiment_apart(a, b)) {
                ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                              "recs_slot \"%V\" stands in recs_experiment "
                              "\"%V\" already: give both parts of one "
                              "namespace in recs_experiment \"%V\" in "
                              "%V:%ui", &slot->name, &a->name, &b->name,
                              &b->file, b->line);
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_experiment_init(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t                    i;
    ngx_http_recs_slot_t        **slots;
    ngx_http_recs_experiment_t  **x;

    x = rmcf->experiments.elts;
    slots = rmcf->slots.elts;

    for (i = 0; i < rmcf->experiments.nelts; i++) {

        if (ngx_http_recs_experiment_check_keys(cf, x[i]) != NGX_OK
            || ngx_http_recs_experiment_check_pairs(cf, rmcf, x[i]) != NGX_OK
            || ngx_http_recs_replacement_init(cf, rmcf, x[i]) != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (x[i]->units.nelts == 0) {
            rmcf->visitor_cookies = 1;
        }

        if (x[i]->core.sticky) {
            rmcf->sticky_cookies = 1;
        }

        if (x[i]->bandit.len != 0
            && ngx_http_recs_watch_bandit(cf, rmcf, x[i]) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    for (i = 0; i < rmcf->slots.nelts; i++) {
        if (ngx_http_recs_experiment_check_slot(cf, slots[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
