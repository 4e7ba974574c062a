/*
 * recs_tune: ranges, suggestions within them that depend on the trials alone,
 * and a search that finds the top of a hill.
 */

#include "recs_tune.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>


#define N_TRIALS  60


static const recs_param_t  params[] = {
    { "regularization", 0, 0, 1e6, 0, "" },
    { "regularization_exponent", 0.5, 0, 1, 0, "" },
    { "epochs", 8, 1, 1000, 1, "" },
    { "user_exponent", -1, -1, 2, 0, "" },
    { "history", 256, 1, 256, 1, "" }
};

static const recs_trainer_t  trainer = { "hill", "", params, 5, NULL };

static const uint8_t  none_fixed[RECS_PARAMS_MAX];

/* What the trainer took for trial 0. */
static const double  taken[] = { 0.004, 0.5, 8, 0.65, 256 };


static void
start(recs_tune_space_t *space, uint64_t seed)
{
    memset(space, 0, sizeof(recs_tune_space_t));
    space->trainer = &trainer;
    space->seed = seed;
}


/* Highest at 0.012, 0.2, 5. */

static double
hill(const double *values)
{
    double  a, b, c;

    a = log(values[0] / 0.012);
    b = values[1] - 0.2;
    c = log(values[2] / 5);

    return 1 - 0.1 * a * a - b * b - 0.2 * c * c;
}


static void
climb(const recs_tune_space_t *space, recs_tune_trial_t *trials, uint32_t n,
    uint32_t end)
{
    for ( /* void */ ; n < end; n++) {
        memcpy(trials[n].values, taken, sizeof(taken));

        if (n > 0) {
            recs_tune_suggest(space, trials, n, trials[n].values);
        }

        trials[n].quality = hill(trials[n].values);
    }
}


static void
test_ranges(void **state)
{
    uint8_t             fixed[RECS_PARAMS_MAX];
    recs_tune_space_t   space;

    (void) state;

    start(&space, 1);
    recs_tune_ranges(&space, taken, none_fixed);

    /* user_exponent is the trainer's own choice, history nobody's. */
    assert_int_equal(space.n_ranges, 3);
    assert_int_equal(space.ranges[0].param, 0);
    assert_true(fabs(space.ranges[0].min - 0.0004) < 1e-12);
    assert_true(fabs(space.ranges[0].max - 0.04) < 1e-12);
    assert_int_equal(space.ranges[0].log, 1);
    assert_true(space.ranges[1].min == 0 && space.ranges[1].max == 1);
    assert_int_equal(space.ranges[1].log, 0);
    assert_true(space.ranges[2].min == 4 && space.ranges[2].max == 16);

    memset(fixed, 0, sizeof(fixed));
    fixed[0] = 1;
    fixed[2] = 1;

    start(&space, 1);
    recs_tune_ranges(&space, taken, fixed);
    assert_int_equal(space.n_ranges, 1);
    assert_int_equal(space.ranges[0].param, 1);
}


static void
test_search(void **state)
{
    recs_error_t        err;
    recs_tune_space_t   space;

    (void) state;

    start(&space, 1);

    assert_int_equal(recs_tune_search(&space, "epochs=2:40", &err), RECS_OK);
    assert_int_equal(recs_tune_search(&space, "user_exponent=0:1", &err),
                     RECS_OK);
    assert_int_equal(space.n_ranges, 2);
    assert_int_equal(space.ranges[0].param, 2);
    assert_int_equal(space.ranges[0].log, 1);
    assert_int_equal(space.ranges[1].log, 0);

    assert_int_equal(recs_tune_search(&space, "epochs=3:4", &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "twice"));
    assert_int_equal(recs_tune_search(&space, "history=9:8", &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "larger"));
    assert_int_equal(recs_tune_search(&space, "history=9:9", &err),
                     RECS_INVALID);
    assert_int_equal(recs_tune_search(&space, "history=9:257", &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "bounds"));
    assert_int_equal(recs_tune_search(&space, "history=1.5:9", &err),
                     RECS_INVALID);
    assert_int_equal(recs_tune_search(&space, "history=9", &err),
                     RECS_INVALID);
    assert_int_equal(recs_tune_search(&space, "history", &err),
                     RECS_INVALID);
    assert_int_equal(recs_tune_search(&space, "", &err), RECS_INVALID);
    assert_int_equal(recs_tune_search(&space, "depth=1:2", &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "depth"));
    assert_int_equal(space.n_ranges, 2);
}


/* Within the ranges, whole where they are to be, of 4 digits. */

static void
test_suggestions(void **state)
{
    char                text[32];
    double              value;
    uint32_t            i, k;
    recs_tune_space_t   space;
    recs_tune_trial_t   trials[N_TRIALS];
    recs_tune_range_t  *range;

    (void) state;

    start(&space, 3);
    recs_tune_ranges(&space, taken, none_fixed);
    climb(&space, trials, 0, N_TRIALS);

    for (k = 1; k < N_TRIALS; k++) {
        for (i = 0; i < space.n_ranges; i++) {
            range = &space.ranges[i];
            value = trials[k].values[range->param];
            assert_true(value >= range->min && value <= range->max);
            snprintf(text, sizeof(text), "%.4g", value);
            assert_true(strtod(text, NULL) == value);
        }

        assert_true(trials[k].values[2] == floor(trials[k].values[2]));
        assert_true(trials[k].values[3] == taken[3]);
        assert_true(trials[k].values[4] == taken[4]);
    }
}


/* Broken off anywhere, the search goes on with the same trials. */

static void
test_resumed(void **state)
{
    uint32_t            at;
    recs_tune_space_t   space, again;
    recs_tune_trial_t   whole[N_TRIALS], parts[N_TRIALS];

    (void) state;

    memset(whole, 0, sizeof(whole));
    start(&space, 7);
    recs_tune_ranges(&space, taken, none_fixed);
    climb(&space, whole, 0, N_TRIALS);

    for (at = 1; at < N_TRIALS; at += 7) {
        memset(parts, 0, sizeof(parts));
        memcpy(parts, whole, at * sizeof(recs_tune_trial_t));
        start(&again, 7);
        recs_tune_ranges(&again, parts[0].values, none_fixed);
        climb(&again, parts, at, N_TRIALS);
        assert_memory_equal(parts, whole, sizeof(whole));
    }
}


/* Nearer to the top than where it began, and than an even cover gets. */

static void
test_finds(void **state)
{
    double              found, covered;
    uint32_t            k;
    uint64_t            seed;
    recs_tune_space_t   space;
    recs_tune_trial_t   trials[N_TRIALS], even[N_TRIALS];

    (void) state;

    found = 0;
    covered = 0;

    for (seed = 1; seed <= 10; seed++) {
        start(&space, seed);
        recs_tune_ranges(&space, taken, none_fixed);
        climb(&space, trials, 0, N_TRIALS);
        found += trials[recs_tune_best(trials, N_TRIALS)].quality;

        /* All have failed alike: nothing can be learned from them. */
        memcpy(even, trials, sizeof(even));

        for (k = 1; k < N_TRIALS; k++) {
            even[k - 1].quality = NAN;
            recs_tune_suggest(&space, even, k, even[k].values);
        }

        for (k = 0; k < N_TRIALS; k++) {
            even[k].quality = hill(even[k].values);
        }

        covered += even[recs_tune_best(even, N_TRIALS)].quality;
        assert_true(trials[recs_tune_best(trials, N_TRIALS)].quality > 0.98);
    }

    assert_true(found > covered);
    assert_true(hill(taken) < 0.8);
}


static void
test_best(void **state)
{
    recs_tune_trial_t  trials[4];

    (void) state;

    memset(trials, 0, sizeof(trials));
    trials[0].quality = NAN;
    trials[1].quality = 0.1;
    trials[2].quality = 0.3;
    trials[3].quality = 0.3;

    assert_int_equal(recs_tune_best(trials, 4), 2);
    assert_int_equal(recs_tune_best(trials, 2), 1);
    assert_int_equal(recs_tune_best(trials, 1), 1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_suggestions),
        cmocka_unit_test(test_resumed),
        cmocka_unit_test(test_finds),
        cmocka_unit_test(test_best)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
