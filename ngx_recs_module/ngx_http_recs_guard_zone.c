/*
 * The memory of the guard: a place for each count.  Its size is a constant,
 * so that a reload keeps what was counted.  Most of it is never touched: a
 * place costs a megabyte from when it is taken.
 *
 * Only workers take places, of a configuration that is in force.  One that no
 * experiment of theirs counts in may be taken from those who do not come back
 * to it, the longest unused first; a worker of an older cycle that still has
 * it stops counting.
 */

#include "ngx_http_recs_guard_private.h"

#include <sys/random.h>

#include "recs_shares.h"
#include "recs_siphash.h"


#define NGX_HTTP_RECS_GUARD_LAYOUT  1
#define NGX_HTTP_RECS_GUARD_MET     (NGX_HTTP_RECS_GUARD_WORDS                \
                                     * sizeof(uint64_t))


static ngx_str_t  ngx_http_recs_guard_name = ngx_string("ngx_recs_units");


static ngx_http_recs_guard_sh_t *
ngx_http_recs_guard_create(ngx_slab_pool_t *shpool)
{
    u_char                    *met;
    ngx_uint_t                 i;
    ngx_http_recs_guard_sh_t  *sh;

    sh = ngx_slab_calloc(shpool, sizeof(ngx_http_recs_guard_sh_t));
    met = ngx_slab_alloc(shpool, NGX_HTTP_RECS_GUARD_PLACES
                                 * NGX_HTTP_RECS_GUARD_MET);

    if (sh == NULL || met == NULL
        || getrandom(&sh->seed, sizeof(sh->seed), 0)
           != (ssize_t) sizeof(sh->seed))
    {
        return NULL;
    }

    sh->layout = NGX_HTTP_RECS_GUARD_LAYOUT;

    for (i = 0; i < NGX_HTTP_RECS_GUARD_PLACES; i++) {
        sh->places[i].met = (_Atomic uint64_t *) (void *)
                            (met + i * NGX_HTTP_RECS_GUARD_MET);
    }

    shpool->data = sh;

    return sh;
}


static ngx_int_t
ngx_http_recs_guard_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_slab_pool_t           *shpool;
    ngx_http_recs_guard_sh_t  *sh;

    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;
    sh = shpool->data;

    if (data == NULL && !shm_zone->shm.exists) {
        sh = ngx_http_recs_guard_create(shpool);
    }

    if (sh == NULL || sh->layout != NGX_HTTP_RECS_GUARD_LAYOUT) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "zone \"%V\" cannot be had, or is of another version "
                      "of this module: restart nginx", &shm_zone->shm.name);
        return NGX_ERROR;
    }

    shm_zone->data = sh;

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_guard_add(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf)
{
    size_t  size;

    if (rmcf->experiments.nelts == 0) {
        return NGX_OK;
    }

    /* What the pool keeps for itself and for every page is less. */

    size = sizeof(ngx_http_recs_guard_sh_t)
           + NGX_HTTP_RECS_GUARD_PLACES * NGX_HTTP_RECS_GUARD_MET;
    size = ngx_align(size + size / 64, 65536) + 65536;

    rmcf->guard = ngx_shared_memory_add(cf, &ngx_http_recs_guard_name, size,
                                        &ngx_http_recs_module);
    if (rmcf->guard == NULL) {
        return NGX_ERROR;
    }

    rmcf->guard->init = ngx_http_recs_guard_init;

    return NGX_OK;
}


ngx_http_recs_guard_sh_t *
ngx_http_recs_guard_sh(ngx_http_recs_main_conf_t *rmcf)
{
    return rmcf->guard != NULL ? rmcf->guard->data : NULL;
}


/* --- what is counted together --- */

static void
ngx_http_recs_guard_mix(uint64_t hash[2], const void *data, size_t len)
{
    uint64_t  next[2];

    recs_siphash(hash, data, len, next);

    hash[0] = next[0];
    hash[1] = next[1];
}


/* What of an experiment makes its counts its own, but for the arms. */
static void
ngx_http_recs_guard_family(recs_experiment_t *x, uint64_t hash[2])
{
    ngx_uint_t  i;

    hash[0] = 0;
    hash[1] = 0;

    ngx_http_recs_guard_mix(hash, x->name.data, x->name.len);
    ngx_http_recs_guard_mix(hash, x->salt.data, x->salt.len);
    ngx_http_recs_guard_mix(hash, &x->hash, sizeof(x->hash));
    ngx_http_recs_guard_mix(hash, &x->bucket_version,
                            sizeof(x->bucket_version));

    for (i = 0; i < x->n_variants; i++) {
        ngx_http_recs_guard_mix(hash, x->variants[i].data,
                                x->variants[i].len);
    }

    ngx_http_recs_guard_mix(hash, x->weights,
                            x->n_variants * sizeof(double));
}


/* --- places --- */

static ngx_http_recs_guard_place_t *
ngx_http_recs_guard_find(ngx_http_recs_guard_sh_t *sh, uint64_t key)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_RECS_GUARD_PLACES; i++) {
        if (sh->places[i].key == key) {
            return &sh->places[i];
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_http_recs_guard_used(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_guard_place_t *place)
{
    ngx_uint_t                    i;
    ngx_http_recs_experiment_t  **x;

    x = rmcf->experiments.elts;

    for (i = 0; i < rmcf->experiments.nelts; i++) {
        if (x[i]->live.place == place && x[i]->live.key == place->key) {
            return 1;
        }
    }

    return 0;
}


/* A free place, else the one that was entered before all others. */
static ngx_http_recs_guard_place_t *
ngx_http_recs_guard_free(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_guard_sh_t *sh)
{
    ngx_uint_t                    i;
    ngx_http_recs_guard_place_t  *place, *found;

    found = NULL;

    for (i = 0; i < NGX_HTTP_RECS_GUARD_PLACES; i++) {
        place = &sh->places[i];

        if (place->key == 0) {
            return place;
        }

        if ((found == NULL || place->entered < found->entered)
            && !ngx_http_recs_guard_used(rmcf, place))
        {
            found = place;
        }
    }

    return found;
}


/* What the last of the family has: a mismatch, and arms if they are wanted. */
static void
ngx_http_recs_guard_inherit(ngx_http_recs_guard_sh_t *sh, uint64_t family,
    ngx_http_recs_live_t *live, ngx_uint_t arms, ngx_atomic_uint_t *mismatch)
{
    ngx_uint_t                    i;
    ngx_atomic_uint_t             entered;
    ngx_http_recs_guard_place_t  *place;

    entered = 0;
    *mismatch = 0;

    for (i = 0; i < NGX_HTTP_RECS_GUARD_PLACES; i++) {
        place = &sh->places[i];

        if (place->key == 0 || place->family != family) {
            continue;
        }

        *mismatch = ngx_max(*mismatch, place->mismatch);

        if (arms && place->n_arms != 0 && place->entered >= entered) {
            entered = place->entered;

            live->n_arms = place->n_arms;
            ngx_memcpy(live->arms, place->arms, sizeof(place->arms));
            ngx_memcpy(live->epoch, place->epoch, sizeof(place->epoch));
            live->epoch_len = place->epoch_len;
        }
    }
}


static void
ngx_http_recs_guard_take(ngx_http_recs_guard_place_t *place,
    ngx_http_recs_live_t *live, uint64_t family, ngx_atomic_uint_t mismatch)
{
    double                       none;
    ngx_uint_t                   i;
    _Atomic uint64_t            *met;
    ngx_http_recs_guard_place_t  fresh;

    met = place->met;
    none = 1;

    ngx_memzero(&fresh, sizeof(ngx_http_recs_guard_place_t));

    fresh.family = family;
    fresh.since = (ngx_atomic_uint_t) ngx_time();
    fresh.mismatch = mismatch;
    ngx_memcpy((void *) &fresh.p, &none, sizeof(fresh.p));
    fresh.n_arms = live->n_arms;
    ngx_memcpy(fresh.arms, live->arms, sizeof(fresh.arms));
    ngx_memcpy(fresh.epoch, live->epoch, sizeof(fresh.epoch));
    fresh.epoch_len = live->epoch_len;
    fresh.met = met;

    place->key = 0;
    ngx_memory_barrier();

    for (i = 0; i < NGX_HTTP_RECS_GUARD_WORDS; i++) {
        atomic_store_explicit(&met[i], 0, memory_order_relaxed);
    }

    *place = fresh;

    ngx_memory_barrier();
    place->key = live->key;
}


/* The experiment's place, of which there may be none yet. */
static void
ngx_http_recs_guard_look(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x, ngx_uint_t take)
{
    uint64_t                      hash[2], family;
    ngx_atomic_uint_t             mismatch;
    ngx_http_recs_live_t         *live;
    ngx_http_recs_guard_sh_t     *sh;
    ngx_http_recs_guard_place_t  *place;

    live = &x->live;
    sh = ngx_http_recs_guard_sh(rmcf);

    ngx_http_recs_guard_family(&x->core, hash);
    family = hash[0];

    ngx_http_recs_guard_inherit(sh, family, live,
                                x->bandit.len != 0 && live->n_arms == 0,
                                &mismatch);

    if (live->n_arms != 0) {
        ngx_http_recs_guard_mix(hash, live->arms,
                                live->n_arms * sizeof(double));
        ngx_http_recs_guard_mix(hash, live->epoch, live->epoch_len);
        ngx_memcpy(live->shares, live->arms, sizeof(live->shares));

    } else {
        recs_shares(&x->core, live->shares);
    }

    live->key = hash[0] | 1;
    place = ngx_http_recs_guard_find(sh, live->key);

    if (place == NULL && take) {
        place = ngx_http_recs_guard_free(rmcf, sh);

        if (place != NULL) {
            ngx_http_recs_guard_take(place, live, family, mismatch);
        }
    }

    if (place != NULL) {
        place->entered = ++sh->steps;
    }

    live->place = place;
}


static ngx_shmtx_t *
ngx_http_recs_guard_mutex(ngx_http_recs_main_conf_t *rmcf)
{
    return &((ngx_slab_pool_t *) rmcf->guard->shm.addr)->mutex;
}


void
ngx_http_recs_guard_resume(ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t                    i;
    ngx_http_recs_experiment_t  **x;

    if (rmcf->guard == NULL) {
        return;
    }

    x = rmcf->experiments.elts;

    ngx_shmtx_lock(ngx_http_recs_guard_mutex(rmcf));

    for (i = 0; i < rmcf->experiments.nelts; i++) {
        ngx_http_recs_guard_look(rmcf, x[i], 0);
    }

    ngx_shmtx_unlock(ngx_http_recs_guard_mutex(rmcf));
}


void
ngx_http_recs_guard_enter(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x, ngx_log_t *log)
{
    ngx_shmtx_lock(ngx_http_recs_guard_mutex(rmcf));
    ngx_http_recs_guard_look(rmcf, x, 1);
    ngx_shmtx_unlock(ngx_http_recs_guard_mutex(rmcf));

    if (x->live.place == NULL) {
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "the units of recs_experiment \"%V\" are not counted: "
                      "there are more than %d experiments", &x->name,
                      NGX_HTTP_RECS_GUARD_PLACES);
    }
}


void
ngx_http_recs_guard_start(ngx_http_recs_main_conf_t *rmcf, ngx_log_t *log)
{
    ngx_uint_t                    i;
    ngx_http_recs_experiment_t  **x;

    x = rmcf->experiments.elts;

    for (i = 0; i < rmcf->experiments.nelts; i++) {
        if (x[i]->live.place == NULL) {
            ngx_http_recs_guard_enter(rmcf, x[i], log);
        }
    }
}


ngx_http_recs_guard_place_t *
ngx_http_recs_guard_place(ngx_http_recs_experiment_t *x)
{
    ngx_http_recs_guard_place_t  *place;

    place = x->live.place;

    return place != NULL && place->key == x->live.key ? place : NULL;
}
