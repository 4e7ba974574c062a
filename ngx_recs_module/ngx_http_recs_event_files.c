/*
 * The files of an event log.  They are opened by the master, as root where it
 * is root, and stand in the cycle's list of open files: USR1 reopens them like
 * any log of nginx, and a worker flushes at its exit.  `nginx -t` and
 * `nginx -s` create nothing.
 */

#include "ngx_http_recs_event_log_private.h"


/* Somebody else's log: it would overwrite our flush, and we its. */
static ngx_uint_t
ngx_http_recs_event_log_taken(ngx_cycle_t *cycle, ngx_str_t *name)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_open_file_t  *file;

    for (part = &cycle->open_files.part; part != NULL; part = part->next) {
        file = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (file[i].name.len == name->len
                && ngx_memcmp(file[i].name.data, name->data, name->len) == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}


/* What opening would say, without creating anything. */
static ngx_int_t
ngx_http_recs_event_log_probe(ngx_str_t *name)
{
    u_char     *slash, saved;
    ngx_int_t   rc;

    if (access((char *) name->data, W_OK) == 0) {
        return NGX_OK;
    }

    if (ngx_errno != NGX_ENOENT) {
        return NGX_ERROR;
    }

    slash = (u_char *) strrchr((char *) name->data, '/');
    if (slash == NULL) {
        return NGX_OK;
    }

    saved = slash[1];
    slash[1] = '\0';
    rc = access((char *) name->data, W_OK|X_OK) == 0 ? NGX_OK : NGX_ERROR;
    slash[1] = saved;

    return rc;
}


static ngx_int_t
ngx_http_recs_event_log_open_file(ngx_cycle_t *cycle,
    ngx_http_recs_event_log_t *log, ngx_str_t *name)
{
    ngx_fd_t           fd;
    ngx_open_file_t   *file, **place;

    if (ngx_test_config || ngx_process == NGX_PROCESS_SIGNALLER) {
        if (ngx_http_recs_event_log_probe(name) == NGX_OK) {
            return NGX_OK;
        }

        goto failed;
    }

    place = ngx_array_push(log->files);
    if (place == NULL) {
        return NGX_ERROR;
    }

    fd = ngx_open_file(name->data, NGX_FILE_APPEND, NGX_FILE_CREATE_OR_OPEN,
                       NGX_FILE_DEFAULT_ACCESS);
    if (fd == NGX_INVALID_FILE) {
        goto failed;
    }

    file = ngx_list_push(&cycle->open_files);
    if (file == NULL) {
        ngx_close_file(fd);
        return NGX_ERROR;
    }

    file->fd = fd;
    file->name = *name;
    file->flush = ngx_http_recs_event_log_flush;
    file->data = log;
    *place = file;

    if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "fcntl(FD_CLOEXEC) \"%V\" failed", name);
        return NGX_ERROR;
    }

    return NGX_OK;

failed:

    ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                  "recs_event_log: open() \"%V\" failed", name);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_recs_event_log_open_one(ngx_cycle_t *cycle,
    ngx_http_recs_event_log_t *log)
{
    ngx_int_t         i;
    ngx_str_t         name;
    ngx_core_conf_t  *ccf;

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    log->files = ngx_array_create(cycle->pool, ccf->worker_processes,
                                  sizeof(ngx_open_file_t *));
    if (log->files == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < ccf->worker_processes; i++) {

        name.data = ngx_pnalloc(cycle->pool,
                                log->path.len + NGX_INT_T_LEN + 2);
        if (name.data == NULL) {
            return NGX_ERROR;
        }

        name.len = ngx_sprintf(name.data, "%V.%i%Z", &log->path, i)
                   - name.data - 1;

        if (ngx_http_recs_event_log_taken(cycle, &name)) {
            ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                          "recs_event_log: \"%V\" is another directive's log "
                          "already", &name);
            return NGX_ERROR;
        }

        if (ngx_http_recs_event_log_open_file(cycle, log, &name) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_event_log_open(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t                   i;
    ngx_http_recs_event_log_t  **logs;

    if (rmcf->event_logs == NULL) {
        return NGX_OK;
    }

    logs = rmcf->event_logs->elts;

    for (i = 0; i < rmcf->event_logs->nelts; i++) {
        if (ngx_http_recs_event_log_open_one(cycle, logs[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
