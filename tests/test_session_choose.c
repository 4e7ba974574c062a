/*
 * What a session is worth is found where tastes change, and left alone where
 * nobody knows when things happened.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_rng.h"
#include "recs_session_choose.h"
#include "recs_tiny_dataset.h"


#define N_USERS   80
#define N_TASTES  4
#define N_EACH    40                     /* items of a taste */
#define N_OLD     24
#define N_NEW     12


/* n distinct items of a taste. */

static recs_tiny_event_t *
like(recs_tiny_event_t *e, recs_rng_t *rng, uint32_t user, uint32_t taste,
    uint32_t n, int64_t from_ms)
{
    uint32_t  i, j, items[N_EACH];

    for (i = 0; i < N_EACH; i++) {
        items[i] = taste * N_EACH + i;
    }

    for (i = 0; i < n; i++) {
        j = i + (uint32_t) (recs_rng_next(rng) % (N_EACH - i));
        e->user = user;
        e->item = items[j];
        e->time_ms = from_ms == 0 ? 0 : from_ms + i * 1000;
        e->weight = 1;
        items[j] = items[i];
        e++;
    }

    return e;
}


static int
by_user_and_item(const void *one, const void *two)
{
    const recs_tiny_event_t  *a, *b;

    a = one;
    b = two;

    if (a->user != b->user) {
        return a->user < b->user ? -1 : 1;
    }

    return a->item < b->item ? -1 : 1;
}


/* Every user had one taste for long, and has another one now. */

static recs_dataset_t *
make_drift(int with_times)
{
    uint32_t            u;
    recs_rng_t          rng;
    recs_tiny_event_t  *events, *e;
    recs_dataset_t     *dataset;

    recs_rng_seed(&rng, 8);
    events = calloc(N_USERS * (N_OLD + N_NEW), sizeof(recs_tiny_event_t));
    e = events;

    for (u = 0; u < N_USERS; u++) {
        e = like(e, &rng, u, u % N_TASTES, N_OLD, with_times ? 1000 : 0);
        e = like(e, &rng, u, (u % N_TASTES + 1 + u / N_TASTES % 3) % N_TASTES,
                 N_NEW, with_times ? 1000000 : 0);
    }

    qsort(events, (size_t) (e - events), sizeof(recs_tiny_event_t),
          by_user_and_item);
    dataset = recs_tiny_dataset(N_USERS, N_TASTES * N_EACH, events,
                                (uint32_t) (e - events));
    free(events);

    return dataset;
}


static void
choose(recs_session_choice_t *choice, int with_times)
{
    double                  values[RECS_PARAMS_MAX];
    recs_error_t            err;
    recs_threads_t         *threads;
    recs_dataset_t         *dataset;
    const recs_trainer_t   *trainer;
    recs_train_options_t    options;

    trainer = recs_trainer_find("ials");
    recs_trainer_defaults(trainer, values);
    assert_int_equal(recs_trainer_set(trainer, values, "factors=13", &err),
                     RECS_OK);
    memset(&options, 0, sizeof(recs_train_options_t));
    options.values = values;
    options.seed = 1;
    options.n_threads = 1;
    memset(choice, 0, sizeof(recs_session_choice_t));

    dataset = make_drift(with_times);
    assert_int_equal(recs_threads_create(&threads, 2, &err), RECS_OK);

    if (recs_session_validate(choice, recs_dataset_view(dataset), 0.2,
                              trainer, &options, threads, &err)
        != RECS_OK)
    {
        fail_msg("%s", err.message);
    }

    recs_threads_destroy(threads);
    recs_dataset_close(dataset);
}


static void
test_drift(void **state)
{
    recs_session_choice_t  choice;

    (void) state;

    choose(&choice, 1);
    assert_true(choice.window == 5 || choice.window == 10);
    assert_true(choice.ndcg > 1.2 * choice.whole_ndcg);
    assert_true(choice.prior <= 2);
}


static void
test_no_times(void **state)
{
    recs_session_choice_t  choice;

    (void) state;

    choose(&choice, 0);
    assert_int_equal(choice.window, 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_drift),
        cmocka_unit_test(test_no_times)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
