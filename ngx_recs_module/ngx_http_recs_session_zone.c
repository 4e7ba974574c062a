/*
 * Sessions in shared memory.
 *
 * Readers take no lock.  Writers hold the zone's mutex for the few hundred
 * nanoseconds of an update; nginx's master releases it when its holder dies,
 * but only that of a zone that its present configuration has.  So nobody waits
 * for it without end: an update that cannot have it is given up and counted.
 */

#include "ngx_http_recs_session_private.h"

#include <sys/random.h>

#include "recs_session_table.h"


#define NGX_HTTP_RECS_SESSION_ITEMS   20
#define NGX_HTTP_RECS_SESSION_SPINS   1024
#define NGX_HTTP_RECS_SESSION_YIELDS  1024


/* Of a configuration. */
typedef struct {
    uint32_t               n_items;
    ngx_msec_t             ttl;
    size_t                 size;             /* of the table */
    recs_session_table_t  *table;
    ngx_slab_pool_t       *shpool;
} ngx_http_recs_session_zone_t;

/* What nginx tells our zones from others by; the counters' is another. */
static u_char  ngx_http_recs_session_zone_tag;


static ngx_int_t ngx_http_recs_session_zone_init(ngx_shm_zone_t *shm_zone,
    void *data);


ngx_shm_zone_t *
ngx_http_recs_session_zone_find(ngx_conf_t *cf, ngx_str_t *name)
{
    return ngx_shared_memory_add(cf, name, 0,
                                 &ngx_http_recs_session_zone_tag);
}


/* items=N or ttl=TIME; NGX_ERROR: logged. */
static ngx_int_t
ngx_http_recs_session_zone_option(ngx_conf_t *cf, ngx_str_t *option,
    ngx_http_recs_session_zone_t *zone)
{
    ngx_int_t  n;
    ngx_str_t  s;

    if (ngx_strncmp(option->data, "items=", 6) == 0) {
        n = ngx_atoi(option->data + 6, option->len - 6);

        if (n >= 1 && n <= RECS_SESSION_ITEMS_MAX) {
            zone->n_items = (uint32_t) n;
            return NGX_OK;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid number of items \"%V\", it must be 1 to "
                           "%d", option, RECS_SESSION_ITEMS_MAX);
        return NGX_ERROR;
    }

    if (ngx_strncmp(option->data, "ttl=", 4) == 0) {
        s.data = option->data + 4;
        s.len = option->len - 4;
        n = ngx_parse_time(&s, 0);

        if (n != NGX_ERROR && n > 0) {
            zone->ttl = n;
            return NGX_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\", items=N and ttl=TIME may "
                       "stand there", option);

    return NGX_ERROR;
}


char *
ngx_http_recs_session_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ssize_t                        size;
    ngx_str_t                     *value;
    ngx_uint_t                     i;
    ngx_shm_zone_t                *shm_zone;
    ngx_http_recs_session_zone_t  *zone;

    value = cf->args->elts;

    if (!recs_name_valid((char *) value[1].data, value[1].len)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid zone name \"%V\", it must match "
                           "[a-z][a-z0-9_]{0,31}", &value[1]);
        return NGX_CONF_ERROR;
    }

    size = ngx_parse_size(&value[2]);

    if (size < (ssize_t) (16 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid zone size \"%V\", it must be %uz bytes or "
                           "more", &value[2], 16 * ngx_pagesize);
        return NGX_CONF_ERROR;
    }

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_session_zone_t));
    if (zone == NULL) {
        return NGX_CONF_ERROR;
    }

    zone->n_items = NGX_HTTP_RECS_SESSION_ITEMS;
    zone->ttl = NGX_HTTP_RECS_SESSION_TTL * 1000;

    for (i = 3; i < cf->args->nelts; i++) {
        if (ngx_http_recs_session_zone_option(cf, &value[i], zone) != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    shm_zone = ngx_shared_memory_add(cf, &value[1], size,
                                     &ngx_http_recs_session_zone_tag);
    if (shm_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    if (shm_zone->data != NULL) {
        return "is duplicate";
    }

    shm_zone->init = ngx_http_recs_session_zone_init;
    shm_zone->data = zone;

    return NGX_CONF_OK;
}


/* All pages of a zone that is new, which nobody else has. */
static ngx_int_t
ngx_http_recs_session_zone_create(ngx_shm_zone_t *shm_zone,
    ngx_http_recs_session_zone_t *zone)
{
    void      *memory;
    uint64_t   seed[2];

    if (getrandom(seed, sizeof(seed), 0) != (ssize_t) sizeof(seed)) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, ngx_errno,
                      "no random seed for zone \"%V\"", &shm_zone->shm.name);
        return NGX_ERROR;
    }

    zone->size = zone->shpool->pfree * ngx_pagesize;
    memory = ngx_slab_alloc(zone->shpool, zone->size);

    if (memory == NULL) {
        return NGX_ERROR;
    }

#if (NGX_DEBUG_MALLOC)
    ngx_memzero(memory, zone->size);
#endif

    if (recs_session_table_init(memory, zone->size, zone->n_items, seed)
        != RECS_OK)
    {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "zone \"%V\" is too small", &shm_zone->shm.name);
        return NGX_ERROR;
    }

    zone->table = recs_session_table_at(memory, zone->size, zone->n_items);
    zone->shpool->data = memory;

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_session_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_recs_session_zone_t  *zone, *old;

    zone = shm_zone->data;
    old = data;

    zone->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (old == NULL && !shm_zone->shm.exists) {
        return ngx_http_recs_session_zone_create(shm_zone, zone);
    }

    if (old != NULL) {
        zone->size = old->size;
        zone->table = recs_session_table_at(old->table, old->size,
                                            zone->n_items);
    }

    if (zone->table == NULL) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "zone \"%V\" has sessions of another number of items: "
                      "change its size or its name too, or restart nginx",
                      &shm_zone->shm.name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_recs_session_zone_key(ngx_http_recs_session_zone_t *zone,
    ngx_str_t *id, recs_session_key_t *key)
{
    recs_str_t  str;

    str.data = (char *) id->data;
    str.len = id->len;

    recs_session_table_key(zone->table, str, key);
}


void
ngx_http_recs_session_zone_read(ngx_shm_zone_t *shm_zone, ngx_str_t *id,
    recs_session_t *session)
{
    recs_session_key_t             key;
    ngx_http_recs_session_zone_t  *zone;

    zone = shm_zone->data;
    ngx_http_recs_session_zone_key(zone, id, &key);

    recs_session_table_read(zone->table, &key, ngx_current_msec, zone->ttl,
                            session);
}


static ngx_int_t
ngx_http_recs_session_zone_lock(ngx_http_recs_session_zone_t *zone)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_RECS_SESSION_SPINS; i++) {
        if (ngx_shmtx_trylock(&zone->shpool->mutex)) {
            return NGX_OK;
        }

        ngx_cpu_pause();
    }

    for (i = 0; i < NGX_HTTP_RECS_SESSION_YIELDS; i++) {
        ngx_sched_yield();

        if (ngx_shmtx_trylock(&zone->shpool->mutex)) {
            return NGX_OK;
        }
    }

    return NGX_BUSY;
}


void
ngx_http_recs_session_zone_add(ngx_http_request_t *r,
    ngx_shm_zone_t *shm_zone, ngx_str_t *id, uint64_t hash)
{
    unsigned                       what;
    recs_session_key_t             key;
    ngx_http_recs_session_zone_t  *zone;

    zone = shm_zone->data;
    ngx_http_recs_session_zone_key(zone, id, &key);

    if (ngx_http_recs_session_zone_lock(zone) != NGX_OK) {
        ngx_http_recs_session_count(r, NGX_HTTP_RECS_SESSIONS_BUSY);
        return;
    }

    what = recs_session_table_add(zone->table, &key, hash, ngx_current_msec,
                                  zone->ttl);

    ngx_shmtx_unlock(&zone->shpool->mutex);

    ngx_http_recs_session_count(r, NGX_HTTP_RECS_SESSIONS_ADDED);

    if (what & RECS_SESSION_NEW) {
        ngx_http_recs_session_count(r, NGX_HTTP_RECS_SESSIONS_BEGUN);
    }

    if (what & RECS_SESSION_EVICTED) {
        ngx_http_recs_session_count(r, NGX_HTTP_RECS_SESSIONS_EVICTED);
    }

    if (what & RECS_SESSION_TORN) {
        ngx_http_recs_session_count(r, NGX_HTTP_RECS_SESSIONS_TORN);
    }
}


static void
ngx_http_recs_session_zone_forget(ngx_http_request_t *r,
    ngx_shm_zone_t *shm_zone, ngx_str_t *id)
{
    int                            found;
    recs_session_key_t             key;
    ngx_http_recs_session_zone_t  *zone;

    zone = shm_zone->data;
    ngx_http_recs_session_zone_key(zone, id, &key);

    if (ngx_http_recs_session_zone_lock(zone) != NGX_OK) {
        ngx_http_recs_session_count(r, NGX_HTTP_RECS_SESSIONS_BUSY);
        return;
    }

    found = recs_session_table_forget(zone->table, &key);

    ngx_shmtx_unlock(&zone->shpool->mutex);

    if (found) {
        ngx_http_recs_session_count(r, NGX_HTTP_RECS_SESSIONS_FORGOTTEN);
    }
}


/* In all zones: where he says no need not be where he was remembered. */
void
ngx_http_recs_session_forget(ngx_http_request_t *r, ngx_str_t *id)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_shm_zone_t   *zones;

    part = (ngx_list_part_t *) &ngx_cycle->shared_memory.part;

    for ( /* void */ ; part != NULL; part = part->next) {
        zones = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (zones[i].tag == &ngx_http_recs_session_zone_tag) {
                ngx_http_recs_session_zone_forget(r, &zones[i], id);
            }
        }
    }
}
