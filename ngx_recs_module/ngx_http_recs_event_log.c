/*
 * recs_event_log: whole records, appended by one write(2) per flush.
 */

#include "ngx_http_recs_event_log_private.h"
#include "ngx_http_recs_zone.h"

#include <sys/file.h>


#define NGX_HTTP_RECS_EVENT_BUFFER      65536
#define NGX_HTTP_RECS_EVENT_BUFFER_MIN  4096
#define NGX_HTTP_RECS_EVENT_FLUSH       1000               /* ms */
#define NGX_HTTP_RECS_EVENT_COMPLAIN    60                 /* s */
#define NGX_HTTP_RECS_EVENT_LOCKS       100                /* attempts */


static ngx_http_recs_event_log_t  ngx_http_recs_event_log_off;


static char *
ngx_http_recs_event_log_options(ngx_conf_t *cf, ngx_http_recs_event_log_t *log)
{
    ssize_t      size;
    ngx_int_t    flush;
    ngx_str_t   *value, s;
    ngx_uint_t   i;

    value = cf->args->elts;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "buffer=", 7) == 0) {
            s.data = value[i].data + 7;
            s.len = value[i].len - 7;
            size = ngx_parse_size(&s);

            if (size < NGX_HTTP_RECS_EVENT_BUFFER_MIN
                || size > NGX_MAX_INT32_VALUE)
            {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "invalid buffer size \"%V\", it must be "
                                   "at least 4k", &s);
                return NGX_CONF_ERROR;
            }

            log->size = size;
            continue;
        }

        if (ngx_strncmp(value[i].data, "flush=", 6) == 0) {
            s.data = value[i].data + 6;
            s.len = value[i].len - 6;
            flush = ngx_parse_time(&s, 0);

            if (flush == NGX_ERROR || flush == 0) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "invalid flush time \"%V\"", &s);
                return NGX_CONF_ERROR;
            }

            log->flush = flush;
            continue;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\"", &value[i]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* The log of this path: locations that name the same one share it. */
static char *
ngx_http_recs_event_log_register(ngx_conf_t *cf,
    ngx_http_recs_event_log_t *log, ngx_http_recs_event_log_t **shared)
{
    ngx_uint_t                   i;
    ngx_http_recs_event_log_t  **logs;
    ngx_http_recs_main_conf_t   *rmcf;

    rmcf = log->rmcf;

    if (rmcf->event_logs == NULL) {
        rmcf->event_logs = ngx_array_create(cf->pool, 4, sizeof(void *));
        if (rmcf->event_logs == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    logs = rmcf->event_logs->elts;

    for (i = 0; i < rmcf->event_logs->nelts; i++) {

        if (logs[i]->path.len != log->path.len
            || ngx_memcmp(logs[i]->path.data, log->path.data, log->path.len)
               != 0)
        {
            continue;
        }

        if (cf->args->nelts > 2
            && (logs[i]->size != log->size || logs[i]->flush != log->flush))
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "recs_event_log \"%V\" was given other "
                               "parameters before", &log->path);
            return NGX_CONF_ERROR;
        }

        *shared = logs[i];
        return NGX_CONF_OK;
    }

    logs = ngx_array_push(rmcf->event_logs);
    if (logs == NULL) {
        return NGX_CONF_ERROR;
    }

    *logs = log;
    *shared = log;

    return NGX_CONF_OK;
}


char *
ngx_http_recs_event_log(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    ngx_str_t                  *value;
    ngx_http_recs_event_log_t  *log;

    if (rlcf->event_log != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        if (cf->args->nelts != 2) {
            return "has parameters beside \"off\"";
        }

        rlcf->event_log = &ngx_http_recs_event_log_off;
        return NGX_CONF_OK;
    }

    if (value[1].len == 0 || ngx_strchr(value[1].data, '$') != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid path \"%V\": variables are not supported",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    log = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_event_log_t));
    if (log == NULL) {
        return NGX_CONF_ERROR;
    }

    log->path = value[1];
    log->size = NGX_HTTP_RECS_EVENT_BUFFER;
    log->flush = NGX_HTTP_RECS_EVENT_FLUSH;
    log->rmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_recs_module);

    if (ngx_conf_full_name(cf->cycle, &log->path, 0) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_recs_event_log_options(cf, log) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_recs_event_log_register(cf, log, &rlcf->event_log);
}


static ngx_uint_t
ngx_http_recs_event_log_lines(u_char *p, u_char *last)
{
    ngx_uint_t  n;

    for (n = 0; p < last; p++) {
        n += (*p == '\n');
    }

    return n;
}


/*
 * Locks the file with the other workers that append to it: those of the cycle
 * before, until they have drained.  Whoever else may read the file can hold a
 * lock on it too, so it is not waited for long.
 */
static ngx_uint_t
ngx_http_recs_event_log_lock(ngx_fd_t fd, int how)
{
    ngx_uint_t  n;

    for (n = 0; n < NGX_HTTP_RECS_EVENT_LOCKS; n++) {
        if (flock(fd, how|LOCK_NB) == 0 || ngx_errno != EWOULDBLOCK) {
            return 1;
        }

        ngx_sched_yield();
    }

    return 0;
}


/*
 * Half a line at the end of the file, after a write that was cut short: it is
 * cut off, unless somebody has appended behind it meanwhile.  The lock keeps
 * him from doing so just then; the caller unlocks.
 */
static void
ngx_http_recs_event_log_repair(ngx_http_recs_event_log_t *log, size_t half)
{
    off_t            end;
    ngx_fd_t         fd;
    ngx_uint_t       alone;
    ngx_file_info_t  fi;

    if (half == 0) {
        return;
    }

    fd = log->file->fd;
    alone = ngx_http_recs_event_log_lock(fd, LOCK_EX);
    end = lseek(fd, 0, SEEK_CUR);

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR) {
        return;
    }

    if (!alone || ngx_file_size(&fi) != end
        || ftruncate(fd, end - (off_t) half) == -1)
    {
        log->torn = ngx_file_uniq(&fi);
    }
}


/* Ends the half line that could not be cut off, where the file is the same. */
static void
ngx_http_recs_event_log_end_line(ngx_http_recs_event_log_t *log)
{
    ngx_fd_t         fd;
    ngx_file_info_t  fi;

    fd = log->file->fd;

    if (log->torn != 0
        && ngx_fd_info(fd, &fi) != NGX_FILE_ERROR
        && (ngx_file_uniq(&fi) != log->torn || ngx_file_size(&fi) == 0
            || ngx_write_fd(fd, "\n", 1) == 1))
    {
        log->torn = 0;
    }
}


static void
ngx_http_recs_event_log_complain(ngx_http_recs_event_log_t *log,
    ngx_log_t *error_log, ngx_err_t err, ngx_uint_t n_lost)
{
    if (ngx_time() - log->complained < NGX_HTTP_RECS_EVENT_COMPLAIN) {
        return;
    }

    log->complained = ngx_time();

    ngx_log_error(NGX_LOG_ERR, error_log, err,
                  "recs_event_log: write to \"%V\" failed, %ui events are "
                  "lost; pages are served on, more losses are only counted",
                  &log->file->name, n_lost);
}


/* Appends the buffer; what does not get onto the disk is lost and counted. */
void
ngx_http_recs_event_log_flush(ngx_open_file_t *file, ngx_log_t *error_log)
{
    u_char                     *whole;
    ssize_t                     n;
    ngx_err_t                   err;
    ngx_uint_t                  n_lost;
    ngx_http_recs_event_log_t  *log;

    log = file->data;

    if (log->file != file || log->start == NULL || log->pos == log->start) {
        return;
    }

    (void) ngx_http_recs_event_log_lock(file->fd, LOCK_SH);

    ngx_http_recs_event_log_end_line(log);

    do {
        n = ngx_write_fd(file->fd, log->start, log->pos - log->start);
        err = ngx_errno;
    } while (n == -1 && err == NGX_EINTR);

    whole = log->start + (n > 0 ? n : 0);

    while (whole > log->start && whole[-1] != '\n') {
        whole--;
    }

    if (n > 0) {
        ngx_http_recs_event_log_repair(log, n - (whole - log->start));
    }

    (void) flock(file->fd, LOCK_UN);

    n_lost = ngx_http_recs_event_log_lines(whole, log->pos);

    ngx_http_recs_zone_count_events(log->rmcf, NGX_HTTP_RECS_EVENTS_WRITTEN,
                             ngx_http_recs_event_log_lines(log->start, whole));
    ngx_http_recs_zone_count_events(log->rmcf, NGX_HTTP_RECS_EVENTS_DROPPED,
                             n_lost);

    if (n_lost != 0) {
        ngx_http_recs_event_log_complain(log, error_log,
                                         n == -1 ? err : NGX_ENOSPC, n_lost);
    }

    log->pos = log->start;

    if (log->event.timer_set) {
        ngx_del_timer(&log->event);
    }
}


static void
ngx_http_recs_event_log_timer(ngx_event_t *ev)
{
    ngx_http_recs_event_log_t  *log;

    log = ev->data;
    ngx_http_recs_event_log_flush(log->file, ev->log);
}


/* This worker's buffer and file, on its first event. */
static ngx_int_t
ngx_http_recs_event_log_attach(ngx_http_recs_event_log_t *log)
{
    ngx_open_file_t  **files;

    if (log->start != NULL) {
        return NGX_OK;
    }

    if (log->files == NULL || ngx_worker >= log->files->nelts) {
        return NGX_ERROR;
    }

    log->start = ngx_alloc(log->size, ngx_cycle->log);
    if (log->start == NULL) {
        return NGX_ERROR;
    }

    files = log->files->elts;
    log->file = files[ngx_worker];
    log->pos = log->start;

    log->event.data = log;
    log->event.handler = ngx_http_recs_event_log_timer;
    log->event.log = ngx_cycle->log;
    log->event.cancelable = 1;

    return NGX_OK;
}


ngx_uint_t
ngx_http_recs_event_log_is_on(ngx_http_recs_event_log_t *log)
{
    return log != NULL && log->path.len != 0;
}


void
ngx_http_recs_event_log_write(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_event_log_t *log, ngx_http_recs_event_t *event)
{
    u_char  *end, *last;

    if (ngx_http_recs_event_log_attach(log) != NGX_OK) {
        ngx_http_recs_zone_count_events(rmcf, NGX_HTTP_RECS_EVENTS_DROPPED,
                                 1);
        return;
    }

    log->seq = ngx_http_recs_event_run_next(log->run);

    last = log->start + log->size;
    end = ngx_http_recs_event_line(log->pos, last, log, event);

    if (end == NULL) {
        ngx_http_recs_event_log_flush(log->file, ngx_cycle->log);
        end = ngx_http_recs_event_line(log->pos, last, log, event);
    }

    if (end == NULL) {
        ngx_http_recs_zone_count_events(rmcf, NGX_HTTP_RECS_EVENTS_DROPPED,
                                 1);
        return;
    }

    log->pos = end;

    if (!log->event.timer_set) {
        ngx_add_timer(&log->event, log->flush);
    }
}
