/*
 * Private to ngx_http_recs_guard.c and _zone.c: what lies in shared memory.
 */

#ifndef _NGX_HTTP_RECS_GUARD_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_RECS_GUARD_PRIVATE_H_INCLUDED_


#include "ngx_http_recs_guard.h"

#include "recs_once.h"


#define NGX_HTTP_RECS_GUARD_PLACES  64
#define NGX_HTTP_RECS_GUARD_WORDS   131072   /* 1 MiB: a million units */


/*
 * A place is taken under the pool's mutex; its key is set last and cleared
 * first, so that one which was left half made is free.
 */
struct ngx_http_recs_guard_place_s {
    _Atomic uint64_t   key;                  /* 0: free */
    _Atomic uint64_t   family;               /* the key, were there no arms */
    ngx_atomic_t       entered;              /* when it was last, in steps */
    ngx_atomic_t       since;                /* seconds */
    ngx_atomic_t       mismatch;             /* when it was seen; 0: not */
    _Atomic uint64_t   p;                    /* bits of a double */
    ngx_atomic_t       forced;
    ngx_atomic_t       without_unit;
    ngx_atomic_t       units[RECS_VARIANTS_MAX];
    ngx_atomic_t       exposures[RECS_VARIANTS_MAX];

    ngx_uint_t         n_arms;               /* 0: no bandit's */
    double             arms[RECS_VARIANTS_MAX];
    u_char             epoch[RECS_EPOCH_MAX];
    size_t             epoch_len;

    _Atomic uint64_t  *met;                  /* [NGX_HTTP_RECS_GUARD_WORDS] */
};


typedef struct {
    ngx_uint_t              layout;
    uint64_t                seed;            /* of what was met */
    ngx_atomic_t            steps;
    ngx_atomic_t            sticky[NGX_HTTP_RECS_STICKY_COUNT];
    ngx_http_recs_guard_place_t   places[NGX_HTTP_RECS_GUARD_PLACES];
} ngx_http_recs_guard_sh_t;


/* NULL: the configuration has no experiments. */
ngx_http_recs_guard_sh_t *ngx_http_recs_guard_sh(
    ngx_http_recs_main_conf_t *rmcf);

/* The place that the experiment counts in; NULL: none, or no longer. */
ngx_http_recs_guard_place_t *ngx_http_recs_guard_place(
    ngx_http_recs_experiment_t *x);


#endif /* _NGX_HTTP_RECS_GUARD_PRIVATE_H_INCLUDED_ */
