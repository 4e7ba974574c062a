/*
 * bench_session: the table of sessions in memory; prints one line of JSON.
 *
 *     bench_session [BUNDLE]
 *
 * How many visitors of 20 items 64 MiB hold, how many of the last 250,000 of
 * them are found, and what an update, a look-up that finds and one that does
 * not cost, over visitors at random, so that nothing is in the caches.  With
 * BUNDLE, also what the numbers of 20 items of its by their hashes cost.
 */

#include "recs_item_hash.h"
#include "recs_session_table.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench_stats.h"


#define BENCH_SIZE      ((size_t) 64 << 20)
#define BENCH_ITEMS     20
#define BENCH_VISITORS  250000
#define BENCH_CALLS     1000000
#define BENCH_TTL       86400000


static recs_session_table_t  *table;
static recs_session_key_t    *keys;           /* of 2 * BENCH_VISITORS */
static uint64_t               now;            /* one more with each update */


static void
bench_table(uint32_t n_visitors)
{
    char         id[32];
    void        *memory;
    uint32_t     i;
    recs_str_t   str;

    static const uint64_t  seed[2] = { 1, 2 };

    memory = bench_alloc(BENCH_SIZE);
    keys = bench_alloc(n_visitors * sizeof(recs_session_key_t));

    if (recs_session_table_init(memory, BENCH_SIZE, BENCH_ITEMS, seed)
        != RECS_OK)
    {
        bench_die("no table");
    }

    table = recs_session_table_at(memory, BENCH_SIZE, BENCH_ITEMS);

    for (i = 0; i < n_visitors; i++) {
        str.data = id;
        str.len = (size_t) snprintf(id, sizeof(id), "~%022u", i);
        recs_session_table_key(table, str, &keys[i]);
    }
}


/*
 * n visitors touch their items, all the first, all the second...: who does
 * not fit, loses.
 */
static void
bench_touch(uint32_t first, uint32_t n, uint32_t n_items)
{
    uint32_t  item, i;

    for (item = 0; item < n_items; item++) {
        for (i = first; i < first + n; i++) {
            (void) recs_session_table_add(table, &keys[i],
                                          (uint64_t) i << 8 | item, now++,
                                          BENCH_TTL);
        }
    }
}


static uint32_t
bench_found(uint32_t first, uint32_t n)
{
    uint32_t        i, found;
    recs_session_t  session;

    for (i = first, found = 0; i < first + n; i++) {
        recs_session_table_read(table, &keys[i], now, BENCH_TTL,
                                &session);
        found += session.n == BENCH_ITEMS;
    }

    return found;
}


/* Nanoseconds of a look-up of visitors from first on. */
static double
bench_look(uint32_t first)
{
    uint32_t        i;
    uint64_t        start;
    recs_session_t  session;

    start = bench_now_ns();

    for (i = 0; i < BENCH_CALLS; i++) {
        recs_session_table_read(table,
                                &keys[first + i * 7919u % BENCH_VISITORS],
                                now, BENCH_TTL, &session);
    }

    return (double) (bench_now_ns() - start) / BENCH_CALLS;
}


static double
bench_update(void)
{
    uint32_t  i;
    uint64_t  start;

    start = bench_now_ns();

    for (i = 0; i < BENCH_CALLS; i++) {
        (void) recs_session_table_add(table,
                                      &keys[i * 7919u % BENCH_VISITORS], i,
                                      now++, BENCH_TTL);
    }

    return (double) (bench_now_ns() - start) / BENCH_CALLS;
}


static void
bench_hashes(const char *path)
{
    uint32_t         i, item, found;
    uint64_t         start, *hashes;
    recs_error_t     err;
    recs_bundle_t   *bundle;

    if (recs_bundle_open(&bundle, path, 0, &err) != RECS_OK) {
        bench_die("%s", err.message);
    }

    hashes = bench_alloc(BENCH_CALLS * sizeof(uint64_t));

    for (i = 0; i < BENCH_CALLS; i++) {
        item = i * 7919u % recs_bundle_view(bundle)->n_items;
        hashes[i] = recs_item_hash(recs_record_id(
                                       recs_bundle_item_record(bundle,
                                                               item)));
    }

    start = bench_now_ns();

    for (i = 0, found = 0; i < BENCH_CALLS; i++) {
        found += recs_bundle_item_by_hash(bundle, hashes[i]) != RECS_ITEM_NO;
    }

    printf(",\"items\":%u,\"found\":%u,\"ns_of_20_hashes\":%.0f",
           recs_bundle_view(bundle)->n_items, found,
           (double) (bench_now_ns() - start) / BENCH_CALLS * BENCH_ITEMS);

    free(hashes);
    recs_bundle_close(bundle);
}


int
main(int argc, char **argv)
{
    if (argc > 2) {
        bench_die("usage: bench_session [BUNDLE]");
    }

    bench_table(2 * BENCH_VISITORS);
    bench_touch(0, BENCH_VISITORS, BENCH_ITEMS);

    printf("{\"capacity\":%llu,\"of_%u_found\":%u",
           (unsigned long long) recs_session_table_capacity(table),
           BENCH_VISITORS, bench_found(0, BENCH_VISITORS));

    printf(",\"ns_hit\":%.0f,\"ns_miss\":%.0f,\"ns_update\":%.0f",
           bench_look(0), bench_look(BENCH_VISITORS), bench_update());

    /* As many others come: the first ones have to go. */

    bench_touch(BENCH_VISITORS, BENCH_VISITORS, BENCH_ITEMS);

    printf(",\"found_of_the_last\":%u,\"found_of_all\":%u",
           bench_found(BENCH_VISITORS, BENCH_VISITORS),
           bench_found(0, 2 * BENCH_VISITORS));

    if (argc == 2) {
        bench_hashes(argv[1]);
    }

    printf("}\n");

    return 0;
}
