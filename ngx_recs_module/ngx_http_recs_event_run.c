/*
 * The names of events, in memory that all workers share: a number per worker
 * of each log, which goes on where it was when the worker is killed and
 * another one takes its place, or the configuration is read again.  So a
 * record that was numbered and never written leaves a gap.
 *
 * The size is a constant, so that a reload keeps it.  A log has its place by
 * its path, for as long as the master process lives; where more than
 * NGX_HTTP_RECS_EVENT_RUNS come and go, some share one: their numbers are
 * unique still, but have gaps.
 */

#include "ngx_http_recs_event_log_private.h"

#include "recs_item_hash.h"


#define NGX_HTTP_RECS_EVENT_RUNS         16
#define NGX_HTTP_RECS_EVENT_RUNS_LAYOUT  1


typedef struct {
    ngx_uint_t                  layout;
    uint64_t                    last;        /* moment (ms) a run is named by */
    ngx_http_recs_event_run_t   runs[NGX_HTTP_RECS_EVENT_RUNS];
} ngx_http_recs_event_runs_t;


static ngx_str_t  ngx_http_recs_event_runs_name = ngx_string("ngx_recs_logs");


/* The place of the log's path; in the master alone. */
static ngx_http_recs_event_run_t *
ngx_http_recs_event_run(ngx_http_recs_event_runs_t *runs, ngx_str_t *path)
{
    uint64_t                    key, now;
    ngx_uint_t                  i;
    recs_str_t                  text;
    ngx_time_t                 *tp;
    ngx_http_recs_event_run_t  *run;

    text.data = (char *) path->data;
    text.len = path->len;
    key = recs_item_hash(text) + 1;

    for (i = 0; i < NGX_HTTP_RECS_EVENT_RUNS; i++) {
        if (runs->runs[i].key == key || runs->runs[i].key == 0) {
            break;
        }
    }

    if (i == NGX_HTTP_RECS_EVENT_RUNS) {
        return &runs->runs[key % NGX_HTTP_RECS_EVENT_RUNS];
    }

    run = &runs->runs[i];

    if (run->key == key) {
        return run;
    }

    tp = ngx_timeofday();
    now = (uint64_t) tp->sec * 1000 + tp->msec;
    now = ngx_max(now, runs->last + 1);

    runs->last = now;
    run->key = key;

    *ngx_snprintf(run->boot, sizeof(run->boot) - 1, "%uL-%P", now, ngx_pid)
        = '\0';

    return run;
}


static ngx_int_t
ngx_http_recs_event_runs_init(ngx_shm_zone_t *shm_zone, void *data)
{
    u_char                       *memory;
    ngx_uint_t                    i;
    ngx_slab_pool_t              *shpool;
    ngx_http_recs_main_conf_t    *rmcf;
    ngx_http_recs_event_log_t   **logs;
    ngx_http_recs_event_runs_t   *runs;

    rmcf = shm_zone->data;
    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;
    runs = shpool->data;

    if (data == NULL && !shm_zone->shm.exists) {

        memory = ngx_slab_calloc(shpool, sizeof(ngx_http_recs_event_runs_t)
                                         + NGX_HTTP_RECS_EVENT_LINE);
        if (memory == NULL) {
            return NGX_ERROR;
        }

        runs = (ngx_http_recs_event_runs_t *)
                   ngx_align_ptr(memory, NGX_HTTP_RECS_EVENT_LINE);

        runs->layout = NGX_HTTP_RECS_EVENT_RUNS_LAYOUT;
        shpool->data = runs;
    }

    if (runs == NULL || runs->layout != NGX_HTTP_RECS_EVENT_RUNS_LAYOUT) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "zone \"%V\" is of another version of this module: "
                      "restart nginx", &shm_zone->shm.name);
        return NGX_ERROR;
    }

    logs = rmcf->event_logs->elts;

    for (i = 0; i < rmcf->event_logs->nelts; i++) {
        logs[i]->run = ngx_http_recs_event_run(runs, &logs[i]->path);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_event_runs_add(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf)
{
    size_t           size;
    ngx_shm_zone_t  *zone;

    if (rmcf->event_logs == NULL) {
        return NGX_OK;
    }

    /* The slab pool's header, and what it keeps for every page, is less. */

    size = ngx_align(sizeof(ngx_http_recs_event_runs_t), 65536) + 65536;

    zone = ngx_shared_memory_add(cf, &ngx_http_recs_event_runs_name, size,
                                 &ngx_http_recs_module);
    if (zone == NULL) {
        return NGX_ERROR;
    }

    zone->init = ngx_http_recs_event_runs_init;
    zone->data = rmcf;

    return NGX_OK;
}


uint64_t
ngx_http_recs_event_run_next(ngx_http_recs_event_run_t *run)
{
    return ngx_atomic_fetch_add(
               &run->workers[ngx_worker % NGX_HTTP_RECS_EVENT_WORKERS].next,
               1);
}
