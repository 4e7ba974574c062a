#include "recs_cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>


#define RECS_METER_BAR       24
#define RECS_METER_TTY       0.1                /* seconds between updates */
#define RECS_METER_PLAIN     10.0


struct recs_meter_s {
    char     what[64];
    char     unit[16];
    double   total;                             /* 0: unknown */
    double   started;
    double   shown;
    double   done;
    int      tty;
};


static double
recs_meter_now(void)
{
    struct timespec  now;

    clock_gettime(CLOCK_MONOTONIC, &now);

    return (double) now.tv_sec + now.tv_nsec * 1e-9;
}


recs_meter_t *
recs_meter_start(const char *what, double total, const char *unit)
{
    recs_meter_t  *m;

    m = calloc(1, sizeof(recs_meter_t));
    if (m == NULL) {
        return NULL;
    }

    snprintf(m->what, sizeof(m->what), "%s", what);
    snprintf(m->unit, sizeof(m->unit), "%s", unit);
    m->total = total;
    m->tty = isatty(STDERR_FILENO);
    m->started = recs_meter_now();
    m->shown = m->started;

    return m;
}


static void
recs_meter_bar(const recs_meter_t *m)
{
    int  i, full;

    full = (int) (m->done / m->total * RECS_METER_BAR);

    fputc('[', stderr);

    for (i = 0; i < RECS_METER_BAR; i++) {
        fputc(i < full ? '#' : '.', stderr);
    }

    fputs("] ", stderr);
}


static void
recs_meter_show(recs_meter_t *m, double seconds, const char *detail)
{
    double  rate;

    rate = seconds > 0 ? m->done / seconds : 0;

    fprintf(stderr, "%s%s: ", m->tty ? "\r\033[K" : "", m->what);

    if (m->tty && m->total > 0) {
        recs_meter_bar(m);
    }

    fprintf(stderr, "%.0f", m->done);

    if (m->total > 0) {
        fprintf(stderr, "/%.0f", m->total);
    }

    fprintf(stderr, " %s, %.3g/s", m->unit, rate);

    if (m->total > m->done && rate > 0) {
        fprintf(stderr, ", %.0f s left", (m->total - m->done) / rate);
    }

    if (detail != NULL && *detail) {
        fprintf(stderr, ", %s", detail);
    }

    if (!m->tty) {
        fputc('\n', stderr);
    }

    fflush(stderr);
}


void
recs_meter_update(recs_meter_t *m, double done, const char *detail)
{
    double  now;

    if (m == NULL) {
        return;
    }

    now = recs_meter_now();
    m->done = done;

    if (now - m->shown < (m->tty ? RECS_METER_TTY : RECS_METER_PLAIN)) {
        return;
    }

    m->shown = now;
    recs_meter_show(m, now - m->started, detail);
}


void
recs_meter_finish(recs_meter_t *m)
{
    if (m == NULL) {
        return;
    }

    if (m->tty) {
        fputs("\r\033[K", stderr);
    }

    free(m);
}
