#include "ngx_http_recs_process.h"


#define NGX_HTTP_RECS_PROCESS_PID_BITS  31
/* What of a start's time the word has room for; 0 on 32 bits. */
#define NGX_HTTP_RECS_PROCESS_STARTED                                         \
    (((ngx_atomic_uint_t) -1) >> NGX_HTTP_RECS_PROCESS_PID_BITS >> 1)


/*
 * In ticks since the machine started; 0: that cannot be known.  It is field
 * 22, counted behind the program's name, which may hold anything.
 */
static ngx_atomic_uint_t
ngx_http_recs_process_started(ngx_pid_t pid)
{
    char         path[NGX_INT64_LEN + sizeof("/proc//stat")], text[512], *p;
    ssize_t      n;
    ngx_fd_t     fd;
    ngx_uint_t   field;

    *ngx_snprintf((u_char *) path, sizeof(path) - 1, "/proc/%P/stat", pid)
        = '\0';

    fd = open(path, O_RDONLY|O_CLOEXEC);
    if (fd == NGX_INVALID_FILE) {
        return 0;
    }

    n = read(fd, text, sizeof(text) - 1);
    ngx_close_file(fd);

    text[ngx_max(n, 0)] = '\0';
    p = strrchr(text, ')');

    for (field = 2; p != NULL && field < 22; field++) {
        p = strchr(p + 1, ' ');
    }

    return p != NULL ? strtoull(p, NULL, 10) & NGX_HTTP_RECS_PROCESS_STARTED
                     : 0;
}


ngx_atomic_uint_t
ngx_http_recs_process_self(void)
{
    return ngx_http_recs_process_started(ngx_pid)
               << NGX_HTTP_RECS_PROCESS_PID_BITS
           | (ngx_atomic_uint_t) ngx_pid;
}


ngx_pid_t
ngx_http_recs_process_pid(ngx_atomic_uint_t process)
{
    return (ngx_pid_t)
           (process & (((ngx_atomic_uint_t) 1
                        << NGX_HTTP_RECS_PROCESS_PID_BITS) - 1));
}


ngx_uint_t
ngx_http_recs_process_alive(ngx_atomic_uint_t process)
{
    ngx_pid_t          pid;
    ngx_atomic_uint_t  was, is;

    pid = ngx_http_recs_process_pid(process);

    /* EPERM means that it lives, too. */

    if (pid == 0 || (kill(pid, 0) == -1 && ngx_errno == NGX_ESRCH)) {
        return 0;
    }

    was = process >> NGX_HTTP_RECS_PROCESS_PID_BITS;
    is = ngx_http_recs_process_started(pid);

    return was == 0 || is == 0 || was == is;
}
