/*
 * The ids of recent events, in memory that all workers share: an event that
 * is sent twice counts once.  The size is a constant, so that a reload keeps
 * them.
 */

#include "ngx_http_recs_collect_private.h"
#include "recs_recent.h"


#define NGX_HTTP_RECS_EVENT_IDS         131072
#define NGX_HTTP_RECS_EVENT_IDS_ALIGN   64
#define NGX_HTTP_RECS_EVENT_IDS_LAYOUT  1


typedef struct {
    ngx_uint_t       layout;
    recs_recent_t   *set;
} ngx_http_recs_event_ids_sh_t;


static ngx_str_t  ngx_http_recs_event_ids_name = ngx_string("ngx_recs_ids");


/* Not to be guessed, for as long as the memory lives. */
static uint64_t
ngx_http_recs_event_ids_seed(void)
{
    ngx_fd_t    fd;
    uint64_t    seed;
    ngx_uint_t  n;

    seed = 0;
    fd = ngx_open_file("/dev/urandom", NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd != NGX_INVALID_FILE) {
        (void) ngx_read_fd(fd, (u_char *) &seed, sizeof(seed));
        ngx_close_file(fd);
    }

    for (n = 0; n < 3; n++) {
        seed = (seed << 21 | seed >> 43) ^ (uint64_t) ngx_random();
    }

    return seed;
}


static ngx_int_t
ngx_http_recs_event_ids_init(ngx_shm_zone_t *shm_zone, void *data)
{
    u_char                        *memory;
    ngx_slab_pool_t               *shpool;
    ngx_http_recs_event_ids_sh_t  *sh;

    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;
    sh = shpool->data;

    if (data == NULL && !shm_zone->shm.exists) {

        sh = ngx_slab_calloc(shpool, sizeof(ngx_http_recs_event_ids_sh_t));
        memory = ngx_slab_calloc(shpool,
                                 recs_recent_size(NGX_HTTP_RECS_EVENT_IDS)
                                 + NGX_HTTP_RECS_EVENT_IDS_ALIGN);

        if (sh == NULL || memory == NULL) {
            return NGX_ERROR;
        }

        memory = ngx_align_ptr(memory, NGX_HTTP_RECS_EVENT_IDS_ALIGN);

        sh->layout = NGX_HTTP_RECS_EVENT_IDS_LAYOUT;
        sh->set = recs_recent_init(memory, NGX_HTTP_RECS_EVENT_IDS,
                                   ngx_http_recs_event_ids_seed());
        shpool->data = sh;
    }

    if (sh == NULL || sh->layout != NGX_HTTP_RECS_EVENT_IDS_LAYOUT) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "zone \"%V\" is of another version of this module: "
                      "restart nginx", &shm_zone->shm.name);
        return NGX_ERROR;
    }

    shm_zone->data = sh;

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_event_ids_add(ngx_conf_t *cf)
{
    size_t                      size;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_recs_module);

    if (rmcf->event_ids != NULL) {
        return NGX_OK;
    }

    /* What the pool keeps for itself and for every page is less. */

    size = recs_recent_size(NGX_HTTP_RECS_EVENT_IDS);
    size = ngx_align(size + size / 64, 65536) + 65536;

    rmcf->event_ids = ngx_shared_memory_add(cf, &ngx_http_recs_event_ids_name,
                                            size, &ngx_http_recs_module);
    if (rmcf->event_ids == NULL) {
        return NGX_ERROR;
    }

    rmcf->event_ids->init = ngx_http_recs_event_ids_init;

    return NGX_OK;
}


ngx_uint_t
ngx_http_recs_event_ids_new(ngx_http_recs_main_conf_t *rmcf, recs_str_t *id)
{
    ngx_http_recs_event_ids_sh_t  *sh;

    sh = rmcf->event_ids->data;

    return recs_recent_add(sh->set, id->data, id->len);
}
