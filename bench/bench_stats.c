#include "bench_stats.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>


uint64_t
bench_now_ns(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}


void *
bench_alloc(size_t size)
{
    void  *p;

    size = (size + 63) / 64 * 64;
    p = aligned_alloc(64, size);

    if (p == NULL) {
        bench_die("out of memory");
    }

    memset(p, 0, size);

    return p;
}


uint64_t
bench_resident(void)
{
    FILE                *f;
    unsigned long long   size, resident;

    resident = 0;
    f = fopen("/proc/self/statm", "r");

    if (f != NULL) {

        if (fscanf(f, "%llu %llu", &size, &resident) != 2) {
            resident = 0;
        }

        fclose(f);
    }

    return resident * (uint64_t) sysconf(_SC_PAGESIZE);
}


void
bench_die(const char *format, ...)
{
    va_list  args;

    va_start(args, format);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);

    exit(1);
}


static int
bench_compare(const void *a, const void *b)
{
    double  x, y;

    x = *(const double *) a;
    y = *(const double *) b;

    return (x > y) - (x < y);
}


double
bench_quantile(double *v, uint32_t n, double q)
{
    double    at;
    uint32_t  i;

    qsort(v, n, sizeof(double), bench_compare);
    at = q * (n - 1);
    i = (uint32_t) at;

    return i + 1 < n ? v[i] + (at - i) * (v[i + 1] - v[i]) : v[i];
}
