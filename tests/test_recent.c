/*
 * The last ids: how long they are remembered, and by several at a time.
 */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_recent.h"


#define WINDOW   4096
#define THREADS  4
#define IDS      20000


static recs_recent_t *
create(uint32_t window)
{
    void   *memory;
    size_t  size;

    size = recs_recent_size(window);
    memory = aligned_alloc(64, size);
    assert_non_null(memory);
    memset(memory, 0, size);

    return recs_recent_init(memory, window, 0x5eed);
}


static int
add(recs_recent_t *set, unsigned n)
{
    char  id[32];
    int   len;

    len = snprintf(id, sizeof(id), "event-%u", n);

    return recs_recent_add(set, id, (size_t) len);
}


static void
test_window(void **state)
{
    unsigned        i, forgotten;
    recs_recent_t  *set;

    (void) state;

    set = create(WINDOW);
    forgotten = 0;

    for (i = 0; i < WINDOW; i++) {
        assert_int_equal(add(set, i), 1);
    }

    for (i = 0; i < WINDOW; i++) {
        assert_int_equal(add(set, i), 0);
    }

    /* What is added twice is not added: the window has not moved. */

    for (i = WINDOW; i < 100 * WINDOW; i++) {
        assert_int_equal(add(set, i), 1);
        forgotten += (unsigned) add(set, i - WINDOW / 2);
    }

    assert_in_range(forgotten, 0, 4);

    free(set);
}


/* Generations end somewhere, and begin again. */
static void
test_wrap(void **state)
{
    unsigned        i, forgotten;
    recs_recent_t  *set;

    (void) state;

    set = create(64);
    forgotten = 0;

    for (i = 0; i < 64 * 0x10000 + 1000; i++) {
        assert_int_equal(add(set, i), 1);

        if (i >= 64) {
            forgotten += add(set, i - 63) == 1;
        }
    }

    /* A bucket is full now and then. */

    assert_in_range(forgotten, 0, i / 10000);

    free(set);
}


static void
test_forgets(void **state)
{
    unsigned        i;
    recs_recent_t  *set;

    (void) state;

    set = create(WINDOW);

    for (i = 0; i < 3 * WINDOW; i++) {
        (void) add(set, i);
    }

    assert_int_equal(add(set, 0), 1);

    free(set);
}


static void *
add_all(void *data)
{
    size_t    n;
    unsigned  i;

    n = 0;

    for (i = 0; i < IDS; i++) {
        n += (size_t) add(data, i);
    }

    return (void *) n;
}


/* Each is new to one of them. */
static void
test_together(void **state)
{
    int             i;
    void           *n;
    size_t          sum;
    pthread_t       threads[THREADS];
    recs_recent_t  *set;

    (void) state;

    set = create(32768);
    sum = 0;

    for (i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, add_all, set), 0);
    }

    for (i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &n), 0);
        sum += (size_t) n;
    }

    assert_int_equal(sum, IDS);

    free(set);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_forgets),
        cmocka_unit_test(test_together)
    };

    return cmocka_run_group_tests_name("recent", tests, NULL, NULL);
}
