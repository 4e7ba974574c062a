/*
 * The last rules that some worker took over, in shared memory: for one that
 * starts, after a crash or a reload, while the file is wrong.
 */

#include "ngx_http_recs_watch_private.h"
#include "recs_rules.h"


#define NGX_HTTP_RECS_RULES_LAYOUT  1


typedef struct {
    ngx_uint_t               layout;
    uint32_t                 path;           /* crc32 of the file's */
    size_t                   len;
    char                     text[RECS_RULES_TEXT_MAX];
} ngx_http_recs_rules_kept_t;


static ngx_str_t  ngx_http_recs_rules_kept_name = ngx_string("ngx_recs_rules");


static ngx_int_t
ngx_http_recs_rules_kept_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_slab_pool_t             *shpool;
    ngx_http_recs_rules_kept_t  *kept;

    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;
    kept = shpool->data;

    if (data == NULL && !shm_zone->shm.exists) {
        kept = ngx_slab_alloc(shpool, sizeof(ngx_http_recs_rules_kept_t));

        if (kept != NULL) {
            kept->layout = NGX_HTTP_RECS_RULES_LAYOUT;
            kept->path = 0;
            kept->len = 0;
            shpool->data = kept;
        }
    }

    if (kept == NULL || kept->layout != NGX_HTTP_RECS_RULES_LAYOUT) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "zone \"%V\" cannot be had, or is of another version "
                      "of this module: restart nginx", &shm_zone->shm.name);
        return NGX_ERROR;
    }

    shm_zone->data = kept;

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_rules_kept_add(ngx_conf_t *cf, ngx_http_recs_watch_t *watch)
{
    size_t  size;

    /* What the pool keeps for itself and for every page is less. */

    size = sizeof(ngx_http_recs_rules_kept_t);
    size = ngx_align(size + size / 64, 65536) + 65536;

    watch->rules_kept = ngx_shared_memory_add(cf,
                                             &ngx_http_recs_rules_kept_name,
                                             size, &ngx_http_recs_module);
    if (watch->rules_kept == NULL) {
        return NGX_ERROR;
    }

    watch->rules_kept->init = ngx_http_recs_rules_kept_init;

    return NGX_OK;
}


static uint32_t
ngx_http_recs_rules_kept_path(ngx_http_recs_watch_t *watch)
{
    return ngx_crc32_long(watch->rules.state.path.data,
                          watch->rules.state.path.len);
}


void
ngx_http_recs_rules_keep(ngx_http_recs_watch_t *watch, const char *text,
    size_t len)
{
    uint32_t                     path;
    ngx_slab_pool_t             *shpool;
    ngx_http_recs_rules_kept_t  *kept;

    kept = watch->rules_kept->data;
    shpool = (ngx_slab_pool_t *) watch->rules_kept->shm.addr;
    path = ngx_http_recs_rules_kept_path(watch);

    ngx_shmtx_lock(&shpool->mutex);

    if (kept->path != path || kept->len != len
        || ngx_memcmp(kept->text, text, len) != 0)
    {
        /* One that is killed in the middle leaves none, not a half. */

        kept->len = 0;
        ngx_memory_barrier();

        kept->path = path;
        ngx_memcpy(kept->text, text, len);
        ngx_memory_barrier();

        kept->len = len;
    }

    ngx_shmtx_unlock(&shpool->mutex);
}


char *
ngx_http_recs_rules_kept(ngx_http_recs_watch_t *watch, size_t *len)
{
    char                        *text;
    ngx_slab_pool_t             *shpool;
    ngx_http_recs_rules_kept_t  *kept;

    kept = watch->rules_kept->data;
    shpool = (ngx_slab_pool_t *) watch->rules_kept->shm.addr;

    text = ngx_alloc(RECS_RULES_TEXT_MAX, watch->log);
    if (text == NULL) {
        return NULL;
    }

    ngx_shmtx_lock(&shpool->mutex);

    *len = kept->path == ngx_http_recs_rules_kept_path(watch)
           ? ngx_min(kept->len, RECS_RULES_TEXT_MAX) : 0;
    ngx_memcpy(text, kept->text, *len);

    ngx_shmtx_unlock(&shpool->mutex);

    return text;
}
