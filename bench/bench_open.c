/*
 * bench_open: what it costs to open a bundle, beside reading the file.
 *
 *     bench_open [-r ROUNDS] BUNDLE...
 *
 * In turns, ROUNDS (5) times each, the file being in the page cache:
 *
 *     read      read(2) of the whole file, 1 MiB at a time: the floor
 *     verify    recs_bundle_open() with every check, as before a publication
 *     golden    ... and the golden answers
 *     attach    recs_bundle_open() of a file that was verified before, and
 *               its end: what a worker does at a reload
 *
 * One line of JSON; milliseconds, medians over the rounds.
 */

#include "bench_stats.h"
#include "recs_bundle.h"
#include "recs_golden.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>


#define BENCH_BUFFER     (1 << 20)
#define BENCH_ROUNDS     100
#define BENCH_GOLDEN_MS  60000

enum {
    BENCH_READ,
    BENCH_VERIFY,
    BENCH_GOLDEN,
    BENCH_ATTACH,
    BENCH_WAYS
};

static const char *const  bench_ways[BENCH_WAYS] = {
    "read", "verify", "golden", "attach"
};


static void
bench_read(const char *path, char *buffer)
{
    int      fd;
    ssize_t  n;

    fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd == -1) {
        bench_die("%s: cannot open", path);
    }

    do {
        n = read(fd, buffer, BENCH_BUFFER);
    } while (n > 0);

    if (n != 0) {
        bench_die("%s: cannot read", path);
    }

    close(fd);
}


static void
bench_attach(const char *path, int way, uint32_t *n_items)
{
    unsigned        flags, n_checked;
    recs_error_t    err;
    recs_bundle_t  *bundle;

    flags = way == BENCH_ATTACH ? RECS_BUNDLE_SEAL_KNOWN | RECS_BUNDLE_TRUSTED
                                : 0;

    if (recs_bundle_open(&bundle, path, flags, &err) != RECS_OK
        || (way == BENCH_GOLDEN
            && recs_golden_check(bundle, BENCH_GOLDEN_MS, &n_checked, &err)
               != RECS_OK))
    {
        bench_die("%s", err.message);
    }

    *n_items = recs_bundle_view(bundle)->n_items;
    recs_bundle_close(bundle);
}


/* The first round only warms up. */
static void
bench_bundle(const char *path, uint32_t n_rounds)
{
    int        way;
    char      *buffer;
    double     ms[BENCH_WAYS][BENCH_ROUNDS + 1];
    uint32_t   r, n_items;
    uint64_t   start;

    buffer = bench_alloc(BENCH_BUFFER);
    n_items = 0;

    for (r = 0; r <= n_rounds; r++) {
        for (way = 0; way < BENCH_WAYS; way++) {
            start = bench_now_ns();

            if (way == BENCH_READ) {
                bench_read(path, buffer);

            } else {
                bench_attach(path, way, &n_items);
            }

            ms[way][r] = (double) (bench_now_ns() - start) / 1e6;
        }
    }

    printf("{\"bundle\":\"%s\",\"items\":%u", path, n_items);

    for (way = 0; way < BENCH_WAYS; way++) {
        printf(",\"%s_ms\":%.4f", bench_ways[way],
               bench_quantile(ms[way] + 1, n_rounds, 0.5));
    }

    printf("}");
    free(buffer);
}


int
main(int argc, char **argv)
{
    int       c, i;
    uint32_t  n_rounds;

    n_rounds = 5;

    while ((c = getopt(argc, argv, "r:")) != -1) {
        n_rounds = c == 'r' ? (uint32_t) strtoul(optarg, NULL, 10) : 0;

        if (n_rounds == 0 || n_rounds > BENCH_ROUNDS) {
            break;
        }
    }

    if (optind == argc || n_rounds == 0 || n_rounds > BENCH_ROUNDS) {
        fprintf(stderr, "usage: bench_open [-r ROUNDS, at most %d] BUNDLE..."
                "\n", BENCH_ROUNDS);
        return 2;
    }

    printf("[");

    for (i = optind; i < argc; i++) {
        printf("%s", i > optind ? "," : "");
        bench_bundle(argv[i], n_rounds);
    }

    printf("]\n");

    return 0;
}
