/*
 * Nothing here takes a lock: the master alone gives places to slots, workers
 * take theirs by compare-and-swap, and counters are added to atomically, each
 * worker in a shard of its own.
 */

#include "ngx_http_recs_zone.h"
#include "ngx_http_recs_event_log.h"
#include "ngx_http_recs_process.h"


#define NGX_HTTP_RECS_ZONE_LAYOUT  6
#define NGX_HTTP_RECS_ZONE_SHARDS  32        /* workers share them, modulo */
#define NGX_HTTP_RECS_CACHE_LINE   64


typedef struct {
    ngx_http_recs_counters_t     c;
} __attribute__((aligned(NGX_HTTP_RECS_CACHE_LINE)))
ngx_http_recs_zone_counters_t;

typedef struct {
    ngx_http_recs_zone_counters_t  slots[NGX_HTTP_RECS_SLOTS_MAX];
    ngx_atomic_t                   fills[NGX_HTTP_RECS_FILL_COUNT];
    ngx_atomic_t                   events[NGX_HTTP_RECS_EVENTS_COUNT];
    ngx_atomic_t                   visitors[NGX_HTTP_RECS_VISITORS_COUNT];
    ngx_atomic_t                   sessions[NGX_HTTP_RECS_SESSIONS_COUNT];
} __attribute__((aligned(NGX_HTTP_RECS_CACHE_LINE)))
ngx_http_recs_zone_shard_t;

/* Written by that worker alone; names are padded with NUL. */
typedef struct {
    u_char        name[NGX_HTTP_RECS_NAME_MAX];
    char          generation[RECS_GENERATION_LEN + 1];
} ngx_http_recs_zone_model_t;

typedef struct {
    ngx_atomic_t                 process;    /* 0: free */
    ngx_http_recs_zone_model_t   models[NGX_HTTP_RECS_MODELS_MAX];
} ngx_http_recs_zone_worker_t;

/* In shared memory. */
typedef struct {
    ngx_uint_t                   layout;
    size_t                       size;
    u_char                       names[NGX_HTTP_RECS_SLOTS_MAX]
                                      [NGX_HTTP_RECS_NAME_MAX];
    ngx_http_recs_zone_worker_t  workers[NGX_HTTP_RECS_WORKERS_MAX];
    ngx_http_recs_zone_shard_t   shards[NGX_HTTP_RECS_ZONE_SHARDS];
} ngx_http_recs_zone_sh_t;

/* Of a configuration. */
struct ngx_http_recs_zone_s {
    ngx_http_recs_main_conf_t   *rmcf;
    ngx_cycle_t                 *cycle;
    ngx_http_recs_zone_sh_t     *sh;
    ngx_uint_t                  *places;     /* [slots.nelts], SLOTS_MAX:
                                                the slot has none */
    ngx_http_recs_zone_worker_t *worker;     /* this process's */
};


/* The slab pool's header, and what it keeps for every page, is less. */
#define NGX_HTTP_RECS_ZONE_SIZE                                               \
    (ngx_align(sizeof(ngx_http_recs_zone_sh_t), 65536) + 262144)


static ngx_str_t  ngx_http_recs_zone_name = ngx_string("ngx_recs");

static const uint64_t  ngx_http_recs_zone_bounds[] = {
#define NGX_HTTP_RECS_BUCKET_NS(ns, seconds)  ns,
    NGX_HTTP_RECS_BUCKET_MAP(NGX_HTTP_RECS_BUCKET_NS)
#undef NGX_HTTP_RECS_BUCKET_NS
};


static ngx_int_t ngx_http_recs_zone_init(ngx_shm_zone_t *shm_zone,
    void *data);


ngx_int_t
ngx_http_recs_zone_add(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf)
{
    ngx_http_recs_zone_t  *zone;

    if (rmcf->models.nelts == 0 && rmcf->event_logs == NULL
        && rmcf->experiments.nelts == 0)
    {
        return NGX_OK;
    }

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_zone_t));
    if (zone == NULL) {
        return NGX_ERROR;
    }

    zone->rmcf = rmcf;
    zone->cycle = cf->cycle;
    zone->places = ngx_palloc(cf->pool, (rmcf->slots.nelts + 1)
                                        * sizeof(ngx_uint_t));
    if (zone->places == NULL) {
        return NGX_ERROR;
    }

    rmcf->zone = ngx_shared_memory_add(cf, &ngx_http_recs_zone_name,
                                       NGX_HTTP_RECS_ZONE_SIZE,
                                       &ngx_http_recs_module);
    if (rmcf->zone == NULL) {
        return NGX_ERROR;
    }

    rmcf->zone->init = ngx_http_recs_zone_init;
    rmcf->zone->data = zone;

    return NGX_OK;
}


static void
ngx_http_recs_zone_pad(u_char padded[NGX_HTTP_RECS_NAME_MAX], ngx_str_t *name)
{
    ngx_memzero(padded, NGX_HTTP_RECS_NAME_MAX);
    ngx_memcpy(padded, name->data, ngx_min(name->len, NGX_HTTP_RECS_NAME_MAX));
}


/*
 * The place of the slot's name, taken now where it has none.  A place taken
 * for a configuration that is refused later costs nothing but the place.
 */
static ngx_uint_t
ngx_http_recs_zone_place(ngx_http_recs_zone_sh_t *sh, ngx_str_t *name)
{
    u_char      padded[NGX_HTTP_RECS_NAME_MAX];
    ngx_uint_t  i;

    ngx_http_recs_zone_pad(padded, name);

    for (i = 0; i < NGX_HTTP_RECS_SLOTS_MAX; i++) {

        if (sh->names[i][0] == '\0') {
            ngx_memcpy(sh->names[i], padded, sizeof(padded));
            break;
        }

        if (ngx_memcmp(sh->names[i], padded, sizeof(padded)) == 0) {
            break;
        }
    }

    return i;
}


static void
ngx_http_recs_zone_places(ngx_http_recs_zone_t *zone, ngx_log_t *log)
{
    ngx_uint_t              i;
    ngx_http_recs_slot_t  **slots;

    slots = zone->rmcf->slots.elts;

    for (i = 0; i < zone->rmcf->slots.nelts; i++) {
        zone->places[i] = ngx_http_recs_zone_place(zone->sh, &slots[i]->name);

        if (zone->places[i] == NGX_HTTP_RECS_SLOTS_MAX) {
            ngx_log_error(NGX_LOG_WARN, log, 0,
                          "recs_slot \"%V\" is not counted: %d other names "
                          "were used since nginx was started",
                          &slots[i]->name, NGX_HTTP_RECS_SLOTS_MAX);
        }
    }
}


static ngx_http_recs_zone_sh_t *
ngx_http_recs_zone_create(ngx_slab_pool_t *shpool)
{
    ngx_http_recs_zone_sh_t  *sh;

    /* Whole pages: aligned to more than a cache line. */
    sh = ngx_slab_calloc(shpool, sizeof(ngx_http_recs_zone_sh_t));

    if (sh != NULL) {
        sh->layout = NGX_HTTP_RECS_ZONE_LAYOUT;
        sh->size = sizeof(ngx_http_recs_zone_sh_t);
        shpool->data = sh;
    }

    return sh;
}


static ngx_int_t
ngx_http_recs_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_slab_pool_t       *shpool;
    ngx_http_recs_zone_t  *zone, *old;

    zone = shm_zone->data;
    old = data;
    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (old != NULL) {
        zone->sh = old->sh;

    } else if (shm_zone->shm.exists) {
        zone->sh = shpool->data;

    } else {
        zone->sh = ngx_http_recs_zone_create(shpool);
        if (zone->sh == NULL) {
            return NGX_ERROR;
        }
    }

    if (zone->sh->layout != NGX_HTTP_RECS_ZONE_LAYOUT
        || zone->sh->size != sizeof(ngx_http_recs_zone_sh_t))
    {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "zone \"%V\" is of another version of this module: "
                      "restart nginx", &shm_zone->shm.name);
        return NGX_ERROR;
    }

    ngx_http_recs_zone_places(zone, shm_zone->shm.log);

    /*
     * Here the number of workers is known at last, wherever the configuration
     * says it, and the configuration can still be refused.
     */
    return ngx_http_recs_event_log_open(zone->cycle, zone->rmcf);
}


static ngx_http_recs_zone_t *
ngx_http_recs_zone_get(ngx_http_recs_main_conf_t *rmcf)
{
    return rmcf->zone != NULL ? rmcf->zone->data : NULL;
}


static ngx_http_recs_zone_shard_t *
ngx_http_recs_zone_shard(ngx_http_recs_zone_t *zone)
{
    return &zone->sh->shards[ngx_worker % NGX_HTTP_RECS_ZONE_SHARDS];
}


void
ngx_http_recs_zone_count(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_slot_t *slot, recs_answer_t *answer, uint64_t nanoseconds)
{
    ngx_uint_t                 bucket;
    ngx_http_recs_zone_t      *zone;
    ngx_http_recs_counters_t  *c;

    zone = ngx_http_recs_zone_get(rmcf);

    if (zone == NULL || zone->places[slot->index] == NGX_HTTP_RECS_SLOTS_MAX) {
        return;
    }

    c = &ngx_http_recs_zone_shard(zone)->slots[zone->places[slot->index]].c;

    for (bucket = 0; bucket < NGX_HTTP_RECS_BUCKETS; bucket++) {
        if (nanoseconds <= ngx_http_recs_zone_bounds[bucket]) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&c->requests, 1);
    (void) ngx_atomic_fetch_add(&c->nanoseconds,
                                (ngx_atomic_int_t) nanoseconds);
    (void) ngx_atomic_fetch_add(&c->sources[answer->source], 1);
    (void) ngx_atomic_fetch_add(&c->reasons[answer->reason], 1);
    (void) ngx_atomic_fetch_add(&c->buckets[bucket], 1);

    if (answer->degraded) {
        (void) ngx_atomic_fetch_add(&c->degraded, 1);
    }
}


void
ngx_http_recs_zone_count_fill(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_fill_outcome_t outcome)
{
    ngx_http_recs_zone_t  *zone;

    zone = ngx_http_recs_zone_get(rmcf);

    if (zone != NULL) {
        (void) ngx_atomic_fetch_add(
                   &ngx_http_recs_zone_shard(zone)->fills[outcome], 1);
    }
}


void
ngx_http_recs_zone_count_events(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_events_t what, ngx_uint_t n)
{
    ngx_http_recs_zone_t  *zone;

    zone = ngx_http_recs_zone_get(rmcf);

    if (zone != NULL) {
        (void) ngx_atomic_fetch_add(
                   &ngx_http_recs_zone_shard(zone)->events[what],
                   (ngx_atomic_int_t) n);
    }
}


void
ngx_http_recs_zone_count_visitors(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_visitors_t what)
{
    ngx_http_recs_zone_t  *zone;

    zone = ngx_http_recs_zone_get(rmcf);

    if (zone != NULL) {
        (void) ngx_atomic_fetch_add(
                   &ngx_http_recs_zone_shard(zone)->visitors[what], 1);
    }
}


void
ngx_http_recs_zone_count_sessions(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_sessions_t what)
{
    ngx_http_recs_zone_t  *zone;

    zone = ngx_http_recs_zone_get(rmcf);

    if (zone != NULL) {
        (void) ngx_atomic_fetch_add(
                   &ngx_http_recs_zone_shard(zone)->sessions[what], 1);
    }
}


void
ngx_http_recs_zone_read(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_slot_t *slot, ngx_http_recs_counters_t *sum)
{
    ngx_uint_t                 shard, place, i;
    ngx_http_recs_zone_t      *zone;
    ngx_http_recs_counters_t  *c;

    ngx_memzero(sum, sizeof(ngx_http_recs_counters_t));

    zone = ngx_http_recs_zone_get(rmcf);
    place = zone->places[slot->index];

    if (place == NGX_HTTP_RECS_SLOTS_MAX) {
        return;
    }

    for (shard = 0; shard < NGX_HTTP_RECS_ZONE_SHARDS; shard++) {
        c = &zone->sh->shards[shard].slots[place].c;

        sum->requests += c->requests;
        sum->nanoseconds += c->nanoseconds;
        sum->degraded += c->degraded;

        for (i = 0; i < RECS_SOURCE_COUNT; i++) {
            sum->sources[i] += c->sources[i];
        }

        for (i = 0; i < RECS_REASON_COUNT; i++) {
            sum->reasons[i] += c->reasons[i];
        }

        for (i = 0; i <= NGX_HTTP_RECS_BUCKETS; i++) {
            sum->buckets[i] += c->buckets[i];
        }
    }
}


/* Of n counters at offset in every shard. */
static void
ngx_http_recs_zone_sum(ngx_http_recs_main_conf_t *rmcf, size_t offset,
    ngx_uint_t n, ngx_atomic_uint_t *sum)
{
    ngx_uint_t             shard, i;
    ngx_atomic_t          *counters;
    ngx_http_recs_zone_t  *zone;

    zone = ngx_http_recs_zone_get(rmcf);
    ngx_memzero(sum, n * sizeof(ngx_atomic_uint_t));

    for (shard = 0; shard < NGX_HTTP_RECS_ZONE_SHARDS; shard++) {
        counters = (ngx_atomic_t *) ((u_char *) &zone->sh->shards[shard]
                                     + offset);

        for (i = 0; i < n; i++) {
            sum[i] += counters[i];
        }
    }
}


void
ngx_http_recs_zone_read_fill(ngx_http_recs_main_conf_t *rmcf,
    ngx_atomic_uint_t sum[NGX_HTTP_RECS_FILL_COUNT])
{
    ngx_http_recs_zone_sum(rmcf,
                           offsetof(ngx_http_recs_zone_shard_t, fills),
                           NGX_HTTP_RECS_FILL_COUNT, sum);
}


void
ngx_http_recs_zone_read_events(ngx_http_recs_main_conf_t *rmcf,
    ngx_atomic_uint_t sum[NGX_HTTP_RECS_EVENTS_COUNT])
{
    ngx_http_recs_zone_sum(rmcf,
                           offsetof(ngx_http_recs_zone_shard_t, events),
                           NGX_HTTP_RECS_EVENTS_COUNT, sum);
}


void
ngx_http_recs_zone_read_visitors(ngx_http_recs_main_conf_t *rmcf,
    ngx_atomic_uint_t sum[NGX_HTTP_RECS_VISITORS_COUNT])
{
    ngx_http_recs_zone_sum(rmcf,
                           offsetof(ngx_http_recs_zone_shard_t, visitors),
                           NGX_HTTP_RECS_VISITORS_COUNT, sum);
}


void
ngx_http_recs_zone_read_sessions(ngx_http_recs_main_conf_t *rmcf,
    ngx_atomic_uint_t sum[NGX_HTTP_RECS_SESSIONS_COUNT])
{
    ngx_http_recs_zone_sum(rmcf,
                           offsetof(ngx_http_recs_zone_shard_t, sessions),
                           NGX_HTTP_RECS_SESSIONS_COUNT, sum);
}


/* A worker that was killed has left its place behind: it can be had. */
static ngx_http_recs_zone_worker_t *
ngx_http_recs_zone_enter(ngx_http_recs_zone_sh_t *sh)
{
    ngx_uint_t                    i;
    ngx_atomic_uint_t             process, own;
    ngx_http_recs_zone_worker_t  *worker;

    own = ngx_http_recs_process_self();

    for (i = 0; i < NGX_HTTP_RECS_WORKERS_MAX; i++) {
        worker = &sh->workers[i];
        process = worker->process;

        if (process != own && ngx_http_recs_process_alive(process)) {
            continue;
        }

        if (ngx_atomic_cmp_set(&worker->process, process, own)) {
            ngx_memzero(worker->models, sizeof(worker->models));
            return worker;
        }
    }

    return NULL;
}


void
ngx_http_recs_zone_attached(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_model_t *model)
{
    ngx_http_recs_zone_t        *zone;
    ngx_http_recs_zone_model_t  *place;

    zone = ngx_http_recs_zone_get(rmcf);

    if (zone == NULL || model->index >= NGX_HTTP_RECS_MODELS_MAX) {
        return;
    }

    if (zone->worker == NULL) {
        zone->worker = ngx_http_recs_zone_enter(zone->sh);

        if (zone->worker == NULL) {
            return;
        }
    }

    place = &zone->worker->models[model->index];

    ngx_memzero(place->generation, sizeof(place->generation));
    ngx_http_recs_zone_pad(place->name, &model->name);

    if (model->bundle != NULL) {
        ngx_memcpy(place->generation, model->generation.name,
                   RECS_GENERATION_LEN);
    }
}


void
ngx_http_recs_zone_leave(ngx_http_recs_main_conf_t *rmcf)
{
    ngx_http_recs_zone_t  *zone;

    zone = ngx_http_recs_zone_get(rmcf);

    if (zone != NULL && zone->worker != NULL) {
        zone->worker->process = 0;
        zone->worker = NULL;
    }
}


/* A worker of another cycle may have the model elsewhere, or not at all. */
static void
ngx_http_recs_zone_generation(ngx_http_recs_zone_worker_t *worker,
    ngx_str_t *name, char *generation)
{
    u_char      padded[NGX_HTTP_RECS_NAME_MAX];
    ngx_uint_t  i;

    ngx_http_recs_zone_pad(padded, name);

    for (i = 0; i < NGX_HTTP_RECS_MODELS_MAX; i++) {
        if (ngx_memcmp(worker->models[i].name, padded, sizeof(padded)) == 0) {
            ngx_memcpy(generation, worker->models[i].generation,
                       RECS_GENERATION_LEN);
            return;
        }
    }
}


ngx_array_t *
ngx_http_recs_zone_workers(ngx_http_recs_main_conf_t *rmcf, ngx_pool_t *pool)
{
    ngx_uint_t                    i, m;
    ngx_array_t                  *workers;
    ngx_http_recs_zone_t         *zone;
    ngx_http_recs_model_t       **models;
    ngx_http_recs_worker_t       *w;
    ngx_http_recs_zone_worker_t  *worker;

    workers = ngx_array_create(pool, 16, sizeof(ngx_http_recs_worker_t));
    if (workers == NULL) {
        return NULL;
    }

    zone = ngx_http_recs_zone_get(rmcf);
    models = rmcf->models.elts;

    for (i = 0; i < NGX_HTTP_RECS_WORKERS_MAX; i++) {
        worker = &zone->sh->workers[i];

        if (!ngx_http_recs_process_alive(worker->process)) {
            continue;
        }

        w = ngx_array_push(workers);
        if (w == NULL) {
            return NULL;
        }

        w->pid = ngx_http_recs_process_pid(worker->process);
        w->generations = ngx_pcalloc(pool, (rmcf->models.nelts + 1)
                                           * (RECS_GENERATION_LEN + 1));
        if (w->generations == NULL) {
            return NULL;
        }

        for (m = 0; m < rmcf->models.nelts; m++) {
            ngx_http_recs_zone_generation(worker, &models[m]->name,
                                          w->generations[m]);
        }
    }

    return workers;
}
