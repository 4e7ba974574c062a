#include "ngx_http_recs_zone.h"


#define NGX_HTTP_RECS_ZONE_VERSION  1
#define NGX_HTTP_RECS_ZONE_BLOCKS   16       /* workers share them, modulo */
#define NGX_HTTP_RECS_ZONE_GROW     16       /* entries are kept in steps */


typedef struct {
    u_char     name[NGX_HTTP_RECS_NAME_MAX + 1];          /* "": free */
} ngx_http_recs_zone_name_t;

typedef struct {
    ngx_atomic_t  pid;                                    /* 0: free */
} ngx_http_recs_zone_worker_t;

typedef struct {
    ngx_uint_t                    version;
    ngx_uint_t                    max_models;
    ngx_uint_t                    max_slots;

    ngx_http_recs_zone_name_t    *models;     /* [max_models] */
    ngx_http_recs_zone_name_t    *slots;      /* [max_slots] */
    ngx_http_recs_counters_t     *counters;   /* [blocks][max_slots] */
    ngx_atomic_t                 *fills;      /* [blocks][FILL_COUNT] */
    ngx_http_recs_zone_worker_t  *workers;    /* [WORKERS_MAX] */
    ngx_http_recs_zone_name_t    *attached;   /* [WORKERS_MAX][max_models] */
} ngx_http_recs_zone_sh_t;

/* One cycle's view of the zone. */
struct ngx_http_recs_zone_s {
    ngx_http_recs_main_conf_t    *rmcf;
    ngx_http_recs_zone_sh_t      *sh;
    ngx_uint_t                    max_models;
    ngx_uint_t                    max_slots;
    ngx_uint_t                   *models;     /* conf's index -> entry */
    ngx_uint_t                   *slots;
};


static ngx_int_t ngx_http_recs_zone_init(ngx_shm_zone_t *shm_zone,
    void *data);


static ngx_str_t  ngx_http_recs_zone_name = ngx_string("recs_status");

static const uint64_t  ngx_http_recs_zone_bounds[] = {
#define NGX_HTTP_RECS_BUCKET_NS(ns, seconds)  ns,
    NGX_HTTP_RECS_BUCKET_MAP(NGX_HTTP_RECS_BUCKET_NS)
#undef NGX_HTTP_RECS_BUCKET_NS
};


static size_t
ngx_http_recs_zone_size(ngx_uint_t max_models, ngx_uint_t max_slots)
{
    return sizeof(ngx_http_recs_zone_sh_t)
           + (max_models + max_slots) * sizeof(ngx_http_recs_zone_name_t)
           + NGX_HTTP_RECS_ZONE_BLOCKS * max_slots
             * sizeof(ngx_http_recs_counters_t)
           + NGX_HTTP_RECS_ZONE_BLOCKS * NGX_HTTP_RECS_FILL_COUNT
             * sizeof(ngx_atomic_t)
           + NGX_HTTP_RECS_WORKERS_MAX
             * (sizeof(ngx_http_recs_zone_worker_t)
                + max_models * sizeof(ngx_http_recs_zone_name_t));
}


ngx_int_t
ngx_http_recs_zone_add(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf)
{
    size_t                 size;
    ngx_http_recs_zone_t  *zone;

    if (rmcf->models.nelts == 0) {
        return NGX_OK;
    }

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_zone_t));
    if (zone == NULL) {
        return NGX_ERROR;
    }

    zone->rmcf = rmcf;
    zone->max_models = ngx_align(rmcf->models.nelts,
                                 NGX_HTTP_RECS_ZONE_GROW);
    zone->max_slots = ngx_align(rmcf->slots.nelts + 1,
                                NGX_HTTP_RECS_ZONE_GROW);

    zone->models = ngx_palloc(cf->pool,
                              zone->max_models * sizeof(ngx_uint_t));
    zone->slots = ngx_palloc(cf->pool, zone->max_slots * sizeof(ngx_uint_t));

    if (zone->models == NULL || zone->slots == NULL) {
        return NGX_ERROR;
    }

    /* The slab keeps a header for each page, and some pages to itself. */

    size = ngx_http_recs_zone_size(zone->max_models, zone->max_slots);
    size = ngx_align(size + size / 64 + 8 * ngx_pagesize, ngx_pagesize);

    rmcf->zone = ngx_shared_memory_add(cf, &ngx_http_recs_zone_name, size,
                                       &ngx_http_recs_module);
    if (rmcf->zone == NULL) {
        return NGX_ERROR;
    }

    rmcf->zone->init = ngx_http_recs_zone_init;
    rmcf->zone->data = zone;

    return NGX_OK;
}


static void *
ngx_http_recs_zone_carve(u_char **p, size_t size)
{
    void  *start;

    start = *p;
    *p += size;

    return start;
}


/* A fresh zone: one allocation, zeroed, then parted; widest first. */

static ngx_http_recs_zone_sh_t *
ngx_http_recs_zone_create(ngx_slab_pool_t *shpool, ngx_http_recs_zone_t *zone)
{
    u_char                   *p;
    ngx_http_recs_zone_sh_t  *sh;

    p = ngx_slab_calloc(shpool, ngx_http_recs_zone_size(zone->max_models,
                                                        zone->max_slots));
    if (p == NULL) {
        return NULL;
    }

    sh = ngx_http_recs_zone_carve(&p, sizeof(ngx_http_recs_zone_sh_t));

    sh->version = NGX_HTTP_RECS_ZONE_VERSION;
    sh->max_models = zone->max_models;
    sh->max_slots = zone->max_slots;

    sh->counters = ngx_http_recs_zone_carve(&p,
        NGX_HTTP_RECS_ZONE_BLOCKS * sh->max_slots
        * sizeof(ngx_http_recs_counters_t));
    sh->fills = ngx_http_recs_zone_carve(&p,
        NGX_HTTP_RECS_ZONE_BLOCKS * NGX_HTTP_RECS_FILL_COUNT
        * sizeof(ngx_atomic_t));
    sh->workers = ngx_http_recs_zone_carve(&p,
        NGX_HTTP_RECS_WORKERS_MAX * sizeof(ngx_http_recs_zone_worker_t));
    sh->models = ngx_http_recs_zone_carve(&p,
        sh->max_models * sizeof(ngx_http_recs_zone_name_t));
    sh->slots = ngx_http_recs_zone_carve(&p,
        sh->max_slots * sizeof(ngx_http_recs_zone_name_t));
    sh->attached = ngx_http_recs_zone_carve(&p,
        NGX_HTTP_RECS_WORKERS_MAX * sh->max_models
        * sizeof(ngx_http_recs_zone_name_t));

    return sh;
}


static ngx_uint_t
ngx_http_recs_zone_is(ngx_http_recs_zone_name_t *entry, ngx_str_t *name)
{
    return ngx_strlen(entry->name) == name->len
           && ngx_memcmp(entry->name, name->data, name->len) == 0;
}


/*
 * The name's entry among max: the one it had, else a free one.  A name that
 * is taken here costs nothing where the configuration is refused later: the
 * cycle that serves on has its own entries.
 */

static ngx_uint_t
ngx_http_recs_zone_entry(ngx_http_recs_zone_name_t *entries, ngx_uint_t max,
    ngx_str_t *name)
{
    ngx_uint_t  i;

    for (i = 0; i < max; i++) {
        if (ngx_http_recs_zone_is(&entries[i], name)) {
            return i;
        }
    }

    for (i = 0; i < max; i++) {
        if (entries[i].name[0] == '\0') {
            ngx_memcpy(entries[i].name, name->data, name->len);
            return i;
        }
    }

    return max;
}


/*
 * Finds or takes an entry for every model and slot.  NGX_DECLINED: names of
 * earlier configurations have used the entries up.
 */

static ngx_int_t
ngx_http_recs_zone_names(ngx_http_recs_zone_t *zone)
{
    ngx_uint_t                 i;
    ngx_http_recs_slot_t     **slots;
    ngx_http_recs_model_t    **models;
    ngx_http_recs_zone_sh_t   *sh;

    sh = zone->sh;
    models = zone->rmcf->models.elts;
    slots = zone->rmcf->slots.elts;

    for (i = 0; i < zone->rmcf->models.nelts; i++) {
        zone->models[i] = ngx_http_recs_zone_entry(sh->models, sh->max_models,
                                                   &models[i]->name);
        if (zone->models[i] == sh->max_models) {
            return NGX_DECLINED;
        }
    }

    for (i = 0; i < zone->rmcf->slots.nelts; i++) {
        zone->slots[i] = ngx_http_recs_zone_entry(sh->slots, sh->max_slots,
                                                  &slots[i]->name);
        if (zone->slots[i] == sh->max_slots) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_slab_pool_t       *shpool;
    ngx_http_recs_zone_t  *zone, *old;

    zone = shm_zone->data;
    old = data;
    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (old) {
        zone->sh = old->sh;

    } else if (shm_zone->shm.exists) {
        zone->sh = shpool->data;

    } else {
        shpool->log_nomem = 0;

        zone->sh = ngx_http_recs_zone_create(shpool, zone);
        if (zone->sh == NULL) {
            ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                          "no memory in zone \"%V\"", &shm_zone->shm.name);
            return NGX_ERROR;
        }

        shpool->data = zone->sh;
    }

    if (ngx_http_recs_zone_names(zone) == NGX_OK) {
        return NGX_OK;
    }

    /*
     * Many renamings later: forget the names, not the counters.  Draining
     * workers count on under names that are no longer theirs.
     */

    ngx_memzero(zone->sh->models,
                zone->sh->max_models * sizeof(ngx_http_recs_zone_name_t));
    ngx_memzero(zone->sh->slots,
                zone->sh->max_slots * sizeof(ngx_http_recs_zone_name_t));

    return ngx_http_recs_zone_names(zone);
}


static ngx_http_recs_zone_t *
ngx_http_recs_zone_get(ngx_http_recs_main_conf_t *rmcf)
{
    return rmcf->zone != NULL ? rmcf->zone->data : NULL;
}


void
ngx_http_recs_zone_count(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_slot_t *slot, recs_source_t source, recs_reason_t reason,
    uint64_t nanoseconds)
{
    ngx_uint_t                 bucket;
    ngx_http_recs_zone_t      *zone;
    ngx_http_recs_counters_t  *c;

    zone = ngx_http_recs_zone_get(rmcf);
    if (zone == NULL) {
        return;
    }

    c = &zone->sh->counters[ngx_worker % NGX_HTTP_RECS_ZONE_BLOCKS
                            * zone->sh->max_slots + zone->slots[slot->index]];

    for (bucket = 0; bucket < NGX_HTTP_RECS_BUCKETS; bucket++) {
        if (nanoseconds <= ngx_http_recs_zone_bounds[bucket]) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&c->requests, 1);
    (void) ngx_atomic_fetch_add(&c->nanoseconds,
                                (ngx_atomic_int_t) nanoseconds);
    (void) ngx_atomic_fetch_add(&c->sources[source], 1);
    (void) ngx_atomic_fetch_add(&c->reasons[reason], 1);
    (void) ngx_atomic_fetch_add(&c->buckets[bucket], 1);
}


void
ngx_http_recs_zone_count_fill(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_fill_outcome_t outcome)
{
    ngx_uint_t             block;
    ngx_http_recs_zone_t  *zone;

    zone = ngx_http_recs_zone_get(rmcf);
    if (zone == NULL) {
        return;
    }

    block = ngx_worker % NGX_HTTP_RECS_ZONE_BLOCKS;

    (void) ngx_atomic_fetch_add(
        &zone->sh->fills[block * NGX_HTTP_RECS_FILL_COUNT + outcome], 1);
}


void
ngx_http_recs_zone_read(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_slot_t *slot, ngx_http_recs_counters_t *sum)
{
    ngx_uint_t                 block, i;
    ngx_http_recs_zone_t      *zone;
    ngx_http_recs_counters_t  *c;

    ngx_memzero(sum, sizeof(ngx_http_recs_counters_t));

    zone = ngx_http_recs_zone_get(rmcf);

    for (block = 0; block < NGX_HTTP_RECS_ZONE_BLOCKS; block++) {
        c = &zone->sh->counters[block * zone->sh->max_slots
                                + zone->slots[slot->index]];

        sum->requests += c->requests;
        sum->nanoseconds += c->nanoseconds;

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


void
ngx_http_recs_zone_read_fill(ngx_http_recs_main_conf_t *rmcf,
    ngx_atomic_uint_t sum[NGX_HTTP_RECS_FILL_COUNT])
{
    ngx_uint_t             block, i;
    ngx_http_recs_zone_t  *zone;

    zone = ngx_http_recs_zone_get(rmcf);
    ngx_memzero(sum, NGX_HTTP_RECS_FILL_COUNT * sizeof(ngx_atomic_uint_t));

    for (block = 0; block < NGX_HTTP_RECS_ZONE_BLOCKS; block++) {
        for (i = 0; i < NGX_HTTP_RECS_FILL_COUNT; i++) {
            sum[i] += zone->sh->fills[block * NGX_HTTP_RECS_FILL_COUNT + i];
        }
    }
}


/* EPERM too means that it lives. */

static ngx_uint_t
ngx_http_recs_zone_alive(ngx_pid_t pid)
{
    return pid != 0 && (kill(pid, 0) == 0 || ngx_errno != NGX_ESRCH);
}


/* This process's row of the table: its own, a free one, or a dead one's. */

static ngx_uint_t
ngx_http_recs_zone_worker(ngx_http_recs_zone_sh_t *sh)
{
    ngx_uint_t         i;
    ngx_atomic_uint_t  pid;

    for (i = 0; i < NGX_HTTP_RECS_WORKERS_MAX; i++) {
        if (sh->workers[i].pid == (ngx_atomic_uint_t) ngx_pid) {
            return i;
        }
    }

    for (i = 0; i < NGX_HTTP_RECS_WORKERS_MAX; i++) {
        pid = sh->workers[i].pid;

        if (!ngx_http_recs_zone_alive((ngx_pid_t) pid)
            && ngx_atomic_cmp_set(&sh->workers[i].pid, pid,
                                  (ngx_atomic_uint_t) ngx_pid))
        {
            ngx_memzero(&sh->attached[i * sh->max_models],
                        sh->max_models * sizeof(ngx_http_recs_zone_name_t));
            return i;
        }
    }

    return NGX_HTTP_RECS_WORKERS_MAX;
}


void
ngx_http_recs_zone_attached(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_model_t *model)
{
    u_char                     *name;
    ngx_uint_t                  worker;
    ngx_http_recs_zone_t       *zone;

    zone = ngx_http_recs_zone_get(rmcf);
    if (zone == NULL) {
        return;
    }

    worker = ngx_http_recs_zone_worker(zone->sh);
    if (worker == NGX_HTTP_RECS_WORKERS_MAX) {
        return;
    }

    name = zone->sh->attached[worker * zone->sh->max_models
                              + zone->models[model->index]].name;

    ngx_memzero(name, NGX_HTTP_RECS_NAME_MAX);

    if (model->bundle != NULL) {
        ngx_memcpy(name, model->generation.name, RECS_GENERATION_LEN);
    }
}


ngx_array_t *
ngx_http_recs_zone_workers(ngx_http_recs_main_conf_t *rmcf, ngx_pool_t *pool)
{
    ngx_pid_t                 pid;
    ngx_uint_t                i, m;
    ngx_array_t              *workers;
    ngx_http_recs_zone_t     *zone;
    ngx_http_recs_worker_t   *w;
    ngx_http_recs_zone_sh_t  *sh;

    workers = ngx_array_create(pool, 16, sizeof(ngx_http_recs_worker_t));
    if (workers == NULL) {
        return NULL;
    }

    zone = ngx_http_recs_zone_get(rmcf);
    sh = zone->sh;

    for (i = 0; i < NGX_HTTP_RECS_WORKERS_MAX; i++) {
        pid = (ngx_pid_t) sh->workers[i].pid;

        if (!ngx_http_recs_zone_alive(pid)) {
            continue;
        }

        w = ngx_array_push(workers);
        if (w == NULL) {
            return NULL;
        }

        w->pid = pid;
        w->generations = ngx_pcalloc(pool, rmcf->models.nelts
                                           * (RECS_GENERATION_LEN + 1));
        if (w->generations == NULL) {
            return NULL;
        }

        for (m = 0; m < rmcf->models.nelts; m++) {
            ngx_memcpy(w->generations[m],
                       sh->attached[i * sh->max_models
                                    + zone->models[m]].name,
                       RECS_GENERATION_LEN);
        }
    }

    return workers;
}
