/*
 * Private to ngx_http_recs_event_log.c, _event_files.c and _event_line.c.
 */

#ifndef _NGX_HTTP_RECS_EVENT_LOG_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_RECS_EVENT_LOG_PRIVATE_H_INCLUDED_


#include "ngx_http_recs_event_log.h"


struct ngx_http_recs_event_log_s {
    ngx_str_t                   path;         /* len 0: off */
    size_t                      size;
    ngx_msec_t                  flush;
    ngx_http_recs_main_conf_t  *rmcf;
    ngx_array_t                *files;        /* ngx_open_file_t *, one per
                                                 worker */

    /* of this worker */
    ngx_open_file_t            *file;
    u_char                     *start;        /* NULL: nothing logged yet */
    u_char                     *pos;
    ngx_event_t                 event;
    time_t                      complained;
    u_char                      boot[NGX_INT64_LEN * 2];
    uint64_t                    seq;          /* of the next record */
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


#endif /* _NGX_HTTP_RECS_EVENT_LOG_PRIVATE_H_INCLUDED_ */
