/*
 * Units counted, the sample ratio tested with each new one, and an experiment
 * turned off when it cannot be believed.
 */

#include "ngx_http_recs_guard_private.h"

#include "ngx_http_recs_watch.h"
#include "recs_srm.h"


#define NGX_HTTP_RECS_GUARD_TEXT  (RECS_VARIANTS_MAX                          \
                                   * (RECS_VARIANT_NAME_MAX + 40))


ngx_uint_t
ngx_http_recs_guard_off(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x)
{
    ngx_http_recs_guard_place_t  *place;

    switch (ngx_http_recs_switch_experiment(rmcf, x)) {

    case NGX_HTTP_RECS_SWITCH_OFF:
        return 1;

    case NGX_HTTP_RECS_SWITCH_ON:
        return 0;

    default:
        break;
    }

    place = ngx_http_recs_guard_place(x);

    return x->guard && place != NULL && place->mismatch != 0;
}


/* The smallest so far: a positive double's bits are in its order. */
static void
ngx_http_recs_guard_lower(ngx_http_recs_guard_place_t *place, double p)
{
    uint64_t  was, bits;

    ngx_memcpy(&bits, &p, sizeof(bits));
    was = place->p;

    while (bits < was
           && !atomic_compare_exchange_weak(&place->p, &was, bits))
    {
        /* void */
    }
}


/* By whoever is the first to see it. */
static void
ngx_http_recs_guard_tell(ngx_http_recs_experiment_t *x, uint64_t *counts,
    double p)
{
    char         small[sizeof("1.0e-308")];
    u_char      *last, *end, text[NGX_HTTP_RECS_GUARD_TEXT];
    double       total;
    ngx_uint_t   i, level;
    recs_str_t  *name;

    last = text;
    end = text + sizeof(text);
    total = 0;

    for (i = 0; i < x->core.n_variants; i++) {
        total += (double) counts[i];
    }

    for (i = 0; i < x->core.n_variants; i++) {
        name = &x->core.variants[i];

        last = ngx_slprintf(last, end, "%s%*s %uL instead of %.1f",
                            i == 0 ? "" : ", ", name->len, name->data,
                            counts[i], x->live.shares[i] * total);
    }

    (void) snprintf(small, sizeof(small), "%.1e", p);

    level = x->guard ? NGX_LOG_ERR : NGX_LOG_WARN;

    ngx_log_error(level, ngx_cycle->log, 0,
                  "recs_experiment \"%V\" %s: its sample ratio is not that of "
                  "its weights (%*s; p %s)", &x->name,
                  x->guard ? "is turned off"
                           : "cannot be believed, \"guard\" is off",
                  (size_t) (last - text), text, small);
}


static void
ngx_http_recs_guard_test(ngx_http_recs_experiment_t *x,
    ngx_http_recs_guard_place_t *place)
{
    double      p;
    uint64_t    counts[RECS_VARIANTS_MAX];
    ngx_uint_t  i;

    for (i = 0; i < x->core.n_variants; i++) {
        counts[i] = place->units[i];
    }

    p = recs_srm_sequential(counts, x->live.shares, x->core.n_variants);

    ngx_http_recs_guard_lower(place, p);

    if (p < RECS_SRM_ALPHA
        && ngx_atomic_cmp_set(&place->mismatch, 0,
                              (ngx_atomic_uint_t) ngx_time()))
    {
        ngx_http_recs_guard_tell(x, counts, p);
    }
}


/*
 * What was kept from when weights or arms were others says nothing of those of
 * now.
 */
static ngx_uint_t
ngx_http_recs_guard_counts(ngx_http_recs_variant_t *variant)
{
    return !variant->assignment.sticky
           || variant->era == (u_char) variant->experiment->live.key;
}


void
ngx_http_recs_guard_count(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_variant_t *variant)
{
    int32_t                       which;
    recs_once_t                   once;
    ngx_http_recs_guard_place_t  *place;
    ngx_http_recs_experiment_t   *x;

    x = variant->experiment;
    which = variant->assignment.variant;
    place = ngx_http_recs_guard_place(x);

    if (place == NULL || which == RECS_VARIANT_NONE) {
        return;
    }

    if (variant->assignment.forced) {
        (void) ngx_atomic_fetch_add(&place->forced, 1);
        return;
    }

    (void) ngx_atomic_fetch_add(&place->exposures[which], 1);

    if (variant->coin) {
        (void) ngx_atomic_fetch_add(&place->without_unit, 1);
        return;
    }

    if (!ngx_http_recs_guard_counts(variant)) {
        return;
    }

    once.words = place->met;
    once.n_words = NGX_HTTP_RECS_GUARD_WORDS;
    once.seed = ngx_http_recs_guard_sh(rmcf)->seed;

    if (recs_once_add(&once, (char *) variant->origin.data,
                      variant->origin.len))
    {
        (void) ngx_atomic_fetch_add(&place->units[which], 1);
        ngx_http_recs_guard_test(x, place);
    }
}


void
ngx_http_recs_guard_count_sticky(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_sticky_count_t what)
{
    (void) ngx_atomic_fetch_add(&ngx_http_recs_guard_sh(rmcf)->sticky[what],
                                1);
}


void
ngx_http_recs_guard_read(ngx_http_recs_experiment_t *x,
    ngx_http_recs_guard_counts_t *counts)
{
    uint64_t                      bits;
    ngx_uint_t                    i;
    ngx_http_recs_guard_place_t  *place;

    ngx_memzero(counts, sizeof(ngx_http_recs_guard_counts_t));
    counts->p = 1;

    place = ngx_http_recs_guard_place(x);

    if (place == NULL) {
        return;
    }

    for (i = 0; i < x->core.n_variants; i++) {
        counts->units[i] = place->units[i];
        counts->exposures[i] = place->exposures[i];
    }

    counts->forced = place->forced;
    counts->without_unit = place->without_unit;
    counts->since = (time_t) place->since;
    counts->mismatch = (time_t) place->mismatch;

    bits = place->p;
    ngx_memcpy(&counts->p, &bits, sizeof(counts->p));
}


void
ngx_http_recs_guard_read_sticky(ngx_http_recs_main_conf_t *rmcf,
    ngx_atomic_uint_t counts[NGX_HTTP_RECS_STICKY_COUNT])
{
    ngx_uint_t                 i;
    ngx_http_recs_guard_sh_t  *sh;

    sh = ngx_http_recs_guard_sh(rmcf);

    for (i = 0; i < NGX_HTTP_RECS_STICKY_COUNT; i++) {
        counts[i] = sh != NULL ? sh->sticky[i] : 0;
    }
}
