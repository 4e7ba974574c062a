/* recs_outcomes: day by day, in the order of adding, in memory or a file. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_outcomes.h"
#include "recs_temp.h"


static void
check(uint32_t n, const char *folder)
{
    int64_t                 last_ms;
    uint32_t                i, k, day, n_back;
    uint64_t                previous;
    recs_error_t            err;
    recs_outcome_t          outcome;
    recs_outcomes_t        *outcomes;
    const recs_outcome_t   *back;

    assert_int_equal(recs_outcomes_create(&outcomes, folder, &err), RECS_OK);
    memset(&outcome, 0, sizeof(outcome));

    for (i = 0; i < n; i++) {
        outcome.unit = i;
        outcome.time_ms = (uint64_t) (i * 7919 % 30) * RECS_OUTCOME_DAY_MS
                          + i % 1000;
        outcome.event = i & 7;
        outcome.experiment = 255;
        outcome.value = i;
        assert_int_equal(recs_outcomes_add(outcomes, &outcome, &err),
                         RECS_OK);
    }

    assert_int_equal(recs_outcomes_finish(outcomes, &last_ms, &err), RECS_OK);
    assert_int_equal(last_ms / RECS_OUTCOME_DAY_MS,
                     n > 30 ? 29 : n == 0 ? 0 : (n - 1) * 7919 % 30);

    n_back = 0;
    day = 0;
    previous = 0;

    for ( ;; ) {
        assert_int_equal(recs_outcomes_next(outcomes, &back, &k, &err),
                         RECS_OK);
        if (k == 0) {
            break;
        }

        for (i = 0; i < k; i++) {
            if (back[i].time_ms / RECS_OUTCOME_DAY_MS != day) {
                assert_int_equal(i, 0);
                assert_true(back[i].time_ms / RECS_OUTCOME_DAY_MS > day);
                day = (uint32_t) (back[i].time_ms / RECS_OUTCOME_DAY_MS);
                previous = 0;
            }

            assert_true(back[i].unit >= previous);
            assert_int_equal(back[i].event, back[i].unit & 7);
            assert_int_equal(back[i].experiment, 255);
            assert_true(back[i].value == (double) back[i].unit);
            previous = back[i].unit + 1;
        }

        n_back += k;
    }

    assert_int_equal(n_back, n);
    recs_outcomes_destroy(outcomes);
}


static void
test_memory(void **state)
{
    (void) state;

    /* A folder that is not there is not asked for. */

    check(0, "/nowhere");
    check(1, "/nowhere");
    check(RECS_OUTCOMES_CHUNK, "/nowhere");
}


static void
test_file(void **state)
{
    char  folder[4096];

    (void) state;

    strcpy(folder, recs_temp_path(""));

    check(RECS_OUTCOMES_CHUNK + 1, folder);
    check(2 * RECS_OUTCOMES_CHUNK, folder);
    check(2 * RECS_OUTCOMES_CHUNK + 1000, folder);

    assert_int_equal(recs_temp_count(), 0);
}


static void
test_no_room(void **state)
{
    uint32_t           i;
    recs_error_t       err;
    recs_status_t      status;
    recs_outcome_t     outcome;
    recs_outcomes_t   *outcomes;

    (void) state;

    assert_int_equal(recs_outcomes_create(&outcomes, "/nowhere", &err),
                     RECS_OK);
    memset(&outcome, 0, sizeof(outcome));
    status = RECS_OK;

    for (i = 0; i <= RECS_OUTCOMES_CHUNK && status == RECS_OK; i++) {
        status = recs_outcomes_add(outcomes, &outcome, &err);
    }

    assert_int_equal(status, RECS_IO);
    assert_non_null(strstr(err.message, "TMPDIR"));
    recs_outcomes_destroy(outcomes);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_no_room)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
