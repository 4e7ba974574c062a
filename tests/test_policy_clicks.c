/* recs_policy_clicks: which place a click is the reward of. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "recs_policy_clicks.h"


static recs_policy_event_t
event(uint32_t user, const char *slot, const char *item, int64_t time_ms)
{
    const recs_policy_event_t  e = {
        user, { slot, strlen(slot) }, { item, strlen(item) }, time_ms
    };

    return e;
}


static int
click(recs_policy_clicks_t *clicks, uint32_t user, const char *slot,
    const char *item, int64_t time_ms)
{
    int                        first;
    const recs_policy_event_t  e = event(user, slot, item, time_ms);

    assert_int_equal(recs_policy_clicks_add(clicks, &e, &first), RECS_OK);

    return first;
}


/* The row's baseline is its number, to know it by. */

static int
shown(recs_policy_clicks_t *clicks, int number, uint32_t user,
    const char *slot, const char *item, int64_t time_ms)
{
    int                        waits;
    const recs_policy_row_t    row = { 1, 0, 0, number };
    const recs_policy_event_t  e = event(user, slot, item, time_ms);

    assert_int_equal(recs_policy_clicks_shown(clicks, &e, &row, &waits),
                     RECS_OK);

    return waits;
}


/* The rows that wait, by number, as "number:reward " each. */

static uint64_t
settle(recs_policy_clicks_t *clicks, int64_t window_ms, char *text)
{
    int                           number;
    uint64_t                      i, n, unexplained;
    const recs_policy_waiting_t  *waiting;

    unexplained = recs_policy_clicks_settle(clicks, window_ms, &waiting, &n);
    *text = '\0';

    for (number = 0; number < 16; number++) {
        for (i = 0; i < n; i++) {
            if ((int) waiting[i].row.baseline == number) {
                text += sprintf(text, "%d:%d ", number,
                                (int) waiting[i].row.reward);
            }
        }
    }

    return unexplained;
}


static void
test_last(void **state)
{
    char                   text[256];
    recs_policy_clicks_t  *clicks;

    (void) state;

    clicks = recs_policy_clicks_create();

    assert_int_equal(click(clicks, 1, "top", "a", 1000), 1);

    /* The same place's. */
    assert_int_equal(click(clicks, 1, "top", "a", 1001), 0);
    click(clicks, 1, "top", "b", 500);             /* before it is shown */
    click(clicks, 2, "top", "a", 2101);            /* too late */
    click(clicks, 3, "low", "a", 2000);            /* just in time */
    click(clicks, 4, "low", "a", 2000);            /* at once */

    assert_int_equal(shown(clicks, 0, 1, "top", "a", 2000), 1);
    assert_int_equal(shown(clicks, 1, 1, "top", "a", 400), 1);
    assert_int_equal(shown(clicks, 2, 1, "top", "a", 900), 1);
    assert_int_equal(shown(clicks, 3, 1, "top", "b", 900), 1);
    assert_int_equal(shown(clicks, 4, 2, "top", "a", 1100), 1);
    assert_int_equal(shown(clicks, 5, 3, "low", "a", 1000), 1);
    assert_int_equal(shown(clicks, 10, 4, "low", "a", 2000), 1);

    /* Other visitors, slots and items wait for nothing. */
    assert_int_equal(shown(clicks, 6, 4, "top", "a", 900), 0);
    assert_int_equal(shown(clicks, 7, 1, "low", "a", 900), 0);
    assert_int_equal(shown(clicks, 8, 1, "none", "a", 900), 0);
    assert_int_equal(shown(clicks, 9, 1, "top", "c", 900), 0);

    assert_int_equal(settle(clicks, 1000, text), 2);
    assert_string_equal(text, "0:0 1:0 2:1 3:0 4:0 5:1 10:1 ");

    recs_policy_clicks_destroy(clicks);
}


static void
test_many(void **state)
{
    int                           i;
    uint64_t                      n;
    recs_policy_clicks_t         *clicks;
    const recs_policy_waiting_t  *waiting;

    (void) state;

    clicks = recs_policy_clicks_create();

    for (i = 0; i < 3000; i++) {
        click(clicks, i / 2, "top", i % 2 ? "a" : "b", 10);
    }

    for (i = 0; i < 3000; i++) {
        assert_int_equal(shown(clicks, 0, i / 2, "top", i % 2 ? "a" : "b", 0),
                         1);
    }

    assert_int_equal(recs_policy_clicks_settle(clicks, 10, &waiting, &n), 0);
    assert_int_equal(n, 3000);

    while (n-- > 0) {
        assert_true(waiting[n].row.reward > 0);
    }

    recs_policy_clicks_destroy(clicks);
}


static void
test_nothing(void **state)
{
    char                   text[16];
    recs_policy_clicks_t  *clicks;

    (void) state;

    clicks = recs_policy_clicks_create();
    assert_int_equal(shown(clicks, 0, 1, "top", "a", 1), 0);
    assert_int_equal(settle(clicks, 10, text), 0);
    assert_string_equal(text, "");
    recs_policy_clicks_destroy(clicks);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_last),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_nothing)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
