/*
 * ngx_http_recs_process: the name of a process that no other one has.
 *
 * Pids are used again.  The name is the pid and, above it, the time of the
 * process's start, as far as /proc tells it and an atomic word has room.
 */

#ifndef _NGX_HTTP_RECS_PROCESS_H_INCLUDED_
#define _NGX_HTTP_RECS_PROCESS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* This process's name, never 0. */
ngx_atomic_uint_t ngx_http_recs_process_self(void);

ngx_pid_t ngx_http_recs_process_pid(ngx_atomic_uint_t process);

/* Is there still a process of this name?  Of 0: no. */
ngx_uint_t ngx_http_recs_process_alive(ngx_atomic_uint_t process);


#endif /* _NGX_HTTP_RECS_PROCESS_H_INCLUDED_ */
