/*
 * ngx_http_recs_zone: counters that all workers share.
 *
 * The zone's size is a constant, so that a reload with other slots, models or
 * number of workers keeps what was counted (nginx empties a zone whose size
 * has changed).  A slot owns a place by its name: one that is gone and comes
 * back goes on where it was.  Workers of the old cycle and of the new one
 * write side by side for a while; every counter only grows, and starts again
 * with the master process (restart, USR2).
 */

#ifndef _NGX_HTTP_RECS_ZONE_H_INCLUDED_
#define _NGX_HTTP_RECS_ZONE_H_INCLUDED_


#include "ngx_http_recs_module.h"


/* Upper bounds of the latency histogram, in nanoseconds and in seconds. */
#define NGX_HTTP_RECS_BUCKET_MAP(XX)                                          \
    XX(1000,      "0.000001")                                                 \
    XX(2000,      "0.000002")                                                 \
    XX(5000,      "0.000005")                                                 \
    XX(10000,     "0.00001")                                                  \
    XX(20000,     "0.00002")                                                  \
    XX(50000,     "0.00005")                                                  \
    XX(100000,    "0.0001")                                                   \
    XX(200000,    "0.0002")                                                   \
    XX(500000,    "0.0005")                                                   \
    XX(1000000,   "0.001")                                                    \
    XX(2000000,   "0.002")                                                    \
    XX(5000000,   "0.005")                                                    \
    XX(10000000,  "0.01")                                                     \
    XX(100000000, "0.1")

#define NGX_HTTP_RECS_BUCKET_ONE(ns, seconds)  + 1
#define NGX_HTTP_RECS_BUCKETS                                                 \
    (0 NGX_HTTP_RECS_BUCKET_MAP(NGX_HTTP_RECS_BUCKET_ONE))

#define NGX_HTTP_RECS_NAME_MAX     32
#define NGX_HTTP_RECS_WORKERS_MAX  128
#define NGX_HTTP_RECS_SLOTS_MAX    128   /* names between two restarts */
#define NGX_HTTP_RECS_MODELS_MAX   32    /* reported per worker */


/* Things that happen beside slots: name, help text. */
#define NGX_HTTP_RECS_EVENT_MAP(XX)                                           \
    XX(WRITTEN,   "written",   "Events written to an event log.")             \
    XX(DROPPED,   "dropped",   "Events lost: the log could not be written.")  \
    XX(INVALID,   "invalid",   "Views whose item is no valid id: not logged.")\
    XX(ANONYMOUS, "anonymous", "Events logged without a user.")               \
    XX(COLLECTED, "collected", "Events that recs_collect took.")              \
    XX(UNVERIFIED, "unverified", "Of them: without a valid token.")           \
    XX(DUPLICATE, "duplicate", "Events whose id came before: not taken.")     \
    XX(REFUSED,   "refused",   "Requests that recs_collect refused.")

typedef enum {
#define NGX_HTTP_RECS_EVENT_ENUM(name, text, help)                            \
    NGX_HTTP_RECS_EVENTS_##name,
    NGX_HTTP_RECS_EVENT_MAP(NGX_HTTP_RECS_EVENT_ENUM)
#undef NGX_HTTP_RECS_EVENT_ENUM
    NGX_HTTP_RECS_EVENTS_COUNT
} ngx_http_recs_events_t;


/* What becomes of sessions (ngx_http_recs_session.h). */
#define NGX_HTTP_RECS_SESSION_MAP(XX)                                         \
    XX(FOUND,       "found",     "Look-ups that found a session.")            \
    XX(NONE,        "none",      "Look-ups that found none.")                 \
    XX(ADDED,       "added",     "Items added to sessions.")                  \
    XX(BEGUN,       "begun",     "Sessions begun in a zone.")                 \
    XX(EVICTED,     "evicted",                                                \
       "Live sessions that others took the place of: the zone is small.")     \
    XX(TORN,        "torn",      "Half-written sessions of killed workers.")  \
    XX(BUSY,        "busy",      "Updates of a zone that were given up.")     \
    XX(FORGOTTEN,   "forgotten", "Sessions of a zone deleted at consent 0.")  \
    XX(COOKIES,     "cookies",   "Session cookies set.")                      \
    XX(MALFORMED,   "malformed", "Cookies ignored: not of our making.")       \
    XX(UNKNOWN_KEY, "unknown_key",                                            \
       "Cookies ignored: their key is not live.")                             \
    XX(FORGED,      "forged",                                                 \
       "Cookies ignored: altered, or another visitor's.")                     \
    XX(EXPIRED,     "expired",   "Cookies ignored: expired.")

typedef enum {
#define NGX_HTTP_RECS_SESSION_ENUM(name, text, help)                          \
    NGX_HTTP_RECS_SESSIONS_##name,
    NGX_HTTP_RECS_SESSION_MAP(NGX_HTTP_RECS_SESSION_ENUM)
#undef NGX_HTTP_RECS_SESSION_ENUM
    NGX_HTTP_RECS_SESSIONS_COUNT
} ngx_http_recs_sessions_t;


/* What a slot has answered; the last bucket is +Inf. */
typedef struct {
    ngx_atomic_t  requests;
    ngx_atomic_t  nanoseconds;
    ngx_atomic_t  degraded;
    ngx_atomic_t  sources[RECS_SOURCE_COUNT];
    ngx_atomic_t  reasons[RECS_REASON_COUNT];
    ngx_atomic_t  buckets[NGX_HTTP_RECS_BUCKETS + 1];
} ngx_http_recs_counters_t;

/* A live worker; its models' generations, "" where not attached. */
typedef struct {
    ngx_pid_t  pid;
    char     (*generations)[RECS_GENERATION_LEN + 1];   /* [models.nelts] */
} ngx_http_recs_worker_t;


void ngx_http_recs_zone_count_events(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_events_t what, ngx_uint_t n);
void ngx_http_recs_zone_count_visitors(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_visitors_t what);
void ngx_http_recs_zone_count_sessions(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_sessions_t what);

/* This worker serves no more: at its exit. */
void ngx_http_recs_zone_leave(ngx_http_recs_main_conf_t *rmcf);

/* The sum over all workers. */
void ngx_http_recs_zone_read(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_slot_t *slot, ngx_http_recs_counters_t *sum);
void ngx_http_recs_zone_read_fill(ngx_http_recs_main_conf_t *rmcf,
    ngx_atomic_uint_t sum[NGX_HTTP_RECS_FILL_COUNT]);
void ngx_http_recs_zone_read_events(ngx_http_recs_main_conf_t *rmcf,
    ngx_atomic_uint_t sum[NGX_HTTP_RECS_EVENTS_COUNT]);
void ngx_http_recs_zone_read_visitors(ngx_http_recs_main_conf_t *rmcf,
    ngx_atomic_uint_t sum[NGX_HTTP_RECS_VISITORS_COUNT]);
void ngx_http_recs_zone_read_sessions(ngx_http_recs_main_conf_t *rmcf,
    ngx_atomic_uint_t sum[NGX_HTTP_RECS_SESSIONS_COUNT]);

/* Live workers, of draining cycles too: ngx_http_recs_worker_t. */
ngx_array_t *ngx_http_recs_zone_workers(ngx_http_recs_main_conf_t *rmcf,
    ngx_pool_t *pool);


#endif /* _NGX_HTTP_RECS_ZONE_H_INCLUDED_ */
