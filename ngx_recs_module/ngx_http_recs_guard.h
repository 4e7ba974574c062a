/*
 * ngx_http_recs_guard: how many units met which variant, counted in memory
 * that all workers share, and whether that is the split it should be.
 *
 *     ngx_http_recs_guard_zone.c    the memory
 *     ngx_http_recs_guard.c         counting, testing, turning off
 *
 * What is counted is a unit of one place: of an experiment under one name,
 * salt, hash, bucket version, set of variants and of weights, or of one epoch
 * of its arms.  Whoever changes one of these begins a new count, and an
 * experiment that the guard has turned off is on again; arms alone do not
 * turn it on.  A reload keeps the counts, a restart does not.
 *
 * A unit counts once in its place, by core/recs_once.h.  A forced variant and
 * a visitor without a unit do not count.
 */

#ifndef _NGX_HTTP_RECS_GUARD_H_INCLUDED_
#define _NGX_HTTP_RECS_GUARD_H_INCLUDED_


#include "ngx_http_recs_variant.h"


/* What becomes of cookies and tokens: name, text, help. */
#define NGX_HTTP_RECS_STICKY_MAP(XX)                                          \
    XX(COOKIES,     "cookies",     "Cookies of experiments set.")             \
    XX(MALFORMED,   "malformed",   "Cookies ignored: not of our making.")     \
    XX(UNKNOWN_KEY, "unknown_key", "Cookies ignored: their key is not live.") \
    XX(FORGED,      "forged",      "Cookies ignored: altered.")               \
    XX(EXPIRED,     "expired",     "Cookies ignored: expired.")               \
    XX(FORCED,      "forced",      "Variants forced by a token or a number.") \
    XX(UNFORCED,    "unforced",                                               \
       "Tokens ignored: forged, expired, or another experiment's.")

typedef enum {
#define NGX_HTTP_RECS_STICKY_ENUM(name, text, help)                           \
    NGX_HTTP_RECS_STICKY_##name,
    NGX_HTTP_RECS_STICKY_MAP(NGX_HTTP_RECS_STICKY_ENUM)
#undef NGX_HTTP_RECS_STICKY_ENUM
    NGX_HTTP_RECS_STICKY_COUNT
} ngx_http_recs_sticky_count_t;


/* Of one place, for the status page. */
typedef struct {
    ngx_atomic_uint_t    units[RECS_VARIANTS_MAX];
    ngx_atomic_uint_t    exposures[RECS_VARIANTS_MAX]; /* once per request */
    ngx_atomic_uint_t    forced;             /* exposures that do not count */
    ngx_atomic_uint_t    without_unit;
    time_t               since;              /* 0: not counted */
    time_t               mismatch;           /* when it was seen; 0: not */
    double               p;                  /* the smallest so far */
} ngx_http_recs_guard_counts_t;


/* Once the experiments are known; sets rmcf->guard. */
ngx_int_t ngx_http_recs_guard_add(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf);

/*
 * In a worker that starts: finds the places of experiments that were counted
 * before, so that none of them is taken for others, and arms that were drawn
 * by; before any file of arms is read.
 */
void ngx_http_recs_guard_resume(ngx_http_recs_main_conf_t *rmcf);

/*
 * Counts the experiment in the place that its weights, or its arms, have; to
 * be called again when the arms change.
 */
void ngx_http_recs_guard_enter(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x, ngx_log_t *log);

/* The same of all that have no place: behind the files of arms. */
void ngx_http_recs_guard_start(ngx_http_recs_main_conf_t *rmcf,
    ngx_log_t *log);

/* Has the guard, or recs_switch, turned it off? */
ngx_uint_t ngx_http_recs_guard_off(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x);

/* The variant was met: once per request. */
void ngx_http_recs_guard_count(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_variant_t *variant);

void ngx_http_recs_guard_count_sticky(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_sticky_count_t what);

void ngx_http_recs_guard_read(ngx_http_recs_experiment_t *x,
    ngx_http_recs_guard_counts_t *counts);
void ngx_http_recs_guard_read_sticky(ngx_http_recs_main_conf_t *rmcf,
    ngx_atomic_uint_t counts[NGX_HTTP_RECS_STICKY_COUNT]);


#endif /* _NGX_HTTP_RECS_GUARD_H_INCLUDED_ */
