/*
 * bench_stats: the clock, memory, quantiles and the machine's name.
 */

#ifndef _BENCH_STATS_H_INCLUDED_
#define _BENCH_STATS_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>


/* CLOCK_MONOTONIC. */
uint64_t bench_now_ns(void);

/* Zeroed, 64-byte aligned, free(); ends the program where there is none. */
void *bench_alloc(size_t size);

/* Resident memory of this process, bytes. */
uint64_t bench_resident(void);

/* Prints the program's name and the message, ends the program. */
void bench_die(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/* Sorts v; the q-quantile of its n > 0 numbers, between neighbours linear. */
double bench_quantile(double *v, uint32_t n, double q);


#endif /* _BENCH_STATS_H_INCLUDED_ */
