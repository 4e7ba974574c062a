/*
 * The pool runs every chunk once, with as many threads as asked for.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recs_threads.h"


#define N_CHUNKS  1000


typedef struct {
    uint32_t     n_threads;
    atomic_uint  runs[N_CHUNKS];
    atomic_uint  n_wrong;
} counts_t;


static void
count(void *data, uint32_t chunk, uint32_t thread)
{
    counts_t  *counts;

    counts = data;
    atomic_fetch_add(&counts->runs[chunk], 1);

    if (thread >= counts->n_threads) {
        atomic_fetch_add(&counts->n_wrong, 1);
    }
}


static void
test_every_chunk_once(void **state)
{
    counts_t         counts;
    uint32_t         n_threads, n_chunks, round, i;
    recs_error_t     err;
    recs_threads_t  *threads;

    (void) state;

    for (n_threads = 1; n_threads <= 5; n_threads++) {
        assert_int_equal(recs_threads_create(&threads, n_threads, &err),
                         RECS_OK);
        assert_int_equal(recs_threads_n(threads), n_threads);

        for (round = 0; round < 50; round++) {
            n_chunks = round * round % (N_CHUNKS + 1);
            memset(&counts, 0, sizeof(counts_t));
            counts.n_threads = n_threads;

            recs_threads_run(threads, n_chunks, count, &counts);

            for (i = 0; i < N_CHUNKS; i++) {
                assert_int_equal(counts.runs[i], i < n_chunks);
            }

            assert_int_equal(counts.n_wrong, 0);
        }

        recs_threads_destroy(threads);
    }
}


static void
test_one_per_processor(void **state)
{
    recs_error_t     err;
    recs_threads_t  *threads;

    (void) state;

    assert_int_equal(recs_threads_create(&threads, 0, &err), RECS_OK);
    assert_true(recs_threads_n(threads) >= 1);
    recs_threads_destroy(threads);
    recs_threads_destroy(NULL);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_every_chunk_once),
        cmocka_unit_test(test_one_per_processor)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
