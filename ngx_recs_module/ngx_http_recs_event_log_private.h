/*
 * Private to ngx_http_recs_event_log.c, _event_files.c, _event_line.c and
 * _event_run.c.
 */

#ifndef _NGX_HTTP_RECS_EVENT_LOG_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_RECS_EVENT_LOG_PRIVATE_H_INCLUDED_


#include "ngx_http_recs_event_log.h"


#define NGX_HTTP_RECS_EVENT_WORKERS  128
#define NGX_HTTP_RECS_EVENT_LINE     64          /* of the cache */

/* The numbers of one worker's events. */
typedef struct {
    ngx_atomic_t                next;
} __attribute__((aligned(NGX_HTTP_RECS_EVENT_LINE)))
ngx_http_recs_event_numbers_t;

/* A log since the master process began; shared by its workers. */
typedef struct {
    uint64_t                        key;         /* of its path; 0: free */
    u_char                          boot[NGX_INT64_LEN * 2];
    ngx_http_recs_event_numbers_t   workers[NGX_HTTP_RECS_EVENT_WORKERS];
} ngx_http_recs_event_run_t;


struct ngx_http_recs_event_log_s {
    ngx_str_t                   path;         /* len 0: off */
    size_t                      size;
    ngx_msec_t                  flush;
    ngx_http_recs_main_conf_t  *rmcf;
    ngx_array_t                *files;        /* ngx_open_file_t *, one per
                                                 worker */
    ngx_http_recs_event_run_t  *run;

    /* of this worker */
    ngx_open_file_t            *file;
    u_char                     *start;        /* NULL: nothing logged yet */
    u_char                     *pos;
    ngx_event_t                 event;
    time_t                      complained;
    uint64_t                    seq;          /* of the last record */
    ngx_file_uniq_t             torn;         /* the file that ends in half a
                                                 line; 0: none */
};


/* ngx_open_file_t's flush: at the exit of a worker, and before USR1 reopens. */
void ngx_http_recs_event_log_flush(ngx_open_file_t *file,
    ngx_log_t *error_log);

/*
 * Writes the event and a line feed at p, and returns the end; NULL where they
 * do not fit before last.
 */
u_char *ngx_http_recs_event_line(u_char *p, u_char *last,
    ngx_http_recs_event_log_t *log, ngx_http_recs_event_t *event);

/* The number of this worker's next event. */
uint64_t ngx_http_recs_event_run_next(ngx_http_recs_event_run_t *run);


#endif /* _NGX_HTTP_RECS_EVENT_LOG_PRIVATE_H_INCLUDED_ */
