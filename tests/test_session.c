/*
 * A session: the last item first, each once, the oldest makes way.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recs_session.h"


static recs_session_t  session;


static void
touch(const char *items, uint32_t max)
{
    session.n = 0;

    for ( /* void */ ; *items != '\0'; items++) {
        recs_session_touch(&session, (uint64_t) *items, max);
    }
}


static void
assert_session(const char *items, const char *weights)
{
    uint32_t  i;

    assert_int_equal(session.n, strlen(items));

    for (i = 0; i < session.n; i++) {
        assert_int_equal(session.items[i].hash, items[i]);
        assert_int_equal(session.items[i].weight, weights[i] - '0');
    }
}


static void
test_order(void **state)
{
    (void) state;

    touch("", 4);
    assert_session("", "");

    touch("a", 4);
    assert_session("a", "1");

    touch("abc", 4);
    assert_session("cba", "111");

    touch("abcdef", 4);
    assert_session("fedc", "1111");

    touch("ab", 1);
    assert_session("b", "1");
}


static void
test_again(void **state)
{
    (void) state;

    touch("aa", 4);
    assert_session("a", "2");

    touch("abcb", 4);
    assert_session("bca", "211");

    touch("abcdabcd", 4);
    assert_session("dcba", "2222");

    touch("abcda", 4);
    assert_session("adcb", "2111");

    touch("aaa", 1);
    assert_session("a", "3");

    touch("abcdeab", 4);
    assert_session("baed", "1111");
}


static void
test_weight(void **state)
{
    unsigned  i;

    (void) state;

    session.n = 0;

    for (i = 0; i < 1000; i++) {
        recs_session_touch(&session, 7, RECS_SESSION_ITEMS_MAX);
    }

    assert_int_equal(session.n, 1);
    assert_int_equal(session.items[0].weight, RECS_SESSION_WEIGHT_MAX);

    for (i = 0; i < 1000; i++) {
        recs_session_touch(&session, i, RECS_SESSION_ITEMS_MAX);
    }

    assert_int_equal(session.n, RECS_SESSION_ITEMS_MAX);
    assert_int_equal(session.items[0].hash, 999);
    assert_int_equal(session.items[RECS_SESSION_ITEMS_MAX - 1].hash,
                     1000 - RECS_SESSION_ITEMS_MAX);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_weight)
    };

    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
