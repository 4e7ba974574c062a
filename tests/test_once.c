/*
 * Ids counted once: none twice, by several threads at once too, and how many
 * are missed when the filter fills.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "recs_once.h"


#define N_WORDS    16384                /* 2^20 bits */
#define N_THREADS  4
#define N_RACED    20000


static recs_once_t
make(uint64_t n_words)
{
    recs_once_t  once;

    once.words = calloc(n_words, sizeof(uint64_t));
    assert_non_null(once.words);
    once.n_words = n_words;
    once.seed = 7;

    return once;
}


static int
add(const recs_once_t *once, unsigned id)
{
    char  text[16];

    return recs_once_add(once, text,
                         (size_t) snprintf(text, sizeof(text), "u%u", id));
}


static void
test_once(void **state)
{
    unsigned     i;
    recs_once_t  once;

    (void) state;

    once = make(N_WORDS);

    for (i = 0; i < 1000; i++) {
        assert_int_equal(add(&once, i), 1);
        assert_int_equal(add(&once, i), 0);
    }

    for (i = 0; i < 1000; i++) {
        assert_int_equal(add(&once, i), 0);
    }

    /* Any bytes, none too. */

    assert_int_equal(recs_once_add(&once, "", 0), 1);
    assert_int_equal(recs_once_add(&once, "", 0), 0);
    assert_int_equal(recs_once_add(&once, "\0", 1), 1);

    free(once.words);
}


/* One word: both halves of every id are in it. */
static void
test_smallest(void **state)
{
    unsigned     i, n;
    recs_once_t  once;

    (void) state;

    once = make(1);

    for (n = 0, i = 0; i < 1000; i++) {
        n += (unsigned) add(&once, i);
        assert_int_equal(add(&once, i), 0);
    }

    assert_in_range(n, 10, 64);

    free(once.words);
}


/* How many are missed as the filter fills: chances of the header. */
static void
test_missed(void **state)
{
    unsigned     i, n;
    recs_once_t  once;

    (void) state;

    once = make(N_WORDS);

    for (n = 0, i = 0; i < 4 * N_WORDS; i++) {
        n += (unsigned) !add(&once, i);
    }

    printf("# %u of %u missed, at 16 bits per id in the end\n", n, i);
    assert_in_range(n, 1, 30);

    for (n = 0; i < 8 * N_WORDS; i++) {
        n += (unsigned) !add(&once, i);
    }

    printf("# %u of the next as many, at 8\n", n);
    assert_in_range(n, 600, 1000);

    free(once.words);
}


typedef struct {
    const recs_once_t  *once;
    unsigned            n_new;
} racer_t;


static void *
race(void *arg)
{
    unsigned  i, n;
    racer_t  *racer;

    racer = arg;

    for (n = 0, i = 0; i < N_RACED; i++) {
        n += (unsigned) add(racer->once, i);
    }

    racer->n_new = n;

    return NULL;
}


static void
test_race(void **state)
{
    unsigned     i, n;
    racer_t      racers[N_THREADS];
    pthread_t    threads[N_THREADS];
    recs_once_t  once;

    (void) state;

    once = make(N_WORDS);

    for (i = 0; i < N_THREADS; i++) {
        racers[i].once = &once;
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]),
                         0);
    }

    for (n = 0, i = 0; i < N_THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        n += racers[i].n_new;
    }

    assert_in_range(n, N_RACED - 5, N_RACED);

    free(once.words);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_smallest),
        cmocka_unit_test(test_missed),
        cmocka_unit_test(test_race)
    };

    return cmocka_run_group_tests_name("once", tests, NULL, NULL);
}
